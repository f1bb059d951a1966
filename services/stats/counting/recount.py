"""P10: the figures counted anew, the slow and plain way, and what differs from those kept. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.stats.counting import organizations, people
from services.stats.counting.ledger import Node
from services.stats.counting.people import Person
from services.stats.counting.vectors import NO_COUNTS, Counts, Totals, gather, plus


@dataclass(frozen=True, slots=True)
class Drift:
    """One figure that is not what a recount gives: a fault of the program or of the store."""

    node: str
    what: str
    kept: object
    counted: object


def tally(counted: dict[str, Counts], person: Person) -> None:
    """Adds one person to what each organization must count."""
    for name, added in people.counts(person).items():
        counted[name] = plus(counted.get(name, NO_COUNTS), added)


def recount(counted: Mapping[str, Counts], nodes: Mapping[str, Node]) -> list[Drift]:
    """Recounts everything from tallied people and the organizations alone; an empty list is what must come out.

    Walks the tree from the leaves, never along the carried sums.
    """
    drifts = [
        Drift(name, "counts", None, added)
        for name, added in sorted(counted.items())
        if any(added) and name not in nodes
    ]
    totals: dict[str, Totals] = {name: {} for name in nodes}
    for name in _leaves_first(nodes):
        node = nodes[name]
        counts = counted.get(name, NO_COUNTS)
        tab = organizations.tab(node.organization)
        own = organizations.own_figures(node.organization, counts)
        gather(totals[name], {tab: own})
        if node.attached in totals:
            gather(totals[node.attached], totals[name])
        compared = (
            ("counts", node.counts, counts),
            ("tab", node.tab, tab),
            ("own", node.own, own),
            ("totals", node.totals, totals[name]),
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
