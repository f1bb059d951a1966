"""What a province sets, as dated facts: how long a step may take (TRF-09), whether leavers without work may go to a
talent-exchange centre (TRF-19). Whoever started before keeps what was then.
"""

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from services.transfer.domain.events import Side, Term
from services.transfer.domain.events_of_rules import StepPeriodSet, TalentCentreSet
from services.transfer.domain.refusals import AutomaticOnlyAfterFifteenDays, PeriodOutOfBounds, PeriodStartsInThePast
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command

AUTOMATIC_DAYS = 15
DAYS_MIN, DAYS_MAX = 3, 60
Fact = TypeVar("Fact", bound=StepPeriodSet | TalentCentreSet)


@dataclass(frozen=True, slots=True)
class Dated(Generic[Fact]):
    """What a province set, in the order in which it did."""

    entries: tuple[Fact, ...] = ()

    def on(self, day: date) -> Fact | None:
        """What applies to a transfer started on a day: of the last date until then what was set last."""
        found = [entry for entry in self.entries if entry.effective_from <= day]
        return max(enumerate(found), key=lambda e: (e[1].effective_from, e[0]))[1] if found else None


Periods = Dated[StepPeriodSet]
TalentCentres = Dated[TalentCentreSet]


class SetStepPeriod(Command):
    """`automatic`: a step that was not decided in time counts as approved, and the transfer is not returned."""

    province: str
    days: int
    automatic: bool
    effective_from: date


class SetTalentCentre(Command):
    """TRF-19."""

    province: str
    allowed: bool
    effective_from: date


def set_step_period(command: SetStepPeriod, state: Periods, today: date) -> list[StepPeriodSet]:
    """Nothing where it is so from that day on anyway. Raises the refusals of this module."""
    if not DAYS_MIN <= command.days <= DAYS_MAX:
        raise PeriodOutOfBounds(field="days", least=DAYS_MIN, most=DAYS_MAX)
    if command.automatic and command.days != AUTOMATIC_DAYS:
        raise AutomaticOnlyAfterFifteenDays(field="days", days=AUTOMATIC_DAYS)
    _require_ahead(command.effective_from, today)
    entry = StepPeriodSet(**command.model_dump())
    return [] if state.on(command.effective_from) == entry else [entry]


def set_talent_centre(command: SetTalentCentre, state: TalentCentres, today: date) -> list[TalentCentreSet]:
    """Nothing where it is so from that day on anyway; at first it is not. Raises PeriodStartsInThePast."""
    _require_ahead(command.effective_from, today)
    entry = TalentCentreSet(**command.model_dump())
    known = state.on(command.effective_from)
    return [] if known == entry or (known is None and not entry.allowed) else [entry]


def _require_ahead(effective_from: date, today: date) -> None:
    if effective_from < today:
        raise PeriodStartsInThePast(field="effective_from", today=today.isoformat())


def term_of(side: Side, periods: Periods, day: date, usual_hours: int) -> Term:
    """The term of a side's step for a transfer started on a day."""
    if set_ := periods.on(day):
        return Term(side=side, hours=set_.days * 24, automatic=set_.automatic)
    return Term(side=side, hours=usual_hours)


def _evolve(state: Dated[Fact], event: Fact) -> Dated[Fact]:
    entries: tuple[Fact, ...] = (*state.entries, event)
    return Dated(entries)


PERIODS: Decider[Periods, StepPeriodSet] = Decider("period", Dated(), _evolve)
TALENT_CENTRES: Decider[TalentCentres, TalentCentreSet] = Decider("talent", Dated(), _evolve)
