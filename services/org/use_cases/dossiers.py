"""An application as it stands, with its personal parts while there are any (ADM-07, P11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from services.org.domain.application import APPLICATION, Application
from services.org.domain.events import AccountApplicationSubmitted, ApplicationEvent
from shared.eventstore.store import EventStore
from shared.kernel.envelope import Recorded
from shared.privacy.opening import open_batch
from shared.privacy.vault import KeyReader


@dataclass(frozen=True, slots=True)
class Dossier:
    """`personal`: `responsible`, `phone`, `file_name`, `reason`; what is destroyed or was never there is missing.

    `decided_by` is who approved or refused it, or the service for one that lapsed.
    """

    application: str
    version: int
    state: Application
    submitted: AccountApplicationSubmitted
    submitted_at: datetime
    decided_at: datetime | None
    decided_by: str
    personal: Mapping[str, str]


class Dossiers:
    """Reads the stream itself, so that everybody sees what was decided a moment ago."""

    def __init__(self, store: EventStore, keys: KeyReader) -> None:
        self._store = store
        self._keys = keys

    async def of(self, application: str) -> Dossier | None:
        """None for what is not there. Raises KeysMissing."""
        documents = [document async for document in self._store.documents([application])]
        if not documents:
            return None
        records = [record for document in documents for record in self._store.codec.recorded(document)]
        stored = [self._store.codec.decode(document) for document in documents]
        events = [event for commit in stored for event in commit.events]
        opened = await open_batch(self._keys, records)
        first, decided = records[0], records[1] if len(records) > 1 else None
        return Dossier(
            application=application,
            version=stored[-1].version,
            state=APPLICATION.fold(cast("list[ApplicationEvent]", events)),
            submitted=cast("AccountApplicationSubmitted", events[0]),
            submitted_at=first.at,
            decided_at=decided.at if decided else None,
            decided_by=decided.actor.principal if decided else "",
            personal=_merged(records, opened),
        )


def _merged(records: list[Recorded], opened: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {name: value for record in records for name, value in opened.get(record.event_id, {}).items()}
