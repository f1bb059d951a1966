"""Taking a member in as pages: whom, by name and number; then why (TRF-03, TRF-04)."""

import orjson
import pytest

from tests.web.conftest import Browser
from tests.web.county import COUNTY, organization
from tests.web.stage import Stage
from tests.web.transfers import IN

PAGE = f"/organizations/{COUNTY}/transfers/in"
TICKETS, START = f"/v1/organizations/{COUNTY}/transfer-tickets", f"/v1/organizations/{COUNTY}/transfers-in"
PAIR = {"name": "周若彤", "document_kind": "居民身份证", "number": "331123200403050021"}
FOUND = {"ticket": "ticket-of-the-stage", "name": "周若彤"}
NOBODY = {
    "title": "没有找到姓名和证件号码都与此一致的团员。",
    "way_out": "请与本人核对姓名和证件号码。",
    "status": 404,
    "code": "no_member_of_this_name_and_number",
    "rule": "TRF-03",
}
TOO_MANY = {
    "title": "您今天输入的姓名与证件号码不一致的次数过多，今天不能再查找。",
    "way_out": "请明天再试，或者请团员本人、其现在的团支部发起转出。",
    "status": 429,
    "code": "too_many_wrong_pairs",
    "rule": "TRF-03",
}
OVER = {
    "title": "查找结果已经过期，没有发起转接。",
    "status": 409,
    "code": "ticket_over",
    "field": "ticket",
    "rule": "TRF-03",
}


@pytest.fixture
async def committee(admin: Browser, stage: Stage) -> Browser:
    """The county's own is a leading body, which takes no members in: the stage makes a committee of it."""
    stage.answers[f"GET /v1/organizations/{COUNTY}"] = (200, organization(category="committee"))
    return admin


@pytest.mark.rule("TRF-03", "TRF-04")
async def test_first_whom_then_why_and_the_number_is_in_no_page_after(committee: Browser, stage: Stage) -> None:
    assert 'name="number"' in (await committee.get(PAGE)).text
    second = await committee.post(PAGE, PAIR)
    assert second.status_code == 200
    assert orjson.loads(stage.sent("POST", TICKETS)[0].content) == PAIR
    assert PAIR["number"] not in second.text
    assert "周若彤" in second.text
    assert second.text.count('name="reason"') == 8
    done = await committee.post(PAGE, FOUND | {"reason": "further_study"})
    assert done.headers["location"] == f"/transfers/{IN}"
    sent = orjson.loads(stage.sent("POST", START)[0].content)
    assert sent == {"ticket": FOUND["ticket"], "reason": "further_study"}
    assert "已发起“周若彤”的组织关系转接" in (await committee.get(f"/transfers/{IN}")).text


@pytest.mark.rule("TRF-03")
@pytest.mark.parametrize("no", [NOBODY, TOO_MANY])
async def test_a_mismatch_is_one_answer_and_the_daily_limit_is_said(
    committee: Browser, stage: Stage, no: dict[str, object]
) -> None:
    await committee.get(PAGE)
    stage.answers[f"POST {TICKETS}"] = (int(str(no["status"])), no)
    answer = await committee.post(PAGE, PAIR)
    assert answer.status_code == no["status"]
    for text in (no["title"], no["way_out"], "TRF-03", 'value="周若彤"', "没有发起"):
        assert str(text) in answer.text
    assert stage.sent("POST", START) == []


@pytest.mark.rule("TRF-03", "TRF-15")
async def test_what_is_over_is_looked_for_once_more_and_other_faults_keep_whom_it_is_about(
    committee: Browser, stage: Stage
) -> None:
    await committee.get(PAGE)
    stage.answers[f"POST {START}"] = (409, OVER)
    again = await committee.post(PAGE, FOUND | {"reason": "further_study"})
    assert 'name="number"' in again.text
    assert OVER["title"] in again.text
    stage.answers[f"POST {START}"] = (400, {"title": "选择“其他”时请写明具体原因。", "status": 400, "field": "note"})
    kept = await committee.post(PAGE, FOUND | {"reason": "other"})
    assert f'value="{FOUND["ticket"]}"' in kept.text
    assert 'name="number"' not in kept.text
    stage.silent.add("transfer")
    assert (await committee.post(PAGE, FOUND | {"reason": "other"})).status_code == 503


@pytest.mark.rule("TRF-01")
async def test_a_leading_body_is_told_who_could(admin: Browser) -> None:
    page = (await admin.get(PAGE)).text
    assert "团的领导机关不能接收组织关系" in page
    assert 'name="number"' not in page
    assert f'href="{PAGE}"' not in (await admin.get(f"/organizations/{COUNTY}/transfers")).text


async def test_who_only_reads_is_told_before_typing(stranger: Browser, stage: Stage) -> None:
    stage.standings = [{"organization": COUNTY, "full_name": "县", "category": "committee", "role": "cadre"}]
    await stranger.sign_in()
    assert (await stranger.get(PAGE)).status_code == 403
