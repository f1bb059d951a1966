"""Members change branches in the browser: by their branch to a committee that assigns, and by themselves over two sides.

Before the street's admin is revoked (test_revoked.py) and the clock is moved.
"""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.local.stack import Stack
from tests.e2e.conftest import SignIn
from tests.e2e.desk import PHONE, establish, open_page, reload_until
from tests.e2e.moving import enter, look, moved, start
from tests.e2e.town import PREFIX, Town

pytestmark = pytest.mark.e2e
OWN_PASSWORD = "运河边第三棵香樟树下有一只灰鹭"


def new_branch(page: Page, town: Town) -> str:
    """A branch below the street, by the street's own admin."""
    name = f"{PREFIX}文新街道骆家庄社区支部委员会"
    establish(page, town.ids["street"], name, "骆家庄支部", "14")
    return name


def activate(page: Page, town: Town, number: str, code: str) -> None:
    page.goto("/activate")
    page.fill("#f-number", number)
    page.fill("#f-initial_password", number[-8:])
    page.fill("#f-code", code)
    page.fill("#f-new_password", OWN_PASSWORD)
    page.fill("#f-repeated_password", OWN_PASSWORD)
    page.fill("#f-captcha", town.captcha)
    page.get_by_role("button", name="设置密码并登录").click()
    page.wait_for_url(re.compile("/(home|me)$"))


@pytest.mark.rule("TRF-06", "TRF-04")
@pytest.mark.rule("TRF-13", "TRF-14")
@pytest.mark.rule("TRF-22")
def test_a_branch_lets_a_member_go_and_a_street_agrees_and_assigns_a_branch(signed_in: SignIn, town: Town) -> None:
    """The secretary on a phone, the street at a desk."""
    secretary, street = signed_in("secretary", PHONE), signed_in("street")
    branch = new_branch(street, town)
    record, row = enter(secretary, town, "phone")
    transfer = start(secretary, record, "文新街道", town.names["street"], "工作调动")
    expect(secretary.locator(".countdown")).to_contain_text("9天23小时", timeout=30_000)
    look(secretary, "started-phone")
    secretary.goto(record)
    expect(secretary.locator("#record > section").first).to_contain_text("待转入方审批")
    look(secretary, "record-phone")

    street.goto("/home")
    reload_until(street, f"[aria-labelledby=h-transfers] a:has-text('{row['name']}')")
    expect(street.locator("#side .count")).to_have_text("1")
    look(street, "home-street")
    street.locator("#side").get_by_role("link", name="组织关系转接").click()
    look(street, "waiting-street")
    street.get_by_role("link", name=f"转入审批：{row['name']}").click()
    expect(street.locator("[aria-labelledby=h-who]")).to_contain_text(row["mobile"][:3] + "****")
    look(street, "decide-street")
    street.get_by_role("button", name="同意", exact=True).click()
    expect(street.locator(".steps .active")).to_contain_text("分配团支部")
    street.get_by_label(branch).check()
    look(street, "assign-street")
    street.get_by_role("button", name="分配到所选团支部").click()
    moved(street)
    look(street, "moved-street")
    street.goto(record)
    reload_until(street, f".tl-t:has-text('转入“{branch}”')")
    look(street, "history-street")
    secretary.goto(f"/{transfer}")
    moved(secretary)
    expect(secretary.locator("h1")).to_contain_text(row["name"])
    assert secretary.goto(record).status == 404  # type: ignore[union-attr]
    look(secretary, "gone-phone")


def decide_at_once(first: Page, second: Page, transfer: str) -> None:
    """Both have the page open; the first agrees, and the second's refusal finds it done."""
    for page in (first, second):
        page.goto(f"/{transfer}")
        reload_until(page, ".decide")
    second.get_by_role("link", name="不同意").click()
    second.locator("#dialog").get_by_label("人员信息有误，无法确认是本人").check()
    look(second, "refusing")
    first.get_by_role("button", name="同意", exact=True).click()
    moved(first)
    second.locator("#dialog").get_by_role("button", name="退回转接").click()
    said = second.locator("main .alert-warning")
    expect(said).to_contain_text("您的操作没有生效")
    expect(said).to_contain_text("转入方同意")
    look(second, "second")


@pytest.mark.rule("TRF-07", "TRF-02")
@pytest.mark.rule("TRF-12")
def test_a_member_starts_both_sides_agree_and_of_two_admins_the_second_sees_who_was_quicker(
    chromium: Browser, stack: Stack, signed_in: SignIn, town: Town
) -> None:
    secretary, first, second = signed_in("secretary"), signed_in("county"), signed_in("second")
    record, row = enter(secretary, town, "phone")
    secretary.goto(record)
    reload_until(secretary, "button:has-text('生成激活码')")
    secretary.get_by_role("button", name="生成激活码").click()
    member = open_page(chromium, stack, PHONE)
    activate(member, town, row["number"], secretary.locator("#code").inner_text())
    destination = town.names["withdrawn"]
    transfer = start(member, "/me", "第2社区", destination, "升学")
    expect(member.locator(".steps .active")).to_contain_text("转出方审批", timeout=30_000)
    look(member, "own-phone")

    secretary.goto(f"{record}/transfer")
    expect(secretary.locator("main")).to_contain_text("已有业务正在办理，不能重复发起")
    look(secretary, "already-open")
    secretary.get_by_role("link", name="查看这项转接").click()
    secretary.get_by_role("button", name="同意", exact=True).click()
    expect(secretary.locator(".steps .active")).to_contain_text("转入方审批")
    decide_at_once(first, second, transfer)

    member.goto("/me")
    reload_until(member, f".meta:has-text('{destination}')")
    look(member, "own-moved-phone")
    member.goto("/me/transfers")
    expect(member.locator("#list")).to_contain_text("已转入")
    look(member, "own-history-phone")
    member.context.close()


@pytest.mark.rule("TRF-11", "TRF-12")
@pytest.mark.rule("TRF-03", "TRF-14")
def test_what_was_sent_back_or_withdrawn_can_be_started_anew_by_either_side(signed_in: SignIn, town: Town) -> None:
    secretary, county = signed_in("secretary"), signed_in("county", PHONE)
    record, row = enter(secretary, town, "phone")
    start(secretary, record, "第1社区", town.names["mended"], "转学")
    reload_until(secretary, ".countdown")
    secretary.get_by_role("link", name="撤销申请").click()
    look(secretary, "withdrawing")
    secretary.locator("#dialog").get_by_role("button", name="撤销申请").click()
    expect(secretary.locator(".outcome")).to_contain_text("已撤销")
    look(secretary, "withdrawn")
    secretary.get_by_role("link", name="重新发起").click()
    expect(secretary.locator(".picked")).to_contain_text(town.names["mended"])
    transfer = start(secretary, record, "第1社区", town.names["mended"], "转学")
    county.goto(f"/{transfer}")
    reload_until(county, ".decide")
    look(county, "decide-phone")
    county.get_by_role("link", name="不同意").click()
    county.locator("#dialog").get_by_label("应当转往其他团组织").check()
    look(county, "refuse-phone")
    county.locator("#dialog").get_by_role("button", name="退回转接").click()
    expect(county.locator(".outcome")).to_contain_text("未同意，已退回")
    secretary.reload()
    reload_until(secretary, ".outcome")
    expect(secretary.locator(".timeline")).to_contain_text("应当转往其他团组织")
    look(secretary, "refused")
    secretary.goto(f"/organizations/{town.ids['phone']}/transfers?which=started")
    expect(secretary.locator(f"#list tr:has-text('{row['name']}')")).to_have_count(2)
    look(secretary, "started-list")
    secretary.goto(f"/{transfer}")
    secretary.get_by_role("button", name="提请协调解决").click()
    secretary.get_by_label("已与对方协调好，请重新发起转接").check()
    secretary.get_by_role("button", name="答复").click()
    expect(secretary.locator("[aria-labelledby=h-case]")).to_contain_text("协调结果")
    look(secretary, "coordinated")

    county.goto(f"/organizations/{town.ids['mended']}/transfers/in")
    county.locator("#f-name").fill(row["name"])
    county.locator("#f-number").fill(row["number"])
    county.get_by_role("button", name="查找").click()
    county.get_by_label("转学").check()
    look(county, "taking-in-phone")
    county.get_by_role("button", name="发起转接").click()
    expect(county.locator(".steps .active")).to_contain_text("转出方审批", timeout=30_000)
    secretary.goto(f"/organizations/{town.ids['phone']}/transfers")
    reload_until(secretary, f"#list tr:has-text('{row['name']}')")
    secretary.get_by_label(f"选择：{row['name']}").check()
    look(secretary, "desk")
    secretary.get_by_role("button", name="同意所选").click()
    expect(secretary.locator("main")).to_contain_text("1 项中已同意 1 项")
    look(secretary, "many")
    secretary.get_by_role("link", name=row["name"]).click()
    moved(secretary)
