"""What is stored of what provinces and central operators set: part of the storage contract of events.py."""

from datetime import date

from shared.kernel.envelope import Event


class StepPeriodSet(Event):
    """TRF-09: for transfers started from a day on, steps of organizations of a province may take `days`.

    `automatic`: a step not decided until then counts as approved.
    """

    province: str
    days: int
    automatic: bool
    effective_from: date


class TalentCentreSet(Event):
    """TRF-19: for transfers started from a day on in a province, whether who has no work yet may go to the organization
    of a talent-exchange centre too.
    """

    province: str
    allowed: bool
    effective_from: date


class WorkingDaysEntered(Event):
    """OPS-05: the days of a year that are no working days (`off`) or are (`on`), whatever day of the week they are."""

    year: int
    off: tuple[date, ...]
    on: tuple[date, ...]
