"""What a page does that asks again by itself, under the strict policy."""

import pytest
from playwright.sync_api import Browser, expect

from tests.web.browser.screen import signed_in
from tests.web.conftest import Scenery
from tests.web.stage import Stage
from tests.web.transfers import REFUSED, one

pytestmark = pytest.mark.e2e
HERE = f"/transfers/{REFUSED}"


@pytest.mark.rule("OPS-03")
def test_a_part_that_is_asked_for_again_brings_no_style_of_its_own_with_it(
    chromium: Browser, theatre: tuple[str, Scenery], stage: Stage
) -> None:
    """A style that a script has set (as whoever takes a picture does) was copied as an attribute, which is forbidden."""
    stage.answers[f"GET /v1{HERE}"] = (200, one(REFUSED) | {"state": "requested"})
    context, page, wrong = signed_in(chromium, theatre[0], "desktop")
    page.goto(HERE)
    clock = page.locator("#clock")
    clock.evaluate("one => one.style.setProperty('caret-color', 'transparent')")
    expect(clock).not_to_have_attribute("style", "caret-color: transparent;", timeout=10_000)
    context.close()
    assert wrong == []
