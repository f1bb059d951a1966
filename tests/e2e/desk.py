"""What people do at the console in every journey: sign in, look again, upload, take a picture."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

from deploy.local.stack import Stack
from tests.pictures import take_picture

SHOTS = Path(__file__).parents[2] / "artefacts" / "e2e"
DESKTOP, PHONE = (1440, 900), (390, 844)
IMPORT_MS = 60_000


def open_page(
    chromium: Browser, stack: Stack, size: tuple[int, int] = DESKTOP, cookies: StorageState | None = None
) -> Page:
    """A browser of somebody's own: its cookies are nobody else's."""
    context: BrowserContext = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN",
        base_url=stack.url("web"),
        accept_downloads=True,
        storage_state=cookies,
    )
    return context.new_page()


def sign_in(page: Page, captcha: str, number: str, password: str, kind: str = "") -> None:
    page.goto("/sign-in")
    if kind:
        page.click("summary:has-text('其他证件')")
        page.select_option("[name=document_kind]", kind)
    page.fill("#f-number", number)
    page.fill("#f-password", password)
    page.fill("#f-captcha", captcha)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/home")


def shoot(page: Page, name: str) -> None:
    take_picture(page, SHOTS / f"{name}.jpg")


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways (OPS-03)."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def reload_until(page: Page, selector: str, seconds: int = 30) -> None:
    """Looks again, soon and then as a person would, while facts travel from one service to the next."""
    for milliseconds in (200, 300, 500, *[1000] * (seconds - 1)):
        if page.locator(selector).count():
            return
        page.wait_for_timeout(milliseconds)
        page.reload()
    shoot(page, "waited-in-vain")
    raise AssertionError(f"{selector} did not come on {page.url}")


def establish(page: Page, organization: str, name: str, short_name: str, sector: str, branch_kind: str = "") -> None:
    """A branch directly below an organization, by its own admin, in the drawer of its subordinates."""
    page.goto(f"/organizations/{organization}/subordinates")
    page.get_by_role("link", name="新建直属下级").first.click()
    drawer = page.locator("#drawer")
    drawer.locator("[name=full_name]").fill(name)
    drawer.locator("[name=short_name]").fill(short_name)
    drawer.locator("[name=category]").select_option("branch")
    if branch_kind:
        drawer.locator("[name=branch_kind]").select_option(branch_kind)
    drawer.locator("[name=sector]").select_option(sector)
    drawer.get_by_role("button", name="建立组织").click()
    expect(page.locator(".alert-success")).to_contain_text(f"已建立“{name}”")


def upload(page: Page, organization: str, path: Path) -> None:
    """Uploads from the page of imports; the page of the import is open then."""
    page.goto(f"/organizations/{organization}/imports")
    page.get_by_text("导入下级团支部团员团干部", exact=True).first.click()
    page.set_input_files("#f-file", path)
    page.get_by_role("button", name="上传", exact=True).click()
    page.wait_for_url(re.compile("/imports/import-"))


def expect_result(page: Page, imported: int, failed: int) -> None:
    title = f"成功导入 {imported} 位团员，{failed} 位团员导入失败"
    expect(page.locator("h1")).to_have_text(title, timeout=IMPORT_MS)


def save_download(page: Page, link: Any, path: Path) -> Path:
    with page.expect_download() as given:
        link.click()
    given.value.save_as(path)
    return path
