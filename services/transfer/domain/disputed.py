"""How far an objection, or the case of a refusal, has come (TRF-11, TRF-12)."""

from enum import StrEnum


class Objection(StrEnum):
    """TRF-11: it waits for the starter's superior, or was dismissed."""

    OPEN = "open"
    DISMISSED = "dismissed"


class Case(StrEnum):
    """TRF-12: of a refused transfer: it can be asked that somebody talks to both sides, was asked, or answered."""

    POSSIBLE = "possible"
    OPEN = "open"
    ANSWERED = "answered"
