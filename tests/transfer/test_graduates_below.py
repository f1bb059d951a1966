"""Graduates of a subtree of any size, under whoever stands above them now, and who is late with them (GRD-06, GRD-09)."""

from datetime import UTC, datetime

import pytest

from services.transfer import views_graduates
from services.transfer.domain.cohort import LOOKED_AT_AFTER
from services.transfer.projections.transfers import LOG
from shared.contracts.org import OrganizationMoved
from shared.kernel.envelope import Actor, Recorded
from tests.transfer.conftest import (
    COMMITTEE,
    COMMITTEE_ADMIN,
    IN,
    IN_ADMIN,
    OUT,
    OUT_ADMIN,
    PROVINCE,
    ROOT,
    SCHOOL,
    SCHOOL_ADMIN,
    World,
    hears,
    person,
)
from tests.transfer.test_cohorts import FLIPPED, YEAR, flip, left, places, situation, stands, topics

__all__ = ["places", "topics"]
PROVINCE_ADMIN = person(120)


@pytest.fixture(autouse=True)
async def province(world: World) -> None:
    await world.rights.administers(PROVINCE_ADMIN, PROVINCE)


@pytest.mark.rule("GRD-06", "BEY-09")
async def test_a_subtree_of_any_size_is_listed_some_branches_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_graduates, "AT_ONCE", 1)
    who = [await world.enter(branch) for branch in (OUT, OUT, IN, IN, IN)]
    for branch in (OUT, IN):
        await hears(world, FLIPPED.model_copy(update={"branch": branch}), stream=branch)
    world.clock.move(LOOKED_AT_AFTER)
    await world.work()
    pages, cursor = [], ""
    while cursor is not None:
        path = f"organizations/{PROVINCE}/graduates?year={YEAR}&limit=2" + (f"&cursor={cursor}" if cursor else "")
        page = (await world.get(path, PROVINCE_ADMIN)).json()
        pages.append([each["person"] for each in page["items"]])
        cursor = page["next"]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(each for page in pages for each in page) == sorted(who)
    now = await situation(world, PROVINCE, PROVINCE_ADMIN)
    assert (now["branches"], now["members"], now["left_behind"]) == (2, 5, 5)
    assert now["reasons"] == [{"stuck": "not_started", "ground": None, "people": 5}]
    monkeypatch.setattr(views_graduates, "COHORTS_MAX", 1)
    answer = await world.get(f"organizations/{PROVINCE}/graduates/situation?year={YEAR}", PROVINCE_ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (422, "subtree_too_large")


@pytest.mark.rule("GRD-06", "ORG-17")
async def test_a_cohort_is_listed_under_whoever_stands_above_the_branch_now(world: World) -> None:
    who = await world.enter()
    await flip(world)
    assert set(await left(world, organization=PROVINCE, by=PROVINCE_ADMIN)) == {who}
    moved = {"superior": COMMITTEE, "former_superior": PROVINCE, "order": 1, "cause": "migration"}
    await hears(world, OrganizationMoved(organization=SCHOOL, **moved), stream=SCHOOL)
    assert set(await left(world, organization=COMMITTEE, by=COMMITTEE_ADMIN)) == {who}
    assert set(await left(world, organization=PROVINCE, by=PROVINCE_ADMIN)) == {who}
    moved |= {"superior": ROOT, "former_superior": PROVINCE}
    await hears(world, OrganizationMoved(organization=COMMITTEE, **moved), stream=COMMITTEE)
    assert await left(world, organization=PROVINCE, by=PROVINCE_ADMIN) == {}
    assert set(await left(world)) == {who}


@pytest.mark.rule("GRD-06")
async def test_each_year_s_graduates_are_listed_and_counted_by_themselves(world: World) -> None:
    first, second = await world.enter(), await world.enter(IN)

    async def graduates(branch: str, year: int) -> None:
        await hears(world, FLIPPED.model_copy(update={"branch": branch, "year": year}), stream=branch)
        world.clock.move(LOOKED_AT_AFTER)
        await world.work()
        await world.feed.catch_up()

    async def listed(year: int) -> tuple[set[str], int]:
        path = f"organizations/{SCHOOL}/graduates"
        items = (await world.get(f"{path}?year={year}", SCHOOL_ADMIN)).json()["items"]
        counted = (await world.get(f"{path}/situation?year={year}", SCHOOL_ADMIN)).json()
        return {each["person"] for each in items}, counted["branches"]

    await graduates(OUT, YEAR - 1)
    await graduates(IN, YEAR)
    assert (await listed(YEAR - 1), await listed(YEAR)) == (({first}, 1), ({second}, 1))
    await graduates(OUT, YEAR)
    assert (await listed(YEAR - 1), await listed(YEAR)) == ((set(), 1), ({first, second}, 2))


@pytest.mark.rule("GRD-06")
async def test_a_cohort_that_was_heard_of_before_its_tree_is_found_as_well(world: World) -> None:
    far, farther, branch = (f"organization-{name}" for name in ("far", "farther", "branch"))
    await world.feed.hear(stands(branch, far), stream=branch)
    frozen = {"branch": branch, "year": YEAR, "members": ["person-1"]}
    at, by = world.clock.now(), Actor("service:transfer")
    await world.feed.take(Recorded("e-1", "transfer.CohortFrozen.v1", "cohort-1", 1, 0, at, by, "", "", frozen), LOG)
    await world.feed.hear(stands(far, farther), stream=far)
    assert await world.parts.cohorts.below(farther, YEAR, 9) == [branch]
    await world.feed.hear(stands(farther, PROVINCE), stream=farther)
    assert await world.parts.cohorts.below(PROVINCE, YEAR, 9) == [branch]


async def late(
    world: World, step: str, organization: str = SCHOOL, by: str = SCHOOL_ADMIN, year: int = YEAR
) -> dict[str, int]:
    path = f"organizations/{organization}/graduates/late?year={year}&step={step}"
    found = (await world.get(path, by)).json()
    lines = {each["organization"]: each["people"] for each in found["items"]}
    assert list(lines.values()) == sorted(lines.values(), reverse=True)
    assert (found["organizations"], found["people"]) == (len(lines), sum(lines.values()))
    return lines


@pytest.mark.rule("GRD-09", "GRD-06")
async def test_who_is_late_with_starting_and_with_settling(world: World) -> None:
    who = [await world.enter() for _ in range(3)]
    await flip(world)
    assert await late(world, "start") == await late(world, "settle") == {OUT: 3}
    transfer = await world.opened(who[0])
    assert await late(world, "start") == {OUT: 2}
    assert await late(world, "settle") == {OUT: 2, IN: 1}
    assert await late(world, "settle", PROVINCE, PROVINCE_ADMIN) == {OUT: 2, IN: 1}
    assert (await world.send(f"transfers/{transfer}/approval", {}, IN_ADMIN)).status_code == 201
    await world.carry()
    assert await late(world, "settle") == {OUT: 2}
    assert await late(world, "settle", COMMITTEE, COMMITTEE_ADMIN) == {}
    path = f"organizations/{SCHOOL}/graduates/late?year={YEAR}&step=settle"
    assert (await world.get(path, COMMITTEE_ADMIN)).status_code == 403


@pytest.mark.rule("GRD-09", "TRF-21")
async def test_a_branch_is_late_with_freshmen_until_they_are_contacted_and_have_checked_in(world: World) -> None:
    who = await world.enter()
    transfer = await world.start(who, reason="further_study")
    await world.carry()
    assert (await world.send(f"transfers/{transfer}/approval", {}, IN_ADMIN)).status_code == 201
    await world.carry()
    other = await world.opened(await world.enter())
    assert (await world.send(f"transfers/{other}/approval", {}, IN_ADMIN)).status_code == 201
    await world.carry()
    assert await late(world, "freshmen") == {IN: 1}
    assert await late(world, "freshmen", OUT, OUT_ADMIN) == {}
    for other_year in (YEAR - 1, YEAR + 1):
        assert await late(world, "freshmen", year=other_year) == {}
    day = world.clock.now().date().isoformat()
    for what, body in (("contact", {}), ("check-in", {"checked_in_on": day})):
        assert (await world.send(f"transfers/{transfer}/{what}", body, IN_ADMIN)).status_code == 201
    assert await late(world, "freshmen") == {}


@pytest.mark.rule("GRD-09", "TRF-21")
async def test_freshmen_are_of_the_year_in_shanghai_and_of_the_branch_where_they_are(world: World) -> None:
    who = await world.enter()
    world.clock.move(datetime(2026, 12, 31, 17, tzinfo=UTC) - world.clock.now())
    transfer = await world.start(who, reason="further_study")
    await world.carry()
    assert (await world.send(f"transfers/{transfer}/approval", {}, IN_ADMIN)).status_code == 201
    await world.carry()
    assert (await late(world, "freshmen"), await late(world, "freshmen", year=YEAR + 1)) == ({}, {IN: 1})
    on = {"person": who, "to": OUT, "reason": "change_of_school"}
    back = (await world.send(f"organizations/{IN}/transfers-out", on, IN_ADMIN)).json()["stream"]
    await world.carry()
    assert (await world.send(f"transfers/{back}/approval", {}, OUT_ADMIN)).status_code == 201
    await world.carry()
    assert await late(world, "freshmen", year=YEAR + 1) == {}
