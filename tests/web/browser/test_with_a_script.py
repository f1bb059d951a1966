"""The pages in Debian's Chromium over the stage: what a script adds."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser.screen import signed_in
from tests.web.conftest import Scenery
from tests.web.county import BRANCH, COUNTY, IMPORT, LAN, SECRETARY
from tests.web.imported import job
from tests.web.stage import Stage
from tests.web.test_pages import TAKEN

pytestmark = pytest.mark.e2e


def test_a_drawer_keeps_a_refused_form_and_closes_with_a_saved_one(desk: Page, stage: Stage) -> None:
    desk.goto(f"/organizations/{COUNTY}/subordinates")
    desk.click("text=新建直属下级")
    drawer = desk.locator("#drawer")
    expect(drawer.locator("h2")).to_have_text("新建直属下级")
    drawer.locator("[name=full_name]").fill("遂昌县青工委")
    refusal = {
        "title": "青工委不是团组织",
        "rule": "ORG-02",
        "code": "not_a_league_name",
        "field": "full_name",
        "status": 422,
    }
    stage.answers["POST /v1/organizations"] = (422, refusal)
    drawer.get_by_role("button", name="建立组织").click()
    expect(drawer.locator(".alert-danger")).to_contain_text("青工委不是团组织")
    expect(drawer.locator("[name=full_name]")).to_have_value("遂昌县青工委")
    stage.answers.clear()
    drawer.locator("[name=full_name]").fill("共青团遂昌县金竹镇委员会")
    drawer.get_by_role("button", name="建立组织").click()
    expect(desk.locator(".alert-success")).to_contain_text("已建立“共青团遂昌县金竹镇委员会”")
    keys = [request.headers["idempotency-key"] for request in stage.sent("POST", "/v1/organizations")]
    assert len(set(keys)) == 2


@pytest.mark.rule("ORG-22")
def test_the_tree_opens_step_by_step(desk: Page, stage: Stage) -> None:
    desk.goto(f"/organizations/{COUNTY}/subordinates")
    button = desk.locator(".cols .tree-row > button").first
    under = desk.locator(f"#{button.get_attribute('aria-controls')}")
    button.click()
    expect(under.locator("> li")).to_have_count(8)
    asked = len([one for one in stage.seen if one.url.path.endswith("/tree")])
    button.click()
    expect(under).to_be_hidden()
    button.click()
    expect(under).to_be_visible()
    assert len([one for one in stage.seen if one.url.path.endswith("/tree")]) == asked


def test_filters_change_the_list_and_the_address(desk: Page, stage: Stage) -> None:
    desk.goto(f"/organizations/{COUNTY}/members")
    desk.select_option("[name=missing]", "mobile")
    expect(desk.locator(".chip")).to_contain_text("缺手机号码")
    assert desk.url.endswith("/members?missing=mobile")
    assert stage.sent("GET", f"/v1/organizations/{COUNTY}/members")[-1].url.params["missing"] == "mobile"
    desk.locator(".chip a").click()
    expect(desk.locator(".chip")).to_have_count(0)


@pytest.mark.rule("OPS-01")
def test_a_revealed_number_is_covered_again_and_gone_with_the_dialog(desk: Page) -> None:
    desk.clock.install()
    desk.goto(f"/people/{LAN}")
    desk.locator(".eye").first.click()
    dialog = desk.locator("#dialog")
    dialog.get_by_label("核对团员身份").check()
    dialog.get_by_role("button", name="显示 60 秒").click()
    expect(dialog.locator(".code")).to_have_text("331123200603125427")
    desk.clock.fast_forward(61_000)
    expect(dialog.locator(".code")).to_have_text("3311************27")
    dialog.locator(".modal-footer button").click()
    desk.clock.fast_forward(1_000)
    expect(desk.locator("#dialog-in")).to_be_empty()


@pytest.mark.rule("IDN-04")
def test_an_activation_code_is_shown_in_a_dialog_and_forgotten_with_it(desk: Page) -> None:
    desk.goto(f"/people/{LAN}")
    desk.get_by_role("button", name="生成激活码").click()
    dialog = desk.locator("#dialog")
    expect(dialog.locator(".code")).to_have_text("K7QM3XTR")
    dialog.get_by_role("button", name="我已记下").click()
    expect(desk.locator("#dialog-in")).to_be_empty()


@pytest.mark.rule("OPS-03")
def test_a_dialog_is_closed_by_whoever_is_quicker_than_it_opens(desk: Page) -> None:
    """One that fades in hears nobody until it is there."""
    desk.goto(f"/people/{LAN}")
    close = (
        "document.querySelector('#dialog .modal-footer .btn-primary').click(); document.body.dataset.clicked = 'yes'"
    )
    desk.evaluate(f"document.addEventListener('show.bs.modal', () => setTimeout(() => {{ {close} }}, 20))")
    desk.get_by_role("button", name="生成激活码").click()
    expect(desk.locator("body[data-clicked]")).to_have_count(1)
    expect(desk.locator("#dialog")).to_be_hidden()
    expect(desk.locator("#dialog-in")).to_be_empty()


@pytest.mark.rule("ADM-05")
def test_revoking_asks_first_and_shows_a_refusal_where_it_was_asked(desk: Page, stage: Stage) -> None:
    desk.goto(f"/organizations/{COUNTY}/admins")
    desk.locator("a", has_text="撤销").first.click()
    dialog = desk.locator("#dialog")
    expect(dialog).to_contain_text("林知远")
    refusal = {"title": "不能撤销自己的管理员权限。", "rule": "ADM-05", "code": "self_revocation", "status": 403}
    line = f"DELETE /v1/organizations/{COUNTY}/admins/{SECRETARY}"
    stage.answers[line] = (403, refusal)
    dialog.get_by_role("button", name="撤销管理员权限").click()
    expect(dialog.locator(".alert-danger")).to_contain_text("不能撤销自己")
    stage.answers.clear()
    dialog.get_by_role("button", name="撤销管理员权限").click()
    expect(desk.locator(".alert-success")).to_contain_text("已撤销“林知远”")


@pytest.mark.rule("MEM-09")
def test_a_running_import_moves_survives_silence_and_ends_in_its_result(desk: Page, stage: Stage) -> None:
    line = f"GET /v1/imports/{IMPORT}"
    stage.answers[line] = (200, job("running"))
    desk.goto(f"/imports/{IMPORT}")
    expect(desk.locator("#job")).to_contain_text("已处理 1,297 / 1,936 行")
    stage.answers[line] = (200, job("running", settled=1500, imported=1463))
    expect(desk.locator("#job")).to_contain_text("已处理 1,500 / 1,936 行")
    stage.silent.add("member")
    expect(desk.locator("#lost")).to_be_visible()
    expect(desk.locator("#job")).to_contain_text("已处理 1,500 / 1,936 行")
    stage.silent.clear()
    expect(desk.locator("#lost")).to_be_hidden()
    stage.answers[line] = (200, job())
    expect(desk.locator("h1")).to_have_text("成功导入 1,871 位团员，23 位团员导入失败")


def test_an_upload_goes_to_its_import(desk: Page, stage: Stage, tmp_path: Path) -> None:
    workbook = tmp_path / "团员.xlsx"
    workbook.write_bytes(b"PK\x03\x04")
    desk.goto(f"/organizations/{COUNTY}/imports")
    desk.set_input_files("#f-file", workbook)
    desk.get_by_role("button", name="上传").click()
    desk.wait_for_url(f"**/imports/{IMPORT}")
    assert "团员.xlsx".encode() in stage.sent("POST", "/v1/imports")[0].content


@pytest.mark.rule("ORG-08")
def test_a_subordinate_moves_down_without_leaving_the_list(desk: Page, stage: Stage) -> None:
    desk.goto(f"/organizations/{COUNTY}/subordinates")
    with desk.expect_response("**/order"):
        desk.get_by_role("button", name="下移：").first.click()
    expect(desk.locator("#list tbody tr")).to_have_count(8)
    assert [one for one in stage.seen if one.url.path.endswith("/move-down")]
    assert stage.sent("GET", f"/v1/organizations/{COUNTY}/subordinates")[-1].headers["x-read-after"]


def test_a_fault_in_the_summary_leads_to_its_field(desk: Page, stage: Stage) -> None:
    path = f"/organizations/{BRANCH}/members"
    fault = {**TAKEN, "field": "development_number"}
    stage.answers[f"POST /v1{path}"] = (
        422,
        {"title": "不符合规则", "status": 422, "code": "faults", "errors": [fault]},
    )
    desk.goto(f"{path}/new")
    desk.fill("#f-name", "华雨晴")
    desk.get_by_role("button", name="保存").click()
    desk.locator(".faults a").click()
    expect(desk.locator("#f-development_number")).to_be_focused()
    expect(desk.locator("#f-name")).to_have_value("华雨晴")


@pytest.mark.rule("IDN-07")
def test_the_organization_is_switched_from_the_top(desk: Page) -> None:
    desk.locator(".top-org > button").click()
    desk.locator(".orgs-menu button", has_text="丽水市委员会").click()
    expect(desk.locator("h1")).to_have_text("共青团浙江省丽水市委员会")


@pytest.mark.rule("IDN-09")
def test_whoever_is_signed_out_elsewhere_loses_the_page_at_the_next_click(desk: Page, stage: Stage) -> None:
    stage.answers["POST /v1/sessions/token"] = (401, {"title": "登录已失效", "status": 401, "code": "session_over"})
    desk.wait_for_timeout(2100)
    desk.get_by_role("link", name="账号与安全").first.click()
    desk.wait_for_url("**/sign-in?next=*")


@pytest.mark.rule("OPS-03")
def test_on_a_phone_the_menu_is_a_drawer(chromium: Browser, theatre: tuple[str, Scenery], stage: Stage) -> None:
    context, page, wrong = signed_in(chromium, theatre[0], "phone")
    expect(page.locator("#side")).not_to_be_in_viewport()
    page.get_by_role("button", name="打开菜单").click()
    page.locator("#side").get_by_role("link", name="团员录入进度").click()
    expect(page.locator("h1")).to_have_text("团员录入进度")
    context.close()
    assert wrong == []


@pytest.mark.rule("OPS-03")
def test_on_a_phone_the_menu_of_a_row_stays_on_the_page(
    chromium: Browser, theatre: tuple[str, Scenery], stage: Stage
) -> None:
    context, page, wrong = signed_in(chromium, theatre[0], "phone")
    page.goto(f"/organizations/{COUNTY}/subordinates")
    page.get_by_role("button", name="更多操作").first.click()
    menu = page.locator(".cell-menu .dropdown-menu.show")
    expect(menu).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    context.close()
    assert wrong == []


def test_typing_a_name_filters_the_list_without_a_key_more(desk: Page, stage: Stage) -> None:
    desk.goto(f"/organizations/{COUNTY}/members")
    desk.fill(".filters [name=q]", "兰")
    expect(desk.locator(".chip")).to_contain_text("兰")
    assert stage.sent("GET", f"/v1/organizations/{COUNTY}/members")[-1].url.params["q"] == "兰"


@pytest.mark.rule("P13")
def test_a_file_far_too_large_ends_in_a_page_though_the_browser_is_still_sending(desk: Page, tmp_path: Path) -> None:
    file = tmp_path / "scan.xlsx"
    file.write_bytes(b"PK" + bytes(40 * 1024 * 1024))
    desk.goto(f"/organizations/{COUNTY}/imports")
    desk.locator("input[type=file]").first.set_input_files(file)
    desk.locator("form[enctype] button[type=submit]").first.click()
    expect(desk.locator(".empty-title")).to_have_text("上传的文件过大，没有保存")
