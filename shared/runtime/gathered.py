"""Look-ups asked for at the same time become one query: three single reads a command cost as much as its rest."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Gathered(Generic[K, V]):
    """Asks `find` for all keys that came while the query before was on its way; a lone key waits for nobody.

    Nothing is remembered: every answer comes from a query that began after its question. `find` answers what there is;
    what it raises, all who waited for that query get.
    """

    def __init__(self, find: Callable[[Collection[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._find = find
        self._gathering: dict[K, None] = {}
        self._answer: asyncio.Task[Mapping[K, V]] | None = None
        self._asking: asyncio.Task[Mapping[K, V]] | None = None

    async def get(self, key: K) -> V | None:
        """The value, or None if there is none."""
        return (await self.some((key,))).get(key)

    async def some(self, keys: Collection[K]) -> dict[K, V]:
        """The values of those keys that have one."""
        self._gathering |= dict.fromkeys(keys)
        if self._answer is None:
            self._answer = asyncio.create_task(self._ask(self._asking))
            # Where all who asked have gone away, nobody is left to be told of what was raised.
            self._answer.add_done_callback(lambda answer: answer.cancelled() or answer.exception())
        found = await asyncio.shield(self._answer)  # who goes away takes the answer from nobody
        return {key: found[key] for key in keys if key in found}

    async def _ask(self, before: "asyncio.Task[Mapping[K, V]] | None") -> Mapping[K, V]:
        if before is not None:
            await asyncio.wait((before,))
        keys, self._gathering = self._gathering, {}
        self._asking, self._answer = self._answer, None
        return await self._find(keys)
