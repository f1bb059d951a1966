"""The approver's desk and the history as pages: filters in the address, many at once, what lies below (TRF-14)."""

import orjson
import pytest

from tests.web.conftest import ORIGIN, Browser
from tests.web.county import BRANCH, COUNTY, made
from tests.web.stage import Stage
from tests.web.transfers import ASSIGN, IN, OUT, SLOW, STREET, one

LIST = f"/organizations/{COUNTY}/transfers"
STEPS = {OUT: BRANCH, IN: STREET}
TAKEN = {
    "title": "这一步已经办理。",
    "way_out": "请刷新页面。",
    "status": 409,
    "code": "transfer_step_over",
    "rule": "TRF-07",
}


async def many(admin: Browser, *transfers: str, key: str = "one-key") -> str:
    steps = {f"step-{each}": STEPS[each] for each in transfers}
    form = {"_csrf": admin.token, "_key": key, "transfer": list(transfers), **steps}
    answer = await admin.http.post(f"{LIST}/approve", data=form, headers={"Origin": ORIGIN})
    assert answer.status_code == 200
    return answer.text


@pytest.mark.rule("TRF-14")
async def test_filters_stand_in_the_address_and_what_cannot_be_asked_is_left_out(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(f"{LIST}?which=below&state=refused&started_by=out&since=2026-11-01&until=never")).text
    asked = dict(stage.sent("GET", f"/v1{LIST}")[-1].url.params)
    assert asked == {"which": "below", "limit": "50", "state": "refused", "started_by": "out", "since": "2026-11-01"}
    for text in (
        "未同意",
        "转出方发起",
        "2026-11-01 起",
        f"{LIST}?which=below&amp;started_by=out&amp;since=2026-11-01",
    ):
        assert text in page
    await admin.get(f"{LIST}?which=waiting&state=lost&started_by=nobody&reason=x'y")
    assert dict(stage.sent("GET", f"/v1{LIST}")[-1].url.params) == {"which": "waiting", "limit": "50"}


@pytest.mark.rule("TRF-14")
async def test_by_name_member_is_asked_first_and_the_page_says_where_not_all_were_looked_at(
    admin: Browser, stage: Stage
) -> None:
    members, who = f"/v1/organizations/{COUNTY}/people", made("person", "周若彤")
    stage.answers[f"GET {members}"] = (200, {"items": [{"person": who, "name": "周若彤"}], "more": False})
    page = (await admin.get(f"{LIST}?which=below&q=周若彤")).text
    assert "没有全部查找" not in page
    assert stage.sent("GET", members)[-1].url.params["q"] == "周若彤"
    assert stage.sent("GET", f"/v1{LIST}")[-1].url.params.get_list("person") == [who]
    assert 'name="q"' in (await admin.get(LIST)).text
    await admin.get(f"{LIST}?q=周若彤")
    waiting = stage.sent("GET", f"/v1{LIST}")[-1].url.params
    assert (waiting["which"], waiting.get_list("person")) == ("waiting", [who])
    stage.answers[f"GET {members}"] = (200, {"items": [{"person": who, "name": "周若彤"}], "more": True})
    assert "没有全部查找" in (await admin.get(f"{LIST}?which=below&q=周")).text
    stage.answers[f"GET {members}"] = (200, {"items": [], "more": True})
    page = (await admin.get(f"{LIST}?which=below&q=周")).text
    assert "没有全部查找" in page
    stage.answers[f"GET {members}"] = (200, {"items": []})
    asked = len(stage.sent("GET", f"/v1{LIST}"))
    assert "没有符合条件的转接" in (await admin.get(f"{LIST}?which=below&q=没有的人")).text
    assert len(stage.sent("GET", f"/v1{LIST}")) == asked


@pytest.mark.rule("TRF-14")
async def test_a_branch_has_no_tabs_of_subordinates(admin: Browser) -> None:
    assert "which=overdue" in (await admin.get(LIST)).text
    page = (await admin.get(f"/organizations/{BRANCH}/transfers")).text
    assert "which=coordination" in page
    for tab in ("overdue", "objections", "below"):
        assert f"which={tab}" not in page


@pytest.mark.rule("BEY-04", "TRF-10")
async def test_what_subordinates_leave_lying_says_with_whom_and_since_how_long(admin: Browser) -> None:
    page = (await admin.get(f"{LIST}?which=overdue")).text
    for text in (
        f'href="/transfers/{SLOW}"',
        "已超过 5 个工作日",
        "已提醒 1 次",
        "需提交会议研究",
        "等待：",
        "共 1 件",
    ):
        assert text in page


@pytest.mark.rule("TRF-05", "TRF-07")
async def test_many_are_approved_each_by_its_own_command_and_each_says_what_came_of_it(
    admin: Browser, stage: Stage
) -> None:
    page = (await admin.get(LIST)).text
    assert [page.count(f'name="transfer" value="{each}"') for each in (OUT, IN, ASSIGN)] == [1, 1, 0]
    stage.answers[f"POST /v1/transfers/{OUT}/approval"] = (409, TAKEN)
    outcome = await many(admin, IN, OUT)
    for text in ("2 项中已同意 1 项", "周若彤", "蓝雨桐", "这一步已经办理", "请刷新页面", "TRF-07"):
        assert text in outcome
    for each in (IN, OUT):
        [request] = stage.sent("POST", f"/v1/transfers/{each}/approval")
        assert orjson.loads(request.content) == {"organization": STEPS[each]}
        assert f'name="step-{each}" value="{STEPS[each]}"' in page
    keys = [stage.sent("POST", f"/v1/transfers/{each}/approval")[0].headers["idempotency-key"] for each in (IN, OUT)]
    assert len(set(keys)) == 2
    asked = stage.sent("GET", f"/v1{LIST}")
    assert [each.headers.get("x-read-after") for each in asked][-2:] == [None, f"{IN}:4"]
    await many(admin, IN)
    assert stage.sent("POST", f"/v1/transfers/{IN}/approval")[1].headers["idempotency-key"] == keys[0]
    await many(admin, IN, key="another-key")
    assert stage.sent("POST", f"/v1/transfers/{IN}/approval")[2].headers["idempotency-key"] != keys[0]


@pytest.mark.rule("TRF-06")
async def test_who_takes_many_in_is_told_that_branches_are_still_to_be_assigned(admin: Browser, stage: Stage) -> None:
    await admin.get(LIST)
    assert "还要分配团支部" not in await many(admin, IN)
    mine = one(IN) | {"to": COUNTY, "waits_for": COUNTY}
    stage.answers[f"GET /v1{LIST}"] = (200, {"items": [mine, one(OUT)], "total": 2})
    outcome = await many(admin, IN, OUT, key="another-key")
    assert outcome.count("已同意，还要分配团支部") == 1
    assert outcome.count("已同意</span>") == 1


@pytest.mark.rule("OPS-08")
async def test_where_nobody_knows_it_is_said_and_tried_again_under_the_same_key(admin: Browser, stage: Stage) -> None:
    await admin.get(LIST)
    stage.answers[f"POST /v1/transfers/{IN}/approval"] = (503, {"status": 503, "title": "忙", "code": "system_full"})
    outcome = await many(admin, IN, OUT)
    assert "2 项中已同意 1 项" in outcome
    assert "没有答复的再试一次" in outcome
    assert outcome.count('name="transfer"') == 1
    assert 'name="_key" value="one-key"' in outcome
    assert "没有选择任何转接" in await many(admin)


@pytest.mark.rule("TRF-14", "ORG-17")
async def test_what_has_left_with_its_organization_is_listed_and_leads_nowhere(admin: Browser, stage: Stage) -> None:
    left = one(IN) | {"opens": False}
    stage.answers[f"GET /v1{LIST}"] = (200, {"items": [left, one(OUT)], "next": None})
    page = (await admin.get(f"{LIST}?which=below")).text
    assert "（已不在本组织之下）" in page
    assert (f'href="/transfers/{IN}"' in page, f'href="/transfers/{OUT}"' in page) == (False, True)
