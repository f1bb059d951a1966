"""A cache that forgets: by age, by number, on demand."""

import asyncio

import pytest

from shared.runtime.cache import AgingCache


def test_an_entry_dies_of_age_even_if_it_is_asked_for() -> None:
    ticks = [0.0]
    cache: AgingCache[str, int] = AgingCache(10, 5, lambda: ticks[0])
    cache.put({"a": 1})
    ticks[0] = 4.9
    assert cache.get("a") == 1
    ticks[0] = 5.0
    assert cache.get("a") is None
    assert cache.known(["a"]) == {}


def test_the_oldest_goes_first_and_the_number_is_bounded() -> None:
    cache: AgingCache[str, int] = AgingCache(2, 5)
    cache.put({"a": 1, "b": 2})
    cache.put({"a": 3})
    cache.put({"c": 4})
    assert cache.known("abc") == {"a": 3, "c": 4}
    cache.forget(["a", "z"])
    assert cache.known("abc") == {"c": 4}
    cache.clear()
    assert cache.known("abc") == {}


@pytest.mark.rule("P11")
async def test_what_has_died_is_out_of_memory_though_nobody_asks() -> None:
    """Fails if a key of a person stays in a process that does nothing any more."""
    cache: AgingCache[str, int] = AgingCache(10, 0.05)
    cache.put({"a": 1})
    await asyncio.sleep(0.03)
    cache.put({"b": 2})
    await asyncio.sleep(0.03)
    assert list(cache._entries) == ["b"]
    await asyncio.sleep(0.05)
    assert not cache._entries
