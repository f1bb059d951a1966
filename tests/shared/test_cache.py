"""A cache that forgets: by age, by number, on demand."""

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
