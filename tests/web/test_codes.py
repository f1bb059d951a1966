"""Registration codes on the console: each state, the code once, all as a workbook (ADM-02, ADM-03, X26)."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from services.web.answers.org import CodesOfAll
from services.web.codes_workbook import write
from tests.web.codes import REGISTRATION_CODE, code_id, code_of
from tests.web.conftest import Browser
from tests.web.county import BRANCH, COUNTY
from tests.web.stage import Stage

PAGE = f"/organizations/{COUNTY}/codes"
LIVE = {"title": "本组织已有一个未使用的管理员注册码", "rule": "ADM-03", "code": "registration_code_live"}


@pytest.mark.rule("ADM-02", "ADM-03")
async def test_the_page_shows_each_state_and_offers_what_can_be_done(admin: Browser) -> None:
    page = (await admin.get(PAGE)).text
    for text in ("未分配", "未使用", "已使用", "已过期", "已撤销", "批量导出管理员注册码", "单个分配管理员注册码"):
        assert text in page
    assert f"{PAGE}/" in page
    assert f"/{code_id(1)}/revoke" in page
    assert f"/{code_id(2)}/revoke" not in page


@pytest.mark.rule("ADM-03")
async def test_a_code_is_shown_in_the_answer_and_on_no_other_page(admin: Browser) -> None:
    await admin.get(PAGE)
    answer = await admin.post(f"{PAGE}/{BRANCH}")
    assert answer.status_code == 200
    assert REGISTRATION_CODE in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert REGISTRATION_CODE not in (await admin.get(PAGE)).text


@pytest.mark.rule("ADM-02")
async def test_all_codes_come_as_a_workbook_with_the_reason_where_there_is_none(admin: Browser) -> None:
    await admin.get(PAGE)
    answer = await admin.post(f"{PAGE}.xlsx")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert rows[0] == ("组织名称", "管理员注册码", "有效期至", "未分配的原因")
    assert rows[1][1:] == (None, None, "已有一个未使用的管理员注册码。")
    assert rows[2][1] == REGISTRATION_CODE


@pytest.mark.rule("X26")
def test_a_name_never_becomes_a_formula() -> None:
    codes = CodesOfAll.model_validate({"items": [{**code_of(1), "full_name": "=1+1"}]})
    (_, row) = load_workbook(BytesIO(write(codes))).active.iter_rows(values_only=True)
    assert row[0] == "'=1+1"


@pytest.mark.rule("ADM-03")
async def test_a_refusal_is_shown_on_the_page_and_a_revocation_leads_back(admin: Browser, stage: Stage) -> None:
    stage.answers[f"POST /v1/organizations/{BRANCH}/registration-codes"] = (409, LIVE)
    await admin.get(PAGE)
    refused = await admin.post(f"{PAGE}/{BRANCH}")
    assert refused.status_code == 409
    assert LIVE["title"] in refused.text
    answer = await admin.post(f"{PAGE}/{BRANCH}/{code_id(1)}/revoke")
    assert (answer.status_code, answer.headers.get("location")) == (303, PAGE)
    assert stage.sent("DELETE", f"/v1/organizations/{BRANCH}/registration-codes/{code_id(1)}")
