"""Work that is looked for: by one process at a time, again at once where there was some, and after another gave up."""

import asyncio

from deploy.local.servers import Addresses
from shared.eventstore.driver import Driver, ensure_collections
from shared.runtime.looking import Looking


class Sorting(Looking):
    PAUSE_SECONDS, REST_SECONDS = 0.0, 0.05

    def __init__(self, database: object, left: list[int]) -> None:
        super().__init__(database, "parcels.sorting")
        self._left = left
        self.looks = 0

    async def work(self) -> int:
        self.looks += 1
        if not self._left:
            return 0
        self._left.pop()
        return 1


async def until(condition: object) -> None:
    async with asyncio.timeout(20):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.01)


async def test_one_at_a_time_looks_and_the_other_follows_when_it_ends(servers: Addresses, namespace: str) -> None:
    driver = Driver(servers.mongo_url)
    database = driver.database(f"{namespace}parcels")
    await ensure_collections(database, "leases")
    left = [1, 2, 3]
    first, second = Sorting(database, left), Sorting(database, left)
    begun = asyncio.create_task(first.run())
    await until(lambda: first.looks > 4)
    waits = asyncio.create_task(second.run())
    await until(lambda: "another process" in second.health().detail)
    left += [4]
    await until(lambda: not left)
    assert (second.looks, first.health().ready, second.health().ready) == (0, True, True)
    begun.cancel()
    await asyncio.gather(begun, return_exceptions=True)
    left += [5]
    await until(lambda: not left)
    assert second.looks > 0
    assert second.health().detail.startswith("the last look found")
    waits.cancel()
    await asyncio.gather(waits, return_exceptions=True)
    await driver.close()
