"""What is said about a transfer beside its steps, as pages: delays, objections, cases (TRF-10 to TRF-12, TRF-24)."""

import orjson
import pytest

from tests.web.conftest import Browser
from tests.web.county import COUNTY, LAN, ME, NOW, record
from tests.web.stage import Stage
from tests.web.transfer_lists import LISTS
from tests.web.transfers import CASE, IN, OBJECTED, REFUSED, SETTLED, SLOW, STREET, THEIRS, one, step, transfer

PARTIAL = {"HX_Request": "true", "HX_Request_Type": "partial"}


def sent(stage: Stage, transfer: str, what: str) -> object:
    return orjson.loads(stage.sent("POST", f"/v1/transfers/{transfer}/{what}")[-1].content)


@pytest.mark.rule("TRF-10")
async def test_who_cannot_decide_yet_chooses_why_and_all_see_it_with_the_reminders(
    admin: Browser, stage: Stage
) -> None:
    page = (await admin.get(f"/transfers/{SLOW}")).text
    for text in ("已超过 5 个工作日", "需提交会议研究", "提醒办理", "久未办理，已告知上级", "放假安排尚未录入"):
        assert text in page
    dialog = (await admin.get(f"/transfers/{SLOW}/delay", **PARTIAL)).text
    assert dialog.count('name="explanation"') == 2
    await admin.get(f"/transfers/{SLOW}/delay")
    answer = await admin.post(f"/transfers/{SLOW}/delay", {"explanation": "checking_person"})
    assert answer.headers["location"] == f"/transfers/{SLOW}"
    assert sent(stage, SLOW, "delay") == {"explanation": "checking_person"}
    stage.answers[f"POST /v1/transfers/{SLOW}/delay"] = (409, {"title": "现在不在等待贵组织办理。", "status": 409})
    again = await admin.post(f"/transfers/{SLOW}/delay", {"explanation": "checking_person"})
    assert "现在不在等待贵组织办理" in again.text
    assert 'value="checking_person" required checked' in again.text


@pytest.mark.rule("TRF-11")
async def test_a_member_objects_to_what_others_started(admin: Browser, stage: Stage) -> None:
    assert f'href="/transfers/{THEIRS}/objection"' in (await admin.get(f"/transfers/{THEIRS}")).text
    assert "/objection" not in (await admin.get(f"/transfers/{IN}")).text
    await admin.get(f"/transfers/{THEIRS}/objection")
    await admin.post(f"/transfers/{THEIRS}/objection", {"objection": "not_asked"})
    assert sent(stage, THEIRS, "objection") == {"objection": "not_asked"}


@pytest.mark.rule("TRF-11")
async def test_by_setting_the_member_and_the_superior_read_that_an_objection_ends_it_at_once(
    admin: Browser, stage: Stage
) -> None:
    path, listed = f"/transfers/{THEIRS}/objection", f"/organizations/{COUNTY}/transfers?which=objections"
    assert "由发起方的上级处理" in (await admin.get(path)).text
    stage.answers["GET /v1/reference/transfers"] = (200, LISTS | {"objection_withdraws": True})
    stage.answers[f"GET /v1/organizations/{COUNTY}/transfers"] = (200, {"items": []})
    page = (await admin.get(path)).text
    assert ("这项转接立即撤销" in page, "由发起方的上级处理" in page) == (True, False)
    assert "转接立即撤销，不需要上级处理" in (await admin.get(listed)).text
    objection = {"objection": "not_asked", "state": "upheld", "by": ME, "at": NOW.isoformat(), "decided_by": ME}
    last = step("withdrawn", STREET, "", ME, minutes=1)
    over = transfer(THEIRS, started_by="out", person=ME, state="withdrawn", waits_for=None, due_at=None)
    over |= {"steps": [*over["steps"], last], "objection": objection | {"decided_at": NOW.isoformat()}}
    await admin.post(path, {"objection": "not_asked"})
    stage.answers[f"GET /v1/transfers/{THEIRS}"] = (200, over)
    page = (await admin.get(f"/transfers/{THEIRS}")).text
    assert "已提出异议，转接已撤销。" in page
    assert "因团员本人异议撤销" in page


@pytest.mark.rule("TRF-11")
async def test_who_started_their_own_in_their_branch_s_name_can_withdraw_it_too(admin: Browser, stage: Stage) -> None:
    one = transfer(THEIRS, started_by="out", person=ME, may={"object": True, "withdraw": True})
    stage.answers[f"GET /v1/transfers/{THEIRS}"] = (200, one)
    page = (await admin.get(f"/transfers/{THEIRS}")).text
    for leaf in ("objection", "withdraw"):
        assert f'href="/transfers/{THEIRS}/{leaf}"' in page


@pytest.mark.rule("TRF-11")
@pytest.mark.parametrize(("chosen", "upheld"), [("yes", True), ("no", False)])
async def test_the_superior_of_the_starter_decides_an_objection(
    admin: Browser, stage: Stage, chosen: str, *, upheld: bool
) -> None:
    page = (await admin.get(f"/transfers/{OBJECTED}")).text
    for text in ("团员本人提出了异议", "发起前没有征求本人意见", "支持异议，撤销转接", "不支持，继续办理"):
        assert text in page
    await admin.post(f"/transfers/{OBJECTED}/objection-decision", {"upheld": chosen})
    assert sent(stage, OBJECTED, "objection-decision") == {"upheld": upheld}
    assert (
        f'href="/transfers/{OBJECTED}"' in (await admin.get(f"/organizations/{COUNTY}/transfers?which=objections")).text
    )


@pytest.mark.rule("TRF-11")
async def test_nobody_is_offered_to_agree_while_an_objection_is_open(admin: Browser, stage: Stage) -> None:
    said = {"objection": "not_asked", "state": "open", "by": LAN, "at": "2026-11-20T02:00:00Z"}
    for state, offered in (("open", False), ("dismissed", True)):
        stage.answers[f"GET /v1/transfers/{IN}"] = (200, one(IN) | {"objection": said | {"state": state}})
        page = (await admin.get(f"/transfers/{IN}")).text
        assert (f'action="/transfers/{IN}/approve"' in page) is offered
        assert f'href="/transfers/{IN}/refuse"' in page


@pytest.mark.rule("TRF-11", "TRF-12")
@pytest.mark.parametrize(("category", "objections"), [("leading_body", True), ("branch", False)])
async def test_the_home_shows_objections_and_cases_to_who_has_to_answer_them(
    admin: Browser, stage: Stage, category: str, *, objections: bool
) -> None:
    stage.standings[0]["category"] = category
    home = (await admin.get("/home")).text.partition('aria-labelledby="h-transfers"')[2].partition("</section>")[0]
    assert (f'href="/transfers/{OBJECTED}"' in home) is objections
    assert f'href="/transfers/{CASE}"' in home
    assert "协调解决" in home


@pytest.mark.rule("TRF-12")
async def test_one_click_hands_a_refused_transfer_over_and_the_own_organization_answers(
    admin: Browser, stage: Stage
) -> None:
    assert "提请协调解决" in (await admin.get(f"/transfers/{REFUSED}")).text
    await admin.post(f"/transfers/{REFUSED}/coordination")
    assert sent(stage, REFUSED, "coordination") == {}
    assert (
        f'href="/transfers/{CASE}"' in (await admin.get(f"/organizations/{COUNTY}/transfers?which=coordination")).text
    )
    page = (await admin.get(f"/transfers/{CASE}")).text
    assert page.count('name="answer"') == 2
    await admin.post(f"/transfers/{CASE}/coordination-answer", {"answer": "start_again"})
    assert sent(stage, CASE, "coordination-answer") == {"answer": "start_again"}
    settled = (await admin.get(f"/transfers/{SETTLED}")).text
    for text in ("协调结果", "已与对方协调好，请重新发起转接", "林知远", "协调答复"):
        assert text in settled


@pytest.mark.rule("TRF-24", "TRF-25")
async def test_the_page_to_refuse_says_what_is_no_ground_and_why(admin: Browser) -> None:
    dialog = (await admin.get(f"/transfers/{IN}/refuse")).text
    for text in ("团员没有提供档案", "档案由组织之间另行核查", "TRF-24", "团员处于试用期", "应当接收", "TRF-25"):
        assert text in dialog
    assert 'value="probation"' not in dialog


@pytest.mark.rule("TRF-24")
async def test_of_a_party_member_the_destination_is_hinted_at_and_nothing_checked(admin: Browser, stage: Stage) -> None:
    start, hint = f"/people/{LAN}/transfer?to={STREET}", "团组织关系的去向一般与党组织关系一致"
    assert hint not in (await admin.get(start)).text
    stage.answers[f"GET /v1/people/{LAN}"] = (200, record(LAN) | {"political_status": "中共党员"})
    page = (await admin.get(start)).text
    assert hint in page
    assert page.count('name="reason"') == 8
