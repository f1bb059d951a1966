"""Schools, graduation months, the day, and campaigns over HTTP and on the real store (GRD-01 to GRD-03, GRD-09)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.org.graduation_day import GraduationDay
from services.org.use_cases.campaigns import GraduationCampaigns
from services.org.use_cases.graduation import Graduation
from shared.contracts import org as public
from tests.org.conftest import OPERATOR, World, person
from tests.org.test_api import CLASS_1, CLASS_2, CLASS_3, OTHER, SCHOOL, SCHOOL_ADMIN, TOWN_ADMIN, info, school_of
from tests.org.test_dissolving import asked, card, told

CODE = {"institution_code": "3111004567"}
CLASS_ADMIN = person(9)


async def classes_of(world: World, school: str, *which: dict[str, str]) -> list[str]:
    return [await world.establish(school, SCHOOL_ADMIN, **each) for each in which or (CLASS_1, CLASS_2)]


async def mark(world: World, organization: str, branches: list[str], by: str = SCHOOL_ADMIN, **month: int) -> Any:
    body = {"branches": branches, "year": 2027, "month": 6} | month
    return await world.post(f"/v1/organizations/{organization}/graduation-months", body, by)


async def read(world: World, path: str, by: str = SCHOOL_ADMIN) -> dict[str, Any]:
    answer = await world.get(f"/v1/organizations/{path}", by)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def day(world: World) -> GraduationDay:
    graduation = Graduation(world.parts.store, GraduationCampaigns(world.parts.store, world.parts.rows))
    return GraduationDay(world.parts.store, world.parts.organizations, graduation, world.clock)


def at(world: World, year: int, month: int, of_month: int) -> None:
    world.clock.move(datetime(year, month, of_month, 4, tzinfo=UTC) - world.clock.now())


@pytest.mark.rule("GRD-01")
async def test_the_school_s_own_admin_sets_and_clears_the_code_and_the_card_shows_it(world: World) -> None:
    city, school = await school_of(world)
    path = f"/v1/organizations/{school}/institution-code"
    above = await world.put(path, CODE, TOWN_ADMIN)
    assert (above.status_code, above.json()["code"]) == (403, "outside_authority")
    assert (await world.put(path, CODE, SCHOOL_ADMIN)).status_code == 200
    assert (await card(world, school))["institution_code"] == CODE["institution_code"]
    edited = await world.put(
        f"/v1/organizations/{school}/information", info(SCHOOL, address="景山前街4号"), SCHOOL_ADMIN
    )
    assert edited.status_code == 200
    assert (await card(world, school))["institution_code"] == CODE["institution_code"]
    second = SCHOOL | {"full_name": "共青团北京市第二中学委员会", "short_name": "二中团委"}
    other = await world.establish(city, TOWN_ADMIN, **second)
    await world.admin(OTHER, other, TOWN_ADMIN)
    taken = await world.put(f"/v1/organizations/{other}/institution-code", CODE, OTHER)
    assert (taken.status_code, taken.json()["code"]) == (422, "institution_code_taken")
    assert (await world.put(path, {"institution_code": ""}, SCHOOL_ADMIN)).status_code == 200
    assert (await card(world, school))["institution_code"] == ""
    assert (await world.put(f"/v1/organizations/{other}/institution-code", CODE, OTHER)).status_code == 200


@pytest.mark.rule("GRD-01")
async def test_the_zone_lists_schools_without_an_admin_or_a_branch(world: World) -> None:
    city, school = await school_of(world)
    bare = SCHOOL | {"full_name": "共青团北京市第二中学委员会", "short_name": "二中团委"}
    other = await world.establish(city, TOWN_ADMIN, **bare)
    await classes_of(world, school)
    rows = {each["id"]: each for each in (await read(world, f"{city}/schools", TOWN_ADMIN))["items"]}
    assert {i: (r["admins"], r["has_branch"], r["branches"]) for i, r in rows.items()} == {
        school: (1, True, 2),
        other: (0, False, 0),
    }
    for lacking in ("admin", "branch"):
        found = await read(world, f"{city}/schools?lacking={lacking}", TOWN_ADMIN)
        assert ([each["id"] for each in found["items"]], found["next"]) == ([other], None)
    progress = await read(world, f"{city}/graduation", TOWN_ADMIN)
    assert (progress["schools"], progress["without_admin"], progress["branches"], progress["marked"]) == (2, 1, 2, 0)
    of_its_own = await read(world, f"{school}/graduation", SCHOOL_ADMIN)
    assert (progress["school"], of_its_own["school"], of_its_own["schools"]) == (False, True, 0)


@pytest.mark.rule("GRD-02", "ADM-08")
async def test_many_branches_are_marked_at_once_and_each_says_what_came_of_it(world: World) -> None:
    city, school = await school_of(world)
    first, second = await classes_of(world, school)
    firm = {
        "full_name": "共青团北京市某公司支部委员会",
        "short_name": "某公司团支部",
        "category": "branch",
        "sector": "10",
    }
    outside = await world.establish(city, TOWN_ADMIN, **firm)
    answer = await mark(world, school, [first, second, outside, school, "organization-nowhere", first])
    assert answer.status_code == 200
    body = answer.json()
    assert (body["marked"], body["refused"]) == (2, 3)
    assert {each["branch"]: each["refused"]["code"] for each in body["items"] if each["refused"]} == {
        outside: "not_a_school",
        school: "not_a_branch",
        "organization-nowhere": "organization_unknown",
    }
    above = await mark(world, city, [first], TOWN_ADMIN)
    assert above.json()["items"][0]["refused"]["code"] == "marked_from_above"
    assert "育才中学团委" in above.json()["items"][0]["refused"]["way_out"]
    await world.admin(CLASS_ADMIN, first, SCHOOL_ADMIN)
    own = await mark(world, first, [first], CLASS_ADMIN)
    assert own.json()["items"][0]["refused"]["code"] == "marked_from_above"
    stranger = await mark(world, school, [first], OTHER)
    assert (stranger.status_code, stranger.json()["code"]) == (403, "outside_authority")


@pytest.mark.rule("P2")
async def test_marking_twice_with_one_key_answers_the_same(world: World) -> None:
    _, school = await school_of(world)
    branches = await classes_of(world, school)
    path, body = f"/v1/organizations/{school}/graduation-months", {"branches": branches, "year": 2027, "month": 6}
    first = await world.post(path, body, SCHOOL_ADMIN, key="one-and-the-same")
    await mark(world, school, branches, year=2028)
    again = await world.post(path, body, SCHOOL_ADMIN, key="one-and-the-same")
    assert first.json() == again.json()


@pytest.mark.rule("GRD-02")
async def test_the_list_of_unmarked_branches_follows_new_schools_and_changes_of_the_sector(world: World) -> None:
    city, school = await school_of(world)
    first, second = await classes_of(world, school)
    await mark(world, school, [first])

    async def unmarked() -> list[str]:
        found = await read(world, f"{school}/graduation/branches?marking=unmarked")
        return [each["id"] for each in found["items"]]

    assert await unmarked() == [second]
    (third,) = await classes_of(world, school, CLASS_3)
    assert sorted(await unmarked()) == sorted([second, third])
    out = info(CLASS_2, sector="7")
    assert (await world.put(f"/v1/organizations/{second}/information", out, SCHOOL_ADMIN)).status_code == 200
    assert await unmarked() == [third]
    back = info(CLASS_2, sector="6", edition=2)
    assert (await world.put(f"/v1/organizations/{second}/information", back, SCHOOL_ADMIN)).status_code == 200
    assert sorted(await unmarked()) == sorted([second, third])
    assert (await asked(world, third, SCHOOL_ADMIN)).status_code == 202
    rows = (await read(world, f"{city}/graduation/branches", TOWN_ADMIN))["items"]
    shown = {each["id"]: (each["month"], each["may_mark"], each["marked_by"]) for each in rows}
    assert shown[first] == ({"year": 2027, "month": 6}, False, ["育才中学团委"])
    assert [node["id"] for node in rows[0]["path"]] == [school]
    page = await read(world, f"{school}/graduation/branches?limit=2")
    following = await read(world, f"{school}/graduation/branches?limit=2&cursor={page['next']}")
    assert len({each["id"] for each in page["items"] + following["items"]}) == 3


@pytest.mark.rule("GRD-02")
async def test_the_branches_come_by_name_and_a_part_of_the_name_finds_a_year(world: World) -> None:
    """A university has hundreds of classes; those of one year are marked together."""
    _, school = await school_of(world)
    await classes_of(world, school, CLASS_3, CLASS_1, CLASS_2)
    path, named = f"{school}/graduation/branches?marking=unmarked", CLASS_2["full_name"]

    def names(page: dict[str, Any]) -> list[str]:
        return [each["full_name"] for each in page["items"]]

    everyone = names(await read(world, path))
    assert everyone == sorted(each["full_name"] for each in (CLASS_1, CLASS_2, CLASS_3))
    first = await read(world, f"{path}&limit=2")
    rest = await read(world, f"{path}&limit=2&cursor={first['next']}")
    assert [*names(first), *names(rest)] == everyone
    assert names(await read(world, f"{path}&q={named}")) == [named]
    assert (await read(world, f"{path}&q=没有这个班"))["items"] == []


@pytest.mark.rule("GRD-02")
async def test_the_lists_of_branches_and_schools_are_read_from_their_indexes(world: World) -> None:
    """Below a province there are a hundred thousand branches, most of them marked."""
    city, school = await school_of(world)
    await classes_of(world, school)
    found = await world.parts.organizations.current()
    by_name = [("full_name", 1), ("_id", 1)]
    for query, order in (({"marking": "unmarked"}, by_name), ({"school": True}, [("_id", 1)])):
        plan = await found.find({"ancestors": city, **query}).sort(order).explain()
        text = str(plan["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in text, query
        assert "SORT" not in text, query
    due = await found.find({"awaits": {"$lte": 2027}}).explain()
    assert "awaits_1" in str(due["queryPlanner"]["winningPlan"])


@pytest.mark.rule("GRD-03")
async def test_on_the_day_marked_branches_become_graduate_branches_once(world: World) -> None:
    """A worker that was away for a week, comes twice, and reads a list that lags, makes one fact a branch."""
    _, school = await school_of(world)
    first, second, third = await classes_of(world, school, CLASS_1, CLASS_2, CLASS_3)
    await mark(world, school, [first, second])
    await mark(world, school, [third], year=2028)
    at(world, 2027, 5, 31)
    assert await day(world).work() == 0
    at(world, 2027, 6, 8)
    assert await day(world).work() == 2
    assert await day(world).work() == 2  # the list has not heard of it yet
    await world.feed.catch_up()
    assert await day(world).work() == 0
    for branch, times in ((first, 1), (second, 1), (third, 0)):
        facts = await told(world, branch, public.BecameGraduateBranch)
        assert facts == [{"branch": branch, "year": 2027, "month": 6}] * times
    shown = await card(world, first, SCHOOL_ADMIN)
    assert (shown["branch_kind"], shown["graduates"], shown["graduated"]) == ("graduate", "2027-06", 2027)
    shown = await card(world, third, SCHOOL_ADMIN)
    assert (shown["branch_kind"], shown["graduates"], shown.get("graduated")) == ("ordinary", "2028-06", None)


@pytest.mark.rule("GRD-03", "GRD-05")
async def test_a_graduate_branch_is_corrected_and_edited_as_usual(world: World) -> None:
    _, school = await school_of(world)
    (first,) = await classes_of(world, school, CLASS_1)
    await mark(world, school, [first], year=2026)
    assert await told(world, first, public.BecameGraduateBranch)
    edited = await world.put(f"/v1/organizations/{first}/information", info(CLASS_1, address="北楼"), SCHOOL_ADMIN)
    assert edited.status_code == 200
    (changed,) = await told(world, first, public.OrganizationInformationChanged)
    assert changed["branch_kind"] == "graduate"
    await mark(world, school, [first], year=2027)
    assert await told(world, first, public.GraduateBranchRestored) == [{"branch": first, "year": 2026}]
    assert (await card(world, first, SCHOOL_ADMIN))["branch_kind"] == "ordinary"
    at(world, 2027, 6, 1)
    assert await day(world).work() == 1
    assert len(await told(world, first, public.BecameGraduateBranch)) == 2


@pytest.mark.rule("GRD-03", "GRD-09")
async def test_the_centre_moves_the_day_of_graduation_before_it_comes(world: World) -> None:
    city, school = await school_of(world)
    (first,) = await classes_of(world, school, CLASS_1)
    await mark(world, school, [first])
    root = f"/v1/organizations/{world.tree.root}/campaigns/2027"
    assert (await world.put(root, {"days": {"graduate": "2027-07-01"}}, OPERATOR)).status_code == 200
    own = await world.put(f"/v1/organizations/{city}/campaigns/2027", {"days": {"graduate": "2027-07-02"}}, TOWN_ADMIN)
    assert (own.status_code, own.json()["code"]) == (422, "graduation_day_from_centre")
    at(world, 2027, 6, 30)
    assert await day(world).work() == 0
    at(world, 2027, 7, 1)
    late = await world.put(root, {"days": {"graduate": "2027-07-10"}}, OPERATOR)
    assert late.json()["code"] == "graduation_day_passed"
    assert await day(world).work() == 1


@pytest.mark.rule("GRD-03")
async def test_a_branch_that_was_corrected_graduates_on_the_day_of_its_next_year_as_well(world: World) -> None:
    _, school = await school_of(world)
    (first,) = await classes_of(world, school, CLASS_1)
    for year in (2027, 2028):
        await mark(world, school, [first], year=year)
        at(world, year, 6, 1)
        await world.feed.catch_up()
        assert await day(world).work() == 1
    facts = await told(world, first, public.BecameGraduateBranch)
    assert [each["year"] for each in facts] == [2027, 2028]
