"""What a province sets, and the calendar of operators, as pages (TRF-09, TRF-19, OPS-05)."""

import orjson
import pytest

from tests.web.conftest import Browser
from tests.web.county import COUNTY, PATH, organization
from tests.web.stage import Stage

PERIODS, SET = f"/organizations/{COUNTY}/transfers/periods", f"/v1/organizations/{COUNTY}/transfer-periods"
CALENDAR = "/operation/working-days"
NEW = {"days": "15", "automatic": "yes", "effective_from": "2027-01-01"}


@pytest.fixture
async def province(admin: Browser, stage: Stage) -> Browser:
    stage.answers[f"GET /v1/organizations/{COUNTY}"] = (200, organization(path=PATH[:1], superior=PATH[0]["id"]))
    return admin


@pytest.fixture
async def operator(stranger: Browser, stage: Stage) -> Browser:
    stage.standings = [{"organization": COUNTY, "full_name": "中央", "category": "leading_body", "role": "operator"}]
    await stranger.sign_in()
    return stranger


@pytest.mark.rule("TRF-09")
async def test_a_province_sees_what_applies_what_comes_and_all_that_was_and_sets_a_new_one(
    province: Browser, stage: Stage
) -> None:
    page = (await province.get(PERIODS)).text
    for text in ("视为同意", "待生效", "现行", "已被替代", "2027年1月1日", "20 天", "王舒宁"):
        assert text in page
    done = await province.post(PERIODS, NEW)
    assert done.headers["location"] == PERIODS
    sent = orjson.loads(stage.sent("POST", SET)[0].content)
    assert sent == {"days": "15", "automatic": True, "effective_from": "2027-01-01"}
    assert "已设置" in (await province.get(PERIODS)).text


@pytest.mark.rule("TRF-09")
async def test_what_cannot_be_set_says_why_beside_its_field_and_keeps_what_was_typed(
    province: Browser, stage: Stage
) -> None:
    await province.get(PERIODS)
    no = {
        "title": "办理期限应为 3 至 60 天。",
        "status": 400,
        "field": "days",
        "rule": "TRF-09",
        "way_out": "请修改天数。",
    }
    stage.answers[f"POST {SET}"] = (400, no)
    again = await province.post(PERIODS, NEW | {"days": "99"})
    assert again.status_code == 400
    for text in ("办理期限应为 3 至 60 天", "请修改天数", 'value="99"', 'value="yes" checked', "没有设置"):
        assert text in again.text


@pytest.mark.rule("TRF-09")
async def test_below_the_province_it_is_read_only_and_says_who_sets_it(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(PERIODS)).text
    assert "由省级团委的管理员设置" in page
    assert 'name="days"' not in page
    stage.answers[f"GET {SET}"] = (200, {"today": {"hours": 240, "automatic": False}, "history": []})
    assert "没有另行设置" in (await admin.get(PERIODS)).text
    stage.silent.add("transfer")
    assert "转接服务暂时没有答复" in (await admin.get(PERIODS)).text


@pytest.mark.rule("TRF-19")
async def test_a_province_allows_leavers_without_work_a_talent_exchange_centre(province: Browser, stage: Stage) -> None:
    page = (await province.get(PERIODS)).text
    centre = page.split('aria-labelledby="h-centre"')[1].split("</section>")[0]
    assert centre.index("不允许") < centre.index("待生效") < centre.index("2026年6月1日") < centre.index("现行")
    path = f"/organizations/{COUNTY}/transfers/talent-centre"
    done = await province.post(path, {"allowed": "yes", "effective_from": "2027-01-01"})
    assert done.headers["location"] == PERIODS
    sent = orjson.loads(stage.sent("POST", f"/v1/organizations/{COUNTY}/talent-centre")[0].content)
    assert sent == {"allowed": True, "effective_from": "2027-01-01"}
    no = {"title": "生效日期不能早于今天。", "status": 400, "field": "effective_from", "rule": "TRF-09"}
    stage.answers[f"POST /v1/organizations/{COUNTY}/talent-centre"] = (400, no)
    again = await province.post(path, {"allowed": "no", "effective_from": "2020-01-01"})
    assert (again.status_code, 'name="allowed" value="no" required checked' in again.text) == (400, True)
    assert no["title"] in again.text
    stage.answers[f"GET /v1/organizations/{COUNTY}/talent-centre"] = (200, {"today": False, "history": []})
    assert "现在不允许" in (await province.get(PERIODS)).text


@pytest.mark.rule("TRF-19")
async def test_the_form_of_a_talent_exchange_centre_is_the_province_s(admin: Browser) -> None:
    assert 'name="allowed"' not in (await admin.get(PERIODS)).text


@pytest.mark.rule("OPS-05")
async def test_an_operator_sees_which_years_are_missing_and_enters_days_as_the_notice_has_them(
    operator: Browser, stage: Stage
) -> None:
    page = (await operator.get(f"{CALENDAR}?year=2027")).text
    for text in ("2027 年的放假安排还没有录入", "未录入", "保存 2027 年"):
        assert text in page
    days = {"off": "1月1日、2027-02-06\n2.7", "on": "2027/2/20"}
    done = await operator.post(f"{CALENDAR}?year=2027", days)
    assert done.headers["location"] == f"{CALENDAR}?year=2027"
    sent = orjson.loads(stage.sent("PUT", "/v1/reference/working-days/2027")[0].content)
    assert sent == {"off": ["2027-01-01", "2027-02-06", "2027-02-07"], "on": ["2027-02-20"]}
    present = (await operator.get(f"{CALENDAR}?year=2026")).text
    for text in ("2026-10-01", "放假 7 天，周末上班 1 天", 'href="/operation/working-days"'):
        assert text in present


@pytest.mark.rule("OPS-05")
async def test_what_is_no_date_is_named_and_nothing_is_saved(operator: Browser, stage: Stage) -> None:
    await operator.get(f"{CALENDAR}?year=2027")
    again = await operator.post(f"{CALENDAR}?year=2027", {"off": "2027-02-30 春节", "on": "2027-02-20"})
    assert again.status_code == 400
    for text in ("看不懂“2027-02-30”", "看不懂“春节”", "2027-02-30 春节", "没有保存"):
        assert text in again.text
    assert stage.sent("PUT", "/v1/reference/working-days/2027") == []
    no = {"title": "2028-01-01 不在 2027 年内。", "status": 400, "field": "off", "rule": "OPS-05"}
    stage.answers["PUT /v1/reference/working-days/2027"] = (400, no)
    assert "不在 2027 年内" in (await operator.post(f"{CALENDAR}?year=2027", {"off": "2028-01-01"})).text


@pytest.mark.rule("OPS-05", "IDN-08")
async def test_the_calendar_is_for_operators(admin: Browser) -> None:
    assert (await admin.get(CALENDAR)).status_code == 403
