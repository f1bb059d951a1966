"""What can be asked of the figures, filled through the writer; and how much MongoDB reads to answer."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest

from services.stats import figures, workbook
from services.stats.counting.vectors import NO_FIGURES, Figures
from services.stats.hours import hour_at
from services.stats.projections.documents import node_update
from services.stats.projections.progress import Moment, Standing, _latest
from services.stats.reference.sectors import TABS
from tests.stats.conftest import NOON, World
from tests.stats.counting.facts import appointed, entered, established, reordered

ONE = NOON + timedelta(hours=1)
TREE = (
    established("root", category="leading_body"),
    established("county", "root", "leading_body", order=1),
    established("school", "county", "committee", sector="5", order=1),
    established("village", "county", "committee", sector="15", order=2, missing=("phone",)),
    established("class1", "school", sector="5", order=1),
    established("class2", "school", sector="5", order=2),
    established("field", "village", sector="15", order=1),
)
PEOPLE = (
    *(entered(f"p{i}", "class1") for i in range(3)),
    entered("q1", "class2", "mobile"),
    entered("f1", "field"),
    appointed("p0", "school", "书记"),
    appointed("t1", "school", "副书记"),
    appointed("t2", "county", "书记", "mobile"),
    appointed("t3", "village", "书记"),
)


async def standing(world: World, organization: str, asked="live") -> Standing:
    return await world.progress.standing(organization, await world.progress.moment(asked))


@pytest.fixture(scope="module")
async def county(shared_world: World) -> World:
    return await _told(shared_world)


async def _told(world: World) -> World:
    async with world.writing():
        await world.tell(*TREE, *PEOPLE)
        await world.until_applied()
        world.clock.at = ONE
        await world.until_published(ONE)
    return world


def numbers(line: dict, *names: str) -> tuple:
    return tuple(line[name] for name in names)


KNOWN_COLUMNS = {
    workbook.MEMBERS: {
        "下级团支部总数": "branches",
        "已完成录入的下级团支部总数": "branches_complete",
        "完成录入的团支部占比": "branches_share",
        "已录入的团员总数": "members",
        "已完成录入的团员总数": "members_complete",
        "个人资料录入完整的团员占比": "members_share",
    },
    workbook.CADRES: {
        "基层团组织总数": "organizations",
        "已完成录入的基层团组织总数": "organizations_complete",
        "完成录入的基层团组织占比": "organizations_share",
        "已录入的团干部总数": "cadres",
        "已完成录入的团干部总数": "cadres_complete",
        "个人资料录入完整的团干部占比": "cadres_share",
        "团的领导机关总数": "leading_bodies",
        "已完成录入的团的领导机关总数": "leading_bodies_complete",
        "团的领导机关已录入的团干部总数": "leading_cadres",
        "团的领导机关已完成录入的团干部总数": "leading_cadres_complete",
    },
}
BRANCHES = ("branches", "branches_complete", "branches_share", "members", "members_complete", "members_share")


@pytest.mark.rule("STA-03", "STA-06")
async def test_the_page_shows_each_direct_subordinate_and_a_total_that_is_own_plus_rows(county: World):
    answer = figures.tree_figures(await standing(county, "county", ONE), figures.member_figures)
    assert [row["organization"] for row in answer["rows"]] == ["school", "village"]
    assert numbers(answer["rows"][0], *BRANCHES) == (2, 1, 50.0, 4, 3, 75.0)
    assert numbers(answer["rows"][1], *BRANCHES) == (1, 0, 0.0, 1, 1, 100.0)
    assert numbers(answer["total"], *BRANCHES) == (3, 1, 33.3, 5, 4, 80.0)
    assert (answer["hour"], answer["late"]) == ("2026-11-22T05:00:00.000000Z", False)
    for level in ("root", "county", "school", "class1"):
        page = figures.tree_figures(await standing(county, level), figures.member_figures)
        for name in ("branches", "branches_complete", "members", "members_complete"):
            assert page["total"][name] == page["own"][name] + sum(row[name] for row in page["rows"])


@pytest.mark.rule("STA-03")
async def test_one_drills_down_to_the_branch_which_has_no_subordinates(county: World):
    page = figures.tree_figures(await standing(county, "school"), figures.member_figures)
    assert [(r["organization"], r["has_subordinates"]) for r in page["rows"]] == [("class1", False), ("class2", False)]
    leaf = figures.tree_figures(await standing(county, "class1"), figures.member_figures)
    assert leaf["rows"] == []
    assert leaf["total"] == leaf["own"]
    assert leaf["total"]["members"] == 3


@pytest.mark.rule("STA-03")
async def test_sectors_stand_in_their_order_and_add_up(county: World):
    answer = figures.sector_figures(await standing(county, "root"), figures.member_figures)
    assert [row["name"] for row in answer["rows"]][:7] == [
        "学校", "机关事业单位", "国有企业", "非公企业", "新社会组织", "城市社区", "农村",
    ]  # fmt: skip
    assert {row["sector"]: row["members"] for row in answer["rows"] if row["members"]} == {"school": 4, "rural": 1}
    assert sum(row["branches"] for row in answer["rows"]) == answer["total"]["branches"] == 3
    below = figures.tree_figures(await standing(county, "county"), figures.member_figures, "rural")
    assert [row["members"] for row in below["rows"]] == [0, 1]
    with pytest.raises(figures.UnknownSector):
        figures.tree_figures(await standing(county, "county"), figures.member_figures, "$where")


@pytest.mark.rule("STA-08")
async def test_cadres_are_counted_by_basic_organizations_with_leading_bodies_apart(county: World):
    total = figures.tree_figures(await standing(county, "root"), figures.cadre_figures)["total"]
    assert numbers(total, "organizations", "organizations_complete", "cadres", "cadres_complete") == (5, 2, 3, 3)
    assert numbers(total, "organizations_share", "cadres_share") == (40.0, 100.0)
    assert numbers(total, "leading_bodies", "leading_bodies_complete", "leading_cadres", "leading_cadres_complete") == (
        2, 0, 1, 0,
    )  # fmt: skip
    by_sector = figures.sector_figures(await standing(county, "root"), figures.cadre_figures)
    assert {r["sector"]: r["cadres"] for r in by_sector["rows"] if r["cadres"]} == {"school": 2, "rural": 1}
    assert sum(r["organizations"] for r in by_sector["rows"]) == 5


@pytest.mark.rule("STA-08")
def test_shares_of_cadres_are_of_the_basic_organizations_alone():
    basic = Figures(organizations=2, organizations_complete=1, cadres=4, cadres_complete=1)
    leading = Figures(organizations=1, organizations_complete=1, cadres=2, cadres_complete=2)
    counted = figures.cadre_figures({"school": basic, "leading": leading})
    assert numbers(counted, "organizations", "organizations_complete", "organizations_share") == (2, 1, 50.0)
    assert numbers(counted, "cadres", "cadres_complete", "cadres_share") == (4, 1, 25.0)
    assert numbers(counted, "leading_bodies", "leading_bodies_complete") == (1, 1)
    assert numbers(counted, "leading_cadres", "leading_cadres_complete") == (2, 2)


@pytest.mark.rule("STA-04", "ORG-20")
async def test_information_says_yes_or_no_and_what_is_missing(county: World):
    answer = figures.information_figures(await standing(county, "county", ONE))
    assert [(row["organization"], row["complete"], row["missing"]) for row in answer["rows"]] == [
        ("school", True, []),
        ("village", False, ["phone"]),
    ]
    assert answer["own"]["missing"] == ["secretary_mobile"]
    assert (answer["organizations"], answer["complete"], answer["share"]) == (6, 1, 16.6)
    below = figures.information_figures(await standing(county, "school", ONE))["rows"]
    assert [(row["complete"], row["entry_complete"]) for row in below] == [(False, True), (False, False)]


@pytest.mark.rule("STA-01", "ORG-08")
async def test_a_published_hour_keeps_names_and_order_of_then(world: World):
    from shared.contracts.org import Category, OrganizationInformationChanged

    county = await _told(world)
    async with county.writing():
        renamed = OrganizationInformationChanged(
            organization="school", category=Category.COMMITTEE, full_name="新名", short_name="新", sector="5"
        )
        await county.tell(renamed, reordered("county", "village", "school"), established("new", "county", order=3))
        await county.until_applied()
    then, now = await standing(county, "county", ONE), await standing(county, "county")
    assert [e.full_name for e in then.subordinates] == ["共青团school", "共青团village"]
    assert [e.full_name for e in now.subordinates] == ["共青团village", "新名", "共青团new"]


@pytest.mark.rule("STA-03")
async def test_an_organization_made_after_the_hour_has_figures_of_nothing(county: World):
    page = figures.tree_figures(await standing(county, "organization-later", ONE), figures.member_figures)
    assert page["rows"] == []
    assert numbers(page["total"], *BRANCHES) == (0, 0, None, 0, 0, None)


@pytest.mark.rule("STA-03", "STA-08")
@pytest.mark.parametrize("kind", [workbook.MEMBERS, workbook.CADRES])
async def test_the_download_holds_the_figures_of_the_page(county: World, kind: str):
    measure = {workbook.MEMBERS: figures.member_figures, workbook.CADRES: figures.cadre_figures}[kind]
    at = await standing(county, "county", ONE)
    answer = figures.tree_figures(at, measure)
    sheet = openpyxl.load_workbook(BytesIO(workbook.write(kind, answer, at.moment))).active
    heading, titles, own, *rows, total = sheet.iter_rows(values_only=True)
    assert sheet.title in heading[0]
    assert "2026-11-22 13:00（整点数据）" in heading[0]
    names = KNOWN_COLUMNS[kind].values()
    assert titles == ("组织名称", *KNOWN_COLUMNS[kind])
    for line, told in zip((own, *rows, total), (answer["own"], *answer["rows"], answer["total"]), strict=True):
        expected = [round(told[n] / 100, 3) if n.endswith("_share") and told[n] is not None else told[n] for n in names]
        assert line[1:] == tuple(expected)
    assert [row[0] for row in rows] == ["共青团school", "共青团village"]


@pytest.mark.rule("X26")
@pytest.mark.parametrize("name", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_name_that_looks_like_a_formula_is_downloaded_as_text(name: str):
    from datetime import UTC, datetime

    line = {"full_name": name, **figures.member_figures({})}
    answer = {"organization": line, "own": line, "rows": [line], "total": line}
    content = workbook.write(workbook.MEMBERS, answer, Moment(None, datetime(2026, 1, 1, tzinfo=UTC)))
    cells = [c for row in openpyxl.load_workbook(BytesIO(content)).active for c in row if c.value is not None]
    assert all(cell.data_type in "sn" for cell in cells)
    assert not [c for c in cells if c.data_type == "s" and c.value.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.rule("STA-03")
@pytest.mark.parametrize(("part", "whole", "percent"), [(0, 0, None), (0, 3, 0.0), (1999, 2000, 99.9), (7, 7, 100.0)])
def test_a_hundred_percent_means_all(part, whole, percent):
    assert figures.share(part, whole) == percent


@pytest.mark.rule("STA-03")
@pytest.mark.parametrize(
    ("sector", "tab"),
    [("3", "学校"), ("051", "学校"), ("2", "机关事业单位"), ("8", "国有企业"), ("10", "非公企业"), ("11", "新社会组织"),
     ("14", "城市社区"), ("15", "农村"), ("9", "其他"), ("16", "其他"), ("", "其他")],
)  # fmt: skip
def test_every_leaf_of_the_list_of_sectors_has_its_tab(sector, tab):
    from services.stats.reference.sectors import tab_of

    assert TABS[tab_of(sector)] == tab


def test_what_did_not_change_is_not_written():
    from services.stats.counting.ledger import Node

    assert node_update(Node("b"), Node("b"), 1) is None


@pytest.mark.rule("STA-01", "STA-06")
async def test_an_organization_stands_under_the_superior_that_it_had_at_the_hour(world: World):
    """Figures of an hour add up only if a node that was attached elsewhere later shows where it stood then."""
    await world.hours.prepare()
    then, later = hour_at(ONE), hour_at(ONE) + 5
    common = {"own": figures_document(), "totals": {}, "lacks": [], "tab": "rural", "order": 1, "category": "branch"}
    await world.database["figures_v1"].insert_many(
        {"_id": f"moved@{hour}", "node": "moved", "hour": hour, "superior": superior,
         "full_name": "n", "short_name": "n", **common}
        for hour, superior in ((then, "before"), (later, "after"))
    )  # fmt: skip

    async def under(superior: str, hour: int) -> list[str]:
        moment = Moment(hour, NOON)
        return [e.organization for e in (await world.progress.standing(superior, moment)).subordinates]

    assert (await under("before", then), await under("after", then)) == (["moved"], [])
    assert (await under("before", later + 1), await under("after", later + 1)) == ([], ["moved"])


def figures_document() -> dict[str, int]:
    return NO_FIGURES._asdict()


async def test_an_old_hour_is_read_by_index_however_many_copies_there_are(world: World):
    """Without it a page of last month would read every copy of every subordinate since."""
    await world.hours.prepare()
    copies = world.database["figures_v1"]
    zero = {"own": {}, "totals": {}, "lacks": [], "tab": "school", "order": 1, "category": "branch"}
    names = {"full_name": "n", "short_name": "n"}
    await copies.insert_many(
        {"_id": f"{node}@{hour}", "node": node, "hour": hour, "superior": "top", **zero, **names}
        for node in (f"n{i}" for i in range(20))
        for hour in range(1000, 1400)
    )
    await copies.insert_one({"_id": "top@1000", "node": "top", "hour": 1000, "superior": None, **zero, **names})
    explained = await world.database.command(
        "explain",
        {"aggregate": "figures_v1", "pipeline": _latest("top", 1200), "cursor": {}},
        verbosity="executionStats",
    )
    lookup = next(stage for stage in explained["stages"] if "$lookup" in stage)
    assert lookup["totalDocsExamined"] <= 21
    first = explained["stages"][0]["$cursor"]["executionStats"]
    assert first["totalKeysExamined"] <= 22
    assert hour_at(NOON) > 1400
