"""Signing in, activating, choosing an organization, signing out, as the browser goes through it."""

import orjson
import pytest

from services.web import cookies
from tests.web.conftest import ORIGIN, Browser
from tests.web.county import BRANCH, CITY, COUNTY, ME, PIXEL, SOUND
from tests.web.stage import SESSION, Stage

LOCKED = {
    "title": "连续输错次数过多，账号暂时锁定。",
    "status": 429,
    "code": "account_locked",
    "rule": "IDN-09",
    "way_out": "请在 15 分钟后再试。",
    "field": None,
}


@pytest.mark.rule("IDN-01")
async def test_signing_in_sends_number_password_and_captcha_and_opens_the_home(stranger: Browser, stage: Stage) -> None:
    page = await stranger.get("/sign-in")
    assert "证件号码" in page.text
    fields = {
        "number": " 33112320000101123x ",
        "password": " spaces stay ",
        "captcha": "7kM4w",
        "captcha_id": "captcha-1",
    }
    answer = await stranger.post("/sign-in", fields | {"document_kind": "居民身份证", "next": "/progress/members"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/progress/members")
    sent = orjson.loads(stage.sent("POST", "/v1/sign-ins")[0].content)
    assert sent["number"] == "33112320000101123X"
    assert sent["password"] == " spaces stay "
    assert (sent["captcha_id"], sent["captcha"]) == ("captcha-1", "7kM4w")


@pytest.mark.rule("IDN-09")
async def test_a_locked_account_is_told_so_with_the_rule_and_the_password_does_not_come_back(
    stranger: Browser, stage: Stage
) -> None:
    stage.answers["POST /v1/sign-ins"] = (429, LOCKED)
    await stranger.get("/sign-in")
    answer = await stranger.post("/sign-in", {"number": "331123200001011234", "password": "secret-words"})
    assert answer.status_code == 429
    for text in (LOCKED["title"], LOCKED["way_out"], "IDN-09", "331123200001011234"):
        assert text in answer.text
    assert "secret-words" not in answer.text
    assert SESSION not in answer.headers.get("set-cookie", "")


@pytest.mark.rule("OPS-08")
async def test_when_identity_is_silent_the_form_keeps_what_was_typed(stranger: Browser, stage: Stage) -> None:
    await stranger.get("/sign-in")
    stage.silent.add("identity")
    answer = await stranger.post("/sign-in", {"number": "331123200001011234", "password": "x", "_key": "the-key"})
    assert answer.status_code == 503
    assert "331123200001011234" in answer.text
    assert 'name="_key" value="the-key"' in answer.text


@pytest.mark.rule("IDN-04")
async def test_activation_sends_both_items_and_signs_in(stranger: Browser, stage: Stage) -> None:
    await stranger.get("/activate")
    fields = {
        "number": "331123200001011234",
        "initial_password": "0101123x",
        "code": "k7qm-3xtr",
        "new_password": "a sentence to remember",
        "repeated_password": "a sentence to remember",
    }
    answer = await stranger.post("/activate", fields)
    assert answer.headers["location"] == "/home"
    sent = orjson.loads(stage.sent("POST", "/v1/activations")[0].content)
    assert (sent["initial_password"], sent["code"]) == ("0101123X", "K7QM3XTR")
    assert sent["new_password"] == "a sentence to remember"


@pytest.mark.rule("IDN-04")
async def test_two_different_new_passwords_are_refused_before_anything_is_sent(stranger: Browser, stage: Stage) -> None:
    await stranger.get("/activate")
    answer = await stranger.post("/activate", {"new_password": "one", "repeated_password": "two"})
    assert answer.status_code == 422
    assert "两次输入的新密码不一致" in answer.text
    assert stage.sent("POST", "/v1/activations") == []


@pytest.mark.rule("X06")
async def test_identity_hears_where_somebody_signs_in_from_and_that_they_did_so_before(
    stranger: Browser, stage: Stage
) -> None:
    stage.answers["POST /v1/sign-ins"] = (201, {"session": "s", "device": "d" * 43})
    for _ in range(2):
        await stranger.get("/sign-in")
        await stranger.post("/sign-in", {"document_kind": "护照", "number": "e1", "password": "x"})
    first, second = stage.sent("POST", "/v1/sign-ins")
    assert orjson.loads(first.content)["device"] is None
    assert orjson.loads(second.content)["device"] == "d" * 43
    assert first.headers["X-Client-Address"] == "127.0.0.1"
    assert first.headers["X-Client-Agent"]
    assert stage.sent("GET", "/v1/captchas")[0].headers["X-Client-Address"] == "127.0.0.1"


async def test_a_page_asked_for_without_a_session_comes_after_the_sign_in(stranger: Browser) -> None:
    answer = await stranger.get("/progress/members?hour=live")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fprogress%2Fmembers%3Fhour%3Dlive"


async def test_a_session_that_died_elsewhere_is_dead_here(admin: Browser, stage: Stage) -> None:
    stage.answers["GET /v1/me"] = (401, {"title": "登录已失效", "status": 401, "code": "session_over"})
    stage.answers["POST /v1/sessions/token"] = (401, {"title": "登录已失效", "status": 401, "code": "session_over"})
    answer = await admin.get("/home")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


OVER = (401, {"title": "登录已失效", "status": 401, "code": "session_over"})
LIST = f"/organizations/{COUNTY}/subordinates"


@pytest.mark.rule("IDN-09")
@pytest.mark.parametrize(("language", "words"), [("zh-CN", "登录状态已失效"), ("en", "You are not signed in any more")])
async def test_whose_session_is_over_is_told_so_at_the_sign_in(
    admin: Browser, stage: Stage, language: str, words: str
) -> None:
    admin.http.cookies.set(cookies.LANGUAGE, language)
    stage.answers["POST /v1/sessions/token"] = OVER
    to = (await admin.get("/progress/members?hour=live")).headers["location"]
    assert to == "/sign-in?next=%2Fprogress%2Fmembers%3Fhour%3Dlive&ended=page"
    page = (await admin.get(to)).text
    assert words in page
    assert [said for said in ("没有保存", "not saved") if said in page] == []
    assert words not in (await admin.get("/sign-in")).text


@pytest.mark.rule("IDN-09")
@pytest.mark.parametrize(("language", "words"), [("zh-CN", "没有保存"), ("en", "was not saved")])
@pytest.mark.parametrize("htmx", [{}, {"HX-Request": "true", "HX-Request-Type": "partial"}])
async def test_a_form_sent_after_the_session_is_not_saved_says_so_and_leads_back_to_its_page(
    admin: Browser, stage: Stage, htmx: dict[str, str], language: str, words: str
) -> None:
    admin.http.cookies.set(cookies.LANGUAGE, language)
    await admin.get(LIST)
    stage.answers["POST /v1/sessions/token"] = OVER
    admin.http.cookies.delete(cookies.SESSION)
    headers = {"Referer": f"{ORIGIN}{LIST}?page=2", **htmx}
    answer = await admin.post(f"/organizations/{BRANCH}/order", {"way": "up"}, headers=headers)
    to = answer.headers["hx-redirect" if htmx else "location"]
    assert to.endswith("subordinates%3Fpage%3D2&ended=form")
    page = (await admin.get(to)).text
    assert words in page
    assert f'name="next" value="{LIST}?page=2"' in page


@pytest.mark.parametrize("came_from", [
    "", "https://evil.test/home", f"{ORIGIN}.evil.test/home", f"{ORIGIN}//evil.test", f"{ORIGIN}/\\evil.test", ORIGIN,
    f"{ORIGIN}/organizations/{BRANCH}/order", f"{ORIGIN}/nothing", "http://[",
])  # fmt: skip
async def test_nobody_is_led_back_to_what_is_no_page_of_ours(stranger: Browser, came_from: str) -> None:
    headers = {"Referer": came_from}
    answer = await stranger.post(f"/organizations/{BRANCH}/order", {"way": "up"}, headers=headers)
    assert answer.headers["location"] == "/sign-in?ended=form"


async def test_who_signs_out_of_a_session_that_is_over_is_told_nothing_of_it(stranger: Browser) -> None:
    answer = await stranger.post("/sign-out", headers={"Referer": f"{ORIGIN}/home"})
    assert answer.headers["location"] == "/sign-in"


@pytest.mark.rule("IDN-09", "X07")
async def test_what_was_asked_with_a_session_that_is_over_does_not_take_the_next_one_from_the_browser(
    admin: Browser, stage: Stage
) -> None:
    """Another tab asked before the password was changed, or before somebody signed in, and is answered after it."""
    over = {"title": "登录已失效", "status": 401, "code": "session_over"}
    stage.answers["POST /v1/sessions/token"] = (401, over)
    for path in ("/home", f"/organizations/{COUNTY}/transfers/count"):
        late = await admin.get(path)
        assert late.headers["location"].startswith("/sign-in")
        assert cookies.SESSION not in late.headers.get("set-cookie", "")
    del stage.answers["POST /v1/sessions/token"]
    assert (await admin.get("/home")).status_code == 200


@pytest.mark.rule("IDN-09", "OPS-08")
async def test_a_service_that_could_not_check_the_token_is_a_gap_and_signs_nobody_out(
    admin: Browser, stage: Stage
) -> None:
    stage.answers[f"GET /v1/organizations/{COUNTY}/transfers"] = (401, {"status": 401, "code": "unauthenticated"})
    page = await admin.get(f"/organizations/{COUNTY}/transfers")
    assert page.status_code == 200
    assert "暂时没有答复" in page.text
    stage.answers["GET /v1/sessions"] = (401, {"status": 401, "code": "session_over"})
    assert (await admin.get("/account")).headers["location"].startswith("/sign-in")


async def test_a_token_is_asked_for_once_in_two_seconds_only(admin: Browser, stage: Stage) -> None:
    await admin.get("/home")
    await admin.get("/account")
    assert len(stage.sent("POST", "/v1/sessions/token")) == 1


@pytest.mark.rule("IDN-07")
async def test_the_chosen_organization_goes_with_every_request(admin: Browser, stage: Stage) -> None:
    await admin.get("/home")
    assert stage.sent("GET", f"/v1/organizations/{COUNTY}")[-1].headers["x-acting-organization"] == COUNTY
    answer = await admin.post("/acting", {"standing": f"cadre:{CITY}"})
    assert answer.headers["location"] == "/home"
    page = await admin.get("/home")
    assert stage.sent("GET", f"/v1/organizations/{CITY}")[-1].headers["x-acting-organization"] == CITY
    assert f"/organizations/{CITY}/imports" not in page.text  # a cadre reads and imports nothing


@pytest.mark.rule("IDN-07")
async def test_an_organization_one_does_not_belong_to_cannot_be_chosen(admin: Browser) -> None:
    await admin.get("/home")
    await admin.post("/acting", {"standing": "admin:organization-of-somebody-else"})
    assert cookies.ACTING not in admin.http.cookies


@pytest.mark.rule("IDN-08")
async def test_a_plain_member_comes_to_the_own_record_and_sees_no_lists(stranger: Browser, stage: Stage) -> None:
    stage.standings = [{"organization": COUNTY, "full_name": "某团支部", "category": "branch", "role": "member"}]
    await stranger.sign_in()
    answer = await stranger.get("/home")
    assert answer.headers["location"] == "/me"
    page = await stranger.get("/me")
    assert stage.sent("GET", f"/v1/people/{ME}")
    assert "团员列表" not in page.text


async def test_somebody_in_no_organization_is_told_whom_to_ask(stranger: Browser, stage: Stage) -> None:
    stage.standings = []
    await stranger.sign_in()
    assert "您目前不在任何团组织中" in (await stranger.get("/home")).text


@pytest.mark.rule("IDN-09")
async def test_signing_out_ends_the_session_at_identity_and_here(admin: Browser, stage: Stage) -> None:
    await admin.get("/home")
    answer = await admin.post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert len(stage.sent("DELETE", "/v1/sessions/current")) == 1
    assert (await admin.get("/home")).headers["location"].startswith("/sign-in")


@pytest.mark.rule("IDN-09")
async def test_signing_out_everywhere_is_not_claimed_when_identity_is_silent(admin: Browser, stage: Stage) -> None:
    await admin.get("/account")
    stage.silent.add("identity")
    answer = await admin.post("/account/sign-out-everywhere")
    assert answer.status_code == 503
    assert cookies.SESSION in admin.http.cookies


@pytest.mark.rule("IDN-09")
async def test_devices_are_named_by_browser_and_system(admin: Browser) -> None:
    page = (await admin.get("/account")).text
    assert "Chrome浏览器 · Linux" in page
    assert ">Mozilla" not in page


@pytest.mark.rule("IDN-01")
async def test_each_fault_of_a_sign_in_names_its_field(stranger: Browser, stage: Stage) -> None:
    faults = [{"title": "该项必填。", "status": 422, "field": name} for name in ("number", "password", "captcha")]
    stage.answers["POST /v1/sign-ins"] = (
        422,
        {"title": "有3处", "status": 422, "code": "form_faulty", "errors": faults},
    )
    await stranger.get("/sign-in")
    page = (await stranger.post("/sign-in", {})).text
    for name, text in (("number", "证件号码"), ("password", "密码"), ("captcha", "验证码")):
        assert f'<a href="#f-{name}">{text}</a>' in page


@pytest.mark.rule("IDN-01")
async def test_who_hears_the_captcha_hears_one_again_after_a_refusal(stranger: Browser, stage: Stage) -> None:
    """Also without a script: the link is an address of its own."""
    for path, command in (("/sign-in", "sign-ins"), ("/activate", "activations")):
        page = (await stranger.get(f"{path}?spoken=yes")).text
        assert f'src="{SOUND}"' in page
        stage.answers[f"POST /v1/{command}"] = (400, {"title": "验证码不正确。", "status": 400, "field": "captcha"})
        again = (await stranger.post(path, {"captcha_id": "captcha-2", "captcha": "12", "spoken": "yes"})).text
        assert f'src="{SOUND}"' in again
        assert f'src="{PIXEL}"' not in again
