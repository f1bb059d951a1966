"""X08, P12: what keeps others out. Each test says what would be open without it."""

from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.member.workbooks.limits import FILE_BYTES, MIB
from services.org.domain.documents import DOCUMENT_BYTES_MAX
from services.web import cookies
from services.web.forms import checked_form
from services.web.guard import FORM_BYTES_MAX, HEADERS, SAFE_METHODS, UPLOAD_BYTES_MAX
from services.web.visit import signed_in
from tests.web.conftest import ORIGIN, Browser
from tests.web.county import COUNTY, LAN
from tests.web.stage import Stage

OPEN_PATHS = {
    *("/sign-in", "/activate", "/captcha", "/language", "/", "/static/{name}", "/health/live", "/health/ready"),
    *("/register", "/register/{ticket}", "/register/{ticket}/outcome"),
    *("/apply", "/apply/organizations/{organization}", "/apply/outcomes/{ticket}", "/apply/blank"),
}


def routes_of(app: FastAPI) -> list[APIRoute]:
    found = [route for route in app.routes if isinstance(route, APIRoute)]
    nested = [getattr(route, "original_router", None) for route in app.routes]
    found += [route for router in nested if router for route in router.routes if isinstance(route, APIRoute)]
    return found


def calls_of(route: APIRoute) -> set[object]:
    waiting, found = [route.dependant], set()
    while waiting:
        one = waiting.pop()
        found.add(one.call)
        waiting += one.dependencies
    return found


@pytest.mark.rule("X08")
def test_every_unsafe_route_asks_for_the_forms_token(console: FastAPI) -> None:
    unsafe = [route for route in routes_of(console) if route.methods - SAFE_METHODS]
    assert len(unsafe) > 15
    assert [route.path for route in unsafe if checked_form not in calls_of(route)] == []


def test_every_page_but_the_listed_ones_asks_who_is_there(console: FastAPI) -> None:
    open_now = {route.path for route in routes_of(console) if signed_in not in calls_of(route)}
    assert open_now == OPEN_PATHS


@pytest.mark.rule("X08")
@pytest.mark.parametrize("origin", [None, "https://evil.test", "null", "http://console.test"])
async def test_a_form_from_elsewhere_is_refused(admin: Browser, stage: Stage, origin: str | None) -> None:
    await admin.get("/account")
    headers = {"Origin": origin} if origin else {}
    answer = await admin.http.post("/account/sign-out-everywhere", data={"_csrf": admin.token}, headers=headers)
    assert answer.status_code == 403
    assert stage.sent("DELETE", "/v1/sessions") == []


@pytest.mark.rule("X08")
@pytest.mark.parametrize("token", ["", "made.up", "salt."])
async def test_a_form_without_the_browsers_own_token_is_refused(admin: Browser, stage: Stage, token: str) -> None:
    answer = await admin.post("/account/sign-out-everywhere", {"_csrf": token})
    assert answer.status_code == 403
    assert "页面已过期" in answer.text
    assert stage.sent("DELETE", "/v1/sessions") == []


@pytest.mark.rule("X08")
async def test_the_token_of_another_browser_does_not_serve(admin: Browser, stage: Stage) -> None:
    foreign = cookies.form_token(cookies.new_secret())
    answer = await admin.post("/account/sign-out-everywhere", {"_csrf": foreign})
    assert answer.status_code == 403
    assert stage.sent("DELETE", "/v1/sessions") == []


@pytest.mark.rule("X08")
async def test_cookies_are_bound_to_the_host_and_hidden_from_scripts(stranger: Browser) -> None:
    await stranger.get("/sign-in")
    answer = await stranger.post("/sign-in", {"number": "331123199901011234", "password": "x" * 15})
    set_now = answer.headers.get_list("set-cookie")
    assert any(line.startswith("__Host-tuan_session=") for line in set_now)
    for line in set_now:
        assert line.startswith("__Host-")
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= {part.strip().lower() for part in line.split(";")}


@pytest.mark.rule("X08")
async def test_reading_pages_changes_nothing_at_the_services(admin: Browser, stage: Stage) -> None:
    """No state change on GET: all that is sent besides reads is the question for a token."""
    stage.seen.clear()
    for path in ("/home", f"/organizations/{COUNTY}/admins", f"/people/{LAN}", f"/people/{LAN}/reveal?field=number"):
        assert (await admin.get(path)).status_code == 200
    assert {(one.method, one.url.path) for one in stage.seen if one.method != "GET"} <= {("POST", "/v1/sessions/token")}


async def test_every_answer_bears_the_policy_and_pages_are_not_kept(stranger: Browser) -> None:
    for path, kept in (("/sign-in", "no-store"), ("/nothing", "no-store"), ("/static/none.css", None)):
        headers = (await stranger.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers.get("cache-control") == kept


async def test_no_page_holds_a_style_or_a_script_of_its_own(admin: Browser) -> None:
    for path in ("/home", f"/organizations/{COUNTY}/subordinates", f"/people/{LAN}", "/progress/members"):
        text = (await admin.get(path)).text
        assert " style=" not in text
        assert "<style" not in text
        assert text.count("<script") == text.count('<script src="/static/') == 1
        assert " onclick=" not in text
        assert "http://" not in text.replace("http://www.w3.org", "")


async def test_a_body_beyond_the_limit_is_refused_whatever_length_it_names(admin: Browser, stage: Stage) -> None:
    async def endless():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
        for _ in range(UPLOAD_BYTES_MAX // 65536 + 2):
            yield b"x" * 65536

    path = f"/organizations/{COUNTY}/imports"
    headers = {"Origin": ORIGIN, "Content-Type": "multipart/form-data; boundary=x"}
    assert (await admin.http.post(path, content=endless(), headers=headers)).status_code == 413
    named = headers | {"Content-Length": str(UPLOAD_BYTES_MAX + 1)}
    assert (await admin.http.post(path, content=b"x", headers=named)).status_code == 413
    assert stage.sent("POST", "/v1/imports") == []


FILE = (f"{FILE_BYTES // MIB} MiB", f"{DOCUMENT_BYTES_MAX // MIB} MiB")
TEXT = (f"{FORM_BYTES_MAX // 1024} KiB",)


@pytest.mark.rule("P13")
@pytest.mark.parametrize("part", [False, True])
@pytest.mark.parametrize(
    ("language", "kind", "words"),
    [
        ("zh-CN", "multipart/form-data; boundary=x", ("没有保存", "换一个较小的文件", *FILE)),
        ("en", "multipart/form-data; boundary=x", ("nothing was saved", "choose a smaller file", *FILE)),
        ("zh-CN", "application/x-www-form-urlencoded", ("没有保存", "删减后再提交", *TEXT)),
        ("en", "application/x-www-form-urlencoded", ("nothing was saved", "shorten it", *TEXT)),
    ],
)
async def test_what_is_too_large_is_told_the_limit_and_the_way_on(
    admin: Browser, language: str, kind: str, words: tuple[str, ...], part: bool
) -> None:
    admin.http.cookies.set(cookies.LANGUAGE, language)
    headers = {"Origin": ORIGIN, "Content-Type": kind, "Content-Length": str(UPLOAD_BYTES_MAX + 1)}
    htmx = {"HX-Request": "true", "HX-Request-Type": "partial"} if part else {}
    answer = await admin.http.post(f"/organizations/{COUNTY}/imports", content=b"x", headers=headers | htmx)
    assert answer.status_code == 413
    assert [word for word in (*words, 'href="/home"') if word not in answer.text] == []
    assert ("<html" in answer.text) is not part
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.rule("X08")
@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-CN", ("没有保存", "从平台里重新打开")), ("en", ("nothing was saved", "from inside the platform"))],
)
async def test_a_foreign_form_gets_a_page_that_says_so_and_no_cookie(
    stranger: Browser, language: str, words: tuple[str, ...]
) -> None:
    """The browser sends none along; a new one would void the forms that the user has open."""
    stranger.http.cookies.set(cookies.LANGUAGE, language)
    answer = await stranger.http.post("/account/sign-out-everywhere", headers={"Origin": "https://evil.test"})
    assert answer.status_code == 403
    assert [word for word in (*words, 'href="/home"') if word not in answer.text] == []
    assert "set-cookie" not in answer.headers
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


async def test_what_stands_in_an_address_cannot_reach_another_path_of_a_service(admin: Browser, stage: Stage) -> None:
    stage.seen.clear()
    for path in ("/people/..%2Fimports", "/organizations/organization-1", f"/imports/{uuid4()}", "/people/person-"):
        assert (await admin.get(path)).status_code == 404
    assert {one.url.path for one in stage.seen} <= {"/v1/sessions/token", "/v1/me"}


@pytest.mark.parametrize("asked", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:x"])
async def test_signing_in_leads_to_our_own_pages_only(stranger: Browser, asked: str) -> None:
    await stranger.get("/sign-in")
    answer = await stranger.post("/sign-in", {"number": "1", "password": "x", "next": asked})
    assert answer.headers["location"] == "/home"
