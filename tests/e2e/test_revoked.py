"""Two browsers: what one admin takes away, the other has lost before five seconds are over."""

import time

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SignIn
from tests.e2e.desk import shoot
from tests.e2e.town import Town

pytestmark = pytest.mark.e2e
WITHIN_SECONDS = 5.0


@pytest.mark.rule("P6")
@pytest.mark.rule("ADM-05")
def test_a_revoked_admin_loses_page_and_command_within_five_seconds(signed_in: SignIn, town: Town) -> None:
    street = town.ids["street"]
    above, revoked = signed_in("county"), signed_in("street")
    form = revoked.context.new_page()
    form.goto(f"/organizations/{street}/cadres/new")
    form.fill("#f-name", "不再录入")
    page = f"/organizations/{street}/imports"
    before = revoked.goto(page)
    assert before is not None
    assert before.status == 200
    above.goto(f"/organizations/{street}/admins")
    above.get_by_role("link", name="撤销").first.click()
    shoot(above, "revoke-dialog")

    clicked = time.monotonic()
    above.locator("#dialog").get_by_role("button", name="撤销管理员权限").click()
    while (answer := revoked.goto(page)) is not None and answer.ok and time.monotonic() - clicked < 3 * WITHIN_SECONDS:
        time.sleep(0.1)
    with form.expect_response(lambda response: response.request.method == "POST") as refused:
        form.get_by_role("button", name="保存").click()
    elapsed = time.monotonic() - clicked
    shoot(revoked, "revoked-page")
    shoot(form, "revoked-command")
    assert answer is not None
    assert answer.status == 403
    assert refused.value.status == 403
    assert elapsed < WITHIN_SECONDS
    expect(above.locator(".alert-success")).to_contain_text("已撤销")
