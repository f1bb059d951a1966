"""Merging over HTTP and on the real store: one act of the superior, carried on to its end whatever stops (ORG-21)."""

from typing import Any
from uuid import uuid4

import pytest

from services.org.use_cases.merging import MERGER_GOES_ON
from services.org.use_cases.rechecking import SCHOOLS_RECHECKED
from services.org.use_cases.schools import SchoolsBelow
from shared.contracts import org as public
from shared.deadlines.worker import DeadlineWorker
from shared.eventstore.store import EventStore
from tests.org.conftest import OPERATOR, World, person
from tests.org.test_api import CLASS_1, CLASS_2, CLASS_3, OTHER, SCHOOL, SCHOOL_ADMIN, TOWN_ADMIN, school_of
from tests.org.test_dissolving import asked, card, names_below, settled, told
from tests.org.test_documents import PDF, upload

SECOND_ADMIN = person(21)
SECOND = {"full_name": "共青团北京市树人中学委员会", "short_name": "树人中学团委", "sector": "5"}


async def merged(world: World, organization: str, into: str, by: str, **fields: Any) -> Any:
    number = next(world.keys)
    document = (await upload(world, "批复.pdf", PDF, by, f"upload-{number:04d}")).json()["document_id"]
    body = {"decided_on": "2026-11-20", "document": document, "into": into} | fields
    return await world.post(f"/v1/organizations/{organization}/merger", body, by)


async def two_schools(world: World) -> tuple[str, str, str, list[str]]:
    """(city, school, second school, the two classes of the first)."""
    city, school = await school_of(world)
    second = await world.establish(city, TOWN_ADMIN, **SECOND)
    await world.admin(SECOND_ADMIN, second, TOWN_ADMIN)
    classes = [await world.establish(school, SCHOOL_ADMIN, **each) for each in (CLASS_1, CLASS_2)]
    return city, school, second, classes


async def carried_on(world: World) -> None:
    """What the worker of the deadlines does."""
    merging = world.parts.merging(world.rights.authority)
    schools = SchoolsBelow(world.parts.store, world.parts.rows)
    commands = {MERGER_GOES_ON: merging.go_on, SCHOOLS_RECHECKED: schools.recheck}
    await DeadlineWorker("org", world.parts.database, world.clock, commands).work()
    await world.feed.catch_up()


@pytest.mark.rule("ORG-21", "ADM-06")
async def test_a_merged_school_ends_and_its_subordinates_stand_under_the_other(world: World) -> None:
    city, school, second, classes = await two_schools(world)
    own = await world.establish(second, SECOND_ADMIN, **CLASS_3)
    answer = await merged(world, school, second, TOWN_ADMIN, confirmed=[SCHOOL_ADMIN])
    assert answer.status_code == 202, answer.text
    under_way = (await card(world, school))["dissolution"]
    assert (under_way["state"], under_way["into"]) == ("closing", second)
    refused = await world.post("/v1/organizations", CLASS_3 | {"superior": school}, SCHOOL_ADMIN)
    assert refused.status_code == 404
    await carried_on(world)
    await carried_on(world)
    over = (await card(world, school))["dissolution"]
    assert (over["state"], over["successor"], over["merged"]) == ("dissolved", second, True)
    tree = (await world.get(f"/v1/organizations/{second}/tree", OTHER)).json()
    assert [each["id"] for each in tree["children"]] == [own, *classes]
    for each in classes:
        moves = await told(world, each, public.OrganizationMoved)
        assert [(m["superior"], m["former_superior"], m["cause"]) for m in moves] == [(second, school, "merger")]
    gone = await told(world, school, public.OrganizationDissolved)
    assert gone == [{"organization": school, "superior": city, "successor": second, "merged": True}]
    assert [each["person"] for each in await told(world, school, public.RightWithdrawn)] == [SCHOOL_ADMIN]
    assert await told(world, school, public.BranchSealRequested) == []
    assert await names_below(world, city, TOWN_ADMIN) == [SECOND["short_name"]]
    await world.establish(city, TOWN_ADMIN, **SCHOOL)


@pytest.mark.rule("ORG-21")
async def test_a_merged_branch_waits_until_member_has_moved_its_people_to_the_other(world: World) -> None:
    _, school, _, (first, second) = await two_schools(world)
    assert (await merged(world, first, second, SCHOOL_ADMIN)).status_code == 202
    (seal,) = await told(world, first, public.BranchSealRequested)
    assert (seal["branch"], seal["pending"]) == (first, second)
    await carried_on(world)
    assert (await card(world, first, SCHOOL_ADMIN))["dissolution"]["state"] == "closing"
    await settled(world, first)
    (gone,) = await told(world, first, public.OrganizationDissolved)
    assert (gone["successor"], gone["merged"], gone["superior"]) == (second, True, school)
    third = await world.establish(school, SCHOOL_ADMIN, **CLASS_3)
    assert (await merged(world, third, second, SCHOOL_ADMIN)).status_code == 202
    await settled(world, third, members=4)
    assert (await card(world, third, SCHOOL_ADMIN))["dissolution"]["state"] == "refused"


@pytest.mark.rule("ORG-21")
async def test_what_cannot_be_merged_is_told_why_and_nothing_changes(world: World) -> None:
    city, school, second, (branch, sibling) = await two_schools(world)
    other = await world.establish(second, SECOND_ADMIN, **CLASS_1)
    general = await world.establish(
        city, TOWN_ADMIN, **SECOND | {"category": "general_branch", "full_name": "青年团总支"}
    )
    committee = await world.establish(
        school, SCHOOL_ADMIN, full_name="育才中学初中部团委", short_name="初中部团委", sector="5"
    )
    confirmed = {"confirmed": [SCHOOL_ADMIN]}
    for organization, into, by, fields, code in (
        (school, second, SCHOOL_ADMIN, confirmed, "outside_authority"),
        (school, second, OPERATOR, confirmed, "superior_dissolves"),
        (school, second, TOWN_ADMIN, {}, "people_to_confirm"),
        (school, school, TOWN_ADMIN, confirmed, "merged_into_itself"),
        (school, other, TOWN_ADMIN, confirmed, "merged_under_other_superior"),
        (school, general, TOWN_ADMIN, confirmed, "merged_across_kinds"),
        (branch, committee, SCHOOL_ADMIN, {}, "merged_across_kinds"),
        (school, second, TOWN_ADMIN, confirmed, "names_clash"),
        (school, "organization-nowhere", TOWN_ADMIN, confirmed, "organization_unknown"),
        (branch, sibling, SCHOOL_ADMIN, {"document": str(uuid4())}, "approval_document_unknown"),
    ):
        refused = await merged(world, organization, into, by, **fields)
        assert refused.json()["code"] == code, (organization, into, refused.text)
    assert "dissolution" not in await card(world, school)
    moving = await world.post(f"/v1/organizations/{branch}/migrations", {"to": second}, SCHOOL_ADMIN)
    assert moving.status_code == 201, moving.text
    await world.put(f"/v1/organizations/{other}/information", _named(CLASS_3), SECOND_ADMIN)
    waiting = await merged(world, school, second, TOWN_ADMIN, **confirmed)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "subordinate_migrates")


@pytest.mark.rule("ORG-21", "ORG-17")
async def test_neither_of_the_two_is_merged_while_it_asks_to_move_elsewhere(world: World) -> None:
    city, school, second, _ = await two_schools(world)
    district = {"full_name": "共青团北京市西城区委员会", "short_name": "西城团区委", "category": "leading_body"}
    elsewhere = await world.establish(city, TOWN_ADMIN, **district)
    for organization, admin in ((school, SCHOOL_ADMIN), (second, SECOND_ADMIN)):
        asks = await world.post(f"/v1/organizations/{organization}/migrations", {"to": elsewhere}, admin)
        waiting = await merged(world, school, second, TOWN_ADMIN, confirmed=[SCHOOL_ADMIN])
        assert (waiting.status_code, waiting.json()["code"]) == (409, "subordinate_migrates"), organization
        await world.post(f"/v1/migrations/{asks.json()['stream']}/withdrawal", {}, admin)
    assert (await merged(world, school, second, TOWN_ADMIN, confirmed=[SCHOOL_ADMIN])).status_code == 202


def _named(fields: dict[str, str]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if name != "category"} | {"edition": 1}


@pytest.mark.rule("ORG-21", "ORG-10")
async def test_a_pending_branch_is_emptied_before_its_superior_is_merged(world: World) -> None:
    _, school, second, (first, _) = await two_schools(world)
    assert (await asked(world, first, SCHOOL_ADMIN, relocate=True)).status_code == 202
    await settled(world, first)
    refused = await merged(world, school, second, TOWN_ADMIN, confirmed=[SCHOOL_ADMIN])
    assert (refused.status_code, refused.json()["code"]) == (422, "pending_branch_stays")


class Stopped(Exception):
    """The process is gone."""


@pytest.mark.rule("ORG-21", "TRF-22", "P2")
async def test_stopped_after_any_commit_a_merger_goes_on_to_the_same_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks without it: a school half merged, that nobody may touch and nobody goes on with."""
    _, school, second, classes = await two_schools(world)
    classes += [
        await world.establish(school, SCHOOL_ADMIN, **CLASS_1 | {"full_name": f"育才中学高二（{n}）班团支部"})
        for n in range(3)
    ]
    assert (await merged(world, school, second, TOWN_ADMIN, confirmed=[SCHOOL_ADMIN])).status_code == 202
    written = EventStore.append

    async def then_stops(store: EventStore, commit: Any) -> None:
        await written(store, commit)
        raise Stopped

    stops = 0
    while (await card(world, school))["dissolution"]["state"] != "dissolved":
        monkeypatch.setattr(EventStore, "append", then_stops)
        with pytest.raises(Stopped):
            await carried_on(world)
        monkeypatch.setattr(EventStore, "append", written)
        await world.feed.catch_up()
        stops += 1
    assert stops == len(classes) + 1
    tree = (await world.get(f"/v1/organizations/{second}/tree", OTHER)).json()
    assert [each["id"] for each in tree["children"]] == classes
    assert [len(await told(world, each, public.OrganizationMoved)) for each in classes] == [1] * len(classes)
    rows = world.parts.database["tree"]
    counts = {each["_id"]: each["subordinates"] async for each in rows.find({"_id": {"$in": [school, second]}})}
    assert counts == {school: 0, second: len(classes)}
    await carried_on(world)
    assert await world.parts.database["deadlines"].count_documents({"kind": MERGER_GOES_ON}) == 0


@pytest.mark.rule("ORG-21")
async def test_where_a_subordinate_cannot_move_any_more_the_merger_stops_and_says_why(world: World) -> None:
    _, school, second, (first, last) = await two_schools(world)
    assert (await merged(world, school, second, TOWN_ADMIN, confirmed=[SCHOOL_ADMIN])).status_code == 202
    await world.establish(second, SECOND_ADMIN, **CLASS_2)
    await carried_on(world)
    stopped = (await card(world, school))["dissolution"]
    assert (stopped["state"], stopped["cause"]) == ("refused", "name_taken_there")
    assert ((await card(world, first))["superior"], (await card(world, last))["superior"]) == (second, school)
    renamed = CLASS_2 | {"full_name": "育才中学原高一（2）班团支部", "short_name": "原高一（2）班团支部"}
    assert (await world.put(f"/v1/organizations/{last}/information", _named(renamed), SCHOOL_ADMIN)).status_code == 200
    assert (await merged(world, school, second, TOWN_ADMIN, confirmed=[SCHOOL_ADMIN])).status_code == 202
    await carried_on(world)
    assert (await card(world, school))["dissolution"]["state"] == "dissolved"


@pytest.mark.rule("ORG-21")
async def test_a_school_explains_to_its_superior_who_settles_it_and_it_is_kept(world: World) -> None:
    city, school = await school_of(world)
    document = (await upload(world, "说明.pdf", PDF, SCHOOL_ADMIN, "upload-9999")).json()["document_id"]
    body = {"occasion": "renamed", "note": "教育局批复更名", "document": document}
    path = f"/v1/organizations/{school}/explanations"
    assert (await world.post(path, body, OTHER)).status_code == 403
    assert (await world.post(path, body | {"document": ""}, SCHOOL_ADMIN)).status_code == 400
    unknown = await world.post(path, body | {"document": str(uuid4())}, SCHOOL_ADMIN)
    assert unknown.json()["code"] == "approval_document_unknown"
    assert (await world.post(path, body, SCHOOL_ADMIN)).status_code == 201
    listed = f"/v1/organizations/{city}/subordinates/explanations"
    assert (await world.get(listed, OTHER)).status_code == 403
    (row,) = (await world.get(listed, TOWN_ADMIN)).json()["items"]
    (said,) = row["explanations"]
    assert (row["id"], said["occasion"], said["note"]) == (school, "renamed", "教育局批复更名")
    assert (await world.get(f"/v1/approval-documents/{document}", TOWN_ADMIN)).status_code == 200
    settlement = f"{path}/{said['id']}/settlement"
    assert (await world.post(settlement, {}, SCHOOL_ADMIN)).status_code == 403
    assert (await world.post(settlement, {}, OPERATOR)).json()["code"] == "superior_settles_explanations"
    assert (await world.post(settlement, {}, TOWN_ADMIN)).status_code == 200
    assert (await world.post(settlement, {}, TOWN_ADMIN)).json()["code"] == "explanation_unknown"
    assert (await world.get(listed, TOWN_ADMIN)).json()["items"] == []
    (kept,) = (await card(world, school))["explanations"]
    assert kept["settled_at"] is not None


@pytest.mark.rule("ORG-21")
async def test_to_merge_a_school_settles_what_it_explained_and_the_explanation_is_kept(world: World) -> None:
    city, school, second, _ = await two_schools(world)
    document = (await upload(world, "说明.pdf", PDF, SCHOOL_ADMIN, "upload-9998")).json()["document_id"]
    body = {"occasion": "merged", "note": "两校合并", "document": document}
    path = f"/v1/organizations/{school}/explanations"
    assert (await world.post(path, body, SCHOOL_ADMIN)).status_code == 201
    assert (await merged(world, school, second, TOWN_ADMIN, confirmed=[SCHOOL_ADMIN])).status_code == 202
    for _ in range(2):
        await carried_on(world)
    (kept,) = (await card(world, school))["explanations"]
    assert (kept["note"], kept["settled_at"] is not None) == ("两校合并", True)
    listed = f"/v1/organizations/{city}/subordinates/explanations"
    assert (await world.get(listed, TOWN_ADMIN)).json()["items"] == []
