"""P5 in the console: central operators see what stands still, retry it, and drop it with a reason."""

import orjson
import pytest

from services.web.answers.operation import meaning
from services.web.pages.parked import HEARING
from services.web.texts import speak
from shared.contracts.member import PersonReleased
from tests.architecture.tree import ROOT
from tests.web.conftest import Browser
from tests.web.county import COUNTY, NOW
from tests.web.stage import Stage

PAGE = "/operation/parked"
RECORD = "5f0c9a52-6a5f-5d0a-8f6e-0d7f5f1a0b11"
LINE = {
    "record": RECORD,
    "topic": "member.identity.v1",
    "type": "member.PersonReleased.v1",
    "stream": "person-1",
    "version": 3,
    "since": NOW.isoformat(),
    "waiting": 2,
    "retries": 1,
    "asked_by": "",
    "why": {"type": "AccountClosed", "code": "account_closed", "rule": "IDN-02", "zh": "账号已关闭。", "position": []},
}
GONE = {"title": "这条记录不在搁置队列的最前面。", "rule": "P5", "code": "not_parked", "way_out": "请刷新列表后再看。"}


@pytest.fixture
async def operator(stranger: Browser, stage: Stage) -> Browser:
    standing = {"organization": COUNTY, "full_name": "中央", "category": "leading_body", "role": "operator"}
    stage.standings = [standing]
    stage.answers["GET /v1/parked"] = (200, {"items": [LINE], "next": None, "total": 1})
    stage.answers[f"POST /v1/parked/{RECORD}/retry"] = (202, {})
    stage.answers[f"POST /v1/parked/{RECORD}/drop"] = (200, {})
    await stranger.sign_in()
    return stranger


def test_every_service_with_reactions_is_asked() -> None:
    assert set(HEARING) == {path.parent.name for path in (ROOT / "services").glob("*/reactions.py")}


@pytest.mark.rule("P5")
async def test_an_operator_sees_what_stands_still_why_and_how_much_waits(operator: Browser) -> None:
    answer = await operator.get(PAGE)
    assert answer.status_code == 200
    for text in ("member.PersonReleased.v1", "账号已关闭。", "account_closed", "后面还有 2 条", "已重试 1 次"):
        assert text in answer.text
    assert PersonReleased.zh in answer.text
    assert 'href="/operation/parked"' in (await operator.get("/home")).text


@pytest.mark.rule("P5")
def test_an_event_is_said_by_its_meaning_and_one_nobody_publishes_by_its_name() -> None:
    assert meaning("member.PersonReleased.v1") == PersonReleased.zh
    assert meaning("member.NoSuchThing.v1") == ""
    speak("en")
    assert meaning("member.PersonReleased.v1").startswith("The person's number is free again")
    speak(None)


@pytest.mark.rule("P5", "IDN-08")
async def test_nobody_else_sees_the_page_or_its_entry_in_the_menu(admin: Browser, stage: Stage) -> None:
    answer = await admin.get(PAGE)
    assert answer.status_code == 403
    assert stage.sent("GET", "/v1/parked") == []
    assert PAGE not in (await admin.get("/home")).text


@pytest.mark.rule("P5")
async def test_a_retry_is_asked_for_and_one_under_way_offers_nothing(operator: Browser, stage: Stage) -> None:
    await operator.get(PAGE)
    answer = await operator.post(f"{PAGE}/identity/{RECORD}/retry")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    [sent] = stage.sent("POST", f"/v1/parked/{RECORD}/retry")
    assert sent.headers["idempotency-key"]
    stage.answers["GET /v1/parked"] = (200, {"items": [LINE | {"asked_by": "operator-1"}]})
    after = await operator.get(PAGE)
    assert "正在重试" in after.text
    assert f"{RECORD}/drop" not in after.text


@pytest.mark.rule("P5", "OPS-08")
async def test_a_drop_takes_a_reason_and_a_refusal_keeps_it(operator: Browser, stage: Stage) -> None:
    dialog = await operator.get(f"{PAGE}/identity/{RECORD}/drop")
    assert "放弃后不能恢复" in dialog.text
    stage.answers[f"POST /v1/parked/{RECORD}/drop"] = (404, GONE)
    refused = await operator.post(f"{PAGE}/identity/{RECORD}/drop", {"reason": "已由管理员手工办理"})
    assert refused.status_code == 404
    assert "已由管理员手工办理" in refused.text
    assert GONE["title"] in refused.text
    stage.answers[f"POST /v1/parked/{RECORD}/drop"] = (200, {})
    answer = await operator.post(f"{PAGE}/identity/{RECORD}/drop", {"reason": "已由管理员手工办理"})
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert orjson.loads(stage.sent("POST", f"/v1/parked/{RECORD}/drop")[-1].content) == {"reason": "已由管理员手工办理"}


@pytest.mark.rule("P5", "OPS-08")
async def test_a_silent_service_is_a_gap_and_the_reason_stays(operator: Browser, stage: Stage) -> None:
    await operator.get(f"{PAGE}/identity/{RECORD}/drop")
    stage.answers["GET /v1/parked"] = (502, {})
    stage.answers[f"POST /v1/parked/{RECORD}/drop"] = (502, {})
    answer = await operator.post(f"{PAGE}/identity/{RECORD}/drop", {"reason": "已由管理员手工办理"})
    assert answer.status_code == 503
    assert "已由管理员手工办理" in answer.text
    assert "账号服务" in (await operator.get(PAGE)).text
