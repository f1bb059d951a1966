"""The zone of schools, graduation months, the campaign's dates, who stays on (GRD-01 to GRD-04, GRD-09)."""

from typing import Any

import orjson
import pytest

from tests.web.conftest import Browser
from tests.web.county import COUNTY, branch, made, member_row, organization
from tests.web.schools import CAMPAIGN, CLASS, GRADUATES, branch_row
from tests.web.stage import Stage

ZONE, MONTHS = f"/organizations/{COUNTY}/schools", f"/organizations/{COUNTY}/graduation"
DATES = f"/organizations/{COUNTY}/campaigns/2026"
LEFT_OUT = f"/organizations/{GRADUATES}/members/graduation"
SENT_MONTHS = f"/v1/organizations/{COUNTY}/graduation-months"


def sent(stage: Stage, method: str, path: str) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(stage.sent(method, path)[-1].content)
    return body


@pytest.mark.rule("GRD-01")
async def test_the_zone_shows_progress_and_schools_without_admin_or_branch(admin: Browser) -> None:
    page = (await admin.get(ZONE)).text
    for text in ("学校团组织关系梳理及录入专区", "3133000456", "没有管理员", "还没有团支部", "还有 6 个未标记"):
        assert text in page, text
    assert "创建直属下级学校团组织" in page
    assert "完善学校机构编号" not in page, "a leading body has no code"


@pytest.mark.rule("GRD-02", "GRD-03")
async def test_a_class_reads_on_its_own_card_when_it_graduates_or_that_it_did(admin: Browser, stage: Stage) -> None:
    branch = organization(category="branch", sector="6", graduates="2027-06")
    for said, shown in (({}, "2027年6月"), ({"graduated": 2027}, "2027 年毕业生团组织")):
        stage.answers[f"GET /v1/organizations/{COUNTY}"] = (200, branch | said)
        page = (await admin.get(f"/organizations/{COUNTY}")).text
        assert f'毕业时间</dt><dd class="datagrid-content">{shown}' in page
    stage.answers[f"GET /v1/organizations/{COUNTY}"] = (200, branch | {"graduates": None})
    assert "毕业时间</dt>" not in (await admin.get(f"/organizations/{COUNTY}")).text


@pytest.mark.rule("GRD-01")
async def test_a_school_sets_and_clears_its_code_and_a_refusal_keeps_what_was_typed(
    admin: Browser, stage: Stage
) -> None:
    school = organization(category="committee", sector="5", institution_code="3133000456")
    stage.answers[f"GET /v1/organizations/{COUNTY}"] = (200, school)
    assert 'value="3133000456"' in (await admin.get(ZONE)).text
    path = f"/v1/organizations/{COUNTY}/institution-code"
    assert (await admin.post(ZONE, {"institution_code": "3133000457"})).status_code == 303
    assert sent(stage, "PUT", path) == {"institution_code": "3133000457"}
    await admin.post(ZONE, {"institution_code": "3133000457", "clear": "on"})
    assert sent(stage, "PUT", path) == {"institution_code": ""}
    taken = {"title": "学校机构编号已被使用。", "status": 422, "rule": "GRD-01", "field": "institution_code"}
    stage.answers[f"PUT {path}"] = (422, taken)
    refused = await admin.post(ZONE, {"institution_code": "3133000458"})
    assert refused.status_code == 422
    assert 'value="3133000458"' in refused.text
    assert "学校机构编号已被使用" in refused.text


@pytest.mark.rule("GRD-01")
async def test_the_zone_of_a_school_says_that_it_is_one_and_not_that_there_is_none(
    admin: Browser, stage: Stage
) -> None:
    """A university's own admin read "schools: 0", as if theirs were no school."""
    own = organization(category="committee", sector="3", institution_code="4133010335")
    stage.answers[f"GET /v1/organizations/{COUNTY}"] = (200, own)
    counted = {"school": True, "branches": 12, "marked": 6, "schools": 0, "without_admin": 0, "rows": []}
    stage.answers[f"GET /v1/organizations/{COUNTY}/graduation"] = (200, counted)
    stage.answers[f"GET /v1/organizations/{COUNTY}/schools"] = (200, {"items": [], "next": None})
    page = (await admin.get(ZONE)).text
    for text in ("本组织就是独立的学校团组织", "本校机构编号", "4133010335", "校内没有另外的学校团组织"):
        assert text in page, text
    assert "所</small>" not in page
    assert "下级还没有学校团组织" not in page
    stage.answers[f"GET /v1/organizations/{COUNTY}/graduation"] = (200, counted | {"schools": 1, "without_admin": 1})
    assert "下级学校" in (await admin.get(ZONE)).text


@pytest.mark.rule("GRD-01")
async def test_from_the_zone_a_school_is_created_with_sectors_of_schools_only(admin: Browser, stage: Stage) -> None:
    sectors = [{"code": "5", "name": "普通高中", "tab": "学校"}, {"code": "14", "name": "城市社区", "tab": "城市社区"}]
    stage.answers["GET /v1/reference/sectors"] = (200, {"items": sectors})
    page = (await admin.get(f"/organizations/{COUNTY}/subordinates/new?of=school")).text
    assert "普通高中" in page
    assert "城市社区" not in page


@pytest.mark.rule("GRD-02")
async def test_chosen_branches_are_marked_at_once(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(MONTHS)).text
    assert "第一中学高三（1）班团支部" in page
    assert "标记所选团支部" in page
    assert " checked" not in page, "the classes of all years stand here: nobody marks them by mistake"
    answer = await admin.post(MONTHS, {"branch": CLASS, "year": "2027", "month": "6", "marking": "unmarked"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{MONTHS}?marking=unmarked")
    assert sent(stage, "POST", SENT_MONTHS) == {"branches": [CLASS], "year": "2027", "month": "6"}
    assert "已标记 1 个团支部的毕业时间" in (await admin.get(MONTHS)).text


@pytest.mark.rule("GRD-02")
async def test_classes_are_found_by_a_part_of_their_name_and_the_filter_stays(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(f"{MONTHS}?marking=unmarked&q=高三")).text
    assert dict(stage.sent("GET", f"/v1/organizations/{COUNTY}/graduation/branches")[-1].url.params)["q"] == "高三"
    assert page.count('name="q" value="高三"') == 2, "in the search and with the form that marks"
    form = {"branch": CLASS, "year": "2027", "month": "6", "marking": "unmarked", "q": "高三"}
    answer = await admin.post(MONTHS, form)
    assert answer.headers["location"] == f"{MONTHS}?marking=unmarked&q=%E9%AB%98%E4%B8%89"
    stage.answers[f"GET /v1/organizations/{COUNTY}/graduation/branches"] = (200, {"items": []})
    assert "没有名称相符的团支部" in (await admin.get(f"{MONTHS}?q=高九")).text


@pytest.mark.rule("GRD-02", "GRD-04")
async def test_nothing_ticked_is_said_and_nothing_is_sent(admin: Browser, stage: Stage) -> None:
    await admin.get(MONTHS)
    refused = await admin.post(MONTHS, {"year": "2028", "month": "7"})
    assert (refused.status_code, "请先勾选要标记的团支部" in refused.text) == (422, True)
    assert '<option value="2028" selected' in refused.text
    assert (await admin.post(LEFT_OUT, {"kind": "teacher"})).status_code == 303
    assert "还没有勾选" in (await admin.get(LEFT_OUT)).text
    assert not [one for one in stage.seen if one.method == "POST" and "graduation" in one.url.path]


@pytest.mark.rule("GRD-02")
async def test_of_those_refused_the_page_says_which_condition_fails(admin: Browser, stage: Stage) -> None:
    no = {"code": "sector_missing", "rule": "GRD-02", "zh": "没有填写行业类别。", "way_out": "请先选择行业类别。"}
    items = [{"branch": CLASS, "version": 2}, {"branch": GRADUATES, "refused": no}]
    stage.answers[f"POST {SENT_MONTHS}"] = (200, {"marked": 1, "refused": 1, "items": items})
    await admin.get(MONTHS)
    answer = await admin.post(MONTHS, {"branch": CLASS, "year": "2027", "month": "6"})
    assert answer.status_code == 422
    for text in ("已标记 1 个，1 个没有标记", "没有填写行业类别。", "请先选择行业类别。", "GRD-02"):
        assert text in answer.text, text


@pytest.mark.rule("GRD-02")
async def test_who_may_not_mark_reads_who_could(admin: Browser, stage: Stage) -> None:
    rows = {"items": [branch_row(0) | {"may_mark": False}], "next": None}
    stage.answers[f"GET /v1/organizations/{COUNTY}/graduation/branches"] = (200, rows)
    page = (await admin.get(MONTHS)).text
    assert "由第一中学委员会标记" in page
    assert "标记所选团支部" not in page


@pytest.mark.rule("GRD-02")
async def test_nothing_left_to_mark_is_said(admin: Browser, stage: Stage) -> None:
    stage.answers[f"GET /v1/organizations/{COUNTY}/graduation/branches"] = (200, {"items": []})
    stage.answers[f"GET /v1/organizations/{COUNTY}/schools"] = (200, {"items": []})
    assert "没有未标记的团支部" in (await admin.get(MONTHS)).text
    assert "下级还没有学校团组织" in (await admin.get(ZONE)).text


@pytest.mark.rule("GRD-09")
async def test_the_home_counts_down_and_the_months_name_who_is_late(admin: Browser) -> None:
    home = (await admin.get("/home")).text
    assert "新生团支部建立、团员报到：2026年11月25日" in home
    assert "还有 5 天" in home
    assert "还有 6 个团支部未标记毕业时间" in home
    assert "2026年5月31日前应完成标记" in (await admin.get(MONTHS)).text


@pytest.mark.rule("GRD-09", "GRD-03")
async def test_a_province_sets_its_dates_and_the_centre_s_day_is_not_offered(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(DATES)).text
    assert 'name="settle"' in page
    assert 'name="graduate"' not in page
    await admin.post(DATES, {"settle": "2026-12-15"})
    path = f"/v1{DATES}"
    assert sent(stage, "PUT", path) == {"days": {"settle": "2026-12-15"}}
    past = {"title": "时间节点不能设在今天以前。", "status": 422, "rule": "GRD-09", "field": "settle"}
    stage.answers[f"PUT {path}"] = (422, past)
    refused = await admin.post(DATES, {"settle": "2026-01-01"})
    assert (refused.status_code, "时间节点不能设在今天以前" in refused.text) == (422, True)
    stage.answers[f"GET {path}"] = (200, CAMPAIGN | {"may_set": []})
    page = (await admin.get(DATES)).text
    assert 'name="settle"' not in page
    assert "省级团委可以为本省另行设定" in page


@pytest.mark.rule("GRD-04")
async def test_in_a_graduate_branch_those_who_stay_on_are_marked(admin: Browser, stage: Stage) -> None:
    rows = [member_row(index) | {"graduation": ("graduate", "staying_on", "teacher")[index]} for index in range(3)]
    stage.answers[f"GET /v1/organizations/{GRADUATES}/members"] = (200, {"items": rows, "total": 3})
    page = (await admin.get(LEFT_OUT)).text
    for text in ("毕业生", "延迟毕业", "教师", "标记为延迟毕业团员"):
        assert text in page, text
    who = made("person", "包书瑶0")
    answer = await admin.post(LEFT_OUT, {"person": who, "kind": "staying_on"})
    assert (answer.status_code, answer.headers["location"]) == (303, LEFT_OUT)
    path = f"/v1/organizations/{GRADUATES}/graduation-exclusions"
    assert sent(stage, "POST", path) == {"people": [who], "kind": "staying_on"}
    listed = (await admin.get(f"/organizations/{GRADUATES}/members")).text
    assert "标记延迟毕业、教师" in listed


@pytest.mark.rule("GRD-04")
async def test_an_ordinary_branch_says_why_nobody_is_marked_there(admin: Browser, stage: Stage) -> None:
    stage.answers[f"GET /v1/organizations/{GRADUATES}"] = (200, branch(id=GRADUATES))
    assert "这个团支部不是毕业生团组织" in (await admin.get(LEFT_OUT)).text


@pytest.mark.parametrize("path", [ZONE, MONTHS])
async def test_a_silent_org_is_said(admin: Browser, stage: Stage, path: str) -> None:
    stage.silent.add("org")
    answer = await admin.get(path)
    assert answer.status_code == 503
    assert "暂时没有答复" in answer.text
