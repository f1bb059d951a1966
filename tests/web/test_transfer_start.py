"""Starting a transfer as pages: the tree to choose from, the reason, one open at most; the own page (TRF-01 to TRF-18)."""

import orjson
import pytest

from tests.web.conftest import Browser
from tests.web.county import BRANCH, COUNTY, LAN, ME, branch, organization, record
from tests.web.stage import Stage
from tests.web.transfer_lists import RAILWAYS
from tests.web.transfers import LONG, MINE, OUT, REFUSED, STREET, lines

START = f"/people/{LAN}/transfer"
OPEN = {"title": "已有业务正在办理，不能重复发起。", "status": 409, "code": "transfer_already_open", "rule": "TRF-02"}


@pytest.mark.rule("TRF-01", "TRF-15", "TRF-05")
async def test_a_branch_starts_it_for_a_member_with_a_reason_of_the_list(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(f"{START}?to={STREET}")).text
    assert page.count('name="reason"') == 8
    answer = await admin.post(START, {"to": STREET, "reason": "work_with_organization"})
    assert answer.headers["location"] == f"/transfers/{OUT}"
    sent = orjson.loads(stage.sent("POST", f"/v1/organizations/{BRANCH}/transfers-out")[0].content)
    assert sent == {"person": LAN, "to": STREET, "reason": "work_with_organization"}
    assert "已发起“蓝雨桐”的组织关系转接" in (await admin.get(f"/transfers/{OUT}")).text


@pytest.mark.rule("TRF-15")
async def test_a_reason_that_asks_for_a_note_has_a_place_for_it_and_keeps_it(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(f"{START}?to={STREET}")).text
    assert 'value="other" data-note' in page
    assert 'name="note"' in page
    problem = {"title": "选择这个原因时，请写明具体情况。", "status": 400, "field": "note", "code": "reason_needs_text"}
    stage.answers[f"POST /v1/organizations/{BRANCH}/transfers-out"] = (400, problem)
    again = await admin.post(START, {"to": STREET, "reason": "other"})
    assert "请写明具体情况" in again.text
    del stage.answers[f"POST /v1/organizations/{BRANCH}/transfers-out"]
    await admin.post(START, {"to": STREET, "reason": "other", "note": "随军"})
    sent = orjson.loads(stage.sent("POST", f"/v1/organizations/{BRANCH}/transfers-out")[-1].content)
    assert sent == {"person": LAN, "to": STREET, "reason": "other", "note": "随军"}


@pytest.mark.rule("TRF-07")
async def test_a_member_starts_the_own_one(admin: Browser, stage: Stage) -> None:
    assert 'href="/me/transfer"' in (await admin.get("/me")).text
    await admin.get(f"/me/transfer?to={STREET}")
    await admin.post("/me/transfer", {"to": STREET, "reason": "undecided"})
    assert orjson.loads(stage.sent("POST", "/v1/me/transfers")[0].content) == {"to": STREET, "reason": "undecided"}


@pytest.mark.rule("TRF-02")
async def test_where_one_is_open_no_second_is_offered_and_who_started_it_is_said(admin: Browser, stage: Stage) -> None:
    stage.answers[f"GET /v1/people/{LAN}/transfers"] = (200, lines(OUT))
    page = (await admin.get(START)).text
    for text in ("已有业务正在办理，不能重复发起", "本人发起", f'href="/transfers/{OUT}"', LONG):
        assert text in page
    assert "办理转出</a>" not in (await admin.get(f"/people/{LAN}")).text


@pytest.mark.rule("TRF-02", "TRF-01")
async def test_a_refused_start_says_why_and_keeps_destination_and_reason(admin: Browser, stage: Stage) -> None:
    stage.answers[f"POST /v1/organizations/{BRANCH}/transfers-out"] = (409, OPEN)
    await admin.get(f"{START}?to={STREET}")
    answer = await admin.post(START, {"to": STREET, "reason": "undecided"})
    assert answer.status_code == 409
    for text in (OPEN["title"], "TRF-02", f'name="to" value="{STREET}"', 'value="undecided" required checked'):
        assert text in answer.text


@pytest.mark.rule("ADM-08")
async def test_who_only_reads_a_branch_is_told_before_choosing(admin: Browser, stage: Stage) -> None:
    may = {"edit": False, "reveal": False, "code": False}
    stage.answers[f"GET /v1/people/{LAN}"] = (200, record(may=may))
    assert (await admin.get(START)).status_code == 403
    assert f'href="{START}"' not in (await admin.get(f"/people/{LAN}")).text


@pytest.mark.rule("TRF-07")
async def test_who_is_a_member_nowhere_is_told_so(admin: Browser, stage: Stage) -> None:
    stage.answers[f"GET /v1/people/{ME}"] = (200, record(ME, branch=None, branch_name=None))
    assert "没有可以转接的组织关系" in (await admin.get("/me/transfer")).text


@pytest.mark.rule("TRF-18", "TRF-01")
async def test_the_tree_opens_beside_the_branch_and_a_leading_body_is_passed_through_not_chosen(
    admin: Browser, stage: Stage
) -> None:
    stage.answers[f"GET /v1/organizations/{BRANCH}"] = (200, branch())
    page = (await admin.get(START)).text
    assert len(stage.sent("GET", f"/v1/organizations/{COUNTY}/tree")) == 1
    assert page.count(">选择</a>") == 7
    assert "现在所在</span>" in page
    assert f"to={COUNTY}" not in page
    for name in ("团中央", "浙江团省委", "丽水团市委"):
        assert f">{name}</a>" in page
    street = organization(STREET, category="working_committee")
    stage.answers[f"GET /v1/organizations/{STREET}/tree"] = (200, street | {"children": []})
    below = (await admin.get(f"{START}?at={STREET}")).text
    assert f"to={STREET}" in below
    assert "由它分配到下级团支部" in below


@pytest.mark.rule("TRF-18")
async def test_a_search_that_misses_says_that_vertical_systems_stand_elsewhere(admin: Browser, stage: Stage) -> None:
    stage.answers["GET /v1/organizations"] = (200, {"items": []})
    page = (await admin.get(f"{START}?q=上海铁路局")).text
    assert "没有找到“上海铁路局”" in page
    assert "铁道、民航、金融、央企" in page
    assert f'href="{START}?at={RAILWAYS["id"]}"' in page
    assert RAILWAYS["full_name"] in page
    stage.silent.add("org")
    assert "组织服务暂时没有答复" in (await admin.get(f"{START}?q=上海铁路局")).text


@pytest.mark.rule("TRF-14", "MEM-20")
async def test_the_record_and_the_own_page_show_the_transfers_and_the_open_one_counts_down(
    admin: Browser, stage: Stage
) -> None:
    stage.answers["GET /v1/me/transfers"] = (200, lines(MINE, REFUSED))
    mine = (await admin.get("/me")).text
    for text in ("本步剩余", "待转出方审批", "未同意，已退回", f'href="/transfers/{MINE}"', 'href="/me/transfers"'):
        assert text in mine
    theirs = (await admin.get(f"/people/{LAN}")).text
    for text in ("已撤销", f'href="/people/{LAN}/transfers"', f'href="{START}"'):
        assert text in theirs
    assert "办理转出" in (await admin.get(f"/organizations/{COUNTY}/members")).text


@pytest.mark.rule("IDN-08")
async def test_a_plain_member_has_the_own_transfers_in_the_menu(admin: Browser, stage: Stage) -> None:
    stage.standings[:] = [
        {"organization": BRANCH, "full_name": "支部", "category": "branch", "role": "member"},
    ]
    page = (await admin.get("/me")).text
    assert 'href="/me/transfers"' in page
    assert "/transfers/count" not in page
