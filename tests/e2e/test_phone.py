"""A branch's secretary with a phone: from the sign-in to one member more, whose record is then complete."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SignIn
from tests.e2e.desk import PHONE, fits, reload_until, shoot
from tests.e2e.town import PREFIX, Town

pytestmark = pytest.mark.e2e


def look(page: Page, name: str) -> None:
    shoot(page, name)
    assert fits(page), f"{page.url} has to be scrolled sideways"


def switch(page: Page, organization: str) -> None:
    page.locator(".top-org > button").click()
    page.locator(".orgs-menu button", has_text=organization).first.click()
    expect(page.locator("h1")).to_have_text(organization)


def choose_organization(page: Page, town: Town) -> None:
    reload_until(page, f".orgs-menu button:has-text('{PREFIX}委员会')")
    page.locator(".top-org > button").click()
    look(page, "phone-organizations")
    page.keyboard.press("Escape")
    switch(page, f"{PREFIX}委员会")
    look(page, "phone-home-county")
    switch(page, town.names["phone"])
    look(page, "phone-home-branch")


def enter_with_mistakes(page: Page, row: dict[str, str]) -> None:
    page.get_by_role("button", name="打开菜单").click()
    page.locator("#side").get_by_role("link", name="添加团员").click()
    page.fill("#f-name", row["name"])
    page.fill("#f-number", row["number"][:-1] + ("2" if row["number"][-1] == "1" else "1"))
    page.select_option("#f-political_status", "共青团员")
    page.select_option("#f-ethnicity", "汉族")
    page.fill("#f-join_date", "19-05")
    page.fill("#f-development_number", row["development_number"])
    page.fill("#f-mobile", row["mobile"])
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".alert-danger .faults li")).to_have_count(2)
    expect(page.locator("#e-number")).to_contain_text("校验")
    expect(page.locator("#e-join_date")).to_be_visible()
    expect(page.locator("#f-name")).to_have_value(row["name"])
    expect(page.locator("#f-mobile")).to_have_value(row["mobile"])
    look(page, "phone-entry-faults")
    page.fill("#f-number", row["number"])
    page.fill("#f-join_date", row["join_date"])
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".alert-success")).to_contain_text(f"已录入“{row['name']}”")


def complete_the_record(page: Page, name: str) -> None:
    page.fill(".filters [name=q]", name)
    expect(page.locator("#list tbody tr")).to_have_count(1)
    look(page, "phone-members")
    page.locator("#list").get_by_role("link", name=name, exact=True).click()
    expect(page.locator("#record .alert-warning")).to_contain_text("学历")
    look(page, "phone-record-incomplete")
    page.get_by_role("link", name="补充信息").click()
    page.locator("#drawer").locator("[name=education]").select_option("高中")
    look(page, "phone-fill")
    page.locator("#drawer").get_by_role("button", name="保存").click()
    expect(page.locator(".alert-success")).to_be_visible()
    reload_until(page, ".timeline-event ins:has-text('高中')")
    expect(page.locator("#record .alert-warning")).to_have_count(0)
    look(page, "phone-record")


@pytest.mark.rule("IDN-07")
@pytest.mark.rule("IDN-09")
@pytest.mark.rule("MEM-03")
@pytest.mark.rule("MEM-23")
@pytest.mark.rule("OPS-03")
def test_a_secretary_enters_a_member_on_a_phone(signed_in: SignIn, town: Town) -> None:
    page, elsewhere = signed_in("secretary", PHONE), signed_in("secretary")
    choose_organization(page, town)
    row = town.rows("phone", 1)[0]
    enter_with_mistakes(page, row)
    complete_the_record(page, row["name"])
    page.goto("/account")
    look(page, "phone-account")
    page.get_by_role("button", name="全部退出").click()
    page.wait_for_url("**/sign-in*")
    look(page, "phone-signed-out")
    elsewhere.wait_for_timeout(2_100)
    elsewhere.goto("/home")
    elsewhere.wait_for_url("**/sign-in?next=*")
