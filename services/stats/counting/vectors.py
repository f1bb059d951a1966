"""Integers that are only ever added: what is counted of people, and what of organizations."""

from collections.abc import Iterable, Mapping
from operator import add, neg, sub
from typing import NamedTuple, TypeVar


class Counts(NamedTuple):
    """People of one organization. `people` are members or cadres, each once (STA-02).

    `secretaries` hold 书记; those are `secretaries_reachable` whose own mobile number is filled (ORG-20).
    """

    members: int = 0
    members_complete: int = 0
    cadres: int = 0
    cadres_complete: int = 0
    people: int = 0
    people_complete: int = 0
    secretaries: int = 0
    secretaries_reachable: int = 0


class Figures(NamedTuple):
    """What one organization adds to itself and to every superior; `complete` of organizations is entry (STA-02).

    `informed` are organizations whose information is complete (ORG-20, STA-04).
    """

    organizations: int = 0
    organizations_complete: int = 0
    branches: int = 0
    branches_complete: int = 0
    members: int = 0
    members_complete: int = 0
    cadres: int = 0
    cadres_complete: int = 0
    informed: int = 0


Vector = TypeVar("Vector", Counts, Figures)

Totals = dict[str, Figures]
"""Figures by tab. Every organization stands under one tab, so the sum over tabs counts each once; no zero is kept."""

NO_COUNTS = Counts()
NO_FIGURES = Figures()


def plus(a: Vector, b: Vector) -> Vector:
    return type(a)(*map(add, a, b))


def minus(a: Vector, b: Vector) -> Vector:
    return type(a)(*map(sub, a, b))


def negative(totals: Mapping[str, Figures]) -> Totals:
    return {tab: Figures(*map(neg, figures)) for tab, figures in totals.items()}


def gather(totals: Totals, more: Mapping[str, Figures]) -> None:
    """Adds `more` to `totals` in place."""
    for tab, figures in more.items():
        after = plus(totals.get(tab, NO_FIGURES), figures)
        if any(after):
            totals[tab] = after
        else:
            totals.pop(tab, None)


def summed(totals: Mapping[str, Figures], tabs: Iterable[str] | None = None) -> Figures:
    """The sum over some tabs, or over all."""
    total = NO_FIGURES
    for tab in totals if tabs is None else tabs:
        total = plus(total, totals.get(tab, NO_FIGURES))
    return total
