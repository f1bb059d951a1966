"""Applying without an account, and deciding at the superior, as pages (ADM-07, X08, X14, X20, OPS-08)."""

import pytest

from services.web import cookies
from tests.web.applications import APPLICATION, ENDED_TICKETS, FORGOTTEN, LONG, NAME, PHONE, REASON, REFUSED, TICKET
from tests.web.codes import REGISTRATION_CODE
from tests.web.conftest import Browser
from tests.web.county import BRANCH, COUNTY
from tests.web.stage import Stage

SEARCH, FORM, LIST = "/apply", f"/apply/organizations/{BRANCH}", f"/organizations/{COUNTY}/applications"
RECORD = f"/applications/{APPLICATION}"
FIELDS = {"responsible": NAME, "phone": PHONE, "full_name": LONG}
CAPTCHA = {"captcha_id": "captcha-1", "captcha": "7kM4w"}
FILE = {"file": ("申请表.pdf", b"%PDF-1.4 %%EOF", "application/pdf")}
NO_PASS = {"title": "请先输入验证码", "rule": "X20", "code": "pass_needed", "field": "captcha"}
OVER = {"title": "这份账号申请已经办结", "rule": "ADM-07", "code": "account_application_over"}


async def with_pass(browser: Browser) -> None:
    await browser.get(SEARCH)
    answer = await browser.post(SEARCH, {"q": "妙高", **CAPTCHA})
    assert (answer.status_code, answer.headers["location"]) == (303, "/apply?q=%E5%A6%99%E9%AB%98")
    await browser.get("/apply?q=妙高")


@pytest.mark.rule("ADM-07", "X20")
async def test_a_stranger_answers_a_captcha_finds_the_organization_and_sends_the_form(
    stranger: Browser, stage: Stage
) -> None:
    first = await stranger.get(SEARCH)
    assert "captcha-picture" in first.text
    await with_pass(stranger)
    (given,) = stage.sent("POST", "/v1/passes")
    assert given.headers["X-Client-Address"] == "127.0.0.1"
    found = await stranger.get("/apply?q=妙高")
    assert "captcha-picture" not in found.text
    assert LONG in found.text
    assert f'href="{FORM}"' in found.text
    assert f'href="/apply/organizations/{COUNTY}"' not in found.text
    assert "现在不能申请" in found.text
    assert stage.sent("GET", "/v1/applicants")[-1].headers["X-Pass"] == "a-pass"
    assert LONG in (await stranger.get(FORM)).text
    answer = await stranger.post(FORM, FIELDS, files=FILE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/apply/outcomes/{TICKET}")
    (sent,) = stage.sent("POST", "/v1/account-applications")
    assert sent.headers["X-Pass"] == "a-pass"
    assert NAME.encode() in sent.content
    shown = await stranger.get(f"/apply/outcomes/{TICKET}")
    assert "待处理" in shown.text
    assert f"https://console.test/apply/outcomes/{TICKET}" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert NAME not in shown.text


@pytest.mark.rule("ADM-07")
@pytest.mark.parametrize(
    ("state", "says"),
    [("approved", "领取管理员注册码"), ("refused", REASON), ("lapsed", "没有在期限内办理")],
)
async def test_each_outcome_says_what_to_do_next(stranger: Browser, state: str, says: str) -> None:
    page = (await stranger.get(f"/apply/outcomes/{ENDED_TICKETS[state]}")).text
    assert says in page
    assert ('href="/apply"' in page) is (state != "approved")
    assert REGISTRATION_CODE not in page


@pytest.mark.rule("X14", "ADM-07")
async def test_where_it_cannot_apply_the_page_gives_no_form_and_no_reason_of_its_own(stranger: Browser) -> None:
    await with_pass(stranger)
    page = await stranger.get(f"/apply/organizations/{COUNTY}")
    assert "现在不能申请管理员账号" in page.text
    assert 'type="file"' not in page.text


@pytest.mark.rule("X20")
async def test_a_pass_that_is_over_asks_for_a_captcha_again_and_keeps_what_was_typed(
    stranger: Browser, stage: Stage
) -> None:
    await with_pass(stranger)
    await stranger.get(FORM)
    for line in ("GET /v1/applicants", "POST /v1/account-applications", f"GET /v1/applicants/{BRANCH}"):
        stage.answers[line] = (403, NO_PASS)
    again = await stranger.post(FORM, FIELDS, files=FILE)
    assert again.status_code == 403
    for text in (NAME, PHONE, "captcha-picture", NO_PASS["title"], "请重新选择文件"):
        assert text in again.text
    search = await stranger.get("/apply?q=妙高")
    assert "captcha-picture" in search.text
    assert 'value="妙高"' in search.text
    assert cookies.HUMAN not in stranger.http.cookies
    lost = await stranger.get(FORM)
    assert (lost.status_code, lost.headers["location"]) == (303, "/apply")
    stage.answers.clear()
    answer = await stranger.post(FORM, {**FIELDS, **CAPTCHA}, files=FILE)
    assert answer.status_code == 303, "the captcha may be answered with the form"


@pytest.mark.rule("ADM-07", "OPS-08")
async def test_a_form_that_is_refused_or_not_answered_comes_back_with_what_was_typed(
    stranger: Browser, stage: Stage
) -> None:
    await with_pass(stranger)
    await stranger.get(FORM)
    without = await stranger.post(FORM, FIELDS)
    assert without.status_code == 422
    assert "请选择盖章的申请表文件" in without.text
    other = {"title": "申请表文件的内容不是完整的PDF", "rule": "ADM-07", "code": "x", "field": "file"}
    stage.answers["POST /v1/account-applications"] = (400, other)
    refused = await stranger.post(FORM, FIELDS, files=FILE)
    stage.silent.add("org")
    unanswered = await stranger.post(FORM, FIELDS, files=FILE)
    assert (refused.status_code, unanswered.status_code) == (400, 503)
    assert other["title"] in refused.text
    for page in (without, refused, unanswered):
        assert f'value="{PHONE}"' in page.text
        assert "captcha-picture" not in page.text


@pytest.mark.rule("X20", "IDN-01")
async def test_a_wrong_captcha_or_too_short_a_name_finds_nothing(stranger: Browser, stage: Stage) -> None:
    await stranger.get(SEARCH)
    short = await stranger.post(SEARCH, {"q": "妙", **CAPTCHA})
    assert (short.status_code, stage.sent("POST", "/v1/passes")) == (422, [])
    wrong = {"title": "验证码不正确或已过期。", "code": "captcha_wrong", "field": "captcha"}
    stage.answers["POST /v1/passes"] = (400, wrong)
    answer = await stranger.post(SEARCH, {"q": "妙高", **CAPTCHA})
    assert (answer.status_code, wrong["title"] in answer.text) == (400, True)
    stage.silent.add("identity")
    assert (await stranger.post(SEARCH, {"q": "妙高", **CAPTCHA})).status_code == 503


@pytest.mark.rule("ADM-07")
async def test_a_ticket_that_is_none_is_not_found(stranger: Browser, stage: Stage) -> None:
    absent = {"title": "没有找到该内容，或您无权查看。", "code": "nothing_here"}
    stage.answers[f"GET /v1/application-outcomes/{TICKET}"] = (404, absent)
    for path in (f"/apply/outcomes/{TICKET}", "/apply/outcomes/short"):
        assert (await stranger.get(path)).status_code == 404


@pytest.mark.rule("ADM-07")
async def test_the_superior_sees_what_waits_at_home_and_in_the_list_apart_from_what_ended(admin: Browser) -> None:
    home = (await admin.get("/home")).text
    assert "待处理的账号申请" in home
    assert f'href="{RECORD}"' in home
    assert LONG.removeprefix("共青团遂昌县")[-20:] in (await admin.get(LIST)).text
    ended = (await admin.get(f"{LIST}?ended=true")).text
    for text in ("已同意", "已退回", "逾期自动结束"):
        assert text in ended


@pytest.mark.rule("ADM-07")
async def test_the_record_shows_the_form_and_a_decided_one_how_it_ended(admin: Browser) -> None:
    page = (await admin.get(RECORD)).text
    for text in (NAME, PHONE, "管理员账号申请表（盖章扫描件）.pdf", f"{RECORD}/approve", f"{RECORD}/refuse"):
        assert text in page
    file = await admin.get(f"{RECORD}/form")
    assert file.content == b"%PDF-1.4 %%EOF"
    assert file.headers["content-disposition"].startswith("attachment;")
    refused = (await admin.get(f"/applications/{REFUSED}")).text
    assert REASON in refused
    assert "/approve" not in refused
    gone = (await admin.get(f"/applications/{FORGOTTEN}")).text
    assert "已按规定销毁" in gone
    assert NAME not in gone


@pytest.mark.rule("ADM-07", "ADM-02")
async def test_an_approval_shows_the_code_in_its_answer_and_on_no_other_page(admin: Browser) -> None:
    await admin.get(RECORD)
    answer = await admin.post(f"{RECORD}/approve")
    assert answer.status_code == 200
    assert REGISTRATION_CODE in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert REGISTRATION_CODE not in (await admin.get(RECORD)).text


@pytest.mark.rule("ADM-07", "OPS-08")
async def test_a_refusal_needs_its_reason_and_what_cannot_be_decided_says_why(admin: Browser, stage: Stage) -> None:
    await admin.get(RECORD)
    done = await admin.post(f"{RECORD}/refuse", {"grounds": REASON})
    assert (done.status_code, done.headers["location"]) == (303, RECORD)
    stage.answers[f"POST /v1/account-applications/{APPLICATION}/refusal"] = (409, OVER)
    stage.answers[f"POST /v1/account-applications/{APPLICATION}/approval"] = (409, OVER)
    for leaf in ("refuse", "approve"):
        again = await admin.post(f"{RECORD}/{leaf}", {"grounds": REASON})
        assert again.status_code == 409
        assert OVER["title"] in again.text
        assert REASON in again.text


@pytest.mark.rule("ADM-07")
async def test_an_empty_list_and_a_silent_service_say_so(admin: Browser, stage: Stage) -> None:
    nothing = (200, {"items": [], "total": 0})
    stage.answers[f"GET /v1/organizations/{COUNTY}/subordinates/account-applications"] = nothing
    assert "没有待处理的账号申请" in (await admin.get(LIST)).text
    assert "还没有办结的账号申请" in (await admin.get(f"{LIST}?ended=true")).text
    assert "待处理的账号申请" not in (await admin.get("/home")).text


@pytest.mark.rule("ADM-07")
async def test_a_fault_on_the_page_of_a_ticket_writes_no_ticket_into_the_log(
    stranger: Browser, stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "answers", None)
    answer = await stranger.get(f"/apply/outcomes/{TICKET}")
    assert answer.status_code == 500
    logged = "".join(capsys.readouterr())
    assert "console.fault" in logged
    assert "/apply/outcomes/{ticket}" in logged
    assert TICKET not in logged.partition("Traceback")[0]
