"""Transfers between the branches of a committee, through the public commands: started, approved, seen by both sides."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bench.posting import NotDone, Posting
from bench.product import BRANCHES, CLIENTS, Product

AHEAD = 8
"""How many transfers a clerk starts before approving the first of them, as an admin works through a list."""

PAGE = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """`rate`: transfers a second until lists and live counts of all branches show them.

    `lag`: seconds from the last approval until then; `started` and `approved`: latencies of the two commands in ms;
    `early`: approvals sent before there was anything to approve.
    """

    rate: float
    lag: float
    started: list[float]
    approved: list[float]
    early: int


class Transfers:
    """Half of the committee's branches send all their members to the other half, and back the next time."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._there = True
        self._early = 0

    async def move(self, transfers: int) -> Moved:
        """Raises RuntimeError where somebody is lost or counted twice."""
        half = BRANCHES // 2
        names = [branch for branch, _ in self._product.branches]
        sides = (names[:half], names[half:]) if self._there else (names[half:], names[:half])
        self._there, self._early = not self._there, 0
        moves = await self._moves(*sides, transfers)
        before = await self.counts()
        expected = dict(before)
        for _, old, new in moves:
            expected[old] -= 1
            expected[new] += 1
        started: list[float] = []
        approvals: list[float] = []
        began, waiting = time.perf_counter(), iter(moves)
        await asyncio.gather(*(self._clerk(waiting, started, approvals) for _ in range(CLIENTS)))
        approved = time.perf_counter()
        await self._until_shown(expected)
        ended = time.perf_counter()
        return Moved(len(moves) / (ended - began), ended - approved, started, approvals, self._early)

    async def lone(self, times: int) -> list[float]:
        """Milliseconds from sending the last approval on an idle system until both sides' lists and counts show it."""
        names = [branch for branch, _ in self._product.branches]
        waits = []
        for i in range(times):
            here, there = (names[0], names[-1]) if self._there == (i % 2 == 0) else (names[-1], names[0])
            [(person, old, new)] = await self._moves([here], [there], 1)
            expected = await self.counts()
            expected[old] -= 1
            expected[new] += 1
            async with Posting(self._product.stack.url("transfer")) as posting:
                transfer = await self._start(posting, person, old, new)
                began = await self._approve(posting, transfer)
            await self._until_shown(expected, [old, new], pause=0.002)
            waits.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.2)
        return waits

    async def counts(self) -> dict[str, int]:
        """Members of each branch in the live figures."""
        path = f"/v1/progress/members?organization={self._product.committee}&hour=live"
        answer = await self._ask("stats", path)
        return {str(row["organization"]): int(row["members"]) for row in answer["rows"]}

    async def _moves(self, old: Sequence[str], new: Sequence[str], transfers: int) -> list[tuple[str, str, str]]:
        """Whom to move, from where, to where: as many of each branch as of the others."""
        share = -(-transfers // len(old))
        found = [await self._members(branch, share) for branch in old]
        moves = [(person, a, b) for people, a, b in zip(found, old, new, strict=True) for person in people]
        if len(moves) < transfers:
            raise RuntimeError(f"only {len(moves)} of {transfers} members are there to be moved")
        return moves[:transfers]

    async def _members(self, branch: str, wanted: int) -> list[str]:
        people: list[str] = []
        cursor = ""
        while len(people) < wanted:
            page = await self._ask(
                "member", f"/v1/organizations/{branch}/members?limit={PAGE}{cursor and f'&cursor={quote(cursor)}'}"
            )
            people += [item["person"] for item in page["items"]]
            cursor = page["next"]
            if not cursor:
                break
        return people[:wanted]

    async def _clerk(self, moves: Iterator[tuple[str, str, str]], started: list[float], approved: list[float]) -> None:
        waiting: deque[str] = deque()
        async with Posting(self._product.stack.url("transfer")) as posting:
            for person, old, new in moves:
                began = time.perf_counter()
                waiting.append(await self._start(posting, person, old, new))
                started.append((time.perf_counter() - began) * 1000)
                if len(waiting) > AHEAD:
                    await self._approved(posting, waiting.popleft(), approved)
            while waiting:
                await self._approved(posting, waiting.popleft(), approved)

    async def _start(self, posting: Posting, person: str, old: str, new: str) -> str:
        path = f"/v1/organizations/{old}/transfers-out"
        body = {"person": person, "to": new, "reason": "change_of_school"}
        return str((await posting.post(path, await self._headers(), body))["stream"])

    async def _approved(self, posting: Posting, transfer: str, latencies: list[float]) -> None:
        began = await self._approve(posting, transfer)
        latencies.append((time.perf_counter() - began) * 1000)

    async def _approve(self, posting: Posting, transfer: str) -> float:
        """When the approval that was taken had been sent: until member holds the person there is nothing to approve.

        Each time it is too early the clerk waits twice as long: sixty clerks who ask twice a second would be most of
        what is measured.
        """
        pause = 0.25
        while True:
            began = time.perf_counter()
            try:
                await posting.post(f"/v1/transfers/{transfer}/approval", await self._headers(), None)
            except NotDone as refused:
                if refused.code != "transfer_step_over":
                    raise
                self._early += 1
                await asyncio.sleep(pause)
                pause = min(8.0, 2 * pause)
            else:
                return began

    async def _until_shown(self, expected: dict[str, int], branches: Sequence[str] = (), pause: float = 0.05) -> None:
        until = time.monotonic() + 120
        lists = {branch: expected[branch] for branch in branches or expected}
        while await self.counts() != expected or await self._listed(list(lists)) != lists:
            if time.monotonic() > until:
                raise RuntimeError("two minutes after the last approval not everybody is where they were sent")
            await asyncio.sleep(pause)

    async def _listed(self, branches: Sequence[str]) -> dict[str, int]:
        found = await asyncio.gather(
            *(self._ask("member", f"/v1/organizations/{branch}/members?limit=1") for branch in branches)
        )
        return {branch: int(answer["total"]) for branch, answer in zip(branches, found, strict=True)}

    async def _headers(self) -> dict[str, str]:
        return await self._product.admin.headers(self._product.committee)

    async def _ask(self, service: str, path: str) -> dict[str, Any]:
        return await self._product.admin.ask(service, "GET", path, acting=self._product.committee)
