"""Who may do what through org's routes."""

import pytest

from shared.http.routes import assert_all_routes_declare_access
from tests.org.conftest import OPERATOR, World
from tests.org.test_api import CLASS_1, OTHER, SCHOOL, SCHOOL_ADMIN, TOWN_ADMIN, info, school_of

PUBLIC = frozenset(
    {
        "GET /v1/applicants",
        "GET /v1/applicants/{organization}",
        "POST /v1/account-applications",
        "GET /v1/application-outcomes/{ticket}",
    }
)


@pytest.mark.rule("P12")
async def test_every_route_says_who_may_and_only_applying_is_public(world: World) -> None:
    assert_all_routes_declare_access(world.service.app, PUBLIC)
    for path in ("/v1/organizations?q=北京", f"/v1/organizations/{world.tree.root}", "/v1/reference/sectors"):
        assert (await world.client.get(path)).status_code == 401


@pytest.mark.rule("ORG-06", "ADM-08")
async def test_information_is_edited_by_the_own_admins_and_the_superiors_and_nobody_else(world: World) -> None:
    _, school = await school_of(world)
    branch = await world.establish(school, SCHOOL_ADMIN, **CLASS_1)
    path = f"/v1/organizations/{branch}/information"
    assert (await world.put(path, info(CLASS_1, phone="010-81234567"), SCHOOL_ADMIN)).status_code == 200
    for stranger in (TOWN_ADMIN, OTHER):
        answer = await world.put(path, info(CLASS_1, phone="010-80000000"), stranger)
        assert (answer.status_code, answer.json()["code"]) == (403, "outside_authority")
    card = (await world.get(f"/v1/organizations/{branch}", OTHER)).json()
    assert (card["phone"], card["edition"]) == ("010-81234567", 2)
    late = await world.put(path, info(CLASS_1, address="教学楼二层"), SCHOOL_ADMIN)
    assert (late.status_code, late.json()["code"]) == (409, "information_changed_meanwhile")
    assert "育才中学" in (await world.put(path, info(CLASS_1), TOWN_ADMIN)).json()["way_out"]


@pytest.mark.rule("ORG-22")
async def test_directory_data_is_open_to_everyone_signed_in_and_nothing_more(world: World) -> None:
    _, school = await school_of(world)
    stranger = (await world.get(f"/v1/organizations/{school}", OTHER)).json()
    own = (await world.get(f"/v1/organizations/{school}", SCHOOL_ADMIN)).json()
    for name in ("full_name", "category", "path", "phone", "address"):
        assert stranger[name] == own[name]
    assert [node["short_name"] for node in stranger["path"]] == ["团中央", "团北京市委"]
    tree = (await world.get(f"/v1/organizations/{world.tree.root}/tree", OTHER)).json()
    city = next(child for child in tree["children"] if child["short_name"] == "团北京市委")
    below = (await world.get(f"/v1/organizations/{city['id']}/tree", OTHER)).json()
    assert [child["id"] for child in below["children"]] == [school]
    hidden = ("approval", "missing", "complete", "secretary", "secretary_mobile_filled", "admins", "admin_quota")
    assert not stranger.keys() & set(hidden)
    assert own.keys() & set(hidden) == set(hidden) - {"approval", "secretary"}
    assert set(stranger["may"].values()) == {False}
    offered = {"edit": True, "create_subordinate": True, "reorder": True, "appoint": True, "dissolve": False}
    assert own["may"] == offered | {"migrate": True}
    for path in ("subordinates", "admins"):
        assert (await world.get(f"/v1/organizations/{school}/{path}", OTHER)).status_code == 403


@pytest.mark.rule("ORG-22", "ADM-08")
async def test_an_admin_far_above_reads_the_whole_subtree(world: World) -> None:
    _, school = await school_of(world)
    branch = await world.establish(school, SCHOOL_ADMIN, **CLASS_1)
    card = (await world.get(f"/v1/organizations/{branch}", TOWN_ADMIN)).json()
    assert (card["missing"], card["may"]["edit"]) == (["secretary"], False)
    assert (await world.get(f"/v1/organizations/{branch}/admins", TOWN_ADMIN)).status_code == 200


@pytest.mark.rule("ADM-01", "ADM-04", "ADM-05")
async def test_admins_are_appointed_from_the_cadres_and_revoked_by_another(world: World) -> None:
    _, school = await school_of(world)
    path = f"/v1/organizations/{school}/admins"
    assert (await world.post(path, {"person": OTHER}, SCHOOL_ADMIN)).json()["code"] == "admin_not_cadre"
    await world.cadre(OTHER, school, "副书记")
    assert (await world.post(path, {"person": OTHER}, SCHOOL_ADMIN)).status_code == 201
    assert (await world.delete(f"{path}/{SCHOOL_ADMIN}", SCHOOL_ADMIN)).json()["code"] == "own_admin_right"
    assert (await world.delete(f"{path}/{SCHOOL_ADMIN}", OTHER)).status_code == 200
    listed = (await world.get(path, TOWN_ADMIN)).json()
    assert [item["person"] for item in listed["items"]] == [OTHER]
    assert (await world.post(path, {"person": SCHOOL_ADMIN}, SCHOOL_ADMIN)).status_code == 403
    again = await world.post(path, {"person": SCHOOL_ADMIN}, OTHER)
    assert again.status_code == 201, "who lost the right kept the position, so is a cadre to appoint from"


@pytest.mark.rule("ADM-04")
async def test_where_there_is_no_cadre_the_answer_says_how_to_get_one(world: World) -> None:
    answer = await world.post(f"/v1/organizations/{world.tree.root}/admins", {"person": OTHER}, OPERATOR)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_cadre_to_appoint")
    assert "录入或导入" in answer.json()["way_out"]


@pytest.mark.rule("ADM-08")
async def test_the_operator_writes_to_the_root_and_the_provincial_bodies_and_no_further_down(world: World) -> None:
    _, school = await school_of(world)
    body = world.tree.bodies["团天津市委"]
    kept = {"full_name": "共青团天津市委员会", "short_name": "团天津市委", "region": "120000", "edition": 1}
    assert (
        await world.put(f"/v1/organizations/{body}/information", kept | {"phone": "022-23456789"}, OPERATOR)
    ).status_code == 200
    assert (await world.put(f"/v1/organizations/{school}/information", info(SCHOOL), OPERATOR)).status_code == 403


@pytest.mark.rule("P12")
async def test_what_is_out_of_reach_answers_like_what_is_not_there(world: World) -> None:
    _, school = await school_of(world)
    absent = "organization-00000000-0000-4000-8000-00000000dead"
    for path, body in (("information", info(SCHOOL)), ("admins", {"person": OTHER})):
        answers = []
        for organization in (school, absent):
            send = world.put if path == "information" else world.post
            answer = await send(f"/v1/organizations/{organization}/{path}", body, OTHER)
            answers.append((answer.status_code, answer.json() | {"correlation": ""}))
        assert answers[0] == answers[1]
    assert (await world.get(f"/v1/organizations/{absent}", OTHER)).json()["code"] == "organization_unknown"


@pytest.mark.rule("P6")
async def test_while_rights_are_too_old_no_command_is_decided_and_the_directory_stays_open(world: World) -> None:
    _, school = await school_of(world)
    world.rights.age_seconds = 61.0
    answer = await world.put(
        f"/v1/organizations/{school}/information", info(SCHOOL, phone="010-81234567"), SCHOOL_ADMIN
    )
    assert (answer.status_code, answer.json()["code"]) == (503, "authority_too_old")
    card = (await world.get(f"/v1/organizations/{school}", SCHOOL_ADMIN)).json()
    assert (card["phone"], card["may"]["edit"]) == ("", False)
    world.rights.age_seconds = 901.0
    assert (await world.get(f"/v1/organizations/{school}", SCHOOL_ADMIN)).json().get("missing") is None
    assert (await world.get(f"/v1/organizations/{school}/subordinates", SCHOOL_ADMIN)).status_code == 503
