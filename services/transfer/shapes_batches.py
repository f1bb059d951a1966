"""The forms in which batches are asked for and shown (TRF-08)."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from services.transfer.shapes import Id, StartForm

NAMED_MAX = 300
"""People that a request may name at all; how many a batch may have is TRF-08's to say."""


class BatchForm(StartForm):
    """TRF-08: who moves from one branch to the other."""

    from_branch: Id
    to: Id
    people: Annotated[list[Id], Field(max_length=NAMED_MAX)]


class BatchMember(BaseModel):
    """`state`: waiting (not started yet), left_out, or the transfer's; `cause`: why left out, or why it failed."""

    person: str
    transfer: str | None
    state: str
    cause: str | None


class BatchLine(BaseModel):
    """One batch: `people` is how many were chosen, `left_out` for how many no transfer was started."""

    batch: str
    organization: str
    organization_name: str
    from_branch: str
    from_name: str
    to: str
    to_name: str
    reason: str
    note: str
    by: str
    people: int
    left_out: int
    requested_at: datetime


class BatchCard(BatchLine):
    """The same with each member. `settled`: nothing more will change by itself."""

    members: list[BatchMember]
    settled: bool
