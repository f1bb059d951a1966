"""Imports from upload to withdrawal, and the figures on the hour, as pages."""

from urllib.parse import unquote

import pytest

from tests.web.conftest import Browser
from tests.web.county import COUNTY, IMPORT, ME, SECRETARY, subordinate
from tests.web.imported import job
from tests.web.stage import Stage


async def test_a_running_import_is_followed_and_ends_in_its_result(admin: Browser, stage: Stage) -> None:
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job("running"))
    page = await admin.get(f"/imports/{IMPORT}")
    assert f'hx-get="/imports/{IMPORT}/job"' in page.text
    assert "已处理 1,297 / 1,936 行" in page.text
    stage.silent.add("member")
    assert (await admin.get(f"/imports/{IMPORT}/job")).headers["hx-trigger"] == "service-gap"
    stage.silent.clear()
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job())
    assert (await admin.get(f"/imports/{IMPORT}/job")).headers["hx-refresh"] == "true"


@pytest.mark.rule("MEM-09")
async def test_a_result_adds_up_and_offers_the_failed_rows(admin: Browser) -> None:
    page = await admin.get(f"/imports/{IMPORT}")
    for text in ("成功导入 1,871 位团员，23 位团员导入失败", "1,936", "42", "第 37 行", "MEM-06", "失败行"):
        assert text in page.text
    file = await admin.get(f"/imports/{IMPORT}/failed-rows.xlsx")
    assert file.content.startswith(b"PK")
    assert file.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")


@pytest.mark.rule("MEM-09")
async def test_failed_rows_name_whom_they_are_about_and_can_be_narrowed_to_a_reason(admin: Browser) -> None:
    page = (await admin.get(f"/imports/{IMPORT}?verdict=failed&cursor=more")).text
    assert "毛奕辰" in page
    narrowed = f"/imports/{IMPORT}?verdict=failed&reason=join_date.joined_too_young"
    assert f'href="{narrowed.replace("&", "&amp;")}#rows"' in page
    assert "<th>姓名</th>" in page
    assert page.index("17 行") < page.index("9 行")
    assert "去掉条件" not in page
    page = (await admin.get(narrowed)).text
    chip = f'href="/imports/{IMPORT}?verdict=failed" aria-label="去掉条件：入团日期：入团时…周岁，未满…周岁"'
    assert chip in page
    assert f'<a href="/imports/{IMPORT}?verdict=failed">清除筛选</a>' in page
    assert page.count(f'href="{narrowed.replace("&", "&amp;")}#rows" aria-current="true"') == 1


@pytest.mark.rule("MEM-09")
async def test_reasons_beyond_five_fold_away_unless_one_of_them_is_chosen(admin: Browser, stage: Stage) -> None:
    reasons = [{"reason": f"email.r{n}", "column": "电子邮箱", "sentence": f"原因{n}", "rows": 9 - n} for n in range(7)]
    stage.answers[f"GET /v1/imports/{IMPORT}/reasons"] = (200, {"items": reasons})
    address = f"/imports/{IMPORT}?verdict=warning"
    page = (await admin.get(address)).text
    assert page.index("原因4") < page.index("<details><summary") < page.index("其余 2 种原因") < page.index("原因5")
    assert "提示</h2>" in page
    assert "<details open><summary" in (await admin.get(f"{address}&reason=email.r6")).text
    stage.answers[f"GET /v1/imports/{IMPORT}/reasons"] = (200, {"items": reasons[:1]})
    assert "一行可能有几个原因" not in (await admin.get(address)).text


@pytest.mark.rule("MEM-09")
async def test_a_reason_that_is_not_there_is_said_so_and_can_be_left(admin: Browser, stage: Stage) -> None:
    stage.answers[f"GET /v1/imports/{IMPORT}/rows"] = (200, {"items": [], "next": None, "total": 0})
    page = (await admin.get(f"/imports/{IMPORT}?reason=email.none")).text
    assert ("没有因为这个原因的行" in page, "没有失败的行" in page, "去掉条件：所选原因" in page) == (True, False, True)
    nobody = [{"row": 7, "verdict": "unprocessed"}]
    stage.answers[f"GET /v1/imports/{IMPORT}/rows"] = (200, {"items": nobody, "next": None, "total": 1})
    page = (await admin.get(f"/imports/{IMPORT}?verdict=unprocessed")).text
    assert ("第 7 行" in page, "<th>姓名</th>" in page) == (True, False)


@pytest.mark.rule("MEM-09", "MEM-27")
@pytest.mark.parametrize(
    ("failed", "unprocessed", "offered", "suffix"),
    [
        (23, 0, "下载 23 个失败行", "失败行"),
        (0, 7, "下载 7 个未处理的行", "未处理的行"),
        (2, 7, "下载 9 个失败和未处理的行", "失败行"),
    ],
)
async def test_rows_to_download_are_called_what_they_are(
    admin: Browser, stage: Stage, failed: int, unprocessed: int, offered: str, suffix: str
) -> None:
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job("cancelled", failed=failed, unprocessed=unprocessed))
    assert offered in (await admin.get(f"/imports/{IMPORT}")).text
    file = await admin.get(f"/imports/{IMPORT}/failed-rows.xlsx")
    assert unquote(file.headers["content-disposition"]).endswith(f"-{suffix}.xlsx")


@pytest.mark.rule("MEM-09")
async def test_people_of_the_workbook_of_cadres_are_called_cadres(admin: Browser, stage: Stage) -> None:
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job(template="cadres", imported=3, failed=1))
    page = (await admin.get(f"/imports/{IMPORT}")).text
    assert "成功导入 3 位团干部，1 位团干部导入失败" in page
    assert "位团员" not in page


@pytest.mark.rule("MEM-09")
async def test_mending_is_offered_only_where_something_failed(admin: Browser, stage: Stage) -> None:
    assert "改好后再传" in (await admin.get(f"/imports/{IMPORT}")).text
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job(failed=0, imported=1894))
    page = (await admin.get(f"/imports/{IMPORT}")).text
    assert "改好后再传" not in page
    assert "再导入一份表格" in page
    assert f'href="/organizations/{COUNTY}/members"' in page


@pytest.mark.rule("MEM-06")
async def test_what_was_noticed_while_reading_is_a_quiet_note_below_the_counts(admin: Browser, stage: Stage) -> None:
    note = "尚无浙江省的号段数据，未核对号段"
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job(failed=0, file_notes=[note]))
    page = (await admin.get(f"/imports/{IMPORT}")).text
    assert f"<li>{note}</li>" in page
    assert "alert" not in page[page.index('id="main"') : page.index('id="drawer"')]


@pytest.mark.rule("MEM-09")
async def test_a_refused_workbook_is_explained_where_it_was_uploaded(admin: Browser, stage: Stage) -> None:
    problem = {
        "title": "这是图片，不是表格。",
        "status": 422,
        "code": "not_a_workbook",
        "rule": "MEM-09",
        "way_out": "请用模板填写后上传。",
    }
    stage.answers["POST /v1/imports"] = (422, problem)
    path = f"/organizations/{COUNTY}/imports"
    await admin.get(path)
    file = {"file": ("团员.xlsx", b"\x89PNG", "application/octet-stream")}
    answer = await admin.post(path, {"template": "members"}, files=file)
    assert answer.status_code == 422
    assert "这是图片，不是表格。" in answer.text
    assert "请用模板填写后上传。" in answer.text
    assert "还没有选择文件" in (await admin.post(path, {"template": "members"}, files={"other": ("a", b"")})).text


@pytest.mark.rule("ADM-08")
@pytest.mark.parametrize(("role", "may"), [("admin", True), ("cadre", False)])
async def test_an_import_offers_rows_uploads_and_its_stop_to_admins_only(
    stranger: Browser, stage: Stage, role: str, may: bool
) -> None:
    stage.standings[0]["role"] = role
    await stranger.sign_in()
    page = (await stranger.get(f"/imports/{IMPORT}")).text
    for offer in ("failed-rows.xlsx", "上传并检查", "再导入一份表格", f'href="/organizations/{COUNTY}/imports"'):
        assert (offer in page) is may, offer
    assert "第 37 行" in page
    assert f'href="/organizations/{COUNTY}/members"' in page
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job("running"))
    running = (await stranger.get(f"/imports/{IMPORT}")).text
    assert (f'action="/imports/{IMPORT}/cancel"' in running) is may


@pytest.mark.rule("MEM-27")
@pytest.mark.parametrize(
    ("cause", "said"), [("asked", "由管理员停止"), ("authority_lost", "上传人在导入期间失去了导入权限")]
)
async def test_a_stopped_import_says_why(admin: Browser, stage: Stage, cause: str, said: str) -> None:
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job("cancelled", cancel_cause=cause, failed=0, unprocessed=23))
    assert said in (await admin.get(f"/imports/{IMPORT}")).text


@pytest.mark.rule("MEM-27")
async def test_taking_an_import_back_is_offered_to_its_uploader_and_to_no_colleague(
    admin: Browser, stage: Stage
) -> None:
    link = f'href="/imports/{IMPORT}/withdrawal"'
    assert link in (await admin.get(f"/imports/{IMPORT}")).text
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job(uploaded_by=SECRETARY))
    assert link not in (await admin.get(f"/imports/{IMPORT}")).text


@pytest.mark.rule("MEM-27")
async def test_an_import_that_was_stopped_on_the_way_can_be_taken_back_too(admin: Browser, stage: Stage) -> None:
    link = f'href="/imports/{IMPORT}/withdrawal"'
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job("cancelled"))
    assert link in (await admin.get(f"/imports/{IMPORT}")).text
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job("cancelled", imported=0))
    assert link not in (await admin.get(f"/imports/{IMPORT}")).text
    waiting = {"requested_by": SECRETARY, "needs_confirmation": True, "people": 1871}
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job("cancelled", withdrawal=waiting))
    page = (await admin.get(f"/imports/{IMPORT}")).text
    assert (link in page, "确认撤回 1,871 人" in page) == (False, True)


@pytest.mark.rule("MEM-27")
async def test_above_a_hundred_people_a_withdrawal_is_asked_and_another_admin_confirms(
    admin: Browser, stage: Stage
) -> None:
    page = await admin.get(f"/imports/{IMPORT}/withdrawal")
    assert "另一位管理员确认后生效" in page.text
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job(template="cadres"))
    assert "任职和团籍结束" in (await admin.get(f"/imports/{IMPORT}/withdrawal")).text
    waiting = {"requested_by": SECRETARY, "needs_confirmation": True, "people": 1871}
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job(withdrawal=waiting))
    page = await admin.get(f"/imports/{IMPORT}")
    assert "确认撤回 1,871 人" in page.text
    assert [f"/withdrawal/{act}" in page.text for act in ("confirm", "cancel")] == [True, False]
    for act in ("confirm", "cancel"):
        await admin.post(f"/imports/{IMPORT}/withdrawal/{act}")
        assert len(stage.sent("POST", f"/v1/imports/{IMPORT}/withdrawal/{act}")) == 1
    stage.answers[f"GET /v1/imports/{IMPORT}"] = (200, job(withdrawal=waiting | {"requested_by": ME}))
    mine = (await admin.get(f"/imports/{IMPORT}")).text
    assert [f"/withdrawal/{act}" in mine for act in ("confirm", "cancel")] == [False, True]


@pytest.mark.rule("STA-01")
async def test_progress_says_its_hour_and_says_so_before_the_first(admin: Browser, stage: Stage) -> None:
    assert "数据截至 2026年11月20日 10:00" in (await admin.get("/progress/members")).text
    stage.answers["GET /v1/progress/members"] = (
        404,
        {"title": "还没有发布过整点数据。", "status": 404, "code": "nothing_published_yet"},
    )
    assert "数字还没有公布" in (await admin.get("/progress/members")).text


@pytest.mark.rule("STA-03")
async def test_progress_drills_down_by_tree_and_sector_and_downloads_what_is_shown(
    admin: Browser, stage: Stage
) -> None:
    page = await admin.get("/progress/members?sector=school&hour=live")
    assert "只计学校领域" in page.text
    for asked, told in (("", True), ("?sector=school", False)):  # counted for all sectors together
        assert ("组织信息完整" in (await admin.get(f"/progress/members{asked}")).text) is told
    assert stage.sent("GET", "/v1/progress/members")[-1].url.params["sector"] == "school"
    link = page.text.split('href="/progress/members.xlsx')[1].split('"')[0]
    assert {"sector=school", "hour=live", f"organization={COUNTY}"} <= set(
        link.strip("?").replace("amp;", "").split("&")
    )
    file = await admin.get(f"/progress/members.xlsx?organization={COUNTY}&sector=school&hour=live")
    assert file.content.startswith(b"PK")
    asked = dict(stage.sent("GET", "/v1/progress/members.xlsx")[-1].url.params)
    assert asked == {"organization": COUNTY, "sector": "school", "hour": "live"}


@pytest.mark.rule("STA-03")
async def test_a_row_leads_to_the_organizations_below_it_or_to_the_members_and_complete_ones_can_be_left_out(
    admin: Browser,
) -> None:
    page = (await admin.get("/progress/members")).text
    above, branch, floating = (subordinate(index) for index in (0, 6, 7))
    assert f'href="/progress/members?organization={above["id"]}"' in page
    assert f'href="/organizations/{branch["id"]}/members"' in page
    left = (await admin.get("/progress/members?only=incomplete")).text
    assert [row["short_name"] in left for row in (above, branch, floating)] == [True, False, True]


@pytest.mark.rule("STA-03")
async def test_sectors_are_compared_where_there_is_something_below(admin: Browser, stage: Stage) -> None:
    assert "选择分领域" in (await admin.get("/progress/members")).text
    stage.answers["GET /v1/progress/members"] = (200, {"hour": "2026-11-20T02:00:00Z", "rows": []})
    page = (await admin.get("/progress/members")).text
    assert "没有直属下级" in page
    assert "选择分领域" not in page
