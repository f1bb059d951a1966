import asyncio
from datetime import timedelta

import pytest

from services.org.worker import BEAT, Beat
from shared.kernel.clock import to_micros
from tests.org.conftest import World


@pytest.mark.rule("P6")
async def test_of_two_workers_one_stamps_the_beat_and_the_other_waits(world: World) -> None:
    beats = [Beat(world.parts.database, world.clock) for _ in range(2)]
    tasks = [asyncio.create_task(beat.run()) for beat in beats]
    try:
        stamps = set()
        for _ in range(3):
            world.clock.move(timedelta(seconds=1))
            await asyncio.sleep(1.2)
            row = await world.parts.database["beats"].find_one({"_id": BEAT})
            stamps.add(row["at"])
        assert len(stamps) == 3
        assert max(stamps) <= to_micros(world.clock.now())
        assert all(beat.health().ready for beat in beats)
        assert sorted("another" in beat.health().detail for beat in beats) == [False, True]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert await world.parts.database["leases"].count_documents({"_id": Beat.name}) == 0
