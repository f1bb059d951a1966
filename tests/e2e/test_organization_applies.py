"""ADM-07: a branch without an admin applies, its superior opens the form, sends it back, and agrees to the next one."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.local.stack import Stack
from tests.e2e.conftest import SignIn
from tests.e2e.desk import PHONE, fits, open_page, reload_until, save_download, shoot
from tests.e2e.town import PREFIX, Town

pytestmark = pytest.mark.e2e
RESPONSIBLE, PHONE_NUMBER = "欧阳不露", "13900990099"
STAMPED = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
REASON = "申请表上的公章看不清，请重新盖章后再提交"


def look(page: Page, what: str) -> None:
    shoot(page, f"applying-{what}")
    assert fits(page), f"{page.url} has to be scrolled sideways"


def find(page: Page, town: Town, branch: str) -> None:
    """From the sign-in, with a captcha once; then by a part of the name."""
    page.goto("/sign-in")
    page.get_by_text("我的团组织还没有管理员怎么办？").click()
    page.get_by_role("link", name="申请管理员账号").click()
    page.fill("#f-q", town.names[branch].removeprefix(PREFIX)[:4])
    page.fill("#f-captcha", town.captcha)
    page.get_by_role("button", name="查找").click()
    look(page, f"found-{branch}")
    page.get_by_role("link", name=re.compile(town.names[branch])).click()


def send(page: Page, branch: str, content: bytes = STAMPED) -> None:
    page.fill("#f-responsible", RESPONSIBLE)
    page.fill("#f-phone", PHONE_NUMBER)
    file = {"name": "盖章的申请表.pdf", "mimeType": "application/pdf", "buffer": content}
    page.set_input_files("#f-file", file)
    look(page, f"form-{branch}")
    page.get_by_role("button", name="提交申请").click()


def opened(page: Page, town: Town, branch: str) -> None:
    """The superior finds it at home among what waits."""
    page.goto("/home")
    own = town.names[branch].removeprefix(PREFIX)
    reload_until(page, f"[aria-labelledby=h-waiting] a:has-text('{own}')")
    look(page, f"home-{branch}")
    page.locator("[aria-labelledby=h-waiting] a", has_text=own).click()
    expect(page.locator("main")).to_contain_text(RESPONSIBLE)


@pytest.mark.rule("ADM-07")
@pytest.mark.rule("ADM-02")
def test_an_application_is_sent_back_with_a_reason_and_the_next_one_is_approved_with_a_code(
    chromium: Browser, stack: Stack, town: Town, signed_in: SignIn, tmp_path: Path
) -> None:
    """The applicant on a phone, the superior at a desk."""
    page, superior, branch = open_page(chromium, stack, PHONE), signed_in("county"), "hour"
    find(page, town, branch)
    send(page, branch, b"no form at all")
    expect(page.locator("#e-file")).to_be_visible()
    expect(page.locator("#f-responsible")).to_have_value(RESPONSIBLE)
    send(page, branch)
    page.wait_for_url(re.compile("/apply/outcomes/[A-Z2-7]{26}"))
    first = page.url
    expect(page.locator("main")).to_contain_text("待处理")
    assert RESPONSIBLE not in page.content()
    opened(superior, town, branch)
    given = save_download(superior, superior.get_by_role("link", name="盖章的申请表.pdf"), tmp_path / "form.pdf")
    assert given.read_bytes() == STAMPED
    superior.fill("#f-grounds", REASON)
    superior.get_by_role("button", name="退回申请").click()
    expect(superior.locator(".alert-success")).to_be_visible()
    look(superior, f"sent-back-{branch}")
    page.reload()
    expect(page.locator("main")).to_contain_text(REASON)
    look(page, f"refused-{branch}")
    page.get_by_role("link", name="重新申请").click()
    page.fill("#f-q", town.names[branch].removeprefix(PREFIX)[:4])
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name=re.compile(town.names[branch])).click()
    send(page, branch)
    page.wait_for_url(re.compile("/apply/outcomes/[A-Z2-7]{26}"))
    assert page.url != first
    opened(superior, town, branch)
    superior.get_by_role("button", name="同意并生成注册码").click()
    code = superior.locator("#code").inner_text()
    assert re.fullmatch("[A-Z2-7]{12}", code)
    look(superior, f"code-{branch}")
    page.reload()
    expect(page.locator("main")).to_contain_text("已同意")
    assert code not in page.content()
    look(page, f"approved-{branch}")
    page.context.close()
