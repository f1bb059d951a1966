"""ADM-02 to ADM-04: the superior makes a code, the first admin registers by it, signs in and completes the information."""

import re
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.local.seeding.names import Invented
from deploy.local.stack import Stack
from tests.e2e.conftest import SignIn
from tests.e2e.desk import DESKTOP, PHONE, fits, open_page, reload_until, save_download, shoot, sign_in
from tests.e2e.town import Town

pytestmark = pytest.mark.e2e
PASSWORD = "西湖边的第七只鸬鹚今天没有捉到鱼"
SETTLED_MS = 60_000


@dataclass
class Desk:
    """A registrant's browser; every picture is looked at for its width."""

    page: Page
    captcha: str
    name: str

    def look(self, what: str) -> None:
        shoot(self.page, f"registration-{self.name}-{what}")
        assert fits(self.page), f"{self.page.url} has to be scrolled sideways"

    def fill(self, code: str, who: Invented, number: str = "") -> None:
        fields = {"registration_code": code, "name": who.name, "number": number or who.number, "mobile": who.mobile}
        for name, value in fields.items():
            self.page.fill(f"#f-{name}", value)
        self.secrets()

    def secrets(self) -> None:
        """What no page gives back."""
        for name in ("new_password", "repeated_password"):
            self.page.fill(f"#f-{name}", PASSWORD)
        self.page.fill("#f-captcha", self.captcha)

    def submit(self) -> None:
        self.page.get_by_role("button", name="提交注册").click()


def make_code(page: Page, town: Town, branch: str) -> str:
    """By the county's admin, for one direct subordinate."""
    page.goto(f"/organizations/{town.ids['county']}/codes")
    row = page.locator("#list .todo", has_text=town.names[branch].removeprefix("共青团浙江省杭州市西湖区"))
    row.get_by_role("button", name="单个分配").click()
    code = page.locator(".alert-success strong").inner_text()
    assert re.fullmatch("[A-Z2-7]{12}", code)
    return code


def register(desk: Desk, code: str, who: Invented) -> None:
    """With a slip first: it comes back at its field, with everything but the secrets, and the code is still good."""
    page = desk.page
    page.goto("/sign-in")
    desk.look("sign-in")
    page.get_by_role("link", name="管理员注册").click()
    wrong = who.number[:-1] + ("2" if who.number[-1] == "1" else "1")
    desk.fill(code.lower(), who, wrong)
    desk.look("form")
    desk.submit()
    expect(page.locator("#e-number")).to_be_visible()
    desk.look("slip")
    expect(page.locator("#f-name")).to_have_value(who.name)
    expect(page.locator("#f-registration_code")).to_have_value(code.lower())
    expect(page.locator("#f-new_password")).to_have_value("")
    page.fill("#f-number", who.number)
    desk.secrets()
    desk.submit()
    page.wait_for_url(re.compile("/register/[0-9a-f]{64}"))
    desk.look("waiting")
    for personal in (who.name, who.number, who.mobile, code):
        assert personal not in page.content()
    expect(page.locator("h1")).to_have_text("注册完成", timeout=SETTLED_MS)
    desk.look("done")


def refused(desk: Desk, code: str, who: Invented) -> None:
    """A code that is used up says no more than one that never was."""
    desk.page.goto("/register")
    desk.fill(code, who)
    desk.submit()
    expect(desk.page.locator("h1")).to_have_text("没有注册成功", timeout=SETTLED_MS)
    desk.look("refused")


def complete(desk: Desk, town: Town, branch: str, who: Invented) -> None:
    """Signed in with the password of the form, as an admin who finds the information to complete."""
    page = desk.page
    page.get_by_role("link", name="去登录").click()
    sign_in(page, desk.captcha, who.number, PASSWORD)
    reload_until(page, f"h1:has-text('{town.names[branch]}')")
    desk.look("home")
    page.goto(f"/organizations/{town.ids[branch]}/edit")
    page.fill("#f-phone", "0571-87654321")
    page.fill("#f-email", "branch@example.cn")
    page.fill("#f-contact", who.name)
    page.fill("#f-address", "杭州市西湖区文三路1号")
    page.fill("#f-founded_on", "2019-05-04")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".alert-success")).to_be_visible()
    desk.look("completed")


@pytest.mark.rule("ADM-02")
@pytest.mark.rule("ADM-03")
@pytest.mark.rule("ADM-04")
@pytest.mark.rule("IDN-02")
@pytest.mark.parametrize(("size", "branch"), [(DESKTOP, "mended"), (PHONE, "withdrawn")], ids=["desktop", "phone"])
def test_the_first_admin_registers_by_the_superiors_code_and_completes_the_information(
    chromium: Browser, stack: Stack, town: Town, signed_in: SignIn, size: tuple[int, int], branch: str
) -> None:
    superior = signed_in("county")
    code = make_code(superior, town, branch)
    shoot(superior, f"registration-code-{branch}")
    page = open_page(chromium, stack, size)
    desk = Desk(page, town.captcha, "phone" if size == PHONE else "desktop")
    who = town.inventor.person("330106", youngest=29, oldest=45)
    register(desk, code, who)
    other = open_page(chromium, stack, size)
    refused(Desk(other, town.captcha, desk.name), code, town.inventor.person("330106", youngest=29, oldest=45))
    complete(desk, town, branch, who)
    for each in (page, other):
        each.context.close()


@pytest.mark.rule("ADM-02")
@pytest.mark.rule("ADM-04")
def test_the_workbook_has_a_code_for_every_subordinate_that_can_have_one(
    signed_in: SignIn, town: Town, tmp_path: Path
) -> None:
    page = signed_in("county")
    page.goto(f"/organizations/{town.ids['county']}/codes")
    path = save_download(page, page.locator("form[action$='codes.xlsx'] button"), tmp_path / "codes.xlsx")
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    assert len(rows) == 1 + 5
    page.reload()
    shoot(page, "registration-codes")
    codes = [cell for row in rows[1:] for cell in row if re.fullmatch("[A-Z2-7]{12}", str(cell or ""))]
    assert len(codes) == len(set(codes)) >= 4
