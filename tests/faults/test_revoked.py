"""P6: a right that was taken away is out everywhere within 5 s, and old knowledge decides nothing, whatever is paused.

stats takes no commands, and a former admin who keeps the post goes on reading; so org, identity and member are asked.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from deploy.local.seeding.client import Refused, User
from tests.faults.conftest import COMMANDS_SECONDS
from tests.faults.county import Admin, County, Tree
from tests.faults.system import System, patiently, until

OUT_SECONDS = 5.0
BEAT_SECONDS = 1.0
SILENCE_SECONDS = 1.5
BACK_SECONDS = 45.0
SERVICES = ("org", "identity", "member")

REFUSED = {"outside_authority", "authority_too_old"}


@dataclass(frozen=True)
class Said:
    """What a service said to one command, sent at `sent` (monotonic): allowed, why refused, or nothing in time."""

    service: str
    sent: float
    outcome: str


@dataclass
class Prober:
    """Sends commands that change nothing but that only an admin gets past the question who may."""

    county: County
    user: User
    said: list[Said] = field(default_factory=list)

    async def ask(self, service: str) -> str:
        """`allowed` means: the service went on to what was wrong with the command itself."""
        sent = time.monotonic()
        try:
            await self.user.ask(service, **self._command(service), acting=self.county.id, timeout=SILENCE_SECONDS)
            outcome = "allowed"
        except Refused as refused:
            outcome = refused.code if refused.code in REFUSED or refused.status >= 500 else "allowed"
        except httpx.TransportError:
            outcome = "silent"
        self.said.append(Said(service, sent, outcome))
        return outcome

    async def round(self) -> dict[str, str]:
        return dict(zip(SERVICES, await asyncio.gather(*(self.ask(s) for s in SERVICES)), strict=True))

    async def everywhere(self, outcome: str) -> bool:
        return set((await self.round()).values()) == {outcome}

    def since(self, moment: float, outcome: str) -> set[str]:
        """The services that said so to a command sent after a moment."""
        return {said.service for said in self.said if said.sent > moment and said.outcome == outcome}

    def _command(self, service: str) -> Mapping[str, Any]:
        own_admin = self.county.admin.person
        first_branch = next(iter(self.county.branches.values()))
        return {
            "org": {"method": "POST", "path": f"/v1/organizations/{first_branch}/move-up"},
            "identity": {"method": "POST", "path": f"/v1/people/{own_admin}/activation-codes", "body": {}},
            "member": {"method": "POST", "path": f"/v1/organizations/{self.county.id}/members", "body": {}},
        }[service]


@pytest.fixture(scope="module")
async def county(tree: Tree) -> County:
    return await tree.county("金溪县", branches=2)


async def appointed(tree: Tree, county: County) -> tuple[Admin, Prober]:
    """One more admin of the county, known to every service."""
    admin = await tree.appoint(tree.governor.user, tree.province, county.id)
    prober = Prober(county, admin.user)
    assert await until(lambda: prober.everywhere("allowed"), pause=0.2), prober.said[-3:]
    return admin, prober


async def revoke(tree: Tree, county: County, admin: Admin) -> float:
    """Answers when it was acknowledged."""
    path = f"/v1/organizations/{county.id}/admins/{admin.person}"
    user, key = tree.governor.user, f"revoke-{admin.person}"
    await patiently(lambda: user.ask("org", "DELETE", path, acting=tree.province, key=key))
    return time.monotonic()


async def expect_out(prober: Prober, revoked_at: float) -> None:
    """Every service refuses within 5 s, and goes on refusing."""
    assert await until(lambda: prober.everywhere("outside_authority"), seconds=2 * OUT_SECONDS, pause=0.1)
    last = max((s.sent for s in prober.said if s.outcome == "allowed"), default=revoked_at)
    assert last - revoked_at < OUT_SECONDS
    for _ in range(3):
        assert await prober.everywhere("outside_authority")


@pytest.mark.rule("P6", "ADM-05")
async def test_a_revoked_admin_is_refused_by_every_service_within_five_seconds(
    system: System, tree: Tree, county: County
) -> None:
    admin, prober = await appointed(tree, county)
    await expect_out(prober, await revoke(tree, county, admin))


@pytest.mark.rule("P6")
@pytest.mark.parametrize("paused", ["org", "kafka", "mongodb"])
async def test_nobody_acts_on_old_knowledge_while_something_is_paused(
    system: System, tree: Tree, county: County, paused: str
) -> None:
    """Fails if the age of rights is not asked at every command, or counted from when something was read last."""
    admin, prober = await appointed(tree, county)
    with system.paused(paused):
        since = time.monotonic()
        revoking = asyncio.create_task(revoke(tree, county, admin))
        bound = since + COMMANDS_SECONDS + BEAT_SECONDS
        while not [said for said in prober.said if said.sent > bound + BEAT_SECONDS / 2]:
            await prober.round()
            await asyncio.sleep(0.3)
        assert prober.since(bound, "allowed") == set()
        answering = {"org": {"identity", "member"}, "kafka": set(SERVICES), "mongodb": set()}[paused]
        assert prober.since(bound, "authority_too_old") >= answering
    resumed = time.monotonic()
    if paused == "kafka":
        assert revoking.done(), "org records what it decides while Kafka is away"
    revoked_at = await revoking
    assert await until(lambda: prober.everywhere("outside_authority"), seconds=BACK_SECONDS, pause=0.1)
    late = [s for s in prober.said if s.outcome == "allowed" and s.sent > max(bound, revoked_at) + OUT_SECONDS]
    assert late == []
    if paused == "kafka":
        assert prober.since(bound, "allowed") == set(), "what was revoked while Kafka was paused was allowed after it"
    standing = Prober(county, county.admin.user)
    assert await until(lambda: standing.everywhere("allowed"), seconds=BACK_SECONDS, pause=0.2), standing.said[-3:]
    assert time.monotonic() - resumed < BACK_SECONDS
    with suppress(asyncio.CancelledError):
        assert system.ended_by_themselves() == []
