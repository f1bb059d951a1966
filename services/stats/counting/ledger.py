"""A batch of facts applied to the part of the figures that it touches. Pure: no clock, no database.

Order: people first, then what organizations say of themselves, then each changed organization's own figures along the
chain it is attached to, then attachments. All of it is addition, so any order of batches gives the same sums.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import assert_never

from services.stats.counting import organizations, people
from services.stats.counting.organizations import Organization
from services.stats.counting.people import MemberFact, Person
from services.stats.counting.vectors import (
    NO_COUNTS,
    NO_FIGURES,
    Counts,
    Figures,
    Totals,
    gather,
    minus,
    negative,
    plus,
)
from shared.contracts.member import (
    CadreAppointed,
    CadrePositionEnded,
    MemberEntered,
    MemberImported,
    MemberMoved,
    MembershipEnded,
    RecordCompletenessChanged,
)
from shared.contracts.org import (
    OrganizationDissolved,
    OrganizationEstablished,
    OrganizationInformationChanged,
    SubordinatesReordered,
)

OrganizationFact = (
    OrganizationEstablished | OrganizationInformationChanged | SubordinatesReordered | OrganizationDissolved
)
Fact = MemberFact | OrganizationFact

_ORGANIZATION_FACTS = (
    OrganizationEstablished,
    OrganizationInformationChanged,
    SubordinatesReordered,
    OrganizationDissolved,
)


@dataclass(slots=True)
class Node:
    """An organization with its totals; there may be totals before the organization is known.

    `wanted` is the superior that org names, `attached` the one whose chain holds this node's totals (kernel.md 7).
    `own` stands under `tab` in `totals`, which hold the subordinates' too. `order` is None until somebody said it.
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

    def copy(self) -> "Node":
        """One that may be changed; what it holds is immutable but for the totals."""
        return Node(
            self.id, self.organization, self.counts, self.wanted, self.attached, self.order,
            self.tab, self.own, self.lacks, dict(self.totals),
        )  # fmt: skip

    @property
    def waiting(self) -> bool:
        """Whether it still has to be attached: for now that would close a circle."""
        return self.wanted != self.attached


def persons_named(facts: Iterable[Fact]) -> set[str]:
    """The people whose documents a batch needs."""
    return {fact.person for fact in facts if not isinstance(fact, _ORGANIZATION_FACTS)}


def nodes_named(facts: Iterable[Fact], persons: Iterable[Person | None]) -> set[str]:
    """The nodes a batch needs, given the people it names as they were before; their superiors come on top."""
    names: set[str] = set()
    for fact in facts:
        match fact:
            case MemberImported() | MemberEntered() | MembershipEnded():
                names.add(fact.branch)
            case MemberMoved():
                names.update((fact.from_branch, fact.to_branch))
            case CadreAppointed() | CadrePositionEnded() | OrganizationInformationChanged() | OrganizationDissolved():
                names.add(fact.organization)
            case RecordCompletenessChanged():
                pass
            case OrganizationEstablished():
                names.update((fact.organization, fact.superior or fact.organization))
            case SubordinatesReordered():
                names.update(fact.subordinates)
            case _:
                assert_never(fact)
    for person in persons:
        if person is not None:
            names.update(person.positions, (person.branch,) if person.branch else ())
    return names


class Ledger:
    """People and nodes of one batch; a node that is not there counts as empty.

    `nodes` must hold every stored node that the batch names, every waiting one, and all that these are attached to or
    want, up to the top: sums are carried along `attached`.
    """

    def __init__(self, persons: dict[str, Person | None], nodes: dict[str, Node]) -> None:
        self.people = persons
        self.nodes = nodes

    def take(self, facts: Iterable[Fact]) -> None:
        """Applies a batch. Facts of one person, and of one organization, are in their order."""
        before: dict[str, Person | None] = {}
        changed: set[str] = set()
        for fact in facts:
            if isinstance(fact, _ORGANIZATION_FACTS):
                changed.update(self._hear(fact))
            else:
                before.setdefault(fact.person, self.people.get(fact.person))
                self.people[fact.person] = people.evolve(self.people.get(fact.person), fact)
        for person, former in before.items():
            changed.update(self._count(former, self.people[person]))
        self._carry({name: self._refreshed(self.nodes[name]) for name in sorted(changed)})
        self._attach()

    def node(self, name: str) -> Node:
        return self.nodes.setdefault(name, Node(name))

    def _hear(self, fact: OrganizationFact) -> Iterator[str]:
        if isinstance(fact, SubordinatesReordered):
            for place, name in enumerate(fact.subordinates, start=1):
                self.node(name).order = place
            return
        node = self.node(fact.organization)
        if isinstance(fact, OrganizationDissolved):
            node.organization, node.wanted = None, None
            yield node.id
            return
        node.organization = Organization(
            category=fact.category,
            branch_kind=fact.branch_kind,
            full_name=fact.full_name,
            short_name=fact.short_name,
            sector=fact.sector,
            missing=fact.missing,
            register=isinstance(fact, OrganizationEstablished) and fact.registers is not None,
        )
        if isinstance(fact, OrganizationEstablished):
            node.wanted = fact.superior
            # ORG-08: the superior's order is a later fact of another stream, which may have come first.
            node.order = fact.order if node.order is None else node.order
        yield node.id

    def _count(self, former: Person | None, now: Person | None) -> Iterator[str]:
        was, becomes = people.counts(former), people.counts(now)
        for name in was.keys() | becomes.keys():
            delta = minus(becomes.get(name, NO_COUNTS), was.get(name, NO_COUNTS))
            if any(delta):
                node = self.node(name)
                node.counts = plus(node.counts, delta)
                yield name

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

    def _carry(self, deltas: dict[str, Totals]) -> None:
        """Adds to nodes and to all they are attached to, step by step, merged at each superior."""
        while deltas:
            above: dict[str, Totals] = {}
            for name, delta in deltas.items():
                if delta:
                    node = self.node(name)
                    gather(node.totals, delta)
                    if node.attached is not None:
                        gather(above.setdefault(node.attached, {}), delta)
            deltas = above

    def _attach(self) -> None:
        """Detaches what moved, then attaches all that wait but what would close a circle (kernel.md 7).

        Attaching opens no circle, so that whatever has to wait is asked once.
        """
        waiting = [node for _, node in sorted(self.nodes.items()) if node.waiting]
        for node in waiting:
            if node.attached is not None:
                self._carry({node.attached: negative(node.totals)})
                node.attached = None
        for node in waiting:
            above = node.wanted
            while above not in (None, node.id):
                above = self.node(above).attached
            if above is None and node.wanted is not None:
                node.attached = node.wanted
                self._carry({node.attached: node.totals})
