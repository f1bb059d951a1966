"""A leaver goes to a park's bridging branch, which does its duties and lets go within a month, or late (GRD-08, TRF-20).

After the summer: the clock goes on from there, and stays.
"""

import re
import time
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from deploy.local.stack import Stack
from tests.e2e import desk
from tests.e2e import town as towns
from tests.e2e.conftest import SignIn
from tests.e2e.desk import PHONE, fits, reload_until, shoot
from tests.e2e.moving import enter, moved, start
from tests.e2e.town import PREFIX, Town

pytestmark = pytest.mark.e2e
NAME = f"{PREFIX}云谷园区学社衔接临时团支部委员会"
BEGINS, OVERDUE = datetime(2027, 7, 20, 2, tzinfo=UTC), datetime(2027, 8, 25, 2, tzinfo=UTC)


def look(page: Page, name: str) -> None:
    shoot(page, f"bridging-{name}")
    assert fits(page), f"{page.url} has to be scrolled sideways"


def go_to(stack: Stack, day: datetime) -> None:
    """All services start again at that time."""
    stack.stop()
    moved_clock = {"TUAN_CLOCK_OFFSET_SECONDS": f"{day.timestamp() - time.time():.0f}"}
    Stack(stack.directory, stack.ports, environment={**stack.settings(), **moved_clock}).start()


def establish(park: Page, town: Town) -> str:
    """GRD-08: by the working committee of a park; its id."""
    desk.establish(park, town.ids["park"], NAME, "云谷园区衔接支部", "10", "bridging")
    row = park.locator("#list a", has_text="学社衔接临时团支部").first
    reload_until(park, "#list a:has-text('学社衔接临时团支部')")
    return str(row.get_attribute("href")).rpartition("/")[2]


def sends(secretary: Page, record: str) -> str:
    """TRF-19: who has work whose employer has no organization, to the bridging branch of the park."""
    secretary.goto(f"{record}/transfer")
    reload_until(secretary, "a:has-text('已落实工作（含自主创业、试用期）')")
    secretary.get_by_role("link", name="已落实工作（含自主创业、试用期）").click()
    secretary.get_by_role("link", name="所在园区的学社衔接临时团支部").click()
    secretary.fill("main [name=q]", "云谷园区")
    secretary.locator("#found").get_by_role("link", name=f"选择：{NAME}").click()
    secretary.get_by_label("就业（无团组织）", exact=True).check()
    look(secretary, "sending-phone")
    secretary.get_by_role("button", name="发起转接").click()
    secretary.wait_for_url(re.compile("/transfers/transfer-"))
    return secretary.url.split("//")[1].partition("/")[2]


def duties(park: Page, transfer: str) -> None:
    """TRF-21, then TRF-20: contacted, seen in person, settled."""
    park.goto(f"/{transfer}")
    reload_until(park, "[aria-labelledby=h-arrival]")
    look(park, "arrived")
    park.get_by_role("button", name="已联系并更新信息").click()
    expect(park.locator(".alert-success")).to_be_visible()
    park.fill("#f-checked_in_on", "2027-07-20")
    park.get_by_role("button", name="登记线下报到").click()
    expect(park.locator(".alert-success")).to_be_visible()
    park.fill("#f-settled_on", "2027-07-20")
    park.get_by_role("button", name="登记去向落实日期").click()
    expect(park.locator("[aria-labelledby=h-arrival]")).to_contain_text("应在2027年8月20日前转出", timeout=30_000)
    look(park, "settled")


@pytest.mark.timeout(400)
@pytest.mark.rule("GRD-08", "TRF-19")
@pytest.mark.rule("TRF-20", "TRF-21")
def test_a_bridging_branch_takes_a_leaver_and_lets_go_once_the_employer_has_an_organization(
    signed_in: SignIn, stack: Stack, town: Town
) -> None:
    towns.in_a_thread(towns.with_a_park(stack, town))
    go_to(stack, BEGINS)
    park, secretary = signed_in("park"), signed_in("secretary", PHONE)
    branch = establish(park, town)
    record, row = enter(secretary, town, "phone")
    transfer = sends(secretary, record)
    park.goto(f"/organizations/{branch}/transfers")
    reload_until(park, f"#list tr:has-text('{row['name']}')")
    park.locator("#list .cell-act a").first.click()
    expect(park.locator(".decide")).to_contain_text("所在园区的学社衔接临时团支部")
    park.get_by_role("button", name="同意", exact=True).click()
    moved(park)
    duties(park, transfer)

    go_to(stack, OVERDUE)
    phone = signed_in("park", PHONE)
    phone.goto(f"/organizations/{town.ids['park']}/transfers?which=moving_on")
    expect(phone.locator("#list tr", has_text=row["name"])).to_contain_text("已逾期")
    look(phone, "overdue-phone")
    phone.get_by_role("link", name=row["name"], exact=True).click()
    phone.get_by_role("link", name="办理转出").click()
    person = phone.url.split("//")[1].partition("/")[2].partition("/transfer")[0]
    onward = start(phone, f"/{person}", "第2社区", town.names["withdrawn"], "就业（有团组织）")
    phone.goto(f"/organizations/{town.ids['park']}/transfers?which=moving_on")
    reload_until(phone, f"#list tr:has-text('{row['name']}'):has-text('待转入方审批') a[href='/{onward}'].btn")
    look(phone, "on-the-way-phone")
    county = signed_in("county")
    county.goto(f"/{onward}")
    reload_until(county, ".decide")
    county.get_by_role("button", name="同意", exact=True).click()
    moved(county)
    phone.goto(f"/organizations/{town.ids['park']}/transfers?which=moving_on")
    reload_until(phone, "#list:has-text('没有应当转出的团员')")
    look(phone, "moved-on-phone")
