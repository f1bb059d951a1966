"""TRF-09: nobody decides, ten days pass, and the transfer is back with who started it. Last, as it moves the clock.

All services start again with a clock that is days ahead, and keep it: time never runs backwards.
"""

import pytest
from playwright.sync_api import expect

from deploy.local.stack import Stack
from tests.e2e.conftest import SignIn
from tests.e2e.desk import PHONE, reload_until
from tests.e2e.moving import enter, look, start
from tests.e2e.town import Town

pytestmark = pytest.mark.e2e
DAY = 86_400


def days_later(stack: Stack, days: float) -> None:
    stack.stop()
    moved = {**stack.settings(), "TUAN_CLOCK_OFFSET_SECONDS": f"{days * DAY:.0f}"}
    Stack(stack.directory, stack.ports, environment=moved).start()


@pytest.mark.timeout(400)
@pytest.mark.rule("TRF-09", "TRF-14")
def test_a_transfer_counts_down_and_goes_back_when_nobody_decides(signed_in: SignIn, stack: Stack, town: Town) -> None:
    days_later(stack, 0.1)  # whatever was restarted before: all parts go by one clock
    secretary = signed_in("secretary")
    record, row = enter(secretary, town, "phone")
    transfer = start(secretary, record, "第2社区", town.names["withdrawn"], "就业（有团组织）")
    expect(secretary.locator(".countdown")).to_contain_text("9天23小时", timeout=30_000)
    look(secretary, "ten-days-left")

    days_later(stack, 9.5)
    county = signed_in("county", PHONE)
    county.goto(f"/organizations/{town.ids['withdrawn']}/transfers")
    expect(county.locator("tr", has_text=row["name"])).to_contain_text("小时")
    look(county, "hours-left-list-phone")
    county.goto(f"/{transfer}")
    expect(county.locator(".countdown .v")).to_contain_text("小时")
    expect(county.locator(".countdown .v")).not_to_contain_text("天")
    look(county, "hours-left-phone")

    days_later(stack, 10.1)
    secretary = signed_in("secretary")
    secretary.goto(f"/{transfer}")
    reload_until(secretary, ".outcome:has-text('逾期退回')")
    expect(secretary.locator(".timeline")).to_contain_text("转入方逾期未办，已退回")
    look(secretary, "timed-out")
    secretary.goto(record)
    expect(secretary.locator("[aria-labelledby=h-transfers]")).to_contain_text("逾期退回")
    expect(secretary.get_by_role("link", name="办理转出")).to_be_visible()
    county = signed_in("county", PHONE)
    county.goto(f"/organizations/{town.ids['withdrawn']}/transfers")
    expect(county.locator("#list")).to_contain_text("没有等待办理的转接")
    look(county, "nothing-waits-phone")
