"""Transfers in Debian's Chromium over the stage: what is in reach of the thumb, and what changes without a click."""

import pytest
from playwright.sync_api import Browser, Page, expect

from services.web.texts import LANGUAGES
from tests.web.browser.screen import SIZES, signed_in
from tests.web.browser.test_looks import assert_fits_everywhere
from tests.web.conftest import Scenery
from tests.web.county import BRANCH, COUNTY, LAN, NOW
from tests.web.stage import Stage
from tests.web.test_transfer_start import OPEN, START
from tests.web.test_transfers import LIST, OVER
from tests.web.transfers import CHECKED, FAILED, IN, MINE, OUT, STREET, WITHDRAWN, lines, one, transfer

pytestmark = pytest.mark.e2e


@pytest.mark.rule("OPS-03", "TRF-07")
def test_on_a_phone_both_answers_are_in_reach_from_the_first_look(
    chromium: Browser, theatre: tuple[str, Scenery], stage: Stage
) -> None:
    context, page, wrong = signed_in(chromium, theatre[0], "phone")
    page.goto(f"/transfers/{IN}")
    for button in (page.get_by_role("button", name="同意", exact=True), page.get_by_role("link", name="不同意")):
        expect(button).to_be_in_viewport(ratio=1)
    page.get_by_role("link", name="不同意").click()
    expect(page.locator("#dialog").get_by_role("button", name="退回转接")).to_be_in_viewport(ratio=1)
    context.close()
    assert wrong == []


@pytest.mark.rule("TRF-09", "TRF-22")
def test_what_is_checked_becomes_what_waits_without_a_click(desk: Page, stage: Stage) -> None:
    desk.goto(f"/transfers/{CHECKED}")
    expect(desk.locator(".outcome")).to_contain_text("正在核对")
    stage.answers[f"GET /v1/transfers/{CHECKED}"] = (200, one(OUT) | {"transfer": CHECKED})
    expect(desk.locator(".countdown .v")).to_contain_text("7天23小时")
    expect(desk.locator(".decide")).to_be_visible()


@pytest.mark.rule("TRF-07")
def test_who_was_second_in_a_dialog_lands_on_the_page_that_says_it(desk: Page, stage: Stage) -> None:
    desk.goto(f"/transfers/{IN}")
    desk.get_by_role("link", name="不同意").click()
    desk.locator("#dialog").get_by_label("本人要求不转接").check()
    stage.answers[f"POST /v1/transfers/{IN}/refusal"] = (409, OVER)
    stage.answers[f"GET /v1/transfers/{IN}"] = (200, transfer(state="timed_out", due_at=NOW.isoformat(), may={}))
    desk.locator("#dialog").get_by_role("button", name="退回转接").click()
    expect(desk.locator("main .alert-warning")).to_contain_text("转入方逾期未办，已退回")
    expect(desk.locator(".outcome")).to_contain_text("逾期退回")


@pytest.mark.rule("TRF-14")
def test_the_count_beside_the_menu_comes_after_the_page_and_goes_with_the_last(desk: Page, stage: Stage) -> None:
    expect(desk.locator("#side .count")).to_have_text("5")  # three to decide, an objection, a case
    stage.answers[f"GET /v1/organizations/{COUNTY}/transfers"] = (200, lines())
    with desk.expect_response("**/transfers/count"):
        desk.reload()
    expect(desk.locator("#side .count")).to_have_count(0)


@pytest.mark.rule("TRF-18")
def test_a_destination_is_found_while_typing_and_the_address_keeps_it(desk: Page, stage: Stage) -> None:
    desk.goto(f"/people/{LAN}/transfer")
    desk.fill("main [name=q]", "妙高")
    expect(desk.locator("#found")).to_contain_text("按组织树逐级查找")
    assert "q=%E5%A6%99%E9%AB%98" in desk.url
    desk.locator("#found").get_by_role("link", name="选择：").click()
    desk.wait_for_url(f"**/people/{LAN}/transfer?to={STREET}")
    desk.get_by_role("link", name="重新选择").click()
    expect(desk.locator("#found .crumbs")).to_be_visible()


@pytest.mark.rule("TRF-14")
def test_the_own_page_shows_what_is_under_way_first(desk: Page, stage: Stage) -> None:
    stage.answers["GET /v1/me/transfers"] = (200, lines(MINE))
    desk.goto("/me")
    expect(desk.locator("#record > section").first).to_contain_text("7天23小时")


@pytest.mark.rule("OPS-03", "OPS-04", "OPS-08")
@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_other_state_fits_and_is_accessible_too(
    chromium: Browser, theatre: tuple[str, Scenery], stage: Stage, spoken: str
) -> None:
    """Nothing to do, a silent service, one that is open already, a refused start, both dialogs, who was second."""
    context, page, wrong = signed_in(chromium, theatre[0], SIZES[spoken][0], spoken)

    def fits(state: str) -> None:
        said = [text for text in wrong if "status of 4" not in text]
        assert_fits_everywhere(page, state, said, f"transfers-{state}")

    for state, identity in (("failed", FAILED), ("withdrawn", WITHDRAWN), ("checked", CHECKED)):
        page.goto(f"/transfers/{identity}")
        fits(state)
    for leaf, identity in (("refuse", IN), ("withdraw", MINE)):
        page.goto(f"/transfers/{identity}")
        page.locator(f"a[href$='/{leaf}']").click()
        page.locator("#dialog .modal-footer").wait_for()
        expect(page.locator("#dialog")).to_have_css("opacity", "1")
        fits(f"{leaf}-dialog")
    stage.answers[f"POST /v1/transfers/{IN}/approval"] = (409, OVER)
    page.goto(f"/transfers/{IN}")
    stage.answers[f"GET /v1/transfers/{IN}"] = (200, transfer(state="timed_out", due_at=NOW.isoformat(), may={}))
    page.locator("form[action$='/approve'] button").click()
    page.locator("main .alert-warning").wait_for()
    fits("second")
    page.goto(f"{START}?to={STREET}")
    stage.answers[f"POST /v1/organizations/{BRANCH}/transfers-out"] = (409, OPEN)
    page.locator("[name=reason]").first.check()
    page.locator("main form button[type=submit]").last.click()
    page.locator(".alert-danger").wait_for()
    fits("start-refused")
    stage.answers[f"GET /v1/people/{LAN}/transfers"] = (200, lines(OUT))
    page.goto(START)
    fits("already-open")
    page.goto(f"/people/{LAN}")
    fits("under-way")
    stage.answers[f"GET /v1{LIST}"] = (200, {"items": []})
    page.goto(LIST)
    fits("nothing-waits")
    stage.answers[f"GET /v1{LIST}"] = (503, {"status": 503, "code": "system_full", "title": "系统繁忙"})
    page.goto(LIST)
    fits("silent")
    context.close()
