"""A full hour passes: what was imported is in the figures of the county, the city and the centre, with its stamp.

The services start again with a clock just after the next full hour, and keep it: time never runs backwards.
"""

import math
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from deploy.local.stack import Stack
from tests.e2e.conftest import SignIn
from tests.e2e.desk import expect_result, fits, reload_until, save_download, shoot, upload
from tests.e2e.town import Town, save_workbook

pytestmark = pytest.mark.e2e
HOUR = 3600
IMPORTED = 12
TOTAL = ".total td[data-label='团员']"


def live_total(page: Page) -> str:
    page.goto("/progress/members?hour=live")
    return page.locator(TOTAL).inner_text()


def pass_the_hour(stack: Stack) -> str:
    """Starts all services again right after the next full hour; answers its stamp as the pages write it."""
    stroke = math.floor(time.time() / HOUR + 1) * HOUR
    offset = stroke + 1 - time.time()
    stack.stop()
    moved = {**stack.settings(), "TUAN_CLOCK_OFFSET_SECONDS": f"{offset:.0f}"}
    Stack(stack.directory, stack.ports, environment=moved).start()
    at = datetime.fromtimestamp(stroke, UTC).astimezone(ZoneInfo("Asia/Shanghai"))
    return f"数据截至 {at.year}年{at.month}月{at.day}日 {at:%H:%M}"


@pytest.mark.rule("STA-01")
@pytest.mark.rule("STA-03")
def test_at_the_full_hour_every_superior_sees_what_was_imported(
    signed_in: SignIn, stack: Stack, town: Town, tmp_path: Path
) -> None:
    page = signed_in("county")
    upload(page, town.ids["county"], save_workbook(tmp_path / "整点.xlsx", town.rows("hour", IMPORTED)))
    expect_result(page, IMPORTED, 0)
    page.goto("/progress/members?hour=live")
    reload_until(page, f"tr:has-text('第4社区') td[data-label='团员']:text-is('{IMPORTED}')")
    live = {"county": live_total(page)}
    for role in ("city", "centre"):
        live[role] = live_total(signed_in(role))
    assert int(live["centre"].replace(",", "")) >= IMPORTED

    stamp = pass_the_hour(stack)

    for role in ("county", "city", "centre"):
        page = signed_in(role)
        page.goto("/progress/members")
        reload_until(page, f".meta:has-text('{stamp}')")
        expect(page.locator(TOTAL)).to_have_text(live[role])
        shoot(page, f"hour-{role}")
        assert fits(page)
    for name in ("浙江省委员会", "杭州市委员会", "西湖区委员会"):
        page.locator("a.text-reset", has_text=name).first.click()
        expect(page.locator("#main .meta .wrap")).to_contain_text(name)
    expect(page.locator(".meta")).to_contain_text(stamp)
    branch = page.locator("tr", has=page.locator("a.text-reset", has_text="第4社区"))
    expect(branch.locator("td[data-label='团员']")).to_have_text(str(IMPORTED))
    shoot(page, "hour-drilled-down")

    link = page.get_by_role("link", name="下载团员录入情况")
    book = openpyxl.load_workbook(save_download(page, link, tmp_path / "figures.xlsx"), read_only=True)
    cells = [[str(value or "") for value in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    line = next(row for row in cells if any("第4社区" in cell for cell in row))
    assert str(IMPORTED) in line
