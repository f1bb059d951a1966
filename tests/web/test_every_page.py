"""No page is left out of what all pages are held to."""

import pkgutil
import re
from importlib import import_module

import pytest

from services.web import app, pages
from tests.web.conftest import Browser
from tests.web.test_pages import PAGES
from tests.web.test_texts import TEMPLATES, WEB

ELSEWHERE = {
    *("/sign-in", "/captcha", "/activate", "/apply", "/apply/organizations/{organization}"),
    *("/apply/outcomes/{ticket}", "/apply/blank", "/applications/{application}/form", "/register/{ticket}/outcome"),
    *("/operation/parked", "/operation/parked/{service}/{record}/drop", "/operation/health", "/operation/exchange"),
    "/operation/working-days",
    *(
        "/organizations/{organization}/tree",
        "/organizations/{organization}/transfers/count",
        "/imports/{number}/job",
        "/approval-documents/{document}",
    ),
    *("/templates/{kind}.xlsx", "/imports/{number}/failed-rows.xlsx"),
    *("/progress/members.xlsx", "/progress/cadres.xlsx", "/progress/graduates.xlsx"),
}
"""Pages of strangers and operators, parts of pages, files: other modules open them."""


def test_every_page_is_one_of_those_that_are_opened() -> None:
    """So that it is looked at in both languages and at both widths, and its time is taken."""
    routes = [route for page in app.PAGES for route in page.routes.routes if "GET" in route.methods]
    opened = {r.path for r in routes if any(r.path_regex.fullmatch(path.split("?")[0]) for path in PAGES)}
    assert {r.path for r in routes} - opened == ELSEWHERE


def test_every_module_of_pages_is_part_of_the_console() -> None:
    modules = {import_module(f"{pages.__name__}.{each.name}") for each in pkgutil.iter_modules(pages.__path__)}
    left_out = {each.__name__ for each in modules - set(app.PAGES) if hasattr(each, "routes")}
    assert left_out == set(), "not in PAGES of services/web/app.py"


def test_every_page_with_an_address_of_its_own_is_led_to() -> None:
    everything = "\n".join(TEMPLATES.values())
    paths = {route.path for page in app.PAGES for route in page.routes.routes if "GET" in route.methods}
    own = {path for path in paths if "{" not in path and not path.endswith(".xlsx")}
    assert {path for path in own if not re.search(rf"{path}\W", everything)} == set(), "no template links to it"


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    """Also where the page does not show it today: an empty list, a refusal."""
    sprite = set((WEB / "assets" / "icons.txt").read_text("utf-8").split())
    named = {n for text in TEMPLATES.values() for n in re.findall(r"\b(?:icon|ui\.empty)\('([a-z0-9-]+)'", text)}
    assert named - sprite == set(), "in services/web/assets/icons.txt"


@pytest.mark.rule("OPS-03")
async def test_labels_beside_short_values_leave_them_their_room_on_a_phone(admin: Browser) -> None:
    """Two values share a line there, each with its label in front, wide enough for three characters."""
    over = set()
    for path in PAGES:
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", (await admin.get(path)).text, re.DOTALL):
            if re.search(r'class="[^"]*\bhalf\b', row):
                over |= {(path, label) for label in re.findall(r'data-label="([^"]*)"', row) if len(label) > 3}
    assert over == set()
