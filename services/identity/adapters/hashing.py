"""X04: Argon2id with 19 MiB, two passes, one lane, in threads; so many at once as there are processors."""

import asyncio
import os
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.kernel.refusals import SystemBusy

T = TypeVar("T")

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
WAITING_MAX = 200


class Argon2Hasher:
    """About 25 ms of one processor each, 40 sign-ins per second and core; whoever comes to a full queue is told so."""

    def __init__(self, at_once: int | None = None) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._nobody = self._hasher.hash(os.urandom(16))
        self._slots = asyncio.Semaphore(at_once or os.cpu_count() or 1)
        self._waiting = 0

    async def hash(self, secret: str) -> str:
        return await self._slowly(self._hasher.hash, secret)

    async def verify(self, hashed: str | None, secret: str) -> bool:
        """For None it is compared with a hash that nothing fits."""
        return await self._slowly(self._fits, hashed or self._nobody, secret)

    def outdated(self, hashed: str) -> bool:
        return self._hasher.check_needs_rehash(hashed)

    def _fits(self, hashed: str, secret: str) -> bool:
        try:
            return self._hasher.verify(hashed, secret)
        except (VerificationError, InvalidHashError):
            return False

    async def _slowly(self, work: Callable[..., T], *arguments: str) -> T:
        if self._waiting >= WAITING_MAX:
            raise SystemBusy
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(work, *arguments)
        finally:
            self._waiting -= 1
