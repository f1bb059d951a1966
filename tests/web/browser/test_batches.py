"""Moving many members, and assigning many a branch, in Debian's Chromium over the stage, at a desk and on a phone."""

import orjson
import pytest
from playwright.sync_api import Browser, expect

from tests.web.browser.screen import WIDTHS, signed_in
from tests.web.browser.test_looks import assert_fits_everywhere
from tests.web.conftest import Scenery
from tests.web.county import BRANCH, COUNTY, organization
from tests.web.stage import Stage
from tests.web.transfer_batches import BATCH, TO
from tests.web.transfers import ASSIGN, BATCH_NEW, STREET

pytestmark = pytest.mark.e2e


@pytest.mark.rule("TRF-08", "OPS-03")
def test_branch_members_branch_reason_and_each_one_s_outcome(
    chromium: Browser, theatre: tuple[str, Scenery], stage: Stage
) -> None:
    street = organization(STREET, category="working_committee", full_name="共青团遂昌县妙高街道工作委员会")
    names = {BRANCH: "妙高街道平昌社区第一团支部", TO: "妙高街道平昌社区第二团支部"}
    below = [organization(each, category="branch", full_name=name) for each, name in names.items()]
    stage.answers[f"GET /v1/organizations/{STREET}"] = (200, street)
    tree = street | {"children": [each | {"subordinates": 0} for each in below]}
    stage.answers[f"GET /v1/organizations/{STREET}/tree"] = (200, tree)
    for each in below:
        stage.answers[f"GET /v1/organizations/{each['id']}"] = (200, each)
    context, page, wrong = signed_in(chromium, theatre[0], "desktop")

    def shot(name: str) -> None:
        assert_fits_everywhere(page, name, wrong, f"batch-{name}")

    page.goto(BATCH_NEW)
    shot("1-from")
    page.get_by_role("link", name=f"选择：{names[BRANCH]}").click()
    page.get_by_role("button", name="全选本页").click()
    shot("2-who")
    expect(page.locator("input[name=person]:disabled:not(:checked)")).to_have_count(1)  # who is on the way already
    ticks = page.locator("input[name=person]:enabled")
    expect(ticks.first).to_be_checked()
    ticks.first.uncheck()
    chosen = ticks.count() - 1
    page.get_by_role("button", name="选择转入团支部").click()
    shot("3-to")
    page.get_by_role("link", name=f"选择：{names[TO]}").click()
    page.get_by_role("radio", name="其他").check()
    page.locator("[name=note]").fill("团支部合并")
    shot("4-confirm")
    page.get_by_role("button", name=f"转接 {chosen} 名团员").click()
    page.wait_for_url(f"**/transfer-batches/{BATCH}")
    shot("5-result")
    sent = orjson.loads(stage.sent("POST", f"/v1/organizations/{STREET}/transfer-batches")[0].content)
    assert (sent["from_branch"], sent["to"], len(sent["people"]), sent["note"]) == (BRANCH, TO, chosen, "团支部合并")
    context.close()


@pytest.mark.rule("TRF-04", "OPS-03")
@pytest.mark.parametrize("width", WIDTHS)
def test_all_are_ticked_at_once_and_those_who_wait_for_a_branch_are_assigned_one(
    chromium: Browser, theatre: tuple[str, Scenery], stage: Stage, width: str
) -> None:
    name = "妙高街道平昌社区第一团支部"
    branch = organization(BRANCH, category="branch", full_name=name)
    stage.answers[f"GET /v1/organizations/{BRANCH}"] = (200, branch)
    street = organization(STREET, category="working_committee", full_name="共青团遂昌县妙高街道工作委员会")
    tree = street | {"children": [branch | {"subordinates": 0}]}
    stage.answers[f"GET /v1/organizations/{STREET}/tree"] = (200, tree)
    context, page, wrong = signed_in(chromium, theatre[0], width)
    page.goto(f"/organizations/{COUNTY}/transfers")
    page.locator("[data-ticks]:visible").check()
    ticks = page.locator("[name=transfer], [name=assign]")
    for box in ticks.all():
        expect(box).to_be_checked()
    page.get_by_role("button", name="为所选分配团支部").click()
    page.get_by_role("link", name=f"选择：{name}").click()
    page.get_by_role("button", name="分配 1 名团员").click()
    expect(page.locator("h1")).to_have_text("批量分配的结果")
    assert_fits_everywhere(page, "assigned", wrong, "assign-many")
    assert [len(stage.sent("POST", f"/v1/transfers/{ASSIGN}/{what}")) for what in ("assignment", "approval")] == [1, 0]
    context.close()
