"""Lists of people and a person's electronic file, as the routes show them."""

from typing import Any

import pytest

from services.member.projections.imports import ImportList
from services.member.projections.lists import Lists
from services.member.projections.people import PeopleList
from shared.privacy.vault import KeyReader
from tests.member.people import cadre_row, card, member_row
from tests.member.test_api import ADMIN, BRANCH, COUNTY, FAR, STRANGER, SUPERIOR, World, row, world

__all__ = ["world"]


@pytest.mark.rule("MEM-01", "MEM-23")
async def test_lists_show_who_lacks_what_and_mask_numbers(world: World) -> None:
    whole = await world.enter(political_status="中共党员")
    other = {"number": card(sequence="301"), "development_number": "202233000301", "education": "本科"}
    lacking = await world.enter(name="李四", mobile="", **other)
    found = (await world.get(f"/v1/organizations/{BRANCH}/members")).json()
    assert {i["person"] for i in found["items"]} == {whole, lacking}
    assert card() not in str(found)
    assert all(i["number_masked"].count("*") == 12 for i in found["items"])
    filtered = (await world.get(f"/v1/organizations/{BRANCH}/members?missing=mobile")).json()
    assert [(i["person"], i["missing"]) for i in filtered["items"]] == [(lacking, ["mobile"])]
    for asked, those in (
        ("missing=any", [lacking]),
        ("missing=none", [whole]),
        ("missing=education", []),
        ("education=本科", [lacking]),
        ("status=中共党员", [whole]),
    ):
        filtered = (await world.get(f"/v1/organizations/{BRANCH}/members?{asked}")).json()
        assert [i["person"] for i in filtered["items"]] == those
    below = (await world.get(f"/v1/organizations/{COUNTY}/members?scope=subordinates&q=李", SUPERIOR)).json()
    assert [i["person"] for i in below["items"]] == [lacking]
    assert below["total"] == 1
    assert (await world.get(f"/v1/people/{lacking}")).json()["missing"] == ["mobile"]
    await world.send("PUT", f"/v1/people/{lacking}/missing-fields", {"mobile": "13900001234"})
    assert (await world.get(f"/v1/organizations/{BRANCH}/members?missing=any")).json()["items"] == []


@pytest.mark.rule("MEM-01")
async def test_a_record_shows_every_field_and_masks_numbers_and_phones(world: World) -> None:
    typed = row(
        join_place="育才中学",
        email="a.b@example.cn",
        work_or_school="育才中学",
        occupation="学生",
        hobbies="篮球",
        remark="走读",
        emergency_contact="李四",
        emergency_phone="13900001111",
        income="3500",
    )
    one = await world.enter(**typed)
    shown = (await world.get(f"/v1/people/{one}")).json()
    masked = {"number", "mobile", "emergency_phone"}
    plain = {name: value for name, value in typed.items() if name not in masked | {"branch", "income"}}
    assert {name: shown[name] for name in plain} == plain
    assert (shown["sex"], shown["birth_date"], shown["income"]) == (
        "男",
        "2008-03-07",
        {"kind": "amount", "amount_fen": 350_000},
    )
    assert not masked & set(shown)
    assert [shown[f"{name}_masked"] for name in ("mobile", "emergency_phone")] == ["138****1234", "139****1111"]


async def test_a_list_is_read_page_by_page_and_a_cursor_fits_its_list_only(world: World) -> None:
    people = {
        await world.enter(number=card(sequence=f"4{i:02d}"), development_number=f"2022330004{i:02d}") for i in range(5)
    }
    path = f"/v1/organizations/{BRANCH}/members?limit=2"
    seen, cursor = set(), ""
    while cursor is not None:
        page = (await world.get(path + (f"&cursor={cursor}" if cursor else ""))).json()
        seen |= {i["person"] for i in page["items"]}
        first, cursor = cursor or page["next"], page["next"]
    assert seen == people
    other = await world.get(f"/v1/organizations/{BRANCH}/cadres?limit=2&cursor={first}")
    assert other.json()["code"] == "cursor_expired"


@pytest.mark.rule("MEM-24", "MEM-02")
async def test_a_cadre_is_listed_in_each_organization_with_every_position(world: World) -> None:
    held = [(COUNTY, "副书记"), (BRANCH, "书记")]
    for place, position in held:
        body = cadre_row(positions=position)
        answer = await world.send("POST", f"/v1/organizations/{place}/cadres", body, by=SUPERIOR)
        assert answer.status_code == 201, answer.text
    for place, _ in held:
        [found] = (await world.get(f"/v1/organizations/{place}/cadres", SUPERIOR)).json()["items"]
        assert [(p["organization"], p["position"]) for p in found["positions"]] == held
        assert (found["name"], found["is_member"]) == ("李四", False)


@pytest.mark.rule("MEM-20")
async def test_the_electronic_file_is_found_by_development_number_within_reach(world: World) -> None:
    one = await world.enter()
    number = member_row()["development_number"]
    assert (await world.get(f"/v1/people?development_number={number}")).json() == {"person": one}
    assert (await world.get(f"/v1/people?development_number={number}", STRANGER)).status_code == 404


@pytest.mark.rule("MEM-20")
async def test_the_history_names_who_did_what_in_whose_name_and_when(world: World) -> None:
    one = await world.enter(mobile="")
    await world.rights.administers(SUPERIOR, FAR)
    cadre = cadre_row(name=row()["name"], number=card(), political_status="共青团员")
    for method, path, body, acting in (
        ("PUT", f"people/{one}/missing-fields", {"mobile": "13900001234"}, COUNTY),
        ("POST", f"organizations/{FAR}/cadres", cadre, None),
    ):
        headers = world.issuer.headers(SUPERIOR, organization=acting, key=f"history-{method}")
        assert (await world.client.request(method, f"/v1/{path}", json=body, headers=headers)).is_success
    lines = (await world.get(f"/v1/people/{one}/history")).json()["items"]
    assert [(line["what"], line["by"], line["organization"], line["organization_name"]) for line in lines] == [
        (f"任“{FAR}”副书记", SUPERIOR, None, ""),
        ("补填资料", SUPERIOR, COUNTY, COUNTY),
        (f"成为“{BRANCH}”的团员", ADMIN, None, ""),
        ("录入个人资料", ADMIN, None, ""),
    ]
    assert {line["at"][:16] for line in lines} == {"2026-11-22T04:00"}
    assert [len(line["changes"]) for line in lines] == [0, 1, 0, 0]


@pytest.mark.rule("MEM-24")
async def test_cadres_are_found_by_an_index_in_which_nobody_else_stands(world: World) -> None:
    await world.enter()
    people = world.parts.people_list.collection
    for held in ({"$in": [BRANCH, COUNTY]}, BRANCH):
        found = people.find({"positions.organization": held, "missing": "mobile"}).sort([("name", 1), ("_id", 1)])
        plan = str((await found.explain())["queryPlanner"]["winningPlan"])
        assert "positions.organization_1_name_1__id_1" in plan
        assert "COLLSCAN" not in plan
    index = (await people.index_information())["positions.organization_1_name_1__id_1"]
    assert index["partialFilterExpression"] == {"positions.organization": {"$exists": True}}


class _NoServer(KeyReader):
    """Stands for database and driver where nothing is read."""

    def __init__(self) -> None:
        """Nothing to open."""

    def __getitem__(self, name: str) -> Any:
        return type("Collection", (), {"name": name})


@pytest.mark.rule("P7")
def test_both_lists_are_read_from_the_copy_that_their_one_loop_feeds() -> None:
    """One that looked at a copy's row of its own would go on reading what nobody feeds after a rebuild."""
    nothing = _NoServer()
    lists = Lists(PeopleList(nothing, nothing), ImportList(nothing, nothing))
    assert {part.copies.key for part in lists.parts} == {f"{lists.name}-v{lists.version}"}
    assert {part.topics for part in lists.parts} == {lists.topics}
    assert lists.at(2).collections == ("people_v6_c2", "imports_v4_c2")
    assert lists.collections == ("people_v6", "imports_v4")
    wanted = [stream for stream in ("person-1", "import-1", "roster-1") if lists.wants("member.Any.v1", stream)]
    assert wanted == ["person-1", "import-1"]
