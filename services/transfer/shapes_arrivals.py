"""The forms in which papers and the duties of a new branch are shown (TRF-20, TRF-21, TRF-26)."""

from datetime import date, datetime

from pydantic import BaseModel


class HandOver(BaseModel):
    """TRF-26: a paper that `organization` noted; `letter` is its number or name."""

    letter: str
    issued_on: date
    organization: str
    organization_name: str
    by: str
    at: datetime


class ArrivalShown(BaseModel):
    """TRF-21: what the new branch has done; TRF-20: since when work is settled, and until when they are to move on.

    `unverified`: their employment is still to be looked into.
    """

    contacted_at: datetime | None
    contacted_by: str | None
    checked_in_on: date | None
    checked_in_by: str | None
    unverified: bool
    settled_on: date | None
    move_on_by: date | None


class SituationShown(BaseModel):
    """TRF-19: `places` are codes, the first choice first; `works`: home is none of them."""

    code: str
    zh: str
    en: str
    places: list[str]
    works: bool
