"""From a redeemed code to an admin: whoever else is appointed, however often it is told, at the last moment (ADM-04)."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.org.use_cases.redeeming import REGISTRATION_LAPSES
from shared.contracts.member import RegistrantAdmitted, RegistrantTurnedAway
from shared.contracts.org import AdminAppointed, RegistrationCodeRedeemed, RegistrationLapsed
from shared.deadlines.worker import DeadlineWorker
from shared.kernel.envelope import Recorded
from tests.org.conftest import World, person
from tests.org.test_api import SCHOOL_ADMIN, TOWN_ADMIN
from tests.org.test_codes import state_of
from tests.org.test_redeeming import code_of, hear, hears, requested, told

ADMIN_MOST = 3
REGISTRANT = person(77)


async def redeemed(world: World, *registrations: str) -> tuple[str, str, str]:
    """(town, school, the registration that has its code), the school with one admin already."""
    town, school, code = await code_of(world)
    await hear(world, await requested(world, code, *(registrations or ("registration-1",))))
    [one] = await told(world, RegistrationCodeRedeemed)
    return town, school, one


async def entered(world: World, school: str, registration: str, who: str = REGISTRANT) -> list[Recorded]:
    """What member publishes when it entered somebody."""
    fact = RegistrantAdmitted(registration=registration, organization=school, person=who)
    return await world.feed.hear(fact, stream=f"registrant-of-{registration}")


async def admins(world: World, school: str) -> list[str]:
    await world.feed.catch_up()
    answer = await world.get(f"/v1/organizations/{school}/admins", SCHOOL_ADMIN)
    return sorted(row["person"] for row in answer.json()["items"])


async def appointed(world: World) -> list[dict[str, str]]:
    """The public appointments that a registration led to."""
    named = AdminAppointed.type_name()
    commits = await world.parts.store.commits.find({}).to_list(None)
    public = [entry for commit in commits for entry in commit["public"]]
    return [e["data"] for e in public if e["type"] == named and e["data"]["registration"]]


def deadlines(world: World) -> DeadlineWorker:
    return DeadlineWorker(
        "org", world.parts.database, world.clock, {REGISTRATION_LAPSES: world.parts.redemptions.lapse}
    )


async def twice(world: World, facts: Sequence[Recorded]) -> None:
    """Each alone and at the same time, then all once more."""
    await asyncio.gather(*(hears(world).registrant_admitted([fact]) for fact in facts for _ in range(2)))
    await hears(world).registrant_admitted(facts)


@pytest.mark.rule("P4", "ADM-03", "ADM-04")
async def test_a_hundred_registrations_with_one_code_at_once_make_exactly_one_admin(world: World) -> None:
    _, school, code = await code_of(world)
    names = [f"registration-{n:03d}" for n in range(100)]
    asked = await requested(world, code, *names)
    said = [f for n, name in enumerate(names) for f in await entered(world, school, name, person(1000 + n))]
    await asyncio.gather(*(hears(world).admin_registration_requested([fact]) for fact in asked))
    await asyncio.gather(*(hears(world).registrant_admitted([fact]) for fact in said))
    [one] = await told(world, RegistrationCodeRedeemed)
    who = person(1000 + names.index(one))
    assert await admins(world, school) == sorted([SCHOOL_ADMIN, who])
    assert await appointed(world) == [{"organization": school, "person": who, "registration": one}]


@pytest.mark.rule("ADM-01", "ADM-04")
async def test_appointing_races_a_registration_and_the_quota_holds_with_its_kept_place(world: World) -> None:
    _, school, one = await redeemed(world)
    others = [person(n) for n in range(10, 15)]
    for each in others:
        await world.cadre(each, school, "委员")
    path = f"/v1/organizations/{school}/admins"
    facts = await entered(world, school, one)
    answers, _ = await asyncio.gather(
        asyncio.gather(*(world.post(path, {"person": each}, SCHOOL_ADMIN) for each in others)), twice(world, facts)
    )
    assert sorted(a.status_code for a in answers).count(201) == 1
    found = await admins(world, school)
    assert len(found) == ADMIN_MOST
    assert {SCHOOL_ADMIN, REGISTRANT} <= set(found)


@pytest.mark.rule("P2", "ADM-04")
async def test_what_is_told_twice_appoints_once_and_a_right_taken_back_stays_taken_back(world: World) -> None:
    _, school, one = await redeemed(world)
    facts = await entered(world, school, one)
    await twice(world, facts)
    assert len(await appointed(world)) == 1
    gone = await world.delete(f"/v1/organizations/{school}/admins/{REGISTRANT}", SCHOOL_ADMIN)
    assert gone.status_code == 200, gone.text
    await twice(world, facts)
    assert await admins(world, school) == [SCHOOL_ADMIN]


@pytest.mark.rule("P8", "ADM-04")
async def test_the_deadline_and_the_answer_at_the_same_moment_end_a_registration_in_one_way(world: World) -> None:
    """The two see instants on both sides of the deadline, as two machines may."""
    _, school, one = await redeemed(world)
    before = len(await world.parts.store.load(school))
    due = await world.parts.deadlines.due(world.clock.now() + timedelta(days=1), 10)
    [deadline] = [each for each in due if each.kind == REGISTRATION_LAPSES]
    facts = await entered(world, school, one)
    world.clock.move(timedelta(days=1) - timedelta(microseconds=1))
    await asyncio.gather(
        hears(world).registrant_admitted(facts),
        world.parts.redemptions.lapse(deadline, deadline.due_at),
        twice(world, facts),
    )
    ended = [type(e).__name__ for c in (await world.parts.store.load(school))[before:] for e in c.events]
    assert ended in (["AdminAppointed"], ["RegistrationLapsed"])
    lapsed = [one] if ended == ["RegistrationLapsed"] else []
    assert await told(world, RegistrationLapsed) == lapsed
    assert await admins(world, school) == sorted([SCHOOL_ADMIN] if lapsed else [SCHOOL_ADMIN, REGISTRANT])


@pytest.mark.rule("P8", "ADM-04")
async def test_an_answer_that_comes_when_the_time_is_over_makes_no_admin_and_frees_the_place(world: World) -> None:
    town, school, one = await redeemed(world)
    world.clock.move(timedelta(days=1))
    await twice(world, await entered(world, school, one))
    await deadlines(world).work()
    assert await told(world, RegistrationLapsed) == [one]
    assert await admins(world, school) == [SCHOOL_ADMIN]
    assert await state_of(world, town, TOWN_ADMIN) == ["used"]
    again = await world.post(f"/v1/organizations/{school}/registration-codes", {}, TOWN_ADMIN)
    assert again.status_code == 201


@pytest.mark.rule("ADM-04", "P2")
async def test_a_registration_that_member_refused_frees_its_place_once_and_its_code_is_used_up(world: World) -> None:
    town, school, one = await redeemed(world)
    before = len(await world.parts.store.load(school))
    fact = RegistrantTurnedAway(registration=one, organization=school, reason="number_already_registered")
    facts = await world.feed.hear(fact, stream="registrant-1")
    await asyncio.gather(*(hears(world).registrant_turned_away(facts) for _ in range(3)))
    await twice(world, await entered(world, school, one))
    world.clock.move(timedelta(days=1))
    await deadlines(world).work()
    assert len(await world.parts.store.load(school)) == before + 1
    assert await state_of(world, town, TOWN_ADMIN) == ["used"]
    assert (await world.post(f"/v1/organizations/{school}/registration-codes", {}, TOWN_ADMIN)).status_code == 201
    assert (await appointed(world), await told(world, RegistrationLapsed)) == ([], [])
