"""The pages in Debian's Chromium over the stage: what a script adds, and what every page must keep at both widths."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from services.web.app import create_app
from services.web.settings import WebSettings
from tests.web.conftest import Scenery
from tests.web.county import BRANCH, COUNTY, IMPORT, LAN, SECRETARY, figures, job
from tests.web.stage import Stage
from tests.web.test_pages import PAGES, TAKEN

pytestmark = pytest.mark.e2e
CHROMIUM = os.environ.get("TUAN_CHROMIUM", "/usr/bin/chromium")
WIDTHS = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
LACKS = ["phone", "email", "address"]
SHOTS = Path(__file__).parents[2] / "artefacts" / "console"


@pytest.fixture(scope="module")
def theatre(assets: None) -> Iterator[tuple[str, Scenery]]:
    """The console on a port of its own, over a stage that each test sets."""
    scenery = Scenery()
    app = create_app(WebSettings(environment="test"), scenery)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}", scenery
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def stage(theatre: tuple[str, Scenery]) -> Stage:
    theatre[1].stage = Stage()
    return theatre[1].stage


def signed_in(chromium: Browser, address: str, width: str) -> tuple[BrowserContext, Page, list[str]]:
    """A page of a signed-in admin, and the list of what went wrong on it."""
    context = chromium.new_context(viewport=WIDTHS[width], locale="zh-CN", base_url=address)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda sent: None if sent.url.startswith((address, "data:")) else wrong.append(sent.url))
    page.goto("/sign-in")
    page.fill("#f-number", "331123199901011234")
    page.fill("#f-password", "a sentence to remember")
    page.fill("#f-captcha", "7kM4w")
    page.click("button[type=submit].btn-primary")
    page.wait_for_url("**/home")
    return context, page, wrong


@pytest.fixture
def desk(chromium: Browser, theatre: tuple[str, Scenery], stage: Stage) -> Iterator[Page]:
    """A signed-in admin at a desk; whatever goes wrong on the page fails the test."""
    context, page, wrong = signed_in(chromium, theatre[0], "desktop")
    yield page
    context.close()
    assert [text for text in wrong if "status of 4" not in text and "status of 5" not in text] == []


@pytest.mark.rule("OPS-03")
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_and_is_accessible(
    chromium: Browser, theatre: tuple[str, Scenery], stage: Stage, width: str
) -> None:
    """No sideways scrolling, no console message, no request leaving the machine, no serious finding of axe."""
    context, page, wrong = signed_in(chromium, theatre[0], width)
    SHOTS.mkdir(parents=True, exist_ok=True)
    for path in PAGES:
        page.goto(path)
        name = path.strip("/").split("?")[0].replace("/", "-")
        for identity, short in (
            (COUNTY, "county"),
            (BRANCH, "branch"),
            (LAN, "lan"),
            (SECRETARY, "lin"),
            (IMPORT, "1"),
        ):
            name = name.replace(identity, short)
        page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found = Axe().run(page).response["violations"]
        serious = [
            f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")
        ]
        assert (path, over, serious, wrong) == (path, 0, [], [])
    context.close()


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


@pytest.mark.rule("MEM-03")
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


@pytest.mark.rule("IDN-01")
def test_the_captcha_is_heard_under_the_strict_policy(
    chromium: Browser, theatre: tuple[str, Scenery], stage: Stage
) -> None:
    context = chromium.new_context(viewport=WIDTHS["phone"], locale="zh-CN", base_url=theatre[0])
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto("/sign-in")
    page.get_by_role("link", name="听验证码").click()
    expect(page.locator("audio")).to_have_js_property("readyState", 4)
    assert page.locator("[name=captcha_id]").input_value() == "captcha-2"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "sign-in-heard-phone.png", full_page=True)
    page.get_by_role("link", name="改看图片").click()
    page.locator(".captcha-picture").wait_for()
    context.close()
    assert wrong == []


MIDDLES = """box => {
  const text = document.createRange(); text.selectNodeContents(box)
  const inner = text.getBoundingClientRect(), outer = box.getBoundingClientRect()
  return Math.abs((inner.top + inner.bottom) - (outer.top + outer.bottom)) / 2
}"""
OVERLAPS = """() => [...document.querySelectorAll('.table-mobile-md tr')].filter(row => {
  const boxes = [...row.cells].map(cell => cell.getBoundingClientRect()).filter(box => box.height)
  return boxes.some((a, i) => boxes.slice(i + 1).some(b =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1))
}).map(row => row.innerText)"""


@pytest.mark.rule("OPS-03")
def test_on_a_phone_words_sit_in_the_middle_of_buttons_and_no_cell_lies_on_another(
    chromium: Browser, theatre: tuple[str, Scenery], stage: Stage
) -> None:
    rows = {
        "items": [{"organization": figures(at)["organization"], "complete": False, "missing": LACKS} for at in (0, 7)]
    }
    stage.answers["GET /v1/progress/information"] = (200, rows | {"complete": 1, "organizations": 9})
    context, page, _ = signed_in(chromium, theatre[0], "phone")
    assert [at for at in page.locator(".cell-act .btn").evaluate_all(f"all => all.map({MIDDLES})") if at > 2] == []
    for path in (f"/organizations/{COUNTY}/members", f"/organizations/{COUNTY}/cadres", "/progress/members", "/home"):
        page.goto(path)
        assert (path, page.evaluate(OVERLAPS)) == (path, [])
    page.goto("/search")
    field, button = (page.locator(f".filters {part}").bounding_box() for part in ("input", ".btn"))
    assert field["y"] == button["y"]
    context.close()


def test_typing_a_name_filters_the_list_without_a_key_more(desk: Page, stage: Stage) -> None:
    desk.goto(f"/organizations/{COUNTY}/members")
    desk.fill(".filters [name=q]", "兰")
    expect(desk.locator(".chip")).to_contain_text("兰")
    assert stage.sent("GET", f"/v1/organizations/{COUNTY}/members")[-1].url.params["q"] == "兰"
