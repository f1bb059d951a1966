"""A summer in the browser: a class graduates on its day, leaves with one click, and the rate is there on the hour.

The last of the journeys: the clock goes to the June after, where it stays.
"""

import time
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from deploy.local.stack import Stack
from tests.e2e import town as towns
from tests.e2e.conftest import SignIn
from tests.e2e.desk import PHONE, fits, reload_until, shoot
from tests.e2e.town import Town

pytestmark = pytest.mark.e2e
YEAR, MEMBERS = 2027, 3
STROKE = datetime(YEAR, 6, 1, 2, tzinfo=UTC)
"""Ten o'clock in Asia/Shanghai."""
LONG_BEFORE, BEFORE = 600.0, 20.0
"""Seconds: more than anybody needs for what they do before the stroke, and than all services for their start."""


def go_to(stack: Stack, before: float) -> None:
    """All services start again so many seconds before the full hour on the day on which branches graduate."""
    stack.stop()
    offset = STROKE.timestamp() - before - time.time()
    moved = {**stack.settings(), "TUAN_CLOCK_OFFSET_SECONDS": f"{offset:.0f}"}
    Stack(stack.directory, stack.ports, environment=moved).start()


def look(page: Page, name: str) -> None:
    shoot(page, f"summer-{name}")
    assert fits(page), f"{page.url} has to be scrolled sideways"


def mark(page: Page, town: Town) -> None:
    """GRD-02: the school says when its class graduates."""
    page.goto(f"/organizations/{town.ids['school']}/graduation?marking=unmarked")
    reload_until(page, "main [name=branch]")
    page.get_by_label("选择本页全部").check()
    page.select_option("#f-year", str(YEAR))
    page.select_option("#f-month", "6")
    look(page, "mark")
    page.get_by_role("button", name="标记所选团支部").click()
    expect(page.locator(".alert-success")).to_be_visible()


def rates_of_parts(county: Page, province: Page) -> None:
    """The same figures of the same hour by school and by region, and who is left of a row."""
    county.goto("/progress/graduates")
    county.get_by_role("link", name="按学校").click()
    school = county.locator("main tr", has_text="文澜职业学校").filter(has_text="66.6%")
    expect(school).to_have_count(1)
    look(county, "by-school")
    school.get_by_role("link", name="1", exact=True).click()
    expect(county.locator("main")).to_contain_text("未发起")
    province.goto("/progress/graduates?by=region")
    expect(province.locator("main tr", has_text="杭州市").filter(has_text="66.6%")).to_have_count(1)
    look(province, "by-region")


@pytest.mark.rule("GRD-02", "GRD-03", "GRD-06")
@pytest.mark.rule("BEY-09", "STA-01", "TRF-19")
def test_a_class_graduates_on_its_day_leaves_with_one_click_and_counts_on_the_hour(
    signed_in: SignIn, stack: Stack, town: Town
) -> None:
    towns.in_a_thread(towns.graduating(stack, town, MEMBERS))
    mark(signed_in("school"), town)
    go_to(stack, LONG_BEFORE)

    head = signed_in("school")
    head.goto("/graduates")
    reload_until(head, "main [name=who]")
    ticks = head.locator("main [name=who]")
    expect(ticks).to_have_count(MEMBERS)
    look(head, "left-behind")
    ticks.nth(0).check()
    ticks.nth(1).check()
    head.get_by_role("button", name="为所选的人发起转接").click()
    head.get_by_role("link", name="已落实工作（含自主创业、试用期）").click()
    head.get_by_role("link", name="工作单位的团组织").click()
    look(head, "statement")
    head.fill("main [name=q]", "绿谷机械")
    factory = head.locator("#found .todo", has_text=town.names["factory"])
    factory.get_by_role("link", name=f"选择：{town.names['factory']}").click()
    head.get_by_label("就业（有团组织）", exact=True).check()
    look(head, "start")
    head.get_by_role("button", name="为 2 人发起转接").click()
    expect(head.locator("main .alert")).to_contain_text("已发起 2 项，0 项未能发起。")
    look(head, "started")

    factory_page = signed_in("factory", PHONE)
    for left in (2, 1):
        factory_page.goto(f"/organizations/{town.ids['factory']}/transfers")
        reload_until(factory_page, f"#list tbody:has(tr:nth-child({left})):not(:has(tr:nth-child({left + 1})))")
        factory_page.locator("#list .cell-act a").first.click()
        expect(factory_page.locator("main")).to_contain_text("已落实工作（含自主创业、试用期）")
        factory_page.get_by_role("button", name="同意", exact=True).click()
        expect(factory_page.locator(".outcome")).to_contain_text("已转入", timeout=30_000)

    head.goto("/graduates")
    reload_until(head, "main tr:has-text('未发起')")
    expect(head.locator("main [name=who]")).to_have_count(1)

    go_to(stack, BEFORE)
    county = signed_in("county")
    county.goto("/progress/graduates")
    reload_until(county, ".meta:has-text('2027年6月1日 10:00')", seconds=60)
    for text in ("66.6%", "转接完成率＝", "今天该联系谁"):
        expect(county.locator("main")).to_contain_text(text)
    expect(county.locator("main tr", has_text="文澜职业学校").filter(has_text="66.6%").first).to_be_visible()
    look(county, "cockpit")
    rates_of_parts(county, signed_in("province"))
    phone = signed_in("school", PHONE)
    phone.goto("/progress/graduates")
    expect(phone.locator("main")).to_contain_text("66.6%")
    look(phone, "cockpit-phone")
    county.goto("/progress/timeliness")
    expect(county.locator("main")).to_contain_text("组织关系转接及时率＝")
    look(county, "timeliness")
