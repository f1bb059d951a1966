"""What people do with transfers in the journeys: enter a member, look for a destination, start, decide."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.desk import fits, reload_until, shoot
from tests.e2e.town import Town


def look(page: Page, name: str) -> None:
    shoot(page, f"transfer-{name}")
    assert fits(page), f"{page.url} has to be scrolled sideways"


def enter(page: Page, town: Town, branch: str) -> tuple[str, dict[str, str]]:
    """A new member of a branch, entered by who may: the address of the record, and what was typed."""
    [row] = town.rows(branch, 1)
    page.goto(f"/organizations/{town.ids[branch]}/members/new")
    for name in ("name", "number", "join_date", "development_number", "mobile"):
        page.fill(f"#f-{name}", row[name])
    for name in ("political_status", "ethnicity", "education"):
        page.select_option(f"#f-{name}", row[name])
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".alert-success")).to_contain_text("已录入")
    page.goto(f"/organizations/{town.ids[branch]}/members?q={row['name']}")
    reload_until(page, f"#list .cell-title a:text-is('{row['name']}')")
    link = page.locator("#list .cell-title").get_by_role("link", name=row["name"], exact=True)
    return str(link.get_attribute("href")), row


def start(page: Page, record: str, words: str, destination: str, reason: str) -> str:
    """From the record (or the own page) by a search for the destination; the address of the transfer."""
    page.goto(record)
    link = page.locator("main").get_by_role("link", name=re.compile("^办理(转出|组织关系转接)$"))
    reload_until(page, "main a:text-matches('^\\\\s*办理(转出|组织关系转接)\\\\s*$')")
    link.click()
    page.fill("main [name=q]", words)
    row = page.locator("#found .todo", has_text=destination)
    row.get_by_role("link", name=f"选择：{destination}").click()
    page.get_by_label(reason, exact=True).check()
    page.get_by_role("button", name="发起转接").click()
    page.wait_for_url(re.compile("/transfers/transfer-"))
    expect(page.locator(".alert-success")).to_contain_text("已发起")
    return page.url.split("//")[1].partition("/")[2]


def moved(page: Page) -> None:
    """The page of a transfer in its last step finds by itself that the member has moved."""
    expect(page.locator(".outcome")).to_contain_text("已转入", timeout=30_000)
