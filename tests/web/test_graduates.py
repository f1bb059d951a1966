"""The graduation cockpit as pages: rates with their formulas, why people are still here, one click for many (BEY-09)."""

import re
from urllib.parse import quote

import orjson
import pytest

from tests.web.conftest import Browser
from tests.web.county import BRANCH, COUNTY, LAN, NOW, branch, subordinate
from tests.web.graduates import FORMULA, ZHOU, graduated, left_behind
from tests.web.stage import Stage
from tests.web.transfers import REFUSED

COCKPIT = "/progress/graduates"


@pytest.mark.rule("GRD-06", "STA-05")
async def test_each_rate_stands_beside_its_formula(admin: Browser) -> None:
    page = (await admin.get(COCKPIT)).text
    assert f"{graduated(5)['completion_rate']}%" in page
    assert f"{graduated(5)['employment_rate']}%" in page
    assert FORMULA["zh"] in page
    assert FORMULA["version"] in page
    assert FORMULA["zh"] in (await admin.get("/progress/timeliness")).text


@pytest.mark.rule("BEY-09")
async def test_reasons_stand_in_the_order_of_their_weight_and_lead_to_the_people(admin: Browser) -> None:
    page = (await admin.get(COCKPIT)).text
    reasons = [page.index(f"stuck={each}") for each in ("not_started", "waiting", "refused", "timed_out", "returned")]
    assert reasons == sorted(reasons)
    for text in ("今天该联系谁", "未发起 22", "9 天", "10:00固定。", "应当转往其他团组织"):
        assert text in page


@pytest.mark.rule("BEY-09")
async def test_the_funnel_goes_from_whom_it_is_about_to_who_arrived_and_where(admin: Browser) -> None:
    funnel = (await admin.get(COCKPIT)).text.split('aria-labelledby="h-funnel"')[1].split("</section>")[0]
    steps = [funnel.index(f"<title>{each}</title>") for each in ("应转接", "已发起", "已办结")]
    assert steps == sorted(steps)
    all_, to_other = funnel.split("去向", 1)
    assert str(graduated(5)["to_transfer"]) in all_
    assert str(graduated(5)["school"]) in to_other


@pytest.mark.rule("BEY-07", "GRD-06")
async def test_a_figure_opens_down_to_organizations_and_then_to_people(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(COCKPIT)).text
    assert f"{COCKPIT}?organization=" in page
    assert "/graduates?year=2026&amp;organization=" in page
    await admin.get(f"{COCKPIT}?organization={BRANCH}&year=2025&hour=live")
    asked = dict(stage.sent("GET", "/v1/progress/graduates")[-1].url.params)
    assert asked == {"organization": BRANCH, "hour": "live", "year": "2025"}


@pytest.mark.rule("GRD-06", "BEY-09")
async def test_rates_stand_by_direct_subordinate_by_school_and_by_region(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(COCKPIT)).text
    for text in ("按直属下级", "by=school#h-rows", "by=region#h-rows"):
        assert text in page
    schools = (await admin.get(f"{COCKPIT}?by=school&cursor=50&region=330100&year=2026")).text
    [asked] = stage.sent("GET", "/v1/progress/graduates/schools")
    assert dict(asked.url.params) == {
        "organization": COUNTY, "hour": NOW.isoformat(), "year": "2026", "region": "330100", "limit": "50",
        "offset": "50",
    }  # fmt: skip
    for text in ("只列杭州市的学校", "从低到高", "共 60 所", "/graduates?year=2026&amp;organization=", "cursor=52"):
        assert text in schools, text
    regions = (await admin.get(f"{COCKPIT}?by=region")).text
    for text in (
        "杭州市",
        "丽水市",
        "未填写下级地区",
        "by=school&amp;region=330100",
        f"by=region&amp;organization={BRANCH}",
        f'<a class="sub d-block" href="/progress/graduates?organization={subordinate(0)["id"]}">',
    ):
        assert text in regions, text
    assert stage.sent("GET", "/v1/progress/graduates/regions")


@pytest.mark.rule("GRD-06", "STA-01")
async def test_the_next_page_of_schools_is_of_the_same_hour(admin: Browser) -> None:
    """Figures of two hours would not add up, and a school could be passed over."""
    page = (await admin.get(f"{COCKPIT}?by=school")).text
    [following] = re.findall(r'href="([^"]*)" rel="next"', page)
    assert f"hour={quote(NOW.isoformat())}" in following
    assert "cursor=2" in following


@pytest.mark.rule("GRD-06")
async def test_too_many_schools_are_said_where_the_rows_would_be(admin: Browser, stage: Stage) -> None:
    no = {"title": "下级学校超过20000所", "status": 422, "code": "too_many_schools", "way_out": "请先按地区查看。"}
    stage.answers["GET /v1/progress/graduates/schools"] = (422, no)
    answer = await admin.get(f"{COCKPIT}?by=school")
    assert answer.status_code == 200
    for text in ("下级学校超过20000所", "请先按地区查看。", FORMULA["zh"]):
        assert text in answer.text


@pytest.mark.rule("GRD-06")
async def test_rates_are_downloaded_as_they_are_shown(admin: Browser, stage: Stage) -> None:
    assert "/progress/graduates.xlsx?" in (await admin.get(f"{COCKPIT}?by=school")).text
    stage.answers["GET /v1/progress/graduates.xlsx"] = (200, {})
    answer = await admin.get(f"/progress/graduates.xlsx?organization={BRANCH}&by=school&region=330100")
    assert answer.status_code == 200
    asked = dict(stage.sent("GET", "/v1/progress/graduates.xlsx")[-1].url.params)
    assert asked == {"organization": BRANCH, "by": "school", "region": "330100"}


@pytest.mark.rule("GRD-06")
async def test_where_too_much_is_below_the_page_says_so_and_keeps_its_figures(admin: Browser, stage: Stage) -> None:
    no = {"title": "下级组织超过10000个，名单不能一次列出。", "status": 422, "code": "subtree_too_large"}
    stage.answers[f"GET /v1/organizations/{COUNTY}/graduates/situation"] = (422, no | {"way_out": "请先打开某个下级。"})
    answer = await admin.get(COCKPIT)
    assert answer.status_code == 200
    assert "下级组织超过10000个" in answer.text
    assert FORMULA["zh"] in answer.text


@pytest.mark.rule("GRD-06")
async def test_who_is_not_waiting_can_be_ticked(admin: Browser) -> None:
    page = (await admin.get("/graduates")).text
    assert f'name="who" value="{LAN}"' in page
    assert f'name="who" value="{ZHOU}"' not in page
    assert f'<a href="/transfers/{REFUSED}"><span class="badge badge-mute">审批中</span></a>' in page
    for text in ("蓝雨桐", "应当转往其他团组织", "为所选的人发起转接"):
        assert text in page


@pytest.mark.rule("GRD-06", "ADM-08")
async def test_a_superior_who_could_start_for_nobody_reads_who_does_and_ticks_nobody(
    admin: Browser, stage: Stage
) -> None:
    """A county sees its schools' graduates; only the branches and their direct superiors may start for them."""
    rows = [each | {"may_start": False} for each in left_behind()]
    stage.answers[f"GET /v1/organizations/{COUNTY}/graduates"] = (200, {"items": rows, "next": None})
    page = (await admin.get("/graduates")).text
    assert 'name="who"' not in page
    assert "为所选的人发起转接" not in page
    assert "由所在团支部或其直属上级的管理员发起" in page
    stage.answers[f"GET /v1/organizations/{COUNTY}/graduates"] = (200, {"items": left_behind(), "next": None})
    assert 'data-ticks="who"' in (await admin.get("/graduates")).text


@pytest.mark.rule("GRD-06", "ADM-08")
async def test_who_reads_only_sees_the_list_and_can_tick_nobody(stranger: Browser, stage: Stage) -> None:
    stage.standings[0]["role"] = "cadre"
    await stranger.sign_in()
    page = (await stranger.get("/graduates")).text
    assert "蓝雨桐" in page
    assert 'name="who"' not in page
    assert (await stranger.get(f"/graduates/start?who={LAN}")).status_code == 403


@pytest.mark.rule("GRD-06", "TRF-05")
async def test_one_click_starts_for_all_ticked_and_says_what_came_of_each(admin: Browser, stage: Stage) -> None:
    where = f"organization={COUNTY}"
    chosen = (await admin.get(f"/graduates/start?who={LAN}&who={ZHOU}&{where}")).text
    assert "为 2 名毕业生发起转接" in chosen
    assert f'type="hidden" name="people" value="{LAN},{ZHOU}"' in chosen, "a search for the place keeps who was ticked"
    await admin.get(f"/graduates/start?people={LAN},{ZHOU}&{where}&to={BRANCH}")
    form = {"people": f"{LAN},{ZHOU}", "organization": COUNTY, "to": BRANCH, "reason": "further_study"}
    answer = await admin.post("/graduates/start", form)
    assert answer.status_code == 200
    for text in ("已发起 1 项，1 项未能发起。", "已有业务正在办理。", "TRF-02", "蓝雨桐", "周若彤"):
        assert text in answer.text
    [sent] = stage.sent("POST", f"/v1/organizations/{COUNTY}/graduates/transfers")
    assert orjson.loads(sent.content) == {"people": [LAN, ZHOU], "to": BRANCH, "reason": "further_study"}
    [begun] = re.findall(r'href="/transfers/(transfer-[0-9a-f-]{36})"', answer.text)
    awaited = stage.sent("GET", f"/v1/organizations/{COUNTY}/transfers")[-1]
    assert awaited.headers["x-read-after"] == f"{begun}:1", "its page is there for whoever follows the link at once"
    no = {"title": "无权查看。", "status": 403, "code": "outside_authority", "rule": "ADM-08"}
    stage.answers[f"GET /v1/organizations/{COUNTY}/transfers"] = (403, no)
    assert "已发起 1 项，1 项未能发起。" in (await admin.post("/graduates/start", form)).text, "done is done"


@pytest.mark.rule("GRD-06")
async def test_a_refused_batch_keeps_the_ticks_the_place_and_the_reason(admin: Browser, stage: Stage) -> None:
    no = {"title": "请填写说明。", "status": 422, "code": "reason_needs_text", "rule": "TRF-15", "field": "note"}
    stage.answers[f"POST /v1/organizations/{COUNTY}/graduates/transfers"] = (422, no)
    await admin.get(f"/graduates/start?people={LAN}&to={BRANCH}")
    answer = await admin.post(
        "/graduates/start", {"people": LAN, "organization": COUNTY, "to": BRANCH, "reason": "other"}
    )
    assert answer.status_code == 422
    for text in ("请填写说明。", f'name="people" value="{LAN}"', 'value="other" data-note required checked'):
        assert text in answer.text
    nobody = await admin.post("/graduates/start", {"people": "", "to": BRANCH})
    assert "没有选择任何人" in nobody.text


@pytest.mark.rule("TRF-19", "GRD-06")
async def test_what_leavers_say_of_themselves_is_asked_for_all_ticked_and_goes_with_the_command(
    admin: Browser, stage: Stage
) -> None:
    here = f"/graduates/start?people={LAN},{ZHOU}&organization={COUNTY}"
    asked = (await admin.get(here)).text
    assert f"organization={COUNTY}" in str(stage.sent("GET", "/v1/reference/transfers")[-1].url)
    for text in ("所选的人情况相同的", "已落实工作", "situation=has_work"):
        assert text in asked
    stated = (await admin.get(f"{here}&situation=has_work")).text
    assert "place=floating_of_work" in stated
    assert "不能转往户籍地" in stated
    to = (await admin.get(f"{here}&situation=has_work&place=employer&to={BRANCH}")).text
    for text in ('name="situation" value="has_work"', 'name="place" value="employer"', "工作单位的团组织"):
        assert text in to, text
    said = {"situation": "has_work", "place": "employer"}
    form = {"people": f"{LAN},{ZHOU}", "organization": COUNTY, "to": BRANCH, "reason": "further_study", **said}
    path = f"/v1/organizations/{COUNTY}/graduates/transfers"
    assert (await admin.post("/graduates/start", form)).status_code == 200
    assert orjson.loads(stage.sent("POST", path)[-1].content).items() >= said.items()
    no = {"title": "与本人情况不符。", "status": 422, "code": "place_does_not_fit", "rule": "TRF-19", "field": "place"}
    stage.answers[f"POST {path}"] = (422, no)
    again = await admin.post("/graduates/start", form)
    assert again.status_code == 422
    for text in ("与本人情况不符。", 'name="place" value="employer"', f'name="people" value="{LAN},{ZHOU}"'):
        assert text in again.text, text


@pytest.mark.rule("GRD-09")
async def test_of_each_step_whose_day_is_over_the_page_lists_who_has_not_done_it(admin: Browser, stage: Stage) -> None:
    steps = [{"step": step, "day": "2026-06-01", "days_left": -1} for step in ("mark", "graduate", "start", "settle")]
    steps.append({"step": "freshmen", "day": "2026-12-31", "days_left": 30})
    campaign = {"year": 2026, "today": "2026-11-22", "steps": steps}
    stage.answers[f"GET /v1/organizations/{COUNTY}/campaigns/2026"] = (200, campaign)
    page = (await admin.get("/graduates/late")).text
    for text in ("24 人还没有发起转接", "24 人的转接等它办理", "还没有到期", "共 61 个组织"):
        assert text in page
    asked = [each.url.params["step"] for each in stage.sent("GET", f"/v1/organizations/{COUNTY}/graduates/late")]
    assert asked == ["start", "settle"]
    no = {"title": "太多了", "status": 422, "code": "subtree_too_large", "way_out": "请打开下级。"}
    stage.answers[f"GET /v1/organizations/{COUNTY}/graduates/late"] = (422, no)
    assert "太多了" in (await admin.get("/graduates/late")).text
    assert "/graduates/late?" in (await admin.get(COCKPIT)).text


@pytest.mark.rule("GRD-06", "GRD-04")
async def test_the_home_of_a_graduate_branch_says_how_many_are_left_and_leads_to_them(
    admin: Browser, stage: Stage
) -> None:
    assert "还有 41 人未转出" not in (await admin.get("/home")).text
    stage.answers[f"GET /v1/organizations/{COUNTY}"] = (200, branch(id=COUNTY, branch_kind="graduate"))
    left = (await admin.get("/home")).text.partition('aria-labelledby="h-left"')[2].partition("</section>")[0]
    for text in (
        "2026届：还有 41 人未转出",
        'href="/graduates?year=2026"',
        "2025届：还有 3 人未转出",
        'href="/graduates?year=2025"',
        f'href="/organizations/{COUNTY}/members/graduation"',
    ):
        assert text in left
    assert left.index("往年未转出") > left.index("2025届"), "this year's is not said to be of an earlier one"
    assert "<span>2025届</span>" in (await admin.get("/graduates?year=2025")).text
    stage.answers[f"GET /v1/organizations/{COUNTY}/graduates/years"] = (200, {"items": []})
    assert "h-left" not in (await admin.get("/home")).text


@pytest.mark.rule("BEY-09")
async def test_people_to_transfer_are_not_called_the_cohort_which_those_left_out_are_in(admin: Browser) -> None:
    assert "12 个团支部的名册应转接 143 人" in (await admin.get(COCKPIT)).text
