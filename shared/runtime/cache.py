"""A bounded cache whose entries die of age: what is looked up often and may be a little old."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class AgingCache(Generic[K, V]):
    """Holds at most `size` entries for at most `seconds` each; the oldest goes first. Not shared among threads.

    Under a running event loop the dead are out of memory too, soon after: an opened key, or what a large import took.
    """

    def __init__(self, size: int, seconds: float, ticks: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._seconds = seconds
        self._ticks = ticks
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._sweeping = False

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
        if self._entries and not self._sweeping:
            self._sweep_later()

    def _sweep_later(self) -> None:
        oldest = next(iter(self._entries.values()))[0]
        try:
            asyncio.get_running_loop().call_later(oldest - self._ticks(), self._sweep)
        except RuntimeError:
            return
        self._sweeping = True

    def _sweep(self) -> None:
        self._sweeping = False
        now = self._ticks()
        while self._entries and next(iter(self._entries.values()))[0] <= now:
            self._entries.popitem(last=False)
        if self._entries:
            self._sweep_later()

    def forget(self, keys: Iterable[K]) -> None:
        for key in keys:
            self._entries.pop(key, None)

    def clear(self) -> None:
        self._entries.clear()
