"""An import as it is loaded, for whoever asks what became of it and for who goes on with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from services.member.domain import imports as domain
from services.member.domain.events import (
    ImportCancelRequested,
    ImportEvent,
    ImportReceived,
    RowsSettled,
    RowVerdict,
    WithdrawalCancelled,
    WithdrawalConfirmed,
    WithdrawalRequested,
)
from shared.kernel.envelope import Actor, Recorded


@dataclass(frozen=True, slots=True)
class Import:
    """An import as it stands. `finished_at` is when the last row was settled."""

    id: str
    state: domain.ImportState
    version: int
    at: int
    received: ImportReceived
    recorded: tuple[Recorded, ...]
    events: tuple[ImportEvent, ...]
    finished_at: datetime | None

    @property
    def uploader(self) -> Actor:
        return self.recorded[0].actor

    @property
    def correlation(self) -> str:
        """Of the upload, the first cause of all that the import does."""
        return self.recorded[0].correlation

    @property
    def cancel_cause(self) -> str | None:
        """Why it was stopped: somebody `asked`, or its uploader had lost the right (`authority_lost`)."""
        return next((e.cause for e in self.events if isinstance(e, ImportCancelRequested)), None)

    @property
    def withdrawing(self) -> list[Actor]:
        """Who asked for the withdrawal that is open or going on, then who confirmed it."""
        actors: list[Actor] = []
        for recorded, event in zip(self.recorded, self.events, strict=True):
            if isinstance(event, WithdrawalCancelled):
                actors.clear()
            if isinstance(event, WithdrawalRequested | WithdrawalConfirmed):
                actors.append(recorded.actor)
        return actors

    @property
    def verdicts(self) -> list[RowVerdict]:
        """The verdicts of all settled rows, in the order of the sheet."""
        return sorted(self._settled, key=lambda v: v.row)

    @property
    def failed(self) -> list[RowVerdict]:
        """Those of rows that failed, in the order of the sheet: asked for all the time while an import runs."""
        return sorted((v for v in self._settled if v.verdict == "failed"), key=lambda v: v.row)

    @property
    def _settled(self) -> Iterator[RowVerdict]:
        return (v for e in self.events if isinstance(e, RowsSettled) for v in e.verdicts)
