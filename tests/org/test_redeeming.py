"""Registrations that race for a code, facts that come twice, places that wait (ADM-03, P2, P4, P8)."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.org.reactions import Hears
from services.org.use_cases.codes import CodeKey
from services.org.use_cases.redeeming import REGISTRATION_LAPSES, Redemptions
from shared.contracts.identity import AdminRegistrationRequested
from shared.contracts.org import RegistrationCodeRedeemed, RegistrationCodeRefused
from shared.deadlines.worker import DeadlineWorker
from shared.kernel.envelope import Recorded
from shared.privacy.lookup import LookupKey
from tests.org.conftest import World
from tests.org.test_api import TOWN_ADMIN, school_of
from tests.org.test_codes import state_of


async def code_of(world: World) -> tuple[str, str, str]:
    """(town, school, a live code of the school)."""
    town, school = await school_of(world)
    answer = await world.post(f"/v1/organizations/{school}/registration-codes", {}, TOWN_ADMIN)
    return town, school, answer.json()["registration_code"]


async def requested(world: World, code: str, *registrations: str) -> list[Recorded]:
    """What identity would publish for each of them."""
    key = CodeKey(LookupKey.from_directory(world.parts.settings.secrets_dir))
    facts: list[Recorded] = []
    for each in registrations:
        fact = AdminRegistrationRequested(registration=each, code_hash=key.hash(code))
        facts += await world.feed.hear(fact, stream=each)
    return facts


async def told(world: World, kind: type) -> list[str]:
    """The registrations that were told so, on the public topic."""
    told: list[str] = []
    async for commit in world.parts.store.commits.find({}):
        told += [e["data"]["registration"] for e in commit["public"] if e["type"] == kind.type_name()]
    return sorted(told)


def hears(world: World) -> Hears:
    return Hears(Redemptions(world.parts.store, world.parts.deadlines))


async def hear(world: World, facts: Sequence[Recorded]) -> None:
    await hears(world).admin_registration_requested(facts)
    await world.feed.catch_up()


@pytest.mark.rule("ADM-03", "P4")
async def test_of_a_hundred_who_redeem_one_code_at_once_exactly_one_has_it(world: World) -> None:
    town, school, code = await code_of(world)
    facts = await requested(world, code, *(f"registration-{n:03d}" for n in range(100)))
    before = len(await world.parts.store.load(school))
    await asyncio.gather(*(hears(world).admin_registration_requested([fact]) for fact in facts))
    await world.feed.catch_up()
    redeemed, refused = await told(world, RegistrationCodeRedeemed), await told(world, RegistrationCodeRefused)
    assert (len(redeemed), len(refused)) == (1, 99)
    assert sorted(redeemed + refused) == sorted(fact.stream for fact in facts)
    assert len(await world.parts.store.load(school)) == before + 1
    assert await state_of(world, town, TOWN_ADMIN) == ["used"]


@pytest.mark.rule("ADM-03", "P2")
async def test_a_fact_heard_again_alone_or_at_the_same_time_has_the_outcome_it_had(world: World) -> None:
    town, school, code = await code_of(world)
    facts = await requested(world, code, "registration-1", "registration-2")
    await asyncio.gather(*(hears(world).admin_registration_requested(facts[:1]) for _ in range(5)))
    await hear(world, facts)
    await world.post(f"/v1/organizations/{school}/registration-codes", {}, TOWN_ADMIN)
    await hear(world, facts)
    assert await told(world, RegistrationCodeRedeemed) == ["registration-1"]
    assert await told(world, RegistrationCodeRefused) == ["registration-2"]
    assert await state_of(world, town, TOWN_ADMIN) == ["unused"]


@pytest.mark.rule("ADM-03")
async def test_a_code_that_nobody_made_or_that_lapsed_is_refused_alike(world: World) -> None:
    _, _, code = await code_of(world)
    await hear(world, await requested(world, "A" * 12, "registration-1"))
    world.clock.move(timedelta(days=20))
    await hear(world, await requested(world, code, "registration-2"))
    assert await told(world, RegistrationCodeRefused) == ["registration-1", "registration-2"]
    assert await told(world, RegistrationCodeRedeemed) == []


@pytest.mark.rule("P8", "ADM-03")
async def test_using_and_expiring_at_the_same_moment_end_a_code_in_one_way(world: World) -> None:
    """The two see instants on both sides of the deadline, as two machines may."""
    _, school, code = await code_of(world)
    facts = await requested(world, code, "registration-1")
    before = len(await world.parts.store.load(school))
    codes = world.parts.codes(world.rights.authority)
    (deadline,) = await world.parts.deadlines.due(world.clock.now() + timedelta(days=20), 10)
    world.clock.move(timedelta(days=20) - timedelta(microseconds=1))
    await asyncio.gather(
        hears(world).admin_registration_requested(facts), codes.expire(deadline, deadline.due_at), hear(world, facts)
    )
    ended = [type(e).__name__ for c in (await world.parts.store.load(school))[before:] for e in c.events]
    assert ended in (["RegistrationCodeRedeemed"], ["RegistrationCodeExpired"])
    told_of = RegistrationCodeRedeemed if ended == ["RegistrationCodeRedeemed"] else RegistrationCodeRefused
    assert await told(world, told_of) == ["registration-1"]


@pytest.mark.rule("P8", "ADM-04")
async def test_a_place_kept_for_a_registration_is_given_back_once_when_nobody_came(world: World) -> None:
    _, school, code = await code_of(world)
    await hear(world, await requested(world, code, "registration-1"))
    before = len(await world.parts.store.load(school))
    commands = {REGISTRATION_LAPSES: world.parts.redemptions.lapse}
    works = DeadlineWorker("org", world.parts.database, world.clock, commands)
    world.clock.move(timedelta(days=1) - timedelta(seconds=1))
    await works.work()
    assert len(await world.parts.store.load(school)) == before
    world.clock.move(timedelta(seconds=2))
    await asyncio.gather(works.work(), works.work())
    assert len(await world.parts.store.load(school)) == before + 1
