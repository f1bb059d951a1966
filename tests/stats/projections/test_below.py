"""GRD-06: schools and divisions below an organization, at an hour and live, over the real servers."""

from datetime import timedelta
from typing import Any

import pytest

from services.stats import rates
from services.stats.hours import hour_at
from services.stats.projections import below as looking
from services.stats.projections.below import GraduatesBelow, NotCountedThen, TooManySchools, ever_under, latest
from services.stats.projections.progress import Moment
from services.stats.verify import Verification
from tests.stats.conftest import NOON, World
from tests.stats.counting.facts import (
    agreed,
    asked,
    complete,
    dissolved,
    entered,
    established,
    frozen,
    moved,
    relocated,
)

ONE, TWO, THREE = (NOON + timedelta(hours=each) for each in (1, 2, 3))


def body(name: str, superior: str | None, region: str = "") -> Any:
    return established(name, superior, "leading_body", region=region)


def school(name: str, superior: str, region: str = "", category: str = "committee", sector: str = "3") -> Any:
    return established(name, superior, category, region=region, sector=sector, school=True)


def classes(*of: tuple[str, str, int]) -> list[Any]:
    """Of (branch, superior, graduates) the branch with its cohort."""
    facts: list[Any] = []
    for branch, superior, number in of:
        people = [f"{branch}-{each}" for each in range(number)]
        facts += [established(branch, superior, sector="3"), *(entered(each, branch) for each in people)]
        facts.append(frozen(branch, *people))
    return facts


def leaves(person: str, branch: str) -> list[Any]:
    transfer = f"t-{person}"
    return [
        asked(transfer, person, branch, "works"), agreed(transfer, person, "works"),
        moved(person, branch, "works", by=transfer), complete(transfer, person, branch, "works"),
    ]  # fmt: skip


PROVINCE = [
    body("root", None), body("zj", "root", "330000"), body("hz", "zj", "330100"), body("xihu", "hz", "330106"),
    body("system", "root"), established("works", "root", sector="8"),
    school("middle", "xihu", sector="5"), school("one-class", "xihu", category="branch", sector="5"),
    school("university", "zj", "330106"), established("college", "university", "committee", sector="3"),
    school("attached", "university", "330106", sector="5"), school("silent", "zj"),
    school("academy", "system", "330200"),
    *classes(("m", "middle", 4), ("u", "college", 3), ("a", "attached", 2), ("s", "silent", 1), ("v", "academy", 2)),
    entered("o-0", "one-class"), frozen("one-class", "o-0"),
    *leaves("m-0", "m"), *leaves("u-0", "u"), *leaves("u-1", "u"), *leaves("a-0", "a"), *leaves("a-1", "a"),
]  # fmt: skip


async def schools(world: World, organization: str, hour: object, region: str = "") -> dict[str, Any]:
    moment = await world.progress.moment(hour)
    return rates.by_school(await GraduatesBelow(world.database).schools(organization, moment, None, region), region)


async def regions(world: World, organization: str, hour: object) -> dict[str, Any]:
    moment = await world.progress.moment(hour)
    return rates.by_region(await GraduatesBelow(world.database).divisions(organization, moment, None))


def of(answer: dict[str, Any]) -> list[tuple[str, int, float | None]]:
    return [
        (row.get("organization") or row["region"], row["to_transfer"], row["completion_rate"]) for row in answer["rows"]
    ]


def adds_up(answer: dict[str, Any]) -> bool:
    names = ("graduates", "complete", "not_started", "employer")
    rows = [answer["own"], *answer["rows"]]
    return all(sum(row[name] for row in rows) == answer["total"][name] for name in names)


@pytest.mark.rule("GRD-06", "GRD-01", "STA-01", "STA-06", "P10")
async def test_every_school_below_has_its_own_graduates_at_an_hour_and_live(world: World) -> None:
    """The one within another does not count twice, and what is within a school is no row of its own."""
    async with world.writing():
        await world.tell(*PROVINCE)
        await world.until_applied()
        world.clock.at = ONE
        await world.until_published(ONE)
        hourly, live = await schools(world, "zj", ONE), await schools(world, "zj", "live")
        whole, own, inside = [await schools(world, each, ONE) for each in ("root", "university", "college")]
        standing = rates.graduates(await world.progress.standing("zj", await world.progress.moment(ONE)), None)
        verification = Verification(world.driver, world.settings)
        drifts = [*(await verification.recount()).drifts, *(await verification.replay()).drifts]
    assert drifts == []
    assert of(hourly) == [
        ("one-class", 1, 0.0), ("silent", 1, 0.0), ("middle", 4, 25.0), ("university", 3, 66.6), ("attached", 2, 100.0),
    ]  # fmt: skip
    assert of(live) == of(hourly)
    for answer in (hourly, live, whole, own, inside):
        assert adds_up(answer)
    assert hourly["total"] == standing["total"], "rows by school are of the very figures of the other rows"
    assert (hourly["year"], list(hourly["years"]), hourly["hour"]) == (2026, [2026], standing["hour"])
    assert [row[0] for row in of(whole)] == ["academy", *(row[0] for row in of(hourly))]
    assert of(own) == [("university", 3, 66.6), ("attached", 2, 100.0)]
    assert (of(inside), inside["own"]["graduates"]) == ([], 3), "a college is no school, nor is anything in it"


@pytest.mark.rule("GRD-06", "STA-06")
async def test_a_school_counts_in_the_division_that_it_states_else_in_that_of_its_superior(world: World) -> None:
    async with world.writing():
        await world.tell(*PROVINCE)
        await world.until_applied()
        world.clock.at = ONE
        await world.until_published(ONE)
        nation, province, city, county = [await regions(world, each, ONE) for each in ("root", "zj", "hz", "xihu")]
        live = await regions(world, "zj", "live")
        within = await schools(world, "zj", ONE, "330100")
        single = await regions(world, "university", ONE)
    assert of(nation) == [("330000", 13, 38.4)], "that of a system too, which has no division itself"
    assert of(province) == of(live) == [("330100", 10, 50.0)]
    assert (province["own"]["graduates"], province["region_name"]) == (1, "浙江省")
    assert (province["rows"][0]["name"], sorted(province["rows"][0]["organizations"])) == (
        "杭州市",
        ["hz", "university"],
    )
    assert of(city) == [("330106", 5, 20.0)]
    assert (of(county), county["own"]["graduates"]) == ([], 5), "there is no division within a county"
    assert (of(single), single["own"]["graduates"]) == ([], 5), "a school is in one place"
    for answer in (nation, province, city, county, within):
        assert adds_up(answer)
    assert [row[0] for row in of(within)] == ["one-class", "middle", "university", "attached"]
    assert within["total"]["graduates"] == province["rows"][0]["graduates"]


@pytest.mark.rule("GRD-06", "STA-01", "ORG-17", "ORG-09")
async def test_an_hour_shows_schools_where_they_stood_then_and_loses_nobody_of_one_that_is_gone(world: World) -> None:
    async with world.writing():
        await world.tell(*PROVINCE)
        await world.until_applied()
        world.clock.at = ONE
        await world.until_published(ONE)
        before = await schools(world, "xihu", ONE), await regions(world, "zj", ONE)
        await world.tell(relocated("middle", "root", "xihu"), dissolved("silent", "zj"))
        await world.until_applied()
        world.clock.at = TWO
        await world.until_published(TWO)
        assert (await schools(world, "xihu", ONE), await regions(world, "zj", ONE)) == before
        now, at_root = await schools(world, "zj", TWO), await schools(world, "root", TWO)
        drifts = (await Verification(world.driver, world.settings).recount()).drifts
    assert drifts == []
    assert [row[0] for row in of(now)] == ["one-class", "university", "attached"]
    assert now["own"]["graduates"] == 1, "graduates of what was dissolved are at no school, and are counted"
    assert "middle" in [row[0] for row in of(at_root)]
    assert adds_up(now)
    assert adds_up(at_root)


@pytest.mark.rule("GRD-06", "GRD-01")
async def test_what_is_no_school_any_more_is_no_row_and_a_year_without_cohorts_has_none(world: World) -> None:
    async with world.writing():
        await world.tell(*PROVINCE)
        await world.tell(established("silent", "zj", "committee", sector="8"))
        await world.until_applied()
        moment = await world.progress.moment("live")
        found = GraduatesBelow(world.database)
        now = rates.by_school(await found.schools("zj", moment, 2026), "")
        other = rates.by_school(await found.schools("zj", moment, 2020), "")
        nowhere = rates.by_region(await found.divisions("nowhere", moment, 2026))
    assert "silent" not in [row[0] for row in of(now)]
    assert now["own"]["graduates"] == 1
    assert (other["rows"], other["total"]["graduates"], list(other["years"])) == ([], 0, [2026])
    assert (nowhere["rows"], nowhere["total"]["graduates"]) == ([], 0)


@pytest.mark.rule("GRD-06")
async def test_too_many_schools_are_refused_and_an_hour_from_before_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.writing():
        await world.tell(*PROVINCE)
        await world.until_applied()
        world.clock.at = ONE
        await world.until_published(ONE)
    with monkeypatch.context() as few:
        few.setattr(looking, "LOOKED_AT", 6)
        for hour in (ONE, "live"):
            with pytest.raises(TooManySchools):
                await schools(world, "root", hour)
        assert of(await regions(world, "zj", ONE)), "regions need not go down so far"
    await world.database["figures_v1"].update_many({}, {"$unset": {"school": "", "region": "", "graduating": ""}})
    with pytest.raises(NotCountedThen):
        await schools(world, "zj", ONE)


@pytest.mark.rule("GRD-06")
async def test_schools_of_an_old_hour_are_found_by_index_however_many_copies_there_are(world: World) -> None:
    """Else a province's page would read each of its schools once for every hour of a month."""
    await world.hours.prepare()
    copies = world.database["figures_v1"]
    common = {"full_name": "n", "short_name": "n", "school": True, "region": "", "totals": {}}
    await copies.insert_many(
        {"_id": f"{node}@{hour}", "node": node, "hour": hour, "superior": superior, "graduating": number < 20,
         "cohorts": {"2026": {"graduates": hour}}, **common}
        for superior in ("east", "west")
        for number, node in enumerate(f"{superior}{each}" for each in range(40))
        for hour in range(1000, 1200)
    )  # fmt: skip

    async def stages(pipeline: list[dict[str, Any]]) -> list[dict[str, Any]]:
        asked = {"aggregate": "figures_v1", "pipeline": pipeline, "cursor": {}}
        explained = await world.database.command("explain", asked, verbosity="executionStats")
        return list(explained["stages"])

    first, *rest = await stages(ever_under(["east", "west"]))
    second = next(stage["$unionWith"]["pipeline"][0] for stage in rest if "$unionWith" in stage)
    for scan in (each["$cursor"]["executionStats"] for each in (first, second)):
        assert scan["totalKeysExamined"] <= 22
        assert scan["totalDocsExamined"] == 0
    [seeks, *_] = await stages(latest([f"east{each}" for each in range(20)], 1100, 2026))
    assert seeks["$cursor"]["executionStats"]["totalKeysExamined"] <= 42
    assert seeks["$cursor"]["executionStats"]["totalDocsExamined"] == 20
    found = await GraduatesBelow(world.database)._under(["east", "west"], Moment(1100, NOON), 2026, 1000)
    assert {each["graduates"]["graduates"] for each in found} == {1100}
    assert len(found) == 40
    assert hour_at(NOON) > 1200
