"""SIGKILL of transfer and member at random moments of many batches (TRF-08, TRF-22).

BATCH=3000 SEED=7 pytest tests/faults/test_batch_kills.py: so many members instead of 120, and the same again.
"""

import asyncio
import itertools
import os
import random
import time
from collections.abc import Sequence
from typing import Any

import pytest

from deploy.local.seeding.client import until_accepted
from deploy.local.seeding.play import workbook
from services.transfer.domain.batch import MEMBERS_MAX
from services.transfer.projections.members import Members
from services.transfer.use_cases.waits import OPEN
from tests.faults.county import County, Tree, settled, upload
from tests.faults.invariants import Invariants
from tests.faults.system import System, patiently, until

MEMBERS = int(os.environ.get("BATCH") or 120)
BATCHES = -(-MEMBERS // MEMBERS_MAX)
KILLS = max(4, BATCHES // 8)
MOMENT_SECONDS = 2.0
"""A batch takes about as long by itself: moments are drawn from as much."""
SETTLED_SECONDS = 120.0 + MEMBERS / 5
BEGINS = "transfer.TransferRequested.v1"
ENDS = ("transfer.TransferCompleted.v1", "transfer.TransferClosed.v1", "transfer.TransferFailed.v1")


class Moving:
    """Batches of thirty from one branch of a school to the other, each sent twice with one key."""

    def __init__(self, school: County, people: Sequence[str]) -> None:
        self._school = school
        self._from, self._to = school.branches.values()
        self._groups = [people[at : at + MEMBERS_MAX] for at in range(0, len(people), MEMBERS_MAX)]
        self.sent: dict[str, Sequence[str]] = {}

    async def send(self, numbers: Sequence[int]) -> None:
        await asyncio.gather(*(self._one(number) for number in numbers for _ in range(2)))

    async def again(self) -> None:
        """The first thirty once more, as another batch."""
        await self._post(self._groups[0], "the-first-thirty-again")

    async def _one(self, number: int) -> None:
        await self._post(self._groups[number], f"batch-of-thirty-{number:04d}")

    async def _post(self, people: Sequence[str], key: str) -> None:
        body = {"from_branch": self._from, "to": self._to, "people": list(people), "reason": "other", "note": "并班"}
        path, user = f"/v1/organizations/{self._school.id}/transfer-batches", self._school.admin.user
        acting = {"acting": self._school.id, "key": key}
        answer = await patiently(lambda: user.ask("transfer", "POST", path, body, **acting))
        self.sent[answer["stream"]] = people

    async def card(self, batch: str) -> dict[str, Any]:
        user, path = self._school.admin.user, f"/v1/transfer-batches/{batch}"
        return await patiently(lambda: user.ask("transfer", "GET", path, acting=self._school.id))

    async def all_settled(self) -> bool:
        return all([(await self.card(batch))["settled"] for batch in self.sent])


async def school_of(tree: Tree, school: str) -> County:
    """A committee with two branches and an admin."""
    governor = tree.governor.user
    made = await tree.establish(governor, tree.province, f"共青团{school}委员会", "committee")
    admin = await tree.appoint(governor, tree.province, made)
    names = (f"{school}高三一班团支部", f"{school}高三二班团支部")
    ids = [await tree.establish(admin.user, made, name, "branch") for name in names]
    for branch in ids:
        path = f"/v1/organizations/{branch}/members"
        await until_accepted(lambda path=path: admin.user.ask("member", "GET", path, acting=made))
    return County(made, school, admin, dict(zip(names, ids, strict=True)))


async def enter(tree: Tree, school: County, members: int) -> list[str]:
    """Everybody into the first branch; transfer knows them all afterwards."""
    name, branch = next(iter(school.branches.items()))
    first = County(school.id, school.name, school.admin, {name: branch})
    user = school.admin.user
    for at in range(0, members, 3_000):
        rows = tree.rows(first, [tree.someone() for _ in range(min(3_000, members - at))])
        received = await upload(user, school.id, await asyncio.to_thread(workbook, rows))
        assert (await settled(user, school.id, received["stream"]))["imported"] == len(rows)
    return await listed(school, branch, members)


async def listed(school: County, branch: str, members: int) -> list[str]:
    """All members of a branch, once the list shows everybody."""

    async def whole() -> list[str]:
        people: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await page_of(school, branch, cursor)
            people += [row["person"] for row in page["items"]]
            cursor = page.get("next")
        return people if len(people) == members else []

    return list(await until(whole))


async def page_of(school: County, branch: str, cursor: str) -> dict[str, Any]:
    query = {"scope": "own", "limit": 200} | ({"cursor": cursor} if cursor else {})
    user, path = school.admin.user, f"/v1/organizations/{branch}/members"
    return await patiently(lambda: user.ask("member", "GET", path, acting=school.id, params=query))


@pytest.mark.rule("TRF-08", "TRF-22", "TRF-02", "P1", "P2", "P8")
@pytest.mark.timeout(600 + MEMBERS)
async def test_all_batches_end_and_everybody_is_in_one_branch_whatever_is_killed(
    system: System, tree: Tree, seed: int
) -> None:
    """Without derived ids, the claim, the deadline in the commit or the hold somebody is lost, doubled or stuck."""
    print(f"\nSEED={seed} BATCH={MEMBERS} kills {KILLS}")  # noqa: T201 - repeats this run
    chance, school = random.Random(seed), await school_of(tree, "崇德中学")
    people = await enter(tree, school, MEMBERS)
    await until(lambda: known(system, people))
    moving, began = Moving(school, people), time.monotonic()
    waves = [range(BATCHES)[at::KILLS] for at in range(KILLS)]
    for at, wave in enumerate(waves):
        sending = asyncio.create_task(moving.send(wave))
        await asyncio.sleep(chance.uniform(0, MOMENT_SECONDS))
        victim, down = ("transfer", "member")[at % 2], chance.uniform(0, 1)
        print(f"kills {victim}")  # noqa: T201
        await system.kill_and_restart(victim, down)
        await sending
    await moving.again()
    assert await until(moving.all_settled, seconds=SETTLED_SECONDS), await unsettled(moving)
    print(f"{len(moving.sent)} batches of {MEMBERS} members in {time.monotonic() - began:.0f} s")  # noqa: T201
    await expect_all_moved(system, school, people, moving)


async def known(system: System, people: Sequence[str]) -> bool:
    """Whether transfer knows where everybody is."""

    async with system.driver() as driver:
        copy = await Invariants(driver, system.settings).read("transfer", Members)
        return bool(await copy.count_documents({"_id": {"$in": list(people)}}) == len(people))


async def unsettled(moving: Moving) -> list[Any]:
    cards = [await moving.card(batch) for batch in moving.sent]
    return [member for card in cards if not card["settled"] for member in card["members"]][:5]


async def expect_all_moved(system: System, school: County, people: Sequence[str], moving: Moving) -> None:
    """Each moved once; nobody is held, nothing is claimed, and everything derived agrees."""
    _, to = school.branches.values()
    async with system.driver() as driver:
        invariants = Invariants(driver, system.settings)
        found = await invariants.people()
        assert {person: found.branch.get(person) for person in people} == dict.fromkeys(people, to)
        transfer = invariants.database("transfer")
        assert await transfer.claims.count_documents({"_id": {"$regex": f"^{OPEN}:"}}) == 0
        assert await transfer.deadlines.count_documents({"kind": "batch-due"}) == 0
        begun, overlapping = await lives(transfer, set(people))
        assert (begun, overlapping) == (len(people), [])
        moves = await moves_of(invariants.database("member"), set(people))
        assert moves == dict.fromkeys(people, 1)
        assert await until(invariants.at_rest), await invariants.broken()
        assert await invariants.broken() == []
    outcomes = [member["state"] for batch in moving.sent for member in (await moving.card(batch))["members"]]
    assert sorted(outcomes) == ["completed"] * len(people) + ["left_out"] * min(MEMBERS_MAX, len(people))


async def lives(database: Any, people: set[str]) -> tuple[int, list[str]]:
    """How many transfers of these people there were, and who was in two at any moment (TRF-02)."""
    opened: dict[str, tuple[str, int]] = {}
    spans: dict[str, list[tuple[int, int]]] = {}
    async for commit in database.commits.find({"stream": {"$regex": "^transfer-"}}).sort(
        [("stream", 1), ("version", 1)]
    ):
        for event in commit["events"]:
            if event["type"] == BEGINS and event["data"]["person"] in people:
                opened[commit["stream"]] = (event["data"]["person"], commit["at"])
            if event["type"] in ENDS and not event["data"].get("held") and commit["stream"] in opened:
                person, since = opened[commit["stream"]]
                spans.setdefault(person, []).append((since, commit["at"]))
    assert sum(map(len, spans.values())) == len(opened), "some never ended"
    ordered = {person: sorted(each) for person, each in spans.items()}
    two = [p for p, each in ordered.items() if any(b[0] < a[1] for a, b in itertools.pairwise(each))]
    return len(opened), two


async def moves_of(database: Any, people: set[str]) -> dict[str, int]:
    moves = dict.fromkeys(people, 0)
    async for commit in database.commits.find({"events.type": "member.MemberMoved.v1"}, {"stream": 1}):
        if commit["stream"] in moves:
            moves[commit["stream"]] += 1
    return moves
