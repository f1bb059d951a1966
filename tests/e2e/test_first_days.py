"""From an empty system to figures, in Chromium on the whole stack: operator, first admin, first branch, first import."""

import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.local.secrets import OPERATOR_LOGIN, OPERATOR_PASSWORD
from deploy.local.stack import Stack
from tests.e2e.desk import establish, open_page, reload_until, shoot, sign_in

pytestmark = pytest.mark.e2e
PROVINCE = "共青团浙江省委员会"
BRANCH = "共青团浙江省直属机关第一支部委员会"
SECRETARY = ("林知远", "110101199003078515")
NEW_PASSWORD = "杭州湾大桥下的第七盏灯整夜亮着呢"
MEMBERS = [("包书瑶", "330106200505040029"), ("傅明玥", "330106200411120045"), ("华景行", "330106200512120065")]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def valid(number: str) -> str:
    """The number with its check digit put right."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return number[:17] + "10X98765432"[total % 11]


def first_admin(page: Page) -> str:
    """The operator enters the province's first cadre, appoints and gets the code of the first sign-in."""
    page.click("#side >> text=管理下级组织")
    reload_until(page, f"#list .cell-title a:has-text('{PROVINCE}')")
    page.locator("#list .cell-title a", has_text=PROVINCE).click()
    expect(page.locator(".meta")).to_contain_text(PROVINCE)
    organization = page.url.split("/")[-2]
    page.goto(f"/organizations/{organization}/cadres/new")
    page.fill("#f-name", SECRETARY[0])
    page.fill("#f-number", SECRETARY[1])
    page.select_option("#f-political_status", "中共党员")
    page.select_option("#f-ethnicity", "汉族")
    page.select_option("#f-education", "本科")
    page.get_by_label("书记", exact=True).check()
    page.select_option("#f-appointment_kind", "专职")
    page.fill("#f-position_since", "2024-03-01")
    page.fill("#f-mobile", "13812345120")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".alert-success")).to_contain_text(f"已录入“{SECRETARY[0]}”")
    page.goto(f"/organizations/{organization}/admins")
    reload_until(page, "button:has-text('设为管理员')")
    page.get_by_role("button", name="设为管理员").click()
    expect(page.locator(".alert-success")).to_contain_text("设为管理员")
    shoot(page, "admins")
    page.get_by_role("link", name=SECRETARY[0]).click()
    reload_until(page, "button:has-text('生成激活码')")
    page.get_by_role("button", name="生成激活码").click()
    return page.locator("#code").inner_text()


def activate(page: Page, captcha: str, code: str) -> None:
    page.goto("/activate")
    page.fill("#f-number", SECRETARY[1])
    page.fill("#f-initial_password", SECRETARY[1][-8:])
    page.fill("#f-code", code)
    page.fill("#f-new_password", NEW_PASSWORD)
    page.fill("#f-repeated_password", NEW_PASSWORD)
    page.fill("#f-captcha", captcha)
    page.get_by_role("button", name="设置密码并登录").click()
    page.wait_for_url("**/home")


def first_branch(page: Page) -> None:
    page.click("#side >> text=管理下级组织")
    page.wait_for_url("**/subordinates")
    establish(page, page.url.split("/")[-2], BRANCH, "省直一支部", "1")
    expect(page.locator("#list")).to_contain_text("第一支部委员会")
    shoot(page, "subordinates")


def workbook(page: Page, folder: Path) -> Path:
    """The template as the console gives it, with three members, one of whom lacks the development number."""
    page.click("#side >> text=批量导入")
    with page.expect_download() as given:
        page.get_by_role("link", name="导入下级团支部团员团干部").click()
    path = folder / "团员.xlsx"
    given.value.save_as(path)
    book = openpyxl.load_workbook(path)
    sheet = book["团员团干部"]
    titles = [str(cell.value or "").strip("*+ ") for cell in sheet[1]]
    for offset, (name, number) in enumerate(MEMBERS):
        values = {
            "所属团支部全称": BRANCH,
            "姓名": name,
            "证件号码": valid(number),
            "政治面貌": "共青团员",
            "民族": "汉族",
            "学历": "本科",
            "入团日期": "2020-05",
            "发展团员编号": "" if offset == 2 else f"20203399000{offset + 1}",
            "手机号码": f"1380000000{offset}",
        }
        for column, title in enumerate(titles, 1):
            sheet.cell(row=2 + offset, column=column).value = values.get(title)  # the example row is overwritten
    book.save(path)
    return path


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("ADM-04")
@pytest.mark.rule("IDN-04")
@pytest.mark.rule("STA-03")
def test_from_an_empty_system_to_the_figures_of_the_centre(chromium: Browser, stack: Stack, tmp_path: Path) -> None:
    captcha = stack.settings()["TUAN_CAPTCHA_ANSWER"]
    desk = open_page(chromium, stack)
    sign_in(desk, captcha, OPERATOR_LOGIN, (stack.secrets / OPERATOR_PASSWORD).read_text("ascii").strip(), "操作员")
    reload_until(desk, "h1:has-text('中国共产主义青年团中央委员会')")
    code = first_admin(desk)

    page = open_page(chromium, stack)
    activate(page, captcha, code)
    reload_until(page, f"h1:has-text('{PROVINCE}')")
    first_branch(page)
    page.reload()
    path = workbook(page, tmp_path)
    page.set_input_files("#f-file", path)
    page.get_by_role("button", name="上传", exact=True).click()
    page.wait_for_url(re.compile("/imports/import-"))
    expect(page.locator("h1")).to_have_text("成功导入 2 位团员，1 位团员导入失败", timeout=60_000)
    expect(page.locator(".row-faults")).to_contain_text("MEM-06")
    shoot(page, "import-result")
    with page.expect_download() as given:
        page.get_by_role("link", name="失败行").first.click()
    given.value.save_as(tmp_path / "failed.xlsx")
    failed = openpyxl.load_workbook(tmp_path / "failed.xlsx")["团员团干部"]
    assert str(failed.cell(row=1, column=failed.max_column).value) == "失败原因"

    page.click("#side >> text=团员列表")
    expect(page.locator("#list tbody tr")).to_have_count(2)
    shoot(page, "members")
    assert MEMBERS[0][1][:14] not in page.content()
    desk.goto("/progress/members?hour=live")
    reload_until(desk, ".total td:has-text('2')")
    shoot(desk, "progress-of-the-centre")
