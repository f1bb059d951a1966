"""The stored facts of a tree that changes: part of the storage contract of events.py (ORG-17, ORG-21).

A migration has a stream of its own; the others stand in the organization's.
"""

from datetime import datetime
from typing import Literal

from shared.kernel.envelope import Event

Ground = Literal["wrong_superior", "affiliation_unchanged", "papers_missing", "to_be_agreed", "other"]


class MigrationRequested(Event):
    """`organization` asks to move, with all below it, from under `superior` to under `to`; decided before `due_at`."""

    organization: str
    superior: str
    to: str
    note: str
    due_at: datetime


class MigrationApproved(Event):
    """`superior` agreed; the next one has until `due_at`, or nobody is left to ask and the organization moves."""

    superior: str
    due_at: datetime | None


class MigrationRefused(Event):
    """`superior` did not agree, by a code of the list of grounds; `note` says more, and has to where it is `other`."""

    superior: str
    ground: Ground
    note: str


class MigrationWithdrawn(Event):
    """By the organization that asked."""


class MigrationTimedOut(Event):
    """Nobody decided in time."""


MigrationEvent = MigrationRequested | MigrationApproved | MigrationRefused | MigrationWithdrawn | MigrationTimedOut


class OrganizationMoved(Event):
    """ORG-17, ORG-21: with all below it from under `former` to under `superior`, where it has the place `order`.

    `ancestors` lead from the root down to `superior` as of this moment. `by` is the migration or the merger that it
    comes of; of an operator's move into another province `note` says why.
    """

    former: str
    superior: str
    ancestors: tuple[str, ...]
    order: int
    cause: Literal["migration", "merger", "operator"]
    by: str = ""
    note: str = ""


class ExplanationFiled(Event):
    """ORG-21: the organization tells its superior that its school is merged, closed or renamed; kept for good.

    `document` is the id of an uploaded file.
    """

    explanation: str
    occasion: Literal["merged", "closed", "renamed"]
    note: str
    document: str


class ExplanationSettled(Event):
    """ORG-21: the superior has done what follows from it."""

    explanation: str
