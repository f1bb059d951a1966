"""What transfer answers of batches (TRF-08). People are ids there: their names come from member."""

from datetime import datetime

from services.web.answers import Answer


class Moved(Answer):
    """One of those to be moved. `state`: waiting, left_out, or the transfer's; `cause`: a code."""

    person: str
    transfer: str | None = None
    state: str
    cause: str | None = None


class Batch(Answer):
    batch: str
    organization: str
    organization_name: str = ""
    from_branch: str
    from_name: str = ""
    to: str
    to_name: str = ""
    reason: str = ""
    note: str = ""
    by: str = ""
    people: int = 0
    left_out: int = 0
    requested_at: datetime


class Batches(Answer):
    items: tuple[Batch, ...] = ()
    next: str | None = None
    fresh: bool = True


class BatchCard(Batch):
    members: tuple[Moved, ...] = ()
    settled: bool = False
    fresh: bool = True

    def count(self, *states: str) -> int:
        return sum(member.state in states for member in self.members)

    @property
    def moved(self) -> int:
        return self.count("completed")

    @property
    def going(self) -> int:
        return self.count("waiting", "requested", "approved")

    @property
    def stayed(self) -> int:
        return len(self.members) - self.moved - self.going
