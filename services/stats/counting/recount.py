"""P10: the figures counted anew, the slow and plain way, and what differs from those kept. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.stats.counting import organizations, people, steps
from services.stats.counting.ledger import Node
from services.stats.counting.people import Person
from services.stats.counting.steps import Steps
from services.stats.counting.vectors import NO_COUNTS, Cohorts, Counts, Totals, gather, plus


@dataclass(frozen=True, slots=True)
class Drift:
    """One figure that is not what a recount gives: a fault of the program or of the store."""

    node: str
    what: str
    kept: object
    counted: object


@dataclass(slots=True)
class Tally:
    """What each organization must count, added up person by person and transfer by transfer."""

    counts: dict[str, Counts] = field(default_factory=dict)
    graduates: dict[str, Cohorts] = field(default_factory=dict)

    def person(self, person: Person) -> None:
        self._add(people.counts(person))
        for branch, year, added in people.graduates_of(person):
            gather(self.graduates.setdefault(branch, {}), {year: added})

    def transfer(self, transfer: Steps) -> None:
        self._add(steps.counts(transfer))

    def _add(self, more: Mapping[str, Counts]) -> None:
        for name, added in more.items():
            self.counts[name] = plus(self.counts.get(name, NO_COUNTS), added)


def recount(tally: Tally, nodes: Mapping[str, Node]) -> list[Drift]:
    """Recounts everything from tallied people, transfers and the organizations alone; an empty list must come out.

    Walks the tree from the leaves, never along the carried sums.
    """
    must_be = {name for name, added in tally.counts.items() if any(added)} | tally.graduates.keys()
    drifts = [Drift(name, "counts", None, tally.counts.get(name)) for name in sorted(must_be - nodes.keys())]
    totals: dict[str, Totals] = {name: {} for name in nodes}
    cohorts: dict[str, Cohorts] = {name: {} for name in nodes}
    for name in _leaves_first(nodes):
        node = nodes[name]
        counts, graduates = tally.counts.get(name, NO_COUNTS), tally.graduates.get(name, {})
        tab = organizations.tab(node.organization)
        own = organizations.own_figures(node.organization, counts)
        gather(totals[name], {tab: own})
        gather(cohorts[name], graduates)
        if node.attached in totals:
            gather(totals[node.attached], totals[name])
            gather(cohorts[node.attached], cohorts[name])
        compared = (
            ("counts", node.counts, counts),
            ("tab", node.tab, tab),
            ("own", node.own, own),
            ("totals", node.totals, totals[name]),
            ("graduates", node.graduates, graduates),
            ("cohorts", node.cohorts, cohorts[name]),
        )
        drifts += [Drift(name, what, kept, now) for what, kept, now in compared if kept != now]
    return drifts


def _leaves_first(nodes: Mapping[str, Node]) -> Iterable[str]:
    """Every node after all of its subordinates. Raises ValueError for a circle, which attaching never makes."""
    subordinates = Counter(node.attached for node in nodes.values() if node.attached in nodes)
    ready = [name for name in nodes if not subordinates[name]]
    done = 0
    while ready:
        name = ready.pop()
        done += 1
        yield name
        above = nodes[name].attached
        if above is not None and above in nodes:
            subordinates[above] -= 1
            if not subordinates[above]:
                ready.append(above)
    if done < len(nodes):
        message = f"{len(nodes) - done} organizations are attached in a circle"
        raise ValueError(message)
