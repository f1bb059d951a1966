"""A bounded cache whose entries die of age: what is looked up often and may be a little old."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class AgingCache(Generic[K, V]):
    """Holds at most `size` entries for at most `seconds` each; the oldest goes first. Not shared among threads."""

    def __init__(self, size: int, seconds: float, ticks: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._seconds = seconds
        self._ticks = ticks
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, or None if it is unknown or too old."""
        entry = self._entries.get(key)
        return entry[1] if entry and entry[0] > self._ticks() else None

    def known(self, keys: Iterable[K]) -> dict[K, V]:
        """Those of the keys that are known."""
        now = self._ticks()
        found = ((key, self._entries.get(key)) for key in keys)
        return {key: entry[1] for key, entry in found if entry and entry[0] > now}

    def put(self, values: Mapping[K, V]) -> None:
        dies = self._ticks() + self._seconds
        for key, value in values.items():
            self._entries.pop(key, None)
            self._entries[key] = (dies, value)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def forget(self, keys: Iterable[K]) -> None:
        for key in keys:
            self._entries.pop(key, None)

    def clear(self) -> None:
        self._entries.clear()
