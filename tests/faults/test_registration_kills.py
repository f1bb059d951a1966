"""SIGKILL of any process in the middle of registrations by code: each still ends, and one code makes one admin."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from deploy.local.seeding.client import Refused
from tests.faults.county import PASSWORD, County, Tree
from tests.faults.system import System, patiently, until
from tests.faults.test_kills import KILLS, expect_sound, victims

BRANCHES, RIVALS = 6, 3
APART_SECONDS, LOCKED_SECONDS = 0.6, 61


@dataclass
class Registering:
    """Whoever registers for one branch with its code; `tickets` in the order in which they were answered."""

    tree: Tree
    branch: str
    code: str
    tickets: list[str] = field(default_factory=list)

    async def one(self, number: int) -> None:
        """Sent with one key until it is answered, each time with another captcha, as from an address of its own.

        A kill repeats whatever is on its way, and of these few more than the free tries of a code can be on their way:
        then one has to wait for as long as the refusal says.
        """
        who = self.tree.someone(29, 45)
        typed = {"registration_code": self.code, "name": who.name, "number": who.number, "mobile": who.mobile}
        headers = {"Idempotency-Key": f"{self.branch}-{number}", "X-Client-Address": f"203.0.113.{number + 1}"}

        async def once() -> dict[str, Any]:
            body = {"new_password": PASSWORD, **typed, **await self.tree.door.captcha()}
            return await self.tree.door.ask("identity", "POST", "/v1/admin-registrations", body, headers)

        try:
            answer = await patiently(once)
        except Refused as refused:
            if refused.code != "registration_locked":
                raise
            await asyncio.sleep(LOCKED_SECONDS)
            answer = await patiently(once)
        self.tickets.append(answer["ticket"])

    async def states(self) -> list[str]:
        """How each of them ended, or that it has not."""
        path = "/v1/admin-registrations"
        answers = [
            await patiently(lambda t=t: self.tree.door.ask("identity", "GET", f"{path}/{t}")) for t in self.tickets
        ]
        return sorted(answer["state"] for answer in answers)


async def codes(county: County) -> dict[str, str]:
    """The code of each branch, by the branch's id."""
    path = f"/v1/organizations/{county.id}/subordinates/registration-codes"
    made = await county.admin.user.do("org", "POST", path, {}, acting=county.id)
    return {each["organization"]: each["made"]["registration_code"] for each in made["items"]}


@pytest.mark.rule("P1", "P2", "P4", "ADM-03", "ADM-04")
@pytest.mark.timeout(240 + 60 * KILLS)
async def test_registrations_end_by_themselves_whatever_is_killed(system: System, tree: Tree, seed: int) -> None:
    """Fails if a reaction is acknowledged before it is done, or does again what the killed process had done."""
    chance = random.Random(seed)
    county = await tree.county("广昌县", branches=BRANCHES)
    all_of = [Registering(tree, branch, code) for branch, code in (await codes(county)).items()]
    first, *others = all_of
    people = [(first, n) for n in range(RIVALS)] + [(each, 0) for each in others]
    chance.shuffle(people)

    async def arriving() -> None:
        async with asyncio.TaskGroup() as tasks:
            for registering, number in people:
                tasks.create_task(registering.one(number))
                await asyncio.sleep(chance.uniform(0, APART_SECONDS))

    arrivals = asyncio.create_task(arriving())
    order = victims(chance, ("member", "org", "identity", "relay"))
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0, 2 * APART_SECONDS))
        await system.kill_and_restart(next(order), chance.uniform(0, 1))
        assert system.ended_by_themselves() == []
    await arrivals

    async def ended() -> bool:
        return all(["waiting" not in await each.states() for each in all_of])

    assert await until(ended)
    assert await first.states() == ["done"] + ["refused"] * (RIVALS - 1)
    assert [await each.states() for each in others] == [["done"]] * len(others)
    user = county.admin.user
    for each in all_of:
        path = f"/v1/organizations/{each.branch}/admins"
        listed = await patiently(lambda path=path: user.ask("org", "GET", path, acting=county.id))
        assert listed["total"] == 1
    await expect_sound(system, county, tree, members=0)
