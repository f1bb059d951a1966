"""The approver's desk and the history: the most urgent first, what is left lying, all below an organization; each list
by its index (TRF-14, BEY-04).
"""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.org import OrganizationMoved
from shared.runtime.cache import AgingCache
from tests.transfer.conftest import (
    CLASS,
    COMMITTEE,
    COMMITTEE_ADMIN,
    IN,
    IN_ADMIN,
    OUT,
    OUT_ADMIN,
    PROVINCE,
    SCHOOL,
    SCHOOL_ADMIN,
    World,
    organization,
    person,
)
from tests.transfer.test_disputes import EXPLANATION, listed
from tests.transfer.test_process import GROUND, approve

PROVINCE_ADMIN, DAY = person(203), timedelta(days=1)


async def page(world: World, place: str, by: str, **search: Any) -> Any:
    asked = "&".join(f"{name}={value}" for name, value in search.items())
    answer = await world.get(f"organizations/{place}/transfers?{asked}", by)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.rule("TRF-14", "BEY-04")
async def test_what_waits_longest_stands_first_and_what_has_no_end_last(world: World) -> None:
    unassigned = await world.opened(await world.enter(), COMMITTEE)
    assert await approve(world, unassigned, COMMITTEE_ADMIN) == 201
    first = await world.opened(await world.enter(), COMMITTEE)
    world.clock.move(DAY)
    second = await world.opened(await world.enter(), COMMITTEE)
    shown = await page(world, COMMITTEE, COMMITTEE_ADMIN, limit=2)
    assert [each["transfer"] for each in shown["items"]] == [first, second]
    assert shown["total"] == 3
    rest = await page(world, COMMITTEE, COMMITTEE_ADMIN, limit=2, cursor=shown["next"])
    assert ([each["transfer"] for each in rest["items"]], rest["next"]) == ([unassigned], None)
    assert (await page(world, COMMITTEE, COMMITTEE_ADMIN, state="pending"))["total"] == 2
    assert (await page(world, COMMITTEE, COMMITTEE_ADMIN, which="all"))["total"] is None


@pytest.mark.rule("BEY-04", "TRF-10")
async def test_the_superior_sees_what_its_subordinates_leave_lying_from_the_day_on_which_it_is_told(
    world: World,
) -> None:
    transfer = await world.opened(await world.enter())
    world.clock.move(7 * DAY)
    await world.work()
    [line] = (await page(world, IN, IN_ADMIN))["items"]
    assert (line["reminded"], line["late"], line["explanation"]) == (1, True, None)
    assert await listed(world, SCHOOL, SCHOOL_ADMIN, which="overdue") == []
    world.clock.move(DAY)
    await world.work()
    assert (await world.send(f"transfers/{transfer}/delay", EXPLANATION, IN_ADMIN)).status_code == 201
    [line] = (await page(world, IN, IN_ADMIN))["items"]
    assert line["reminded"] == 1  # that the superior was told is no reminder
    overdue = await page(world, SCHOOL, SCHOOL_ADMIN, which="overdue")
    assert ([each["transfer"] for each in overdue["items"]], overdue["total"]) == ([transfer], 1)
    assert (overdue["items"][0]["waits_for"], overdue["items"][0]["explanation"]) == (IN, "needs_meeting")
    assert await listed(world, PROVINCE, await province_admin(world), which="overdue") == []
    assert await approve(world, transfer) == 201
    assert await listed(world, SCHOOL, SCHOOL_ADMIN, which="overdue") == []


@pytest.mark.rule("TRF-12", "P8")
async def test_a_case_that_nobody_answers_comes_to_the_superior(world: World) -> None:
    transfer = await world.opened(await world.enter())
    assert (await world.send(f"transfers/{transfer}/refusal", GROUND, IN_ADMIN)).status_code == 201
    assert (await world.send(f"transfers/{transfer}/coordination", {}, OUT_ADMIN)).status_code == 201
    assert await listed(world, SCHOOL, SCHOOL_ADMIN, which="coordination") == []
    for days in (3, 7):
        world.clock.move(days * DAY)
        await world.work()
        assert await listed(world, SCHOOL, SCHOOL_ADMIN, which="coordination") == [transfer]
    shown = (await world.get(f"transfers/{transfer}", OUT_ADMIN)).json()["coordination"]
    assert shown["reminded"] == 2
    answer = await world.send(f"transfers/{transfer}/coordination-answer", {"answer": "start_again"}, SCHOOL_ADMIN)
    assert answer.status_code == 201
    assert await listed(world, SCHOOL, SCHOOL_ADMIN, which="coordination") == []


@pytest.mark.rule("TRF-14")
async def test_an_admin_searches_the_history_of_all_below(world: World) -> None:
    who, other = await world.enter(), await world.enter()
    within = await world.opened(who)
    assert await approve(world, within) == 201
    world.clock.move(timedelta(minutes=1))
    beyond = await world.opened(other, COMMITTEE)
    assert await approve(world, beyond, COMMITTEE_ADMIN) == 201
    chosen = await world.send(f"transfers/{beyond}/assignment", {"branch": CLASS}, COMMITTEE_ADMIN)
    assert chosen.status_code == 201
    await world.carry()
    by = await province_admin(world)
    assert await listed(world, PROVINCE, by, which="below") == [beyond, within]
    assert await listed(world, PROVINCE, by, which="below", person=who) == [within]
    assert await listed(world, PROVINCE, by, which="below", state="completed", started_by="out") == [beyond, within]
    assert await listed(world, SCHOOL, SCHOOL_ADMIN, which="below") == [beyond, within]
    assert await listed(world, COMMITTEE, COMMITTEE_ADMIN, which="below") == [beyond]
    assert await listed(world, CLASS, COMMITTEE_ADMIN, which="below") == [beyond]
    assert await listed(world, IN, IN_ADMIN, which="below") == [within]
    first = await page(world, PROVINCE, by, which="below", limit=1)
    rest = await page(world, PROVINCE, by, which="below", limit=1, cursor=first["next"])
    assert [each["transfer"] for each in (*first["items"], *rest["items"])] == [beyond, within]
    answer = await world.get(f"organizations/{PROVINCE}/transfers?which=below", OUT_ADMIN)
    assert answer.status_code == 403


@pytest.mark.rule("TRF-14", "ORG-17")
async def test_what_moved_below_has_its_history_with_it_and_those_of_that_day_keep_theirs(world: World) -> None:
    within = await world.opened(await world.enter())
    by, asked = await province_admin(world), {"which": "below"}
    assert await listed(world, COMMITTEE, COMMITTEE_ADMIN, **asked) == []
    moved = {"superior": COMMITTEE, "former_superior": PROVINCE, "order": 1, "cause": "migration"}
    await world.feed.hear(OrganizationMoved(organization=SCHOOL, **moved), stream=SCHOOL)
    world.rights.authority.tree._cache = AgingCache(1_000, 0.0)
    assert await listed(world, COMMITTEE, COMMITTEE_ADMIN, **asked) == [within]
    assert await listed(world, SCHOOL, SCHOOL_ADMIN, **asked) == [within]
    assert await listed(world, PROVINCE, by, **asked) == [within]
    assert await listed(world, CLASS, COMMITTEE_ADMIN, **asked) == []


@pytest.mark.rule("TRF-14", "ORG-17")
async def test_whoever_stands_two_steps_above_what_moved_has_its_history_too(world: World) -> None:
    within, between = await world.opened(await world.enter()), organization(62)
    await world.rights.tree({between: COMMITTEE}, "committee")
    moved = {"superior": between, "former_superior": PROVINCE, "order": 1, "cause": "migration"}
    await world.feed.hear(OrganizationMoved(organization=SCHOOL, **moved), stream=SCHOOL)
    world.rights.authority.tree._cache = AgingCache(1_000, 0.0)
    assert await listed(world, COMMITTEE, COMMITTEE_ADMIN, which="below") == [within]


@pytest.mark.rule("TRF-14", "ORG-17")
async def test_the_line_of_what_left_with_its_organization_says_that_it_does_not_open(world: World) -> None:
    left, asked = await world.opened(await world.enter(), COMMITTEE), {"which": "below"}
    assert [row["opens"] for row in (await page(world, SCHOOL, SCHOOL_ADMIN, **asked))["items"]] == [True]
    moved = {"superior": COMMITTEE, "former_superior": SCHOOL, "order": 1, "cause": "migration"}
    await world.feed.hear(OrganizationMoved(organization=OUT, **moved), stream=OUT)
    world.rights.authority.tree._cache = AgingCache(1_000, 0.0)
    [row] = (await page(world, SCHOOL, SCHOOL_ADMIN, **asked))["items"]
    assert (row["transfer"], row["opens"]) == (left, False)
    assert (await world.get(f"transfers/{left}", SCHOOL_ADMIN)).status_code == 404
    assert [row["opens"] for row in (await page(world, COMMITTEE, COMMITTEE_ADMIN, **asked))["items"]] == [True]


@pytest.mark.rule("TRF-14")
@pytest.mark.parametrize(
    ("query", "order"),
    [
        ({"waits_for": OUT}, "urgency"),
        ({"waits_for": OUT, "state": "pending"}, "urgency"),
        ({"waits_for": {"$in": [OUT, IN]}}, "urgency"),
        ({"starter": OUT}, "requested_at"),
        ({"person": "person-1"}, "requested_at"),
        ({"above": PROVINCE}, "requested_at"),
        ({"above": {"$in": [PROVINCE, SCHOOL]}}, "requested_at"),
        ({"above": PROVINCE, "state": "failed"}, "requested_at"),
        ({"$or": [{"from_branch": OUT}, {"to": OUT}, {"branch": OUT}]}, "requested_at"),
    ],
)
async def test_each_list_comes_from_its_index_in_its_order(world: World, query: dict[str, Any], order: str) -> None:
    assert plan(await explained(world, query, order)) <= {"IXSCAN", "FETCH", "LIMIT", "SORT_MERGE", "OR", "SUBPLAN"}


@pytest.mark.rule("TRF-14", "BEY-04")
@pytest.mark.parametrize(
    "query",
    [
        {"told": True, "waits_for": {"$in": [OUT, IN]}},
        {"objection.state": "open", "starter": {"$in": [OUT, IN]}},
        {"coordination.state": "open", "coordination.organization": {"$in": [OUT, IN]}},
    ],
)
async def test_what_is_rare_comes_from_an_index_of_what_is_rare(world: World, query: dict[str, Any]) -> None:
    found = await explained(world, query, "requested_at", of=OUT)
    assert "IXSCAN" in plan(found)
    assert '"isPartial": true' in text(found)


async def province_admin(world: World) -> str:
    for rights in (world.rights, world.members.rights):
        await rights.administers(PROVINCE_ADMIN, PROVINCE)
    return PROVINCE_ADMIN


async def explained(world: World, query: dict[str, Any], order: str, of: str = "x") -> Any:
    """How a list is found among five hundred others of an organization: nothing is chosen because there is nothing."""
    collection = await world.parts.transfers.current()
    blank = {"person": "x", "from_branch": of, "to": "x", "branch": None, "starter": of, "waits_for": of}
    blank |= {"coordination": {"organization": of, "state": "answered"}}
    rows = [{"_id": f"x-{n}", "above": [PROVINCE], "requested_at": n, "state": "pending"} | blank for n in range(500)]
    await collection.insert_many(rows)
    way = 1 if order == "urgency" else -1
    return await collection.find(query).sort([(order, way), ("_id", way)]).limit(50).explain()


def plan(found: Any) -> set[str]:
    """The names of all stages of the plan that won."""
    winning = found["queryPlanner"]["winningPlan"]
    return set(_stages(winning.get("queryPlan", winning)))


def _stages(stage: Any) -> list[str]:
    below = [stage[name] for name in ("inputStage",) if name in stage] + list(stage.get("inputStages", []))
    return [stage["stage"], *(name for each in below for name in _stages(each))]


def text(found: Any) -> str:
    return str(found["queryPlanner"]["winningPlan"]).replace("'", '"').replace("True", "true")
