"""SIGKILL of transfer and member while people go to another system, which says everything twice (TRF-17, TRF-22, BEY-08).

CROSSING=200 SEED=7 pytest tests/faults/test_exchange_kills.py: so many people instead of 12, and the same again.
"""

import asyncio
import os
import random
from typing import Any

import httpx
import pytest

from deploy.local.simulators.running import make_exchange_secrets, start_simulators
from deploy.local.stack import SIMULATORS
from services.transfer.use_cases.waits import OPEN
from shared.contracts.org import Register, register_branch
from tests.faults.county import County, Tree
from tests.faults.invariants import Invariants
from tests.faults.system import System, patiently, until
from tests.faults.test_batch_kills import enter, known, lives, moves_of, school_of

PEOPLE = int(os.environ.get("CROSSING") or 12)
KILLS = max(4, PEOPLE // 20)
MOMENT_SECONDS = 2.0
SETTLED_SECONDS = 180.0 + PEOPLE
THERE = "共青团北京理工大学计算机学院2025级1班支部"


class Beijing:
    """The simulator of that system, and who went there."""

    def __init__(self, system: System, school: County) -> None:
        self._address = f"{system.stack.url(SIMULATORS)}/beijing/control"
        self._school = school
        self.sent: dict[str, str] = {}

    async def told(self, what: str, **order: Any) -> dict[str, Any]:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            answer = await client.post(f"{self._address}/{what}", json=order)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def send(self, person: str) -> None:
        """Twice with one key, as an admin does who saw no answer."""
        branch = next(iter(self._school.branches.values()))
        papers = await self._do("member", f"/v1/people/{person}/transfer-papers", {}, f"papers-{person[-24:]}")
        body = {"person": person, "system": "beijing", "organization_name": THERE, "reason": "further_study"}
        body["papers"] = papers["ticket"]
        path, key = f"/v1/organizations/{branch}/transfers-outside", f"crossing-{person[-24:]}"
        for answer in await asyncio.gather(*(self._do("transfer", path, body, key) for _ in range(2))):
            self.sent[answer["stream"]] = person

    async def _do(self, service: str, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        user, acting = self._school.admin.user, self._school.id
        return dict(await patiently(lambda: user.ask(service, "POST", path, body, acting=acting, key=key)))

    async def knows_us(self) -> bool:
        """Whether transfer has their directory."""
        user, path = self._school.admin.user, "/v1/outside-systems/beijing/organizations"
        answer = await patiently(lambda: user.ask("transfer", "GET", path, params={"q": THERE}))
        return bool(answer["organizations"])

    async def all_completed(self) -> bool:
        """What they said while nobody listened they say again."""
        cases = (await self.told("state"))["cases"]
        for transfer in self.sent:
            if cases.get(transfer) == "accepted":
                await self.told("decide", transfer=transfer, rule="accept")
        return {cases.get(transfer) for transfer in self.sent} == {"completed"}


@pytest.mark.rule("TRF-17", "TRF-22", "BEY-08", "P1", "P2")
@pytest.mark.timeout(900 + 3 * PEOPLE)
async def test_everybody_is_in_one_system_whatever_is_killed(system: System, tree: Tree, seed: int) -> None:
    """Without the derived ids of messages and the deadline in the commit somebody is in both systems, or in none."""
    print(f"\nSEED={seed} CROSSING={PEOPLE} kills {KILLS}")  # noqa: T201 - repeats this run
    chance, school = random.Random(seed), await school_of(tree, "明德中学")
    people = await enter(tree, school, PEOPLE)
    await until(lambda: known(system, people))
    await asyncio.to_thread(make_exchange_secrets, system.stack.secrets)
    await system.kill_and_restart("transfer", 0)
    await asyncio.to_thread(start_simulators, system.stack)
    there = Beijing(system, school)
    assert await until(there.knows_us)
    await there.told("behaviour", twice=True, late_seconds=0.5)
    for at in range(KILLS):
        sending = asyncio.gather(*(there.send(person) for person in people[at::KILLS]))
        await asyncio.sleep(chance.uniform(0, MOMENT_SECONDS))
        await system.kill_and_restart(("transfer", "member")[at % 2], chance.uniform(0, 1))
        await sending
    assert await until(there.all_completed, seconds=SETTLED_SECONDS), await there.told("state")
    await expect_all_there(system, tree, people)


async def expect_all_there(system: System, tree: Tree, people: list[str]) -> None:
    """In the register branch of 北京, each moved once; nobody is held or claimed, and everything derived agrees."""
    register = register_branch(tree.province, Register.BEIJING)
    async with system.driver() as driver:
        invariants = Invariants(driver, system.settings)
        member, transfer = invariants.database("member"), invariants.database("transfer")

        async def moved() -> bool:
            found = await invariants.people()
            return {person: found.branch.get(person) for person in people} == dict.fromkeys(people, register)

        assert await until(moved)
        assert await until(lambda: _free(transfer))
        assert await lives(transfer, set(people)) == (len(people), [])
        assert await moves_of(member, set(people)) == dict.fromkeys(people, 1)
        assert await until(invariants.at_rest), await invariants.broken()
        assert await invariants.broken() == []


async def _free(transfer: Any) -> bool:
    return bool(await transfer.claims.count_documents({"_id": {"$regex": f"^{OPEN}:"}}) == 0)
