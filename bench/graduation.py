"""A graduation day played for real (issue 5): everybody of a university's classes of this year is moved on, by batches,
by the cockpit's one click for many and singly; at the end nobody may be lost, doubled or on the way.

Each class is worked through by one clerk, each receiving branch by one approver, so that the process holds a class and
a page at a time, and what it knows of everybody is sixteen bytes.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from uuid import UUID

from bench.machine import Machine, Reading
from bench.posting import Posting, hands
from bench.product import BRANCHES
from bench.university import PATIENCE_SECONDS, University, until, year
from deploy.cli.data import drifts, miscounted

BATCH, CLICK, PAGE = 30, 50, 100
CLERKS = 12
HANDS = 5
"""How many admins of one organization send their commands at the same moment."""
AHEAD = 1_500
"""How many transfers wait for an approval at most: nobody starts a day's work before anything of it is decided."""


@dataclass(slots=True)
class Day:
    """What was done until now. `decided`: for whom nobody has to do anything more; of these `counted` are in the live
    figures of the new side, and `left` no longer in the lists of the old one. `moments`: when how many were decided.
    """

    started: int = 0
    decided: int = 0
    counted: int = 0
    left: int = 0
    lags: list[float] = field(default_factory=list)
    moments: deque[tuple[float, int]] = field(default_factory=deque)
    began: float = field(default_factory=time.perf_counter)

    def noted(self) -> None:
        """The lag of now: how long ago as many were decided as the slower of both sides shows."""
        now, shown = time.perf_counter(), min(self.counted, self.left)
        self.moments.append((now, self.decided))
        while len(self.moments) > 1 and self.moments[1][1] <= shown:
            self.moments.popleft()
        self.lags.append(now - self.moments[0][0] if shown < self.decided else 0.0)


class Graduation:
    """The day of one university. Raises RuntimeError as soon as somebody is refused, or nothing moves any more."""

    def __init__(self, university: University, machine: Machine) -> None:
        self._university = university
        self._machine = machine
        self._units = university.units
        self._placed: dict[str, set[bytes]] = {unit: set() for unit in self._units}
        self._waiting: Counter[str] = Counter()
        self._over = False
        self.day = Day()

    async def play(self, people: int) -> None:
        """Returns when both sides show everybody where they went."""
        figures = await self._university.figures()
        held, reading = sum(figures.get(unit, 0) for unit in self._units), self._machine.read()
        self.day = Day()
        classes = iter(enumerate(self._university.classes))
        async with asyncio.TaskGroup() as others:
            others.create_task(self._tell(people, held, reading))
            for unit in self._units:
                others.create_task(self._approver(unit))
            async with asyncio.TaskGroup() as clerks:
                for _ in range(CLERKS):
                    clerks.create_task(self._clerk(classes))
            self._over = True

    async def proven(self, people: int) -> None:
        """Raises RuntimeError with everything that is lost, double, open or drifted."""
        faults = await self._misplaced(people)
        for what, path, name in (
            ("left behind", f"{self._university.id}/graduates/situation?year={year()}", "left_behind"),
            ("transfers open", f"{self._university.product.committee}/subtree/transfers", "open"),
        ):
            if found := (await self._university.get("transfer", f"/v1/organizations/{path}"))[name]:
                faults.append(f"{found} {what}")
        for _ in range(10):  # the relay is behind for a moment after the last command
            if not (drifted := [*await drifts(), *await miscounted()]):
                break
            await asyncio.sleep(3)
        if faults + drifted:
            raise RuntimeError("; ".join(faults + drifted)[:2000])
        print(
            f"graduation: nobody lost: all {people:,} in the one branch they went to, none open, no drift", flush=True
        )

    async def _misplaced(self, people: int) -> list[str]:
        """Every list read to its end: who is where, against where they were sent, and the live figures against both."""
        faults, seen = [f"{left} still in their classes" for left in [await self._university.in_school()] if left], 0
        figures = await self._university.figures()
        for unit in self._units:
            found = [UUID(person.partition("-")[2]).bytes async for person in self._university.members(unit)]
            seen += len(found)
            if len(set(found)) != len(found) or set(found) != self._placed[unit]:
                sent = len(self._placed[unit])
                faults.append(f"{unit} lists {len(found)} ({len(set(found))} different), {sent} went there")
            if figures.get(unit, 0) != len(found):
                faults.append(f"{unit} has {figures.get(unit, 0)} in the figures and lists {len(found)}")
        if seen != people or len(set().union(*self._placed.values())) != people:
            faults.append(f"{seen} people in the lists, {people} there were")
        return faults

    async def _clerk(self, classes: Iterator[tuple[int, tuple[str, str]]]) -> None:
        """A third of the classes goes by batches without approvals (TRF-08), a third by one click for many."""
        async with hands(self._university.product.stack.url("transfer"), HANDS) as clerks:
            for number, (branch, _) in classes:
                unit = self._units[number % BRANCHES]
                people = [person async for person in self._university.members(branch)]
                if number % 3 == 0:
                    await self._by_batches(clerks[0], branch, unit, people)
                    continue
                size = CLICK if number % 3 == 1 else HANDS
                for start in range(0, len(people), size):
                    while self.day.started - self.day.decided > AHEAD:
                        await asyncio.sleep(0.2)
                    some = people[start : start + size]
                    if size == CLICK:
                        await self._clicked(clerks[0], unit, some)
                    else:
                        await self._singly(clerks, branch, unit, some)

    async def _by_batches(self, posting: Posting, branch: str, unit: str, people: Sequence[str]) -> None:
        """All of a class, then looked at batch by batch until each is carried out with nobody left out."""
        path = f"/v1/organizations/{self._university.product.committee}/transfer-batches"
        batches = []
        for start in range(0, len(people), BATCH):
            some = people[start : start + BATCH]
            body = {"from_branch": branch, "to": unit, "people": some, "reason": "leaving_after_graduation"}
            batches.append((await posting.persist(path, self._university.heads, body))["stream"])
            self._sent(unit, some)
            self.day.decided += len(some)
        for batch in batches:
            await until("a batch is carried out", partial(self._to_start, batch), pause=1.0)

    async def _to_start(self, batch: str) -> int:
        """Of how many of a batch no transfer is there yet. Raises RuntimeError for somebody left out."""
        card = await self._university.get("transfer", f"/v1/transfer-batches/{batch}")
        if card["left_out"]:
            raise RuntimeError(f"{card['left_out']} left out of {batch}: {card['members']}")
        return sum(member["transfer"] is None for member in card["members"])

    async def _clicked(self, posting: Posting, unit: str, some: Sequence[str]) -> None:
        """Those for whom the service was too busy are clicked again."""
        path = f"/v1/organizations/{self._university.id}/graduates/transfers"
        left = list(some)
        while left:
            body = {"people": left, "to": unit, "reason": "leaving_after_graduation"}
            answer = await posting.persist(path, self._university.heads_of_school, body)
            refused = [each for each in answer["items"] if not each["transfer"]]
            if wrong := [each for each in refused if each["code"] != "system_busy"]:
                raise RuntimeError(f"{len(wrong)} not started: {wrong[:2]}")
            left = [each["person"] for each in refused]
        self._sent(unit, some, waiting=True)

    async def _singly(self, clerks: Sequence[Posting], branch: str, unit: str, some: Sequence[str]) -> None:
        path = f"/v1/organizations/{branch}/transfers-out"
        bodies = ({"person": person, "to": unit, "reason": "leaving_after_graduation"} for person in some)
        commands = (
            each.persist(path, self._university.heads_of_school, body)
            for each, body in zip(clerks, bodies, strict=False)
        )
        await asyncio.gather(*commands)
        self._sent(unit, some, waiting=True)

    def _sent(self, unit: str, some: Sequence[str], *, waiting: bool = False) -> None:
        self._placed[unit].update(UUID(person.partition("-")[2]).bytes for person in some)
        self.day.started += len(some)
        if waiting:
            self._waiting[unit] += len(some)

    async def _approver(self, unit: str) -> None:
        """Page by page of what waits for a unit, as the console approves many at once: each by a command of its own."""
        approved: set[str] = set()
        async with hands(self._university.product.stack.url("transfer"), HANDS) as admins:
            while not self._over or self._waiting[unit]:
                if not self._waiting[unit]:
                    await asyncio.sleep(0.5)
                    continue
                path = f"/v1/organizations/{unit}/transfers?which=waiting&limit={PAGE}"
                page = [line["transfer"] for line in (await self._university.get("transfer", path))["items"]]
                new = [transfer for transfer in page if transfer not in approved]
                for start in range(0, len(new), HANDS):
                    some = [f"/v1/transfers/{transfer}/approval" for transfer in new[start : start + HANDS]]
                    commands = (
                        each.persist(path, self._university.heads, None)
                        for each, path in zip(admins, some, strict=False)
                    )
                    await asyncio.gather(*commands)
                    self._waiting[unit] -= len(some)
                    self.day.decided += len(some)
                approved.update(new)  # a list that is behind shows some of them again, or for a moment fewer
                if len(new) < PAGE // 2:
                    await asyncio.sleep(0.5)

    async def _tell(self, people: int, held: int, reading: Reading) -> None:
        """Looks at what both sides show, says so every tenth time, and ends when everybody is shown.

        Every second, and seldom enough that looking at a hundred thousand people takes a tenth of the time at most.
        """
        last, moved = -1, time.perf_counter()
        for look in count(1):
            looked = time.perf_counter()
            figures = await self._university.figures()
            self.day.counted = sum(figures.get(unit, 0) for unit in self._units) - held
            self.day.left = people - await self._university.in_school()
            self.day.noted()
            done, now = min(self.day.counted, self.day.left), time.perf_counter()
            if done == people or look % 10 == 0:
                said = f"{self.day.started:,} started, {self.day.decided:,} decided, {done:,} shown by both sides"
                rate, lag = done / (now - self.day.began), self.day.lags[-1]
                used = self._machine.told(reading, max(1, done))
                print(
                    f"graduation: {now - self.day.began:,.0f} s: {said}; {rate:.1f}/s, lag {lag:.1f} s; {used}",
                    flush=True,
                )
            if done == people:
                return
            last, moved = (done, now) if done != last else (last, moved)
            if now - moved > PATIENCE_SECONDS:
                raise RuntimeError(f"nothing moved for {PATIENCE_SECONDS:.0f} s at {done:,} of {people:,}")
            await asyncio.sleep(max(1.0, 9 * (now - looked)))
