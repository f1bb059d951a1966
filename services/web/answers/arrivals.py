"""What transfer answers of papers, of the duties of a new branch, and of where leavers go (TRF-19 to TRF-26)."""

from datetime import date, datetime

from services.web.answers import Answer
from services.web.texts import language


class HandOver(Answer):
    letter: str = ""
    issued_on: date
    organization_name: str = ""
    by: str = ""
    at: datetime


class Arrival(Answer):
    contacted_at: datetime | None = None
    contacted_by: str | None = None
    checked_in_on: date | None = None
    checked_in_by: str | None = None
    settled_on: date | None = None
    move_on_by: date | None = None


class Situation(Answer):
    """TRF-19: what a leaver says; `places` are codes of where that leads, the first choice first."""

    code: str
    zh: str = ""
    en: str = ""
    places: tuple[str, ...] = ()
    works: bool = False

    @property
    def name(self) -> str:
        return (self.en if language() == "en" else self.zh) or self.code
