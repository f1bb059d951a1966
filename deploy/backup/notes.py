"""What the system remembers of its backups: when the last one was made. In the relay's database, which none has."""

from datetime import datetime, timedelta
from typing import Any

from deploy.backup.manifest import Manifest
from shared.eventstore.driver import Driver
from shared.runtime.settings import Settings

BACKUPS = "backups"
LATE_AFTER = timedelta(hours=26)
"""A backup a day, and two hours for the one that is being made."""
_LAST = "last"


async def note_backup(driver: Driver, settings: Settings, manifest: Manifest) -> None:
    """`{_id: "last", at, backup, documents, bytes}`."""
    row = {"at": manifest.at, "backup": manifest.id, "documents": manifest.documents, "bytes": manifest.size}
    rows = driver.database(settings.database("relay"))[BACKUPS]
    await rows.replace_one({"_id": _LAST}, row, upsert=True)


def age_of_last(relay_database: Any, now: datetime) -> timedelta | None:
    """How old the last backup is, in a database of the synchronous driver; None if there was none."""
    row = relay_database[BACKUPS].find_one({"_id": _LAST})
    return now - datetime.fromisoformat(row["at"]) if row else None
