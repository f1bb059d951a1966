from datetime import timedelta

import pytest

from services.org.names import spellings
from services.org.reference import reference_on
from services.org.use_cases.seeding import seed_tree
from shared.contracts.member import CadrePositionEnded, RecordCompletenessChanged
from shared.kernel.clock import local_date
from tests.org.conftest import World, person

SCHOOL = {"full_name": "共青团北京市育才中学委员会", "short_name": "育才中学团委", "sector": "5"}
CLASS_1 = {
    "full_name": "育才中学高一（1）班团支部",
    "short_name": "高一（1）班团支部",
    "category": "branch",
    "sector": "5",
}
CLASS_2 = CLASS_1 | {"full_name": "育才中学高一（2）班团支部", "short_name": "高一（2）班团支部"}
CLASS_3 = CLASS_1 | {"full_name": "育才中学高一（3）班团支部", "short_name": "高一（3）班团支部"}

TOWN_ADMIN, SCHOOL_ADMIN, OTHER = person(1), person(2), person(3)


async def school_of(world: World) -> tuple[str, str]:
    """(provincial body with TOWN_ADMIN, a school under it with SCHOOL_ADMIN)."""
    city = world.tree.bodies["团北京市委"]
    await world.admin(TOWN_ADMIN, city)
    school = await world.establish(city, TOWN_ADMIN, **SCHOOL)
    await world.admin(SCHOOL_ADMIN, school, TOWN_ADMIN)
    return city, school


@pytest.mark.rule("ORG-03")
async def test_an_admin_establishes_a_direct_subordinate_and_sees_it_at_once(world: World) -> None:
    city, school = await school_of(world)
    answer = await world.post("/v1/organizations", CLASS_1 | {"superior": school}, SCHOOL_ADMIN)
    token = "{stream}:{version}".format(**answer.json())
    listed = (await world.get(f"/v1/organizations/{school}/subordinates", SCHOOL_ADMIN, after=token)).json()
    assert [(row["short_name"], row["order"]) for row in listed["items"]] == [("高一（1）班团支部", 1)]
    assert (listed["fresh"], listed["total"], listed["next"]) == (True, 1, None)
    card = (await world.get(f"/v1/organizations/{answer.json()['stream']}", SCHOOL_ADMIN)).json()
    assert [node["id"] for node in card["path"]] == [world.tree.root, city, school]


@pytest.mark.rule("ORG-03")
async def test_the_superior_of_the_superior_cannot_skip_a_level(world: World) -> None:
    _, school = await school_of(world)
    answer = await world.post("/v1/organizations", CLASS_1 | {"superior": school}, TOWN_ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (403, "direct_superior_only")
    assert "育才中学团委" in answer.json()["title"]


@pytest.mark.rule("P2")
async def test_establishing_twice_with_one_key_makes_one_organization(world: World) -> None:
    _, school = await school_of(world)
    body = CLASS_1 | {"superior": school}
    first = await world.post("/v1/organizations", body, SCHOOL_ADMIN, key="the-same-key")
    again = await world.post("/v1/organizations", body, SCHOOL_ADMIN, key="the-same-key")
    assert first.json() == again.json()
    other = await world.post(
        "/v1/organizations", body | {"full_name": "另一个团支部"}, SCHOOL_ADMIN, key="the-same-key"
    )
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    listed = (await world.get(f"/v1/organizations/{school}/subordinates", SCHOOL_ADMIN)).json()
    assert listed["total"] == 1


@pytest.mark.rule("ORG-05")
async def test_one_full_name_stands_once_under_a_superior(world: World) -> None:
    _, school = await school_of(world)
    first = await world.establish(school, SCHOOL_ADMIN, **CLASS_1)
    spelled = CLASS_1 | {"superior": school, "full_name": "育才中学 高一(1)班团支部"}
    answer = await world.post("/v1/organizations", spelled, SCHOOL_ADMIN)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "name_taken", "full_name")
    second = await world.establish(school, SCHOOL_ADMIN, **CLASS_2)
    taken = await world.put(f"/v1/organizations/{second}/information", info(CLASS_1), SCHOOL_ADMIN)
    assert taken.json()["code"] == "name_taken"
    renamed = await world.put(f"/v1/organizations/{first}/information", info(CLASS_3), SCHOOL_ADMIN)
    assert renamed.status_code == 200
    assert (await world.put(f"/v1/organizations/{second}/information", info(CLASS_1), SCHOOL_ADMIN)).status_code == 200


def info(fields: dict[str, str], **more: object) -> dict[str, object]:
    """The information as a form gives it that was made from the first edition."""
    return {name: value for name, value in fields.items() if name != "category"} | {"edition": 1} | more


@pytest.mark.rule("ORG-05")
async def test_every_field_of_the_form_is_on_the_card(world: World) -> None:
    _, school = await school_of(world)
    fields = {
        "region": "110101",
        "founded_on": "1950-05-04",
        "phone": "010-81234567",
        "email": "tuan@example.cn",
        "address": "景山前街4号",
        "contact": "周老师",
    }
    body = info(SCHOOL, approval_date="2026-11-02", **fields)
    assert (await world.put(f"/v1/organizations/{school}/information", body, SCHOOL_ADMIN)).status_code == 200
    card = (await world.get(f"/v1/organizations/{school}", SCHOOL_ADMIN)).json()
    assert {name: card[name] for name in (*SCHOOL, *fields)} == SCHOOL | fields
    assert card["approval"]["date"] == "2026-11-02"
    required = {c["code"]: c["required"] for c in (await world.get("/v1/reference/categories", OTHER)).json()["items"]}
    assert required["leading_body"] == ["full_name", "short_name", "phone", "email"]
    assert required["branch"] == ["full_name", "short_name", "sector"]


@pytest.mark.rule("ORG-08")
async def test_the_superior_moves_a_subordinate_up_and_the_table_follows(world: World) -> None:
    _, school = await school_of(world)
    first, second, third = [await world.establish(school, SCHOOL_ADMIN, **c) for c in (CLASS_1, CLASS_2, CLASS_3)]
    answer = await world.post(f"/v1/organizations/{third}/move-up", {}, SCHOOL_ADMIN)
    assert answer.json()["stream"] == school
    await world.post(f"/v1/organizations/{first}/move-down", {}, SCHOOL_ADMIN)
    listed = (await world.get(f"/v1/organizations/{school}/subordinates", SCHOOL_ADMIN)).json()
    assert [(row["id"], row["order"]) for row in listed["items"]] == [(third, 1), (first, 2), (second, 3)]
    tree = (await world.get(f"/v1/organizations/{school}/tree", OTHER)).json()
    assert [child["id"] for child in tree["children"]] == [third, first, second]
    denied = await world.post(f"/v1/organizations/{first}/move-up", {}, TOWN_ADMIN)
    assert denied.json()["code"] == "direct_superior_only"


@pytest.mark.rule("ORG-08")
async def test_pages_of_the_table_lose_no_row_and_a_changed_cursor_is_refused(world: World) -> None:
    _, school = await school_of(world)
    made = [await world.establish(school, SCHOOL_ADMIN, **c) for c in (CLASS_1, CLASS_2, CLASS_3)]
    path = f"/v1/organizations/{school}/subordinates?limit=2"
    page = (await world.get(path, SCHOOL_ADMIN)).json()
    rest = (await world.get(f"{path}&cursor={page['next']}", SCHOOL_ADMIN)).json()
    assert [row["id"] for row in page["items"] + rest["items"]] == made
    broken = await world.get(f"{path}&cursor={page['next'][:-2]}xx", SCHOOL_ADMIN)
    assert (broken.status_code, broken.json()["code"]) == (400, "cursor_expired")


@pytest.mark.rule("ORG-20")
async def test_information_is_complete_with_a_secretary_whose_own_mobile_is_filled(world: World) -> None:
    _, school = await school_of(world)

    async def missing() -> list[str]:
        card = (await world.get(f"/v1/organizations/{school}", SCHOOL_ADMIN)).json()
        rows = (
            await world.get(
                f"/v1/organizations/{world.tree.bodies['团北京市委']}/subordinates?complete=true", TOWN_ADMIN
            )
        ).json()
        assert card["complete"] is (card["missing"] == []) is bool(rows["items"])
        return card["missing"]

    assert await missing() == ["secretary"]
    await world.cadre(OTHER, school, "副书记")
    assert await missing() == ["secretary"]
    await world.cadre(OTHER, school, "书记", missing=("mobile", "ethnicity"))
    assert await missing() == ["secretary_mobile"]
    await world.put(f"/v1/organizations/{school}/information", info(SCHOOL, phone="010-81234567"), SCHOOL_ADMIN)
    assert await missing() == ["secretary_mobile"]
    await world.feed.hear(RecordCompletenessChanged(person=OTHER, missing=("ethnicity",)), stream=OTHER)
    assert await missing() == []
    await world.feed.hear(
        CadrePositionEnded(person=OTHER, organization=school, position="书记", cause="x"), stream=OTHER
    )
    assert await missing() == ["secretary"]


@pytest.mark.rule("ORG-20")
async def test_a_secretary_does_not_make_information_complete_that_lacks_a_required_field(world: World) -> None:
    body = world.tree.bodies["团北京市委"]
    await world.cadre(OTHER, body, "书记")
    card = (await world.get(f"/v1/organizations/{body}", OTHER)).json()
    assert (card["complete"], card["missing"]) == (False, ["phone", "email"])


@pytest.mark.rule("ORG-22")
async def test_an_organization_is_found_by_any_part_of_its_name_in_any_spelling(world: World) -> None:
    city, school = await school_of(world)
    branch = await world.establish(school, SCHOOL_ADMIN, **CLASS_1)
    for text, under, expected in (
        ("育才", None, [school, branch]),
        ("高一(1)班", None, [branch]),
        ("团北京市委", None, [city]),
        ("育才", school, [branch]),
        ("育才.*", None, []),
        ("不存在", None, []),
    ):
        query = {"q": text} | ({"under": under} if under else {})
        answer = await world.client.get("/v1/organizations", params=query, headers=world.issuer.headers(OTHER))
        assert sorted(item["id"] for item in answer.json()["items"]) == sorted(expected), text
    short = await world.get("/v1/organizations?q=育", OTHER)
    assert short.status_code == 400


@pytest.mark.rule("TRF-18")
async def test_an_organization_is_found_by_its_pinyin_whole_or_by_initials(world: World) -> None:
    city, school = await school_of(world)
    branch = await world.establish(school, SCHOOL_ADMIN, **CLASS_1)
    short = (await world.get(f"/v1/organizations/{school}", OTHER)).json()["short_name"]
    whole, initials = spellings(short)
    for text, under, expected in (
        ("yucai", None, school),
        (whole, None, school),
        (initials, None, school),
        (initials.upper(), None, school),
        (initials, school, None),
        ("tbjsw", None, city),
    ):
        query = {"q": text} | ({"under": under} if under else {})
        answer = await world.client.get("/v1/organizations", params=query, headers=world.issuer.headers(OTHER))
        found = [item["id"] for item in answer.json()["items"]]
        assert (found[0] if expected else expected, branch in found and expected is school) == (expected, False), text
    assert (await world.get("/v1/organizations?q=yu", OTHER)).json()["items"] == []


@pytest.mark.rule("TRF-18")
async def test_the_systems_whose_units_are_found_by_no_place_are_named(world: World) -> None:
    bodies = reference_on(local_date(world.clock.now())).provincial_bodies
    await seed_tree(world.parts.commands(world.rights.authority), bodies)
    await world.feed.catch_up()
    items = (await world.get("/v1/reference/systems", OTHER)).json()["items"]
    assert [item["short_name"] for item in items] == [
        "全国铁道团委",
        "全国民航团委",
        "中央金融团工委",
        "中央企业团工委",
        "中央和国家机关团工委",
    ]


async def test_no_request_scans_a_collection(world: World) -> None:
    """At four million organizations a scan would take seconds; MongoDB's profiler tells of each."""
    _, school = await school_of(world)
    branch = await world.establish(school, SCHOOL_ADMIN, **CLASS_1)
    paths = ["", "/subordinates", "/subordinates?q=高一&complete=false&category=branch", "/tree", "/admins"]
    database = world.parts.database
    await database.command("profile", 2)
    for path in paths:
        assert (await world.get(f"/v1/organizations/{school}{path}", SCHOOL_ADMIN)).status_code == 200
    await world.get(f"/v1/organizations?q=育才&under={school}", OTHER)
    await world.get("/v1/organizations?q=yucai", OTHER)
    await world.get("/v1/approval-documents/00000000-0000-4000-8000-000000000009", OTHER)
    headers = world.issuer.headers(SCHOOL_ADMIN, key="move-up-0001")
    await world.client.post(f"/v1/organizations/{branch}/move-up", json={}, headers=headers)
    await database.command("profile", 0)
    seen = await database["system.profile"].find({"op": {"$in": ["query", "command", "update"]}}).to_list(None)
    await database.drop_collection("system.profile")
    assert len(seen) > 20
    assert [(e["ns"], e.get("command")) for e in seen if e.get("planSummary") == "COLLSCAN"] == []


@pytest.mark.rule("ORG-05")
async def test_all_faults_of_the_form_come_back_with_their_fields(world: World) -> None:
    _, school = await school_of(world)
    faulty = CLASS_1 | {
        "superior": school,
        "region": "999999",
        "founded_on": str(world.clock.now().date() + timedelta(2)),
        "sector": "98",
    }
    answer = (await world.post("/v1/organizations", faulty, SCHOOL_ADMIN)).json()
    assert [(e["field"], e["code"]) for e in answer["errors"]] == [
        ("sector", "sector_unknown"), ("region", "region_unknown"), ("founded_on", "date_in_future"),
    ]  # fmt: skip
    shapeless = await world.post("/v1/organizations", faulty | {"email": "x", "secretary": "person-1"}, SCHOOL_ADMIN)
    assert {e["field"] for e in shapeless.json()["errors"]} == {"email", "secretary"}


async def test_the_reference_lists_tell_their_version_and_year(world: World) -> None:
    sectors = (await world.get("/v1/reference/sectors", OTHER)).json()
    assert (len(sectors["items"]), sectors["tabs"][0]) == (20, "学校")
    regions = (await world.get("/v1/reference/regions?under=110000", OTHER)).json()
    assert regions["year"] == 2023
    assert {"code": "110101", "name": "东城区"} in regions["items"]
    categories = (await world.get("/v1/reference/categories", OTHER)).json()
    assert categories["items"][-1]["under_it"] == []
