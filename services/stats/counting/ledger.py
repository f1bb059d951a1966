"""A batch of facts applied to the part of the figures that it touches. Pure: no clock, no database.

Order: people and transfers first, then what organizations say of themselves, then each changed organization's own
figures along the chain it is attached to, then attachments. All of it is addition, so any order of batches gives the
same sums.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from services.stats.counting import organizations, people, steps
from services.stats.counting.organizations import Organization
from services.stats.counting.people import TRANSFER_FACTS, Person, PersonFact, persons_of
from services.stats.counting.steps import Steps
from services.stats.counting.vectors import (
    NO_COUNTS,
    NO_FIGURES,
    Cohorts,
    Counts,
    Figures,
    Totals,
    gather,
    minus,
    negative,
    plus,
)
from shared.contracts.member import MemberMoved
from shared.contracts.org import (
    OrganizationDissolved,
    OrganizationEstablished,
    OrganizationInformationChanged,
    OrganizationMoved,
    SubordinatesReordered,
)

OrganizationFact = (
    OrganizationEstablished
    | OrganizationInformationChanged
    | OrganizationMoved
    | SubordinatesReordered
    | OrganizationDissolved
)
Fact = PersonFact | OrganizationFact

_ORGANIZATION_FACTS = (
    OrganizationEstablished,
    OrganizationInformationChanged,
    OrganizationMoved,
    SubordinatesReordered,
    OrganizationDissolved,
)


@dataclass(slots=True)
class Node:
    """An organization with its totals; there may be totals before the organization is known.

    `wanted` is the superior that org names, `attached` the one whose chain holds this node's totals (kernel.md 7).
    `own` stands under `tab` in `totals`, which hold the subordinates' too; so do `graduates`, by year, in `cohorts`.
    `order` is None until somebody said it. A dissolved one stays attached, for what it decided and who graduated there.
    """

    id: str
    organization: Organization | None = None
    counts: Counts = NO_COUNTS
    wanted: str | None = None
    attached: str | None = None
    order: int | None = None
    tab: str = organizations.UNKNOWN
    own: Figures = NO_FIGURES
    lacks: tuple[str, ...] = ()
    totals: Totals = field(default_factory=dict)
    graduates: Cohorts = field(default_factory=dict)
    cohorts: Cohorts = field(default_factory=dict)

    def copy(self) -> "Node":
        """One that may be changed; what it holds is immutable but for the totals."""
        return Node(
            self.id, self.organization, self.counts, self.wanted, self.attached, self.order,
            self.tab, self.own, self.lacks, dict(self.totals), dict(self.graduates), dict(self.cohorts),
        )  # fmt: skip

    @property
    def waiting(self) -> bool:
        """Whether it still has to be attached: for now that would close a circle."""
        return self.wanted != self.attached


@dataclass(slots=True)
class Change:
    """What is carried up: differences of `totals` and of `cohorts`."""

    totals: Totals = field(default_factory=dict)
    cohorts: Cohorts = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.totals or self.cohorts)

    def gather(self, more: "Change") -> None:
        gather(self.totals, more.totals)
        gather(self.cohorts, more.cohorts)


def persons_named(facts: Iterable[Fact]) -> set[str]:
    """The people whose documents a batch needs."""
    return {person for fact in facts if not isinstance(fact, _ORGANIZATION_FACTS) for person in persons_of(fact)}


def transfers_named(facts: Iterable[Fact]) -> set[str]:
    """The transfers whose documents a batch needs."""
    return {fact.transfer for fact in facts if isinstance(fact, TRANSFER_FACTS)}


def nodes_named(
    facts: Iterable[Fact], persons: Iterable[Person | None], transfers: Iterable[Steps | None] = ()
) -> set[str]:
    """The nodes a batch needs, given what it names as it was before; their superiors come on top."""
    names = {name for fact in facts for name in _nodes_of(fact)}
    for person in persons:
        if person is not None:
            names.update(person.positions, (person.branch,) if person.branch else ())
            names.update(place.branch for place in person.places.values())
    for each in transfers:
        names.update(steps.counts(each))
    return names - {""}


def _nodes_of(fact: Fact) -> Iterable[str]:
    """The nodes a fact names and may change."""
    match fact:
        case OrganizationEstablished() | OrganizationMoved() | OrganizationDissolved():
            return (fact.organization, fact.superior or fact.organization)
        case SubordinatesReordered():
            return fact.subordinates
        case MemberMoved():
            return (fact.from_branch, fact.to_branch)
        case _:
            return (getattr(fact, "organization", ""), getattr(fact, "branch", ""))


class Ledger:
    """People, transfers and nodes of one batch; a node that is not there counts as empty.

    `nodes` must hold every stored node that the batch names, every waiting one, and all that these are attached to or
    want, up to the top: sums are carried along `attached`.
    """

    def __init__(
        self,
        persons: dict[str, Person | None],
        nodes: dict[str, Node],
        transfers: dict[str, Steps | None] | None = None,
    ) -> None:
        self.people = persons
        self.nodes = nodes
        self.transfers = {} if transfers is None else transfers

    def take(self, facts: Iterable[Fact]) -> None:
        """Applies a batch. Facts of one stream are in their order."""
        before: dict[str, Person | None] = {}
        steps_before: dict[str, Steps | None] = {}
        changed: set[str] = set()
        for fact in facts:
            if isinstance(fact, _ORGANIZATION_FACTS):
                changed.update(self._hear(fact))
                continue
            for person in persons_of(fact):
                before.setdefault(person, self.people.get(person))
                self.people[person] = people.evolve(self.people.get(person), fact)
            if isinstance(fact, TRANSFER_FACTS):
                steps_before.setdefault(fact.transfer, self.transfers.get(fact.transfer))
                self.transfers[fact.transfer] = steps.evolve(self.transfers.get(fact.transfer), fact)
        cohorts: dict[str, Change] = {}
        for person, former in before.items():
            changed.update(self._count(people.counts(former), people.counts(self.people[person])))
            self._count_graduate(former, self.people[person], cohorts)
        for transfer, earlier in steps_before.items():
            changed.update(self._count(steps.counts(earlier), steps.counts(self.transfers[transfer])))
        self._carry({name: Change(totals=self._refreshed(self.nodes[name])) for name in sorted(changed)})
        self._carry(cohorts)
        self._attach()

    def node(self, name: str) -> Node:
        return self.nodes.setdefault(name, Node(name))

    def _hear(self, fact: OrganizationFact) -> Iterator[str]:
        if isinstance(fact, SubordinatesReordered):
            for place, name in enumerate(fact.subordinates, start=1):
                self.node(name).order = place
            return
        node = self.node(fact.organization)
        if isinstance(fact, OrganizationMoved):
            node.wanted, node.order = fact.superior, fact.order
            return
        if isinstance(fact, OrganizationDissolved):
            node.organization, node.wanted = None, fact.superior
            yield node.id
            return
        node.organization = organizations.described(fact)
        if isinstance(fact, OrganizationEstablished):
            node.wanted = fact.superior
            # ORG-08: the superior's order is a later fact of another stream, which may have come first.
            node.order = fact.order if node.order is None else node.order
        yield node.id

    def _count(self, was: Mapping[str, Counts], becomes: Mapping[str, Counts]) -> Iterator[str]:
        for name in was.keys() | becomes.keys():
            delta = minus(becomes.get(name, NO_COUNTS), was.get(name, NO_COUNTS))
            if any(delta):
                node = self.node(name)
                node.counts = plus(node.counts, delta)
                yield name

    def _count_graduate(self, former: Person | None, now: Person | None, changes: dict[str, Change]) -> None:
        """What the branches of a person's cohorts count differently, there and in what is to be carried up."""
        difference: dict[str, Cohorts] = {}
        for branch, year, added in people.graduates_of(now):
            gather(difference.setdefault(branch, {}), {year: added})
        for branch, year, added in people.graduates_of(former):
            gather(difference.setdefault(branch, {}), negative({year: added}))
        for branch, cohorts in difference.items():
            gather(self.node(branch).graduates, cohorts)
            gather(changes.setdefault(branch, Change()).cohorts, cohorts)

    def _refreshed(self, node: Node) -> Totals:
        """Brings an organization's own figures up to date; answers what its totals must change by."""
        tab = organizations.tab(node.organization)
        own = organizations.own_figures(node.organization, node.counts)
        delta: Totals = {}
        if tab == node.tab:
            gather(delta, {tab: minus(own, node.own)})
        else:
            gather(delta, {node.tab: minus(NO_FIGURES, node.own)})
            gather(delta, {tab: own})
        node.tab, node.own = tab, own
        node.lacks = organizations.lacks(node.organization, node.counts) if node.organization else ()
        return delta

    def _carry(self, changes: dict[str, Change]) -> None:
        """Adds to nodes and to all they are attached to, step by step, merged at each superior."""
        while changes:
            above: dict[str, Change] = {}
            for name, change in changes.items():
                if change:
                    node = self.node(name)
                    gather(node.totals, change.totals)
                    gather(node.cohorts, change.cohorts)
                    if node.attached is not None:
                        above.setdefault(node.attached, Change()).gather(change)
            changes = above

    def _attach(self) -> None:
        """Detaches what moved, then attaches all that wait but what would close a circle (kernel.md 7).

        Attaching opens no circle, so that whatever has to wait is asked once.
        """
        waiting = [node for _, node in sorted(self.nodes.items()) if node.waiting]
        for node in waiting:
            if node.attached is not None:
                self._carry({node.attached: Change(negative(node.totals), negative(node.cohorts))})
                node.attached = None
        for node in waiting:
            above = node.wanted
            while above not in (None, node.id):
                above = self.node(above).attached
            if above is None and node.wanted is not None:
                node.attached = node.wanted
                self._carry({node.attached: Change(node.totals, node.cohorts)})
