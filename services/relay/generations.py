"""Filling a generation of topics, and deleting those before it; readers ask `shared.messaging.generations` for it."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient

from services.relay.checkpoint import Checkpoint, CheckpointStore
from shared.eventstore.driver import Driver
from shared.messaging.consumer import connection
from shared.messaging.generations import current_topics
from shared.messaging.topics import Topics
from shared.runtime.settings import Settings

ASK_SECONDS = 0.2


def _store(driver: Driver, settings: Settings, holder: str = "reader") -> CheckpointStore:
    return CheckpointStore(driver.database(settings.database("relay")), holder)


async def begin_generation(driver: Driver, settings: Settings) -> int:
    """Has the relay fill topics that nobody has seen yet with everything the commits hold; answers their generation.

    A running relay goes over to it by itself; one that is down does it at its next start. Begun already, it goes on.
    """
    store = _store(driver, settings, "republish")
    checkpoint = await store.load()
    if checkpoint and checkpoint.beginning:
        return checkpoint.beginning
    there = await Topics(settings.namespace).generations(connection(settings))
    generation = max([checkpoint.generation if checkpoint else 1, *there]) + 1
    await store.begin_generation(generation)
    return generation


async def until_filled(driver: Driver, settings: Settings, generation: int) -> Checkpoint:
    """Waits until the relay has sent everything into that generation's topics, and readers may follow."""
    store = _store(driver, settings)
    while True:
        checkpoint = await store.load()
        if checkpoint and checkpoint.generation >= generation:
            return checkpoint
        await asyncio.sleep(ASK_SECONDS)


async def delete_older(driver: Driver, settings: Settings) -> list[str]:
    """Deletes the topics of every earlier generation than the one that is read; answers their names."""
    now = await current_topics(driver, settings)
    there = await now.generations(connection(settings))
    names = sorted(name for generation, its in there.items() if generation < now.generation for name in its)
    if names:
        admin = AIOKafkaAdminClient(**connection(settings))
        await admin.start()
        try:
            await admin.delete_topics(names)
        finally:
            await admin.close()
    return names
