"""Graduates over the real stores: a cohort is frozen from the copy, its people are started, called for, and settled."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.servers import Addresses
from services.transfer.domain.cohort import LOOKED_AT_AFTER, LOOKED_AT_AGAIN_AFTER
from shared.contracts.member import (
    EVENTS,
    GraduationExclusionMarked,
    GraduationExclusionRemoved,
)
from shared.contracts.org import BecameGraduateBranch, BranchKind, Category, GraduateBranchRestored
from shared.contracts.org import OrganizationEstablished as Established
from shared.messaging.consumer import connection
from shared.messaging.topics import Topics
from tests.transfer.conftest import (
    COMMITTEE,
    IN,
    IN_ADMIN,
    OUT,
    OUT_ADMIN,
    PROVINCE,
    SCHOOL,
    SCHOOL_ADMIN,
    STRANGER,
    World,
    a_school,
    gone,
    hears,
    person,
)

YEAR = 2026
FLIPPED = BecameGraduateBranch(branch=OUT, year=YEAR, month=6)


@pytest.fixture
async def world(servers: Addresses, namespace: str, tmp_path: Path) -> AsyncIterator[World]:
    """With topics of its own, in which a test may tell something."""
    async with a_school(servers, namespace, tmp_path) as world:
        yield world


@pytest.fixture(autouse=True)
async def topics(world: World) -> None:
    """The real ones, in which nothing is: their ends are what is noted and has to be passed."""
    await world.parts.make_topics()


@pytest.fixture(autouse=True)
async def places(world: World) -> None:
    for place, superior in ((PROVINCE, None), (SCHOOL, PROVINCE), (OUT, SCHOOL), (IN, SCHOOL), (COMMITTEE, PROVINCE)):
        await world.feed.hear(stands(place, superior), stream=place)


def stands(organization: str, superior: str | None) -> Established:
    names = {"full_name": organization, "short_name": organization}
    kinds = dict.fromkeys((OUT, IN), Category.BRANCH) | {PROVINCE: Category.LEADING_BODY}
    category = kinds.get(organization, Category.COMMITTEE)
    return Established(organization=organization, superior=superior, category=category, **names)


async def flip(world: World) -> None:
    await hears(world, FLIPPED)
    world.clock.move(LOOKED_AT_AFTER)
    await world.work()
    await world.feed.catch_up()


async def cohort(world: World) -> list[str]:
    """Whom what transfer published says to be in cohorts."""
    found = []
    async for commit in world.parts.store.commits.find({}).sort("at", 1):
        for entry in commit["public"]:
            if entry["type"] == "transfer.CohortFrozen.v1":
                found += entry["data"]["members"]
    return found


async def situation(world: World, organization: str = SCHOOL, by: str = SCHOOL_ADMIN) -> dict[str, Any]:
    answer = await world.get(f"organizations/{organization}/graduates/situation?year={YEAR}", by)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def left(world: World, query: str = "", by: str = SCHOOL_ADMIN, organization: str = SCHOOL) -> dict[str, str]:
    """Who is left behind, and why."""
    answer = await world.get(f"organizations/{organization}/graduates?year={YEAR}{query}", by)
    assert answer.status_code == 200, answer.text
    return {item["person"]: item["stuck"] for item in answer.json()["items"]}


@pytest.mark.rule("GRD-03", "GRD-04", "GRD-06")
async def test_the_cohort_is_who_is_in_the_branch_at_the_flip_without_those_who_stay_on(world: World) -> None:
    who, stays = [await world.enter() for _ in range(2)], await world.enter()
    await hears(world, GraduationExclusionMarked(person=stays, branch=OUT, year=YEAR, kind="staying_on"), stream=stays)
    assert await cohort(world) == []
    await flip(world)
    assert await cohort(world) == sorted(who)
    await hears(world, FLIPPED)
    later = await world.enter()
    await flip(world)
    assert await cohort(world) == sorted(who)
    assert set(await left(world)) == set(who)
    assert later not in await left(world)
    await hears(world, GraduationExclusionRemoved(person=stays, branch=OUT, year=YEAR), stream=stays)
    assert set(await left(world)) == {*who, stays}
    assert (await situation(world))["members"] == 3


@pytest.mark.rule("GRD-04", "GRD-03", "GRD-06")
async def test_marks_after_the_freeze_and_a_corrected_month_change_who_is_left_behind(world: World) -> None:
    who, other = await world.enter(), await world.enter()
    await flip(world)
    await hears(world, GraduationExclusionMarked(person=who, branch=OUT, year=YEAR, kind="teacher"), stream=who)
    assert set(await left(world)) == {other}
    assert (await situation(world))["members"] == 1
    await hears(world, GraduationExclusionRemoved(person=who, branch=OUT, year=YEAR), stream=who)
    assert set(await left(world)) == {who, other}
    assert (await situation(world))["members"] == 2
    await gone(world, other)
    assert set(await left(world)) == {who}
    await hears(world, GraduateBranchRestored(branch=OUT, year=YEAR))
    assert await left(world) == {}
    assert (await situation(world))["branches"] == 0


@pytest.mark.rule("GRD-06", "BEY-09")
async def test_one_click_starts_usual_transfers_and_says_of_each_what_came_of_it(world: World) -> None:
    who = [await world.enter() for _ in range(3)]
    await flip(world)
    await world.opened(who[2])
    body = {"people": [*who, person(9)], "to": IN, "reason": "change_of_school"}
    path = f"organizations/{SCHOOL}/graduates/transfers"
    assert (await world.send(path, body, OUT_ADMIN)).status_code == 403
    answer = await world.send(path.replace(SCHOOL, OUT), body, OUT_ADMIN, key="one-click-1")
    assert answer.status_code == 201, answer.text
    outcome = answer.json()
    codes = {item["person"]: item["code"] for item in outcome["items"]}
    assert codes == {who[0]: "", who[1]: "", who[2]: "transfer_already_open", person(9): "not_left_behind"}
    assert (outcome["started"], outcome["refused"]) == (2, 2)
    await world.carry()
    again = await world.send(path.replace(SCHOOL, OUT), body, OUT_ADMIN, key="one-click-1")
    assert again.json()["items"][:2] == outcome["items"][:2]
    assert await left(world) == dict.fromkeys(who, "waiting")
    assert (await world.send(path, body, STRANGER)).status_code == 403


@pytest.mark.rule("TRF-19", "GRD-06")
async def test_what_graduates_say_of_themselves_goes_with_every_transfer_of_the_click(world: World) -> None:
    who = [await world.enter() for _ in range(2)]
    await flip(world)
    path, said = f"organizations/{OUT}/graduates/transfers", {"situation": "has_work", "place": "employer"}
    body = {"people": who, "to": IN, "reason": "work_with_organization"}
    for unfit, code in (
        ({"place": "floating_of_home"}, "works_so_not_home"),
        ({"place": "school"}, "place_does_not_fit"),
    ):
        refused = await world.send(path, body | said | unfit, OUT_ADMIN)
        assert (refused.status_code, refused.json()["code"]) == (400, code)
    started = (await world.send(path, body | said, OUT_ADMIN)).json()
    assert (started["started"], started["refused"]) == (2, 0)
    await world.carry()
    for item in started["items"]:
        card = (await world.get(f"transfers/{item['transfer']}", OUT_ADMIN)).json()
        assert (card["situation"], card["place"]) == ("has_work", "employer")


@pytest.mark.rule("GRD-06", "BEY-09")
async def test_reasons_are_ranked_and_whoever_holds_up_most_is_called_first(world: World) -> None:
    who = [await world.enter() for _ in range(4)]
    await flip(world)
    [call] = (await situation(world))["calls"]
    assert (call["organization"], call["people"], call["reasons"]) == (OUT, 4, {"not_started": 4})
    transfers = [await world.opened(one) for one in who[:3]]
    refused = await world.send(f"transfers/{transfers[0]}/refusal", {"ground": "wrong_person"}, IN_ADMIN)
    assert refused.status_code == 201
    await world.carry()
    world.clock.move(timedelta(days=4, hours=1))
    now = await situation(world)
    assert now["reasons"] == [
        {"stuck": "waiting", "ground": None, "people": 2},
        {"stuck": "not_started", "ground": None, "people": 1},
        {"stuck": "refused", "ground": "wrong_person", "people": 1},
    ]
    assert [(each["organization"], each["people"], each["days"]) for each in now["calls"]] == [(OUT, 2, 4), (IN, 2, 4)]
    assert (now["members"], now["left_behind"]) == (4, 4)
    assert (await world.send(f"transfers/{transfers[1]}/approval", {}, IN_ADMIN)).status_code == 201
    await world.carry()
    now = await situation(world)
    assert (now["left_behind"], [(each["organization"], each["people"]) for each in now["calls"]]) == (
        3,
        [(OUT, 2), (IN, 1)],
    )
    assert who[1] not in await left(world)
    assert list((await left(world, "&stuck=refused")).values()) == ["refused"]
    page = (await world.get(f"organizations/{SCHOOL}/graduates?year={YEAR}&limit=2", SCHOOL_ADMIN)).json()
    rest = await world.get(f"organizations/{SCHOOL}/graduates?year={YEAR}&limit=2&cursor={page['next']}", SCHOOL_ADMIN)
    assert {item["person"] for item in (*page["items"], *rest.json()["items"])} == {who[0], who[2], who[3]}


@pytest.mark.rule("GRD-03", "GRD-07")
async def test_who_moved_within_the_school_stays_in_the_cohort_that_they_are_in(world: World) -> None:
    transfer = await world.opened(await world.enter())
    await flip(world)
    assert (await world.send(f"transfers/{transfer}/approval", {}, IN_ADMIN)).status_code == 201
    await world.carry()
    await world.enter(IN)
    assert (await situation(world))["members"] == 1
    await hears(world, FLIPPED.model_copy(update={"branch": IN}), stream=IN)
    world.clock.move(LOOKED_AT_AFTER)
    await world.work()
    assert [(await situation(world, *of))["members"] for of in ((IN, IN_ADMIN), (SCHOOL, SCHOOL_ADMIN))] == [1, 2]


@pytest.mark.rule("GRD-06", "GRD-03")
async def test_who_of_an_earlier_year_is_still_there_is_counted_beside_this_year_s(world: World) -> None:
    async def years(organization: str, by: str) -> dict[int, int]:
        found = (await world.get(f"organizations/{organization}/graduates/years", by)).json()["items"]
        return {each["year"]: each["left_behind"] for each in found}

    early, earlier, _ = await world.enter(), await world.enter(), await world.enter(IN)
    for branch, year in ((OUT, YEAR - 1), (IN, YEAR)):
        await hears(world, FLIPPED.model_copy(update={"branch": branch, "year": year}), stream=branch)
        world.clock.move(LOOKED_AT_AFTER)
        await world.work()
    assert await years(OUT, OUT_ADMIN) == {YEAR - 1: 2}
    assert list((await years(SCHOOL, SCHOOL_ADMIN)).items()) == [(YEAR, 1), (YEAR - 1, 2)]
    await hears(world, GraduateBranchRestored(branch=IN, year=YEAR), stream=IN)
    await gone(world, early)
    assert await years(SCHOOL, SCHOOL_ADMIN) == {YEAR - 1: 1}
    await hears(world, GraduationExclusionMarked(person=earlier, branch=OUT, year=YEAR - 1, kind="teacher"), earlier)
    assert await years(SCHOOL, SCHOOL_ADMIN) == {}


@pytest.mark.rule("GRD-06", "ADM-08")
async def test_the_list_is_for_who_may_read_the_organization(world: World) -> None:
    await world.enter()
    await flip(world)
    for path in ("graduates", "graduates/situation", "graduates/years"):
        for organization, by, status in ((SCHOOL, IN_ADMIN, 403), (OUT, STRANGER, 403), (OUT, SCHOOL_ADMIN, 200)):
            answer = await world.get(f"organizations/{organization}/{path}?year={YEAR}", by)
            assert answer.status_code == status, (path, organization, answer.text)
    assert (await world.get(f"organizations/{PROVINCE}/graduates?year={YEAR}", SCHOOL_ADMIN)).status_code == 403


@pytest.mark.rule("GRD-06")
async def test_what_kind_of_place_a_graduate_came_to_is_told_with_the_end_of_the_transfer(world: World) -> None:
    who = await world.enter()
    of = {"organization": IN, "superior": SCHOOL, "category": Category.BRANCH, "full_name": "x", "short_name": "x"}
    await world.feed.hear(Established(**of, branch_kind=BranchKind.FLOATING, sector="14"), stream=IN)
    transfer = await world.opened(who)
    for step, body in (("employment", {"finding": "no_work_yet"}), ("approval", {})):
        assert (await world.send(f"transfers/{transfer}/{step}", body, IN_ADMIN)).status_code == 201
    await world.carry()
    public = [entry async for c in world.parts.store.commits.find({"stream": transfer}) for entry in c["public"]]
    told = [entry["data"] for entry in public if entry["type"] == "transfer.TransferCompleted.v1"]
    assert [(each["reason"], each["destination"]) for each in told] == [("change_of_school", "floating")]


async def told(world: World, records: int) -> None:
    """So many records lie in the first partition of the topic of members."""
    settings = world.parts.settings
    producer = AIOKafkaProducer(**connection(settings), acks="all")
    await producer.start()
    for number in range(records):
        await producer.send_and_wait(Topics(settings.namespace).physical(EVENTS), b"%d" % number, partition=0)
    await producer.stop()


@pytest.mark.rule("GRD-03", "GRD-06")
async def test_the_cohort_waits_until_the_copy_of_members_has_passed_what_was_there_at_the_flip(world: World) -> None:
    """Without this, whoever was entered just before the flip would be in no cohort."""
    who = await world.enter()
    await told(world, 3)
    copies, positions = world.parts.members.copies, world.parts.database["positions"]
    await copies.first(1)
    await flip(world)
    assert await cohort(world) == []
    await told(world, 2)
    at = f"{copies.key}/{EVENTS}/0"
    for reached, frozen in ((1, []), (2, [who])):
        await positions.replace_one({"_id": at}, {"_id": at, "offset": reached}, upsert=True)
        world.clock.move(LOOKED_AT_AGAIN_AFTER)
        await world.work()
        assert await cohort(world) == frozen
    assert set(await left(world)) == {who}
