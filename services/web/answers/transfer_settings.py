"""What transfer answers of what provinces and operators set (TRF-09, TRF-19, OPS-05)."""

from datetime import date, datetime

from services.web.answers import Answer
from services.web.texts import language


class Period(Answer):
    """TRF-09: how long a step may take; `automatic`: then it counts as approved."""

    hours: int
    automatic: bool = False

    @property
    def days(self) -> int:
        return self.hours // 24


class PeriodEntry(Period):
    effective_from: date
    by: str = ""
    at: datetime


class TalentCentreEntry(Answer):
    allowed: bool
    effective_from: date
    by: str = ""
    at: datetime


Entry = PeriodEntry | TalentCentreEntry


class DatedSetting(Answer):
    """All that a province ever set, the newest first."""

    history: tuple[Entry, ...] = ()

    def standing(self, entry: Entry, today: date) -> str:
        """in_force, ahead, or over: an entry stands until one of the same or a later day takes its place."""
        if any(each.effective_from == entry.effective_from and each.at > entry.at for each in self.history):
            return "over"
        if entry.effective_from > today:
            return "ahead"
        begun = [each.effective_from for each in self.history if each.effective_from <= today]
        return "in_force" if entry.effective_from == max(begun) else "over"


class Periods(DatedSetting):
    """What applies to transfers started today."""

    today: Period
    history: tuple[PeriodEntry, ...] = ()


class TalentCentre(DatedSetting):
    """TRF-19: whether who leaves today without work may go to a talent-exchange centre."""

    today: bool = False
    history: tuple[TalentCentreEntry, ...] = ()


class WorkingDaysEntry(Answer):
    off: tuple[date, ...] = ()
    on: tuple[date, ...] = ()
    by: str = ""
    at: datetime


class Warned(Answer):
    zh: str = ""
    en: str = ""

    @property
    def text(self) -> str:
        return self.en if language() == "en" else self.zh


class WorkingDays(Answer):
    """OPS-05, of one year. `history`: the newest first."""

    year: int
    entered: bool = False
    off: tuple[date, ...] = ()
    on: tuple[date, ...] = ()
    warnings: tuple[Warned, ...] = ()
    history: tuple[WorkingDaysEntry, ...] = ()
