"""Integers that are only ever added: what is counted of people, and what of organizations."""

from collections.abc import Iterable, Mapping
from operator import add, neg, sub
from typing import NamedTuple, TypeVar


class Counts(NamedTuple):
    """People of one organization, and what it decides. `people` are members or cadres, each once (STA-02).

    `secretaries` hold 书记; those are `secretaries_reachable` whose own mobile number is filled (ORG-20). `steps` of
    transfers are over, of which `steps_late` late; `steps_open_late` are late and wait still (TRF-10).
    """

    members: int = 0
    members_complete: int = 0
    cadres: int = 0
    cadres_complete: int = 0
    people: int = 0
    people_complete: int = 0
    secretaries: int = 0
    secretaries_reachable: int = 0
    steps: int = 0
    steps_late: int = 0
    steps_open_late: int = 0


class Figures(NamedTuple):
    """What one organization adds to itself and to every superior; `complete` of organizations is entry (STA-02).

    `informed` are organizations whose information is complete (ORG-20, STA-04), `schools` those of their own (GRD-01).
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
    steps: int = 0
    steps_late: int = 0
    steps_open_late: int = 0
    schools: int = 0


class Graduates(NamedTuple):
    """GRD-06: the cohorts of one year, each of its people once: `graduates` is the sum of all that follow.

    `left_out` stay on or are teachers, `ended` are members no more. Then where those are whose transfer is complete,
    and how far it is with those who are still here.
    """

    graduates: int = 0
    left_out: int = 0
    ended: int = 0
    employer: int = 0
    school: int = 0
    community: int = 0
    floating: int = 0
    bridging: int = 0
    special: int = 0
    outside: int = 0
    other: int = 0
    waiting: int = 0
    refused: int = 0
    timed_out: int = 0
    returned: int = 0
    not_started: int = 0


DESTINATIONS = ("employer", "school", "community", "floating", "bridging", "special", "outside", "other")
STUCK = ("waiting", "refused", "timed_out", "returned", "not_started")

Vector = TypeVar("Vector", Counts, Figures, Graduates)

Totals = dict[str, Figures]
"""Figures by tab. Every organization stands under one tab, so the sum over tabs counts each once; no zero is kept."""

Cohorts = dict[str, Graduates]
"""Graduates by year."""

NO_COUNTS = Counts()
NO_FIGURES = Figures()
NO_GRADUATES = Graduates()


def plus(a: Vector, b: Vector) -> Vector:
    return type(a)(*map(add, a, b))


def minus(a: Vector, b: Vector) -> Vector:
    return type(a)(*map(sub, a, b))


def negative(totals: Mapping[str, Vector]) -> dict[str, Vector]:
    return {key: type(figures)(*map(neg, figures)) for key, figures in totals.items()}


def gather(totals: dict[str, Vector], more: Mapping[str, Vector]) -> None:
    """Adds `more` to `totals` in place."""
    for key, figures in more.items():
        after = plus(totals[key], figures) if key in totals else figures
        if any(after):
            totals[key] = after
        else:
            totals.pop(key, None)


def summed(totals: Mapping[str, Figures], tabs: Iterable[str] | None = None) -> Figures:
    """The sum over some tabs, or over all."""
    total = NO_FIGURES
    for tab in totals if tabs is None else tabs:
        total = plus(total, totals.get(tab, NO_FIGURES))
    return total
