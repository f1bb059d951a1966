"""A generation of topics: a new history of the same commits, in topics of new names (kernel.md 3).

The relay's checkpoint says which one is read; the relay fills the next one from the first commit on before readers
hear of it.
"""

from shared.eventstore.driver import Driver
from shared.messaging.topics import Topics
from shared.runtime.settings import Settings

CHECKPOINTS, CHECKPOINT = "checkpoint", "relay"
"""Collection of the relay's database, and its one row; of its fields readers know `generation`."""


async def current_topics(driver: Driver, settings: Settings) -> Topics:
    """The topics that are read now; the first generation's where no relay ever started."""
    rows = driver.database(settings.database("relay"))[CHECKPOINTS]
    row = await rows.find_one({"_id": CHECKPOINT}, {"generation": 1})
    return Topics(settings.namespace, row.get("generation", 1) if row else 1)
