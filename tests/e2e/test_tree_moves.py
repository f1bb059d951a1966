"""An organization moves to another superior while transfers from it and to it are open, and both go on (ORG-17, TRF-23).

After the journeys that count what stands below the county.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from deploy.local.stack import Stack
from tests.e2e import town as towns
from tests.e2e.conftest import SignIn
from tests.e2e.desk import PHONE, fits, reload_until, shoot
from tests.e2e.moving import enter, moved, start
from tests.e2e.town import Town

pytestmark = pytest.mark.e2e


def look(page: Page, name: str) -> None:
    shoot(page, f"moved-organization-{name}")
    assert fits(page), f"{page.url} has to be scrolled sideways"


def asks_to_move(page: Page, town: Town) -> str:
    """By the group's own admin, who sees that both open transfers come along; the address of the request."""
    page.goto(f"/organizations/{town.ids['group']}/migrate")
    page.fill("main [name=q]", "云谷园区")
    page.locator("#found").get_by_role("link", name=f"选择：{town.names['park']}").click()
    expect(page.locator("#along")).to_contain_text(re.compile(r"未办结的转接\s*2"))
    page.fill("[name=note]", "集团总部迁入园区")
    look(page, "asking")
    page.get_by_role("button", name="提交申请").click()
    page.wait_for_url(re.compile("/migrations/migration-"))
    return page.url.split("//")[1].partition("/")[2]


def decides(page: Page, migration: str, name: str) -> None:
    """Found at home, and agreed to."""
    page.goto("/home")
    reload_until(page, f"[aria-labelledby=h-moves] a[href='/{migration}']")
    page.locator(f"[aria-labelledby=h-moves] a[href='/{migration}']").click()
    look(page, name)
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.locator(".alert-success")).to_contain_text("已同意")


@pytest.mark.rule("ORG-17", "TRF-23")
@pytest.mark.rule("ADM-08", "TRF-14")
def test_open_transfers_from_and_to_an_organization_that_moves_go_on_with_its_new_superior(
    signed_in: SignIn, stack: Stack, town: Town
) -> None:
    towns.in_a_thread(towns.with_a_park(stack, town))
    group, secretary = signed_in("group"), signed_in("secretary", PHONE)
    record, leaves = enter(group, town, "works")
    out = start(group, record, "第2社区", town.names["withdrawn"], "工作调动")
    record, comes = enter(secretary, town, "phone")
    into = start(secretary, record, "云谷科技集团", town.names["group"], "就业（有团组织）")
    for page, transfer in ((group, out), (secretary, into)):
        page.goto(f"/{transfer}")
        reload_until(page, ".countdown .v")

    migration = asks_to_move(group, town)
    county, park = signed_in("county"), signed_in("park")
    county.goto(f"/{into}")
    expect(county.locator(".decide")).to_be_visible()
    decides(county, migration, "released")
    decides(park, migration, "admitted")
    expect(park.locator(".outcome")).to_contain_text("已迁移")
    expect(park.locator("main .route")).to_contain_text("原直属上级")
    look(park, "moved")

    group.goto("/home")
    reload_until(group, f".meta:has-text('{town.names['park']}')")
    look(group, "home")
    park.goto(f"/organizations/{town.ids['park']}/transfers?which=below")
    for name in (leaves["name"], comes["name"]):
        reload_until(park, f"#list tr:has-text('{name}')")
    look(park, "history-of-the-new-superior")
    county.goto(f"/{into}")
    expect(county.locator(".countdown .v")).to_be_visible()
    expect(county.locator(".decide")).to_have_count(0)
    look(county, "former-superior")

    park.goto(f"/{into}")
    reload_until(park, ".decide")
    park.get_by_role("button", name="同意", exact=True).click()
    park.get_by_label(town.names["works"]).check()
    park.get_by_role("button", name="分配到所选团支部").click()
    moved(park)
    look(park, "taken-in")
    county.goto(f"/{out}")
    county.get_by_role("button", name="同意", exact=True).click()
    moved(county)
    for page, transfer in ((secretary, into), (group, out)):
        page.goto(f"/{transfer}")
        moved(page)
    look(secretary, "gone-phone")
    group.goto(f"/organizations/{town.ids['works']}/members?q={comes['name']}")
    reload_until(group, f"#list a:has-text('{comes['name']}')")
