"""管理员注册: the form keeps what was typed but the secrets, and one address shows whatever becomes of it (ADM-03, ADM-04)."""

import orjson
import pytest

from services.member.domain.fault_texts import FAULTS
from services.web.answers.identity import Registration
from services.web.texts import label
from tests.web.conftest import Browser
from tests.web.county import PIXEL, SOUND
from tests.web.stage import TICKET, Stage

OUTCOME = f"GET /v1/admin-registrations/{TICKET}"
TYPED = {
    "registration_code": "abcd-efgh-2345",
    "name": " 欧阳测试 ",
    "document_kind": "居民身份证",
    "number": "11010119900307803x",
    "mobile": "13900001111",
}
SECRETS = {"new_password": " 西湖边的第七只鸬鹚 ", "repeated_password": " 西湖边的第七只鸬鹚 ", "captcha": "8642"}


async def test_the_sign_in_page_leads_to_the_form(stranger: Browser) -> None:
    assert 'href="/register"' in (await stranger.get("/sign-in")).text
    assert "管理员注册码" in (await stranger.get("/register")).text


@pytest.mark.rule("ADM-03", "P2")
async def test_the_form_sends_what_was_typed_under_its_key_and_leads_to_the_outcome(
    stranger: Browser, stage: Stage
) -> None:
    await stranger.get("/register")
    answer = await stranger.post("/register", TYPED | SECRETS | {"captcha_id": "captcha-1", "_key": "the-forms-key"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/register/{TICKET}")
    [sent] = stage.sent("POST", "/v1/admin-registrations")
    assert sent.headers["Idempotency-Key"] == "the-forms-key"
    assert orjson.loads(sent.content) == {
        "registration_code": "abcd-efgh-2345",
        "name": "欧阳测试",
        "document_kind": "居民身份证",
        "number": "11010119900307803x",
        "mobile": "13900001111",
        "new_password": " 西湖边的第七只鸬鹚 ",
        "captcha_id": "captcha-1",
        "captcha": "8642",
    }
    assert sent.headers["X-Client-Address"] == "127.0.0.1"


def _all_but_secrets(page: str) -> None:
    for value in TYPED.values():
        assert f'value="{value.strip()}"' in page
    assert "鸬鹚" not in page
    assert 'value="8642"' not in page


@pytest.mark.rule("ADM-03", "OPS-08")
async def test_refusals_stand_at_their_fields_and_everything_but_the_secrets_is_kept(
    stranger: Browser, stage: Stage
) -> None:
    faults = [
        {"title": "证件号码填写有误。", "field": "number", "code": "registrant_number_malformed", "rule": "MEM-10"},
        {"title": "密码至少需要 15 个字符。", "field": "new_password", "code": "password_too_short", "rule": "X02"},
    ]
    stage.answers["POST /v1/admin-registrations"] = (
        400,
        {"title": "有 2 处", "status": 400, "code": "form_faulty", "errors": faults},
    )
    await stranger.get("/register")
    answer = await stranger.post("/register", TYPED | SECRETS)
    assert answer.status_code == 400
    assert 'id="e-number"' in answer.text
    assert 'id="e-new_password"' in answer.text
    assert '<a href="#f-number">证件号码</a>' in answer.text
    _all_but_secrets(answer.text)


@pytest.mark.rule("OPS-08", "P2")
async def test_a_silent_identity_keeps_form_and_key_so_that_the_repeat_is_the_same_registration(
    stranger: Browser, stage: Stage
) -> None:
    await stranger.get("/register")
    stage.silent.add("identity")
    answer = await stranger.post("/register", TYPED | SECRETS | {"_key": "the-forms-key"})
    assert answer.status_code == 503
    assert 'name="_key" value="the-forms-key"' in answer.text
    _all_but_secrets(answer.text)


async def test_two_different_passwords_are_refused_before_anything_is_sent(stranger: Browser, stage: Stage) -> None:
    await stranger.get("/register")
    answer = await stranger.post("/register", TYPED | SECRETS | {"repeated_password": "another"})
    assert answer.status_code == 422
    assert "两次输入的新密码不一致" in answer.text
    _all_but_secrets(answer.text)
    assert stage.sent("POST", "/v1/admin-registrations") == []


@pytest.mark.rule("ADM-04")
@pytest.mark.parametrize(
    ("outcome", "title", "says"),
    [
        ({"state": "waiting"}, "正在办理注册", "本页会自动更新"),
        ({"state": "done"}, "注册完成", "刚才设置的密码登录"),
        ({"state": "done", "own_password": True}, "注册完成", "请用原来的密码登录"),
        ({"state": "refused", "reason": "registration_code_void"}, "没有注册成功", "已被使用、撤销或过期"),
        ({"state": "refused", "reason": "number_already_registered"}, "没有注册成功", "这个证件号码已经登记过"),
        ({"state": "refused", "reason": "number_province"}, "没有注册成功", "证件号码没有通过核对"),
        ({"state": "refused", "reason": "of_tomorrow"}, "没有注册成功", "填写的信息没有通过核对"),
        ({"state": "lapsed"}, "这次注册已经失效", "没有在期限内办成"),
    ],
)
async def test_every_outcome_says_what_is_and_what_to_do(
    stranger: Browser, stage: Stage, outcome: dict[str, object], title: str, says: str
) -> None:
    stage.answers[OUTCOME] = (200, outcome)
    page = (await stranger.get(f"/register/{TICKET}")).text
    assert f"<h1>{title}</h1>" in page
    assert says in page
    settled = outcome["state"] != "waiting"
    assert ("hx-trigger" in page) != settled
    part = await stranger.get(f"/register/{TICKET}/outcome")
    assert (part.headers.get("HX-Refresh"), part.status_code) == (("true", 200) if settled else (None, 204))


async def test_a_silent_identity_leaves_the_outcome_waiting_and_says_so(stranger: Browser, stage: Stage) -> None:
    stage.silent.add("identity")
    page = await stranger.get(f"/register/{TICKET}")
    assert page.status_code == 200
    assert "暂时查不到办理结果" in page.text
    assert (await stranger.get(f"/register/{TICKET}/outcome")).status_code == 204


@pytest.mark.parametrize("ticket", ["7" * 63, "G" * 64, TICKET])
async def test_a_ticket_of_nothing_is_a_page_that_says_so(stranger: Browser, stage: Stage, ticket: str) -> None:
    stage.answers[OUTCOME] = (404, {"title": "没有找到", "status": 404, "code": "nothing_here"})
    assert (await stranger.get(f"/register/{ticket}")).status_code in (404, 422)


@pytest.mark.rule("ADM-04")
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_reason_that_member_or_org_could_have_has_a_sentence(language: str) -> None:
    fields = [code for code in FAULTS if code.startswith(("name_", "number_", "mobile_", "too_young"))]
    for reason in (*fields, "registration_code_void", "number_already_registered", "registration_over", "other"):
        why = Registration(state="refused", reason=reason).why
        assert label("registration_reason", why, language) != why
        assert (why == "other") == (reason == "other")


@pytest.mark.rule("IDN-01")
async def test_who_hears_the_captcha_hears_one_again_after_a_refusal(stranger: Browser, stage: Stage) -> None:
    page = (await stranger.get("/register?spoken=yes")).text
    assert f'src="{SOUND}"' in page
    stage.answers["POST /v1/admin-registrations"] = (
        400,
        {"title": "验证码不正确。", "status": 400, "field": "captcha"},
    )
    again = (await stranger.post("/register", {"captcha_id": "captcha-2", "captcha": "12", "spoken": "yes"})).text
    assert f'src="{SOUND}"' in again
    assert f'src="{PIXEL}"' not in again
