"""Look-ups that share a query."""

import asyncio
import gc
from collections.abc import Collection, Mapping

import pytest

from shared.runtime.gathered import Gathered


class _Store:
    """Notes its queries; each answers what was there when it began, once `open` is set."""

    def __init__(self, **values: int) -> None:
        self.values = values
        self.asked: list[list[str]] = []
        self.open = asyncio.Event()

    async def find(self, keys: Collection[str]) -> Mapping[str, int]:
        self.asked.append(sorted(keys))
        seen = dict(self.values)
        await self.open.wait()
        return {k: seen[k] for k in keys if k in seen}


async def test_what_comes_while_a_query_is_on_its_way_is_asked_in_one() -> None:
    store = _Store(a=1, b=2)
    gathered = Gathered(store.find)
    first = asyncio.create_task(gathered.get("a"))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(gathered.get(key)) for key in ("b", "b", "absent")]
    await asyncio.sleep(0.01)
    store.open.set()
    assert await first == 1
    assert await asyncio.gather(*others) == [2, 2, None]
    assert store.asked == [["a"], ["absent", "b"]]


async def test_a_question_is_never_answered_by_a_query_that_began_before_it() -> None:
    """Without it a right withdrawn meanwhile would be found once more."""
    store = _Store(a=1)
    gathered = Gathered(store.find)
    early = asyncio.create_task(gathered.get("a"))
    await asyncio.sleep(0.01)
    store.values = {"a": 2}
    late = asyncio.create_task(gathered.get("a"))
    await asyncio.sleep(0.01)
    store.open.set()
    assert (await early, await late) == (1, 2)


async def test_a_failing_query_fails_those_who_waited_for_it_and_nobody_after() -> None:
    async def find(keys: Collection[str]) -> Mapping[str, int]:
        if "bad" in keys:
            raise ConnectionError
        return dict.fromkeys(keys, 7)

    gathered = Gathered(find)
    both = await asyncio.gather(gathered.get("bad"), gathered.get("neighbour"), return_exceptions=True)
    assert [type(each) for each in both] == [ConnectionError, ConnectionError]
    assert await gathered.get("good") == 7


async def test_who_goes_away_takes_the_answer_from_nobody() -> None:
    store = _Store(a=1)
    gathered = Gathered(store.find)
    leaving, staying = asyncio.create_task(gathered.get("a")), asyncio.create_task(gathered.get("a"))
    await asyncio.sleep(0.01)
    leaving.cancel()
    store.open.set()
    assert await staying == 1
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_several_keys_get_those_values_that_are_there_and_no_others() -> None:
    store = _Store(a=1, b=2)
    store.open.set()
    gathered = Gathered(store.find)
    one, several = await asyncio.gather(gathered.get("a"), gathered.some(["b", "absent"]))
    assert (one, several) == (1, {"b": 2})
    assert store.asked == [["a", "absent", "b"]]


async def test_what_is_raised_when_all_who_asked_have_gone_away_is_no_error_of_the_loop() -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))
    closed = asyncio.Event()

    async def find(_keys: Collection[str]) -> Mapping[str, int]:
        await closed.wait()
        raise ValueError("closed")

    waiter = asyncio.create_task(Gathered(find).get("a"))
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    closed.set()
    await asyncio.sleep(0.01)
    del waiter
    gc.collect()
    assert told == []
