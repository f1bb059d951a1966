"""TRF-09: how long a step may take in a province, as a dated fact; whoever started before keeps what was then."""

from dataclasses import dataclass
from datetime import date

from services.transfer.domain.events import Side, Term
from services.transfer.domain.events_of_rules import StepPeriodSet
from services.transfer.domain.refusals import AutomaticOnlyAfterFifteenDays, PeriodOutOfBounds, PeriodStartsInThePast
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command

AUTOMATIC_DAYS = 15
DAYS_MIN, DAYS_MAX = 3, 60


@dataclass(frozen=True, slots=True)
class Periods:
    """What a province set, in the order in which it did."""

    entries: tuple[StepPeriodSet, ...] = ()

    def on(self, day: date) -> StepPeriodSet | None:
        """What applies to a transfer started on a day: of the last date until then what was set last."""
        found = [entry for entry in self.entries if entry.effective_from <= day]
        return max(enumerate(found), key=lambda e: (e[1].effective_from, e[0]))[1] if found else None


class SetStepPeriod(Command):
    """`automatic`: a step that was not decided in time counts as approved, and the transfer is not returned."""

    province: str
    days: int
    automatic: bool
    effective_from: date


def set_step_period(command: SetStepPeriod, state: Periods, today: date) -> list[StepPeriodSet]:
    """Nothing where it is so from that day on anyway. Raises the refusals of this module."""
    if not DAYS_MIN <= command.days <= DAYS_MAX:
        raise PeriodOutOfBounds(field="days", least=DAYS_MIN, most=DAYS_MAX)
    if command.automatic and command.days != AUTOMATIC_DAYS:
        raise AutomaticOnlyAfterFifteenDays(field="days", days=AUTOMATIC_DAYS)
    if command.effective_from < today:
        raise PeriodStartsInThePast(field="effective_from", today=today.isoformat())
    entry = StepPeriodSet(**command.model_dump())
    return [] if state.on(command.effective_from) == entry else [entry]


def term_of(side: Side, periods: Periods, day: date, usual_hours: int) -> Term:
    """The term of a side's step for a transfer started on a day."""
    if set_ := periods.on(day):
        return Term(side=side, hours=set_.days * 24, automatic=set_.automatic)
    return Term(side=side, hours=usual_hours)


def _evolve(state: Periods, event: StepPeriodSet) -> Periods:
    return Periods((*state.entries, event))


PERIODS: Decider[Periods, StepPeriodSet] = Decider("period", Periods(), _evolve)
