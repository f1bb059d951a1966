"""Opening the sealed parts of a batch of records: one query for all keys."""

from collections.abc import Sequence
from typing import Any

from shared.kernel.envelope import Recorded
from shared.privacy.sealing import open_
from shared.privacy.vault import ERASED, KeyReader


async def open_batch(keys: KeyReader, batch: Sequence[Recorded]) -> dict[str, dict[str, Any]]:
    """Event id -> opened values, for events that have any; what was erased is left out. Raises KeysMissing."""
    sealed = [e for e in batch if e.sealed]
    held = await keys.keys({e.sealed.person for e in sealed if e.sealed})
    opened: dict[str, dict[str, Any]] = {}
    for event in sealed:
        key = held[event.sealed.person]  # type: ignore[union-attr]
        if key is not ERASED:
            opened[event.event_id] = open_(key, event.sealed, event.sealed.person, event.event_id)  # type: ignore[arg-type, union-attr]
    return opened
