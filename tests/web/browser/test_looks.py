"""What every page must keep at both widths."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.local.servers import CHECKOUT
from services.web.texts import LANGUAGES, SOURCE_LANGUAGE
from tests.pictures import take_picture
from tests.web.applications import APPLICATION, FORGOTTEN, REFUSED
from tests.web.browser.screen import INNER, SHOTS, SIZES, WHOLE, WIDTHS, serious, signed_in
from tests.web.conftest import Scenery
from tests.web.county import BRANCH, COUNTY, IMPORT, LAN, SECRETARY, figures, trend_points
from tests.web.schools import GRADUATES
from tests.web.stage import Stage
from tests.web.test_health import one_loop
from tests.web.test_pages import PAGES
from tests.web.test_parked import LINE
from tests.web.transfers import SHORT

pytestmark = pytest.mark.e2e
# Names that break after every character or two, and words that stick out of the head of the menu.
SQUEEZED = """() => [
  ...[...document.querySelectorAll('.org-own')].filter(one => one.offsetParent && one.offsetWidth < 90 && one.innerText.length > 8),
  ...[...document.querySelectorAll('.brand')].filter(one => one.offsetHeight > 56 || one.scrollWidth > one.parentElement.clientWidth),
].map(one => one.innerText)"""
LACKS = ["phone", "email", "address"]
PARTS = 4
"""All pages in as many tests, so that several workers look at them."""


def look_at(page: Page, path: str, name: str, wrong: list[str]) -> None:
    page.goto(path)
    assert_fits_everywhere(page, path, wrong, name)


def test_no_colour_depends_on_the_language() -> None:
    """Contrast is looked at in one language only."""
    styles = "".join(sheet.read_text() for sheet in (CHECKOUT / "services/web/static/css").glob("*.css"))
    rules = re.findall(r"(?::lang\(|\[lang)[^{}]*\{([^}]*)\}", styles)
    assert rules
    assert [rule for rule in rules if re.search("color|background|opacity|--", rule)] == []


def test_no_element_depends_on_the_language_but_the_choice_of_another() -> None:
    """Of every page but the first, axe looks at one language only."""
    asked = re.compile(r"\{[{%][^}]*\blanguage\(\)[^}]*[%}]\}")
    templates = (CHECKOUT / "services/web/templates").rglob("*.html")
    assert sorted({each for file in templates for each in asked.findall(file.read_text())}) == [
        "{% for code, name in languages.items() if code != language() %}",
        "{{ ' ' if language() == 'en' }}",
        "{{ language() }}",
    ]


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_a_button_without_a_name_is_found_in_every_language_and_pale_text_in_one(
    chromium: Browser, spoken: str
) -> None:
    page = chromium.new_page()
    page.set_content(f'<html lang="{spoken}"><title>x</title><button></button><p style="color: #ddd">pale</p></html>')
    found = [each.partition(":")[0] for each in serious(page)]
    assert found == ["button-name", *(["color-contrast"] if spoken == SOURCE_LANGUAGE else [])]
    page.close()


@pytest.mark.rule("OPS-03")
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_page_fits_and_is_accessible(
    chromium: Browser, theatre: tuple[str, Scenery], stage: Stage, spoken: str, part: int
) -> None:
    """At a desk first; then the window is as narrow as a phone. Of the phone's colours every fourth page is looked at.

    What surrounds a page, and the same page in another language, is looked at by axe on the first page only.
    """
    context, page, wrong = signed_in(chromium, theatre[0], SIZES[spoken][0], spoken)
    for path in PAGES[part::PARTS]:
        name = re.sub("[/?=]", "-", path.strip("/"))
        for identity, short in (
            (COUNTY, "county"),
            (BRANCH, "branch"),
            (LAN, "lan"),
            (SECRETARY, "lin"),
            (IMPORT, "1"),
            (APPLICATION, "waiting"),
            (REFUSED, "refused"),
            (FORGOTTEN, "gone"),
            *SHORT.items(),
            (GRADUATES, "graduates"),
        ):
            name = name.replace(identity, short)
        page.goto(path)
        assert_fits_everywhere(page, path, wrong, name, first=path == PAGES[part], pale=part == 0)
    context.close()


@pytest.mark.rule("OPS-03", "OPS-08", "P5", "STA-05")
@pytest.mark.parametrize("spoken", LANGUAGES)
def test_pages_of_ills_and_of_one_hour_fit_and_are_accessible_too(
    chromium: Browser, theatre: tuple[str, Scenery], stage: Stage, spoken: str
) -> None:
    """What operators see when something stands still, and what a chart is before it has a line."""
    stage.standings[0]["role"] = "operator"
    stage.answers["GET /v1/parked"] = (200, {"items": [LINE, LINE | {"asked_by": "operator-1"}]})
    stage.answers["GET /health/ready"] = one_loop("stopped: a gap in org.events.v1/3; see kernel.md 4")
    stage.silent.add("relay")
    context, page, wrong = signed_in(chromium, theatre[0], SIZES[spoken][0], spoken)
    for path in ("/operation/health", "/operation/parked", f"/operation/parked/identity/{LINE['record']}/drop"):
        look_at(page, path, path.split("/")[-1], wrong)
    stage.answers["GET /v1/progress/members/trend"] = (200, {"points": trend_points(hours=1, days=0)})
    look_at(page, "/progress/members", "progress-one-hour", wrong)
    stage.answers["GET /v1/progress/members/trend"] = (200, {"points": trend_points(days=0)})
    look_at(page, "/progress/members", "progress-two-days", wrong)
    context.close()


def assert_fits_everywhere(
    page: Page, path: str, wrong: list[str], name: str, *, first: bool = True, pale: bool = True
) -> None:
    """Of what is on the page now, in every width of its language; the window is as wide as before afterwards.

    `first` tells whether what surrounds it is looked at too, `pale` whether its colours are on a phone.
    """
    spoken, before = page.evaluate("document.documentElement.lang"), page.viewport_size
    for width in SIZES[spoken]:
        page.set_viewport_size(WIDTHS[width])
        shot = SHOTS / spoken / f"{name}-{width}.jpg"
        colours = (WHOLE if first else INNER) if pale or width == "desktop" else None
        assert_fits(page, path, wrong, shot, colours=colours, axe=first or spoken == SOURCE_LANGUAGE)
    page.set_viewport_size(before)


def assert_fits(
    page: Page, path: str, wrong: list[str], shot: Path, *, colours: str | None = WHOLE, axe: bool = True
) -> None:
    """Of what is on the page now: no sideways scrolling, no console message, no request leaving the machine, nothing for
    axe. The picture is kept as `shot`, of the whole page in the source language.
    """
    page.wait_for_load_state()  # a click that leads to another page returns while that one is still being read
    whole = page.evaluate("document.documentElement.lang") == SOURCE_LANGUAGE
    take_picture(page, shot, whole=whole)
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    grave = serious(page, colours=colours) if axe else []
    assert (path, over, grave, wrong, page.evaluate(SQUEEZED)) == (path, 0, [], [], [])


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
    take_picture(page, SHOTS / "sign-in-heard-phone.jpg")
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


@pytest.mark.rule("OPS-03", "TRF-12")
@pytest.mark.parametrize("spoken", LANGUAGES)
def test_on_a_phone_every_tab_of_a_list_is_seen_in_full(
    chromium: Browser, theatre: tuple[str, Scenery], stage: Stage, spoken: str
) -> None:
    context, page, _ = signed_in(chromium, theatre[0], "phone", spoken)
    page.goto(f"/organizations/{COUNTY}/transfers")
    tabs = page.locator(".nav-line a")
    expect(tabs).to_have_count(9)
    boxes = [each.bounding_box() for each in tabs.all()]
    assert max(box["x"] + box["width"] for box in boxes) <= WIDTHS["phone"]["width"]
    context.close()
