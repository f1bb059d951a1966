"""The routes of stats with the real edge, tokens, authority copies and figures."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from urllib.parse import unquote
from uuid import UUID, uuid5

import httpx
import openpyxl
import pytest

from services.stats.api import Stats, router
from services.stats.app import build
from services.stats.projections.below import GraduatesBelow
from services.stats.projections.trend import Trend
from shared.authority.authority import Authority
from shared.authority.freshness import Freshness
from shared.authority.grants import Grants, Withdrawals
from shared.authority.projection import AuthorityGrants, AuthorityScopes
from shared.authority.tree import Tree
from shared.contracts import org
from shared.http.edge import new_app
from shared.http.routes import assert_all_routes_declare_access
from shared.projections.runner import ProjectionLoop
from shared.testing.tokens import Issuer
from tests.stats.conftest import NOON, World
from tests.stats.counting.facts import appointed, entered, established, frozen

ONE = NOON + timedelta(hours=1)


def organization(name: str) -> str:
    return f"organization-{uuid5(UUID(int=1), name)}"


def person(name: str) -> str:
    return f"person-{uuid5(UUID(int=2), name)}"


ROOT, COUNTY, SCHOOL, VILLAGE, CLASS, SIBLING = (
    organization(n) for n in ("root", "county", "school", "village", "class", "sibling")
)
ADMIN = person("admin of the county")
FACTS = (
    established(ROOT, category="leading_body"),
    established(COUNTY, ROOT, "leading_body"),
    established(SIBLING, ROOT, "leading_body"),
    established(SCHOOL, COUNTY, "committee", sector="5", order=1, school=True, region="331123"),
    established(VILLAGE, COUNTY, "committee", sector="15", order=2),
    established(CLASS, SCHOOL, sector="5"),
    *(entered(person(f"p{i}"), CLASS) for i in range(3)),
    appointed(person("p0"), CLASS),
    appointed(ADMIN, COUNTY),
    frozen(CLASS, *(person(f"p{i}") for i in range(3))),
    org.AdminAppointed(organization=COUNTY, person=ADMIN),
)


class Client:
    """Asks as somebody, acting for an organization."""

    def __init__(self, http: httpx.AsyncClient, issuer: Issuer) -> None:
        self._http, self._issuer = http, issuer

    async def get(
        self, path: str, who: str | None = ADMIN, acting: str = COUNTY, after: str = "", **query: str
    ) -> httpx.Response:
        headers = {"X-Acting-Organization": acting} | ({"X-Read-After": after} if after else {})
        if who:
            headers |= self._issuer.headers(who)
        return await self._http.get(f"/v1/progress/{path}", params=query, headers=headers)


@pytest.fixture(scope="module")
async def client(shared_world: World) -> AsyncIterator[Client]:
    world = shared_world
    issuer = Issuer(world.clock)
    withdrawals = Withdrawals()
    grants = Grants(world.database, withdrawals)
    authority = Authority(Tree(world.database, withdrawals), grants, lambda: Freshness(0.0), world.settings)
    copies = [
        ProjectionLoop(world.driver, "stats", copy(world.database), world.settings)
        for copy in (AuthorityScopes, AuthorityGrants)
    ]
    tasks = [asyncio.create_task(loop.run()) for loop in copies]
    app = new_app("stats", issuer.verifier(), [router])
    app.state.stats = Stats(world.progress, Trend(world.database), GraduatesBelow(world.database), authority)
    try:
        async with world.writing():
            await _told(world, grants, authority)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://stats") as http:
                yield Client(http, issuer)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _told(world: World, grants: Grants, authority: Authority) -> None:
    """Figures published for ONE, and the copies of tree and rights filled."""
    await world.tell(*FACTS)
    await world.until_applied()
    world.clock.at = ONE
    await world.until_published(ONE)

    async def copied() -> bool:
        return await grants.standing(ADMIN) != await grants.standing("nobody") and bool(
            await authority.tree.path(CLASS)
        )

    await world.until(copied)


@pytest.mark.rule("STA-01", "STA-03", "STA-04", "STA-08")
async def test_the_pages_of_an_organization_answer_for_the_newest_hour_and_live(client: Client):
    page = (await client.get("members", organization=COUNTY)).json()
    assert (page["hour"], page["late"], page["fresh"]) == ("2026-11-22T05:00:00.000000Z", False, True)
    assert [(r["organization"], r["members"], r["has_subordinates"]) for r in page["rows"]] == [
        (SCHOOL, 3, True),
        (VILLAGE, 0, False),
    ]
    assert page["total"]["branches_share"] == 100.0
    live = (await client.get("members", organization=COUNTY, hour="live")).json()
    assert (live["hour"], live["total"]) == (None, page["total"])
    assert (await client.get("members", organization=COUNTY, sector="rural", hour="")).json()["total"]["members"] == 0
    sectors = (await client.get("members/sectors", organization=COUNTY, hour=page["hour"])).json()
    assert sectors["rows"][0] == {"sector": "school", "name": "学校", **page["total"]}
    cadres = (await client.get("cadres", organization=COUNTY)).json()["total"]
    assert (cadres["organizations"], cadres["cadres"], cadres["leading_cadres"]) == (3, 1, 1)
    assert (await client.get("cadres/sectors", organization=COUNTY)).json()["total"] == cadres
    rural = (await client.get("cadres", organization=COUNTY, sector="rural")).json()["total"]
    assert (rural["organizations"], rural["cadres"], rural["leading_cadres"]) == (1, 0, 0)
    information = (await client.get("information", organization=COUNTY)).json()
    assert [(r["organization"], r["missing"]) for r in information["rows"]] == [
        (SCHOOL, ["secretary"]),
        (VILLAGE, ["secretary"]),
    ]
    assert (await client.get("hours")).json() == {"items": [page["hour"]], "late": []}


@pytest.mark.rule("STA-05")
@pytest.mark.parametrize("kind", ["members", "cadres"])
async def test_the_trend_of_an_organization_ends_in_the_figures_of_the_newest_hour(client: Client, kind: str):
    page = (await client.get(kind, organization=COUNTY)).json()
    trend = (await client.get(f"{kind}/trend", organization=COUNTY)).json()
    assert trend == {"sector": None, "points": [{"hour": page["hour"], **page["total"]}]}
    rural = (await client.get(f"{kind}/trend", organization=COUNTY, sector="rural")).json()
    below = (await client.get(kind, organization=COUNTY, sector="rural")).json()
    assert rural == {"sector": "rural", "points": [{"hour": page["hour"], **below["total"]}]}
    refused = await client.get(f"{kind}/trend", organization=COUNTY, sector="leading")
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_sector")


@pytest.mark.rule("STA-03", "STA-08", "X26")
@pytest.mark.parametrize(
    ("path", "name", "rural"), [("members.xlsx", "团员录入情况", 0), ("cadres.xlsx", "团干部录入情况", 1)]
)
async def test_a_page_is_downloaded_as_a_workbook(client: Client, path: str, name: str, rural: int):
    """The first figure of its last line is of branches, or of basic organizations: one and three in all sectors."""
    answer = await client.get(path, organization=COUNTY, sector="rural")
    assert answer.status_code == 200
    assert f"{name}农村.xlsx" in unquote(answer.headers["content-disposition"])
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert (sheet.max_row, sheet.cell(6, 2).value) == (6, rural)


@pytest.mark.rule("GRD-06", "GRD-01")
async def test_rates_of_graduates_are_answered_by_school_and_by_region_a_page_at_a_time(client: Client) -> None:
    whole = (await client.get("graduates", organization=COUNTY)).json()
    page = (await client.get("graduates/schools", organization=COUNTY, year="2026")).json()
    assert [(row["organization"], row["graduates"], row["completion_rate"]) for row in page["rows"]] == [(SCHOOL, 3, 0)]
    assert (page["schools"], page["own"]["graduates"]) == (1, 0)
    assert (page["hour"], page["total"], page["formulas"]) == (whole["hour"], whole["total"], whole["formulas"])
    beyond = (await client.get("graduates/schools", organization=COUNTY, offset="1")).json()
    assert (beyond["rows"], beyond["schools"], beyond["total"]) == ([], 1, whole["total"])
    elsewhere = (await client.get("graduates/schools", organization=COUNTY, region="110000")).json()
    assert (elsewhere["rows"], elsewhere["region_name"], elsewhere["total"]["graduates"]) == ([], "北京市", 0)
    by_region = (await client.get("graduates/regions", organization=COUNTY, hour="live")).json()
    assert [(row["name"], row["organizations"]) for row in by_region["rows"]] == [("浙江省", [SCHOOL])]
    assert (await client.get("graduates/schools", organization=COUNTY, region="33")).status_code == 400


@pytest.mark.rule("GRD-06", "X26")
@pytest.mark.parametrize(
    ("by", "name", "first"),
    [
        ("organization", "学社衔接率", "（本级）"),
        ("school", "学社衔接率（按学校）", "（不在下级学校内）"),
        ("region", "学社衔接率（按地区）", "（未填写下级地区）"),
    ],
)
async def test_rates_of_graduates_are_downloaded_as_a_workbook(client: Client, by: str, name: str, first: str) -> None:
    answer = await client.get("graduates.xlsx", organization=COUNTY, by=by)
    assert f"{name}.xlsx" in unquote(answer.headers["content-disposition"])
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert first in sheet.cell(3, 1).value
    assert (sheet.cell(sheet.max_row, 1).value, sheet.cell(sheet.max_row, 2).value) == ("合计", 3)
    assert (sheet.cell(2, 5).value, sheet.cell(4, 5).value) == ("转接完成率", 0)


@pytest.mark.rule("P12", "ADM-08")
@pytest.mark.parametrize(
    "path",
    [
        *("members", "members/sectors", "members/trend", "members.xlsx", "information"),
        *("cadres", "cadres/sectors", "cadres/trend", "cadres.xlsx"),
        *("graduates/schools", "graduates/regions", "graduates.xlsx"),
    ],
)
async def test_figures_are_shown_to_those_of_the_organization_and_above_and_to_nobody_else(client: Client, path: str):
    assert (await client.get(path, organization=CLASS)).status_code == 200
    above, beside, absent = [await client.get(path, organization=o) for o in (ROOT, SIBLING, organization("no"))]
    told = [{k: v for k, v in a.json().items() if k != "correlation"} for a in (above, beside, absent)]
    assert above.status_code == 403
    assert told[0] == told[1] == told[2]
    assert (await client.get(path, who=person("p1"), acting=CLASS, organization=CLASS)).status_code == 403
    assert (await client.get(path, who=None, organization=COUNTY)).status_code == 401


@pytest.mark.rule("STA-01", "P13")
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"hour": "2026-11-22T04:00:00Z"}, "hour_not_published"),
        ({"hour": "9999-12-31T23:59:59+14:00"}, "hour_not_published"),
        ({"hour": "0001-01-01T00:00:00-14:00"}, "hour_not_published"),
        ({"hour": "2026-11-22T05:00:00"}, None),
        ({"hour": "yesterday"}, None),
        ({"sector": "leading"}, "unknown_sector"),
        ({"sector": "$gt"}, "unknown_sector"),
        ({"sector": "x" * 500}, None),
        ({"organization": ""}, None),
        ({"organization": "x" * 5000}, None),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_in_a_sentence(client: Client, query, code):
    answer = await client.get("members", **({"organization": COUNTY} | query))
    assert answer.status_code in (400, 404)
    assert answer.json()["title"]
    assert code in (None, answer.json()["code"])


@pytest.mark.rule("P12")
def test_every_route_says_who_may_use_it(world: World):
    app = build(world.settings).app
    assert_all_routes_declare_access(app)


async def test_a_query_after_a_command_says_that_its_effect_may_not_be_counted_yet(client: Client):
    answer = await client.get("members", organization=COUNTY, hour="live", after=f"{COUNTY}:2")
    assert answer.json()["fresh"] is False
    assert answer.json()["as_of"] == "2026-11-22T05:00:00.000000Z"  # of the last stroke at least
