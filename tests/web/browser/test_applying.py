"""Applying without an account in a real browser: each step and each state at both widths (ADM-07, OPS-03, OPS-04)."""

import pytest
from playwright.sync_api import Browser, Page

from services.web.texts import LANGUAGES, SOURCE_LANGUAGE
from tests.web.applications import ENDED_TICKETS, NAME, TICKET
from tests.web.browser.screen import SIZES, WIDTHS
from tests.web.browser.test_looks import assert_fits_everywhere
from tests.web.conftest import Scenery
from tests.web.county import BRANCH
from tests.web.stage import Stage

pytestmark = pytest.mark.e2e
FORM = f"/apply/organizations/{BRANCH}"
STAMPED = {"name": "申请表.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 %%EOF"}
FAULTS = {
    "title": "填写的内容有2处需要修改。",
    "detail_en": "What was filled in needs changes in 2 places.",
    "errors": [
        {"title": "格式不对。", "detail_en": "The format is not right.", "field": "phone", "rule": "ADM-07"},
        {
            "title": "申请表文件的内容不是完整的PDF、JPEG或PNG。",
            "detail_en": "No complete PDF, JPEG or PNG.",
            "field": "file",
        },
    ],
}


def stranger(chromium: Browser, address: str, width: str, spoken: str) -> tuple[Page, list[str]]:
    context = chromium.new_context(viewport=WIDTHS[width], locale="zh-CN", base_url=address)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda sent: None if sent.url.startswith((address, "data:")) else wrong.append(sent.url))
    page.goto("/apply")
    if spoken != SOURCE_LANGUAGE:
        page.get_by_role("button", name=LANGUAGES[spoken]).click()
        page.wait_for_selector(f"html[lang={spoken}]")
    return page, wrong


@pytest.mark.rule("ADM-07", "OPS-03", "OPS-04")
@pytest.mark.parametrize("spoken", LANGUAGES)
def test_a_stranger_goes_from_the_captcha_to_the_outcome_and_every_step_fits(
    chromium: Browser, theatre: tuple[str, Scenery], stage: Stage, spoken: str
) -> None:
    page, wrong = stranger(chromium, theatre[0], SIZES[spoken][0], spoken)

    def fits(step: str) -> None:
        assert_fits_everywhere(page, step, wrong, f"apply-{step}")

    fits("1-captcha")
    page.fill("#f-q", "妙高")
    page.fill("#f-captcha", "7kM4w")
    page.click("button[type=submit].btn-primary")
    page.wait_for_url("**/apply?q=*")
    fits("2-found")
    stage.answers["GET /v1/applicants"] = (200, {"items": []})
    page.reload()
    fits("2-none-found")
    page.goto(FORM)
    fits("3-form")
    page.fill("#f-responsible", NAME)
    page.fill("#f-phone", "call me")
    page.set_input_files("#f-file", STAMPED)
    stage.answers["POST /v1/account-applications"] = (400, FAULTS)
    page.click("button[type=submit].btn-primary")
    page.wait_for_selector(".alert-danger")
    wrong[:] = [text for text in wrong if "status of 400" not in text]
    fits("3-refused")
    stage.answers.clear()
    page.fill("#f-phone", "13900990099")
    page.set_input_files("#f-file", STAMPED)
    page.click("button[type=submit].btn-primary")
    page.wait_for_url(f"**/apply/outcomes/{TICKET}")
    fits("4-waiting")
    for state, ticket in ENDED_TICKETS.items():
        page.goto(f"/apply/outcomes/{ticket}")
        fits(f"4-{state}")
    page.goto("/apply/blank")
    fits("blank")
    page.context.close()


@pytest.mark.rule("ADM-07", "OPS-03")
def test_the_superior_approves_and_the_code_fits(desk: Page, stage: Stage) -> None:
    desk.goto("/home")
    desk.locator("[aria-labelledby=h-waiting] a.todo").first.click()
    desk.wait_for_url("**/applications/application-*")
    desk.get_by_role("button", name="同意并生成注册码").click()
    desk.wait_for_selector("#code")
    assert_fits_everywhere(desk, "approved", [], "applications-approved")
