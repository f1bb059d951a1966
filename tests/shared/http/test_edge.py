"""Whatever is sent, the answer has one form and gives nothing away."""

import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from shared.http.edge import new_app
from shared.http.problem import STATUS, refusal_of_status
from shared.http.routes import Access, Router, RouteWithoutAccess, access, assert_all_routes_declare_access
from shared.http.validation import sentence_of
from shared.kernel.refusals import Kind
from shared.runtime.service import Health, Role, Service, add_health_routes
from shared.testing.tokens import Issuer
from tests.shared.http.conftest import PERSON, router

MEMBERS = {
    "type", "title", "status", "code", "rule", "detail_en", "way_out", "way_out_en", "field", "params", "errors", "correlation",
}  # fmt: skip
KEY = "key-00000001"


def _problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert set(body) == MEMBERS
    assert body["status"] == answer.status_code
    assert body["correlation"] == answer.headers["x-correlation-id"]
    return body


async def _post(client: httpx.AsyncClient, issuer: Issuer, content: bytes | str, **headers: str) -> httpx.Response:
    given = {"Content-Type": "application/json", "Idempotency-Key": KEY} | headers
    return await client.post("/v1/things", content=content, headers=issuer.headers(PERSON) | given)


def test_an_application_serves_the_very_routes_and_works_none_out_again(issuer: Issuer) -> None:
    """Included, all were analysed anew at the first request: that one took longer than a hundred others."""
    assert new_app("test", issuer.verifier(), [router]).routes == router.routes


def test_every_kind_of_refusal_has_a_status() -> None:
    assert set(STATUS) == set(Kind)


async def test_a_refusal_is_a_problem_with_code_rule_sentences_and_way_out(client: httpx.AsyncClient) -> None:
    body = _problem(await client.get("/v1/fault/refusal"))
    assert (body["status"], body["code"], body["rule"]) == (409, "changed_meanwhile", "P2")
    assert body["title"].endswith("。")
    assert body["way_out"].endswith("。")
    assert body["detail_en"].endswith(".")


async def test_a_form_tells_all_its_faults_at_once(client: httpx.AsyncClient) -> None:
    body = _problem(await client.get("/v1/fault/form"))
    assert (body["code"], body["title"]) == ("form_faulty", "填写的内容有2处需要修改。")
    assert [(e["code"], e["field"]) for e in body["errors"]] == [("changed_meanwhile", "a"), ("changed_meanwhile", "b")]


@pytest.mark.rule("P13")
async def test_a_fault_of_the_program_shows_nothing_of_itself(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/fault/program")
    assert (_problem(answer)["code"], answer.status_code) == ("failed", 500)
    assert not {"张三", "110101", "ValueError", "Traceback"} & set(answer.text.split())
    assert "张三" not in answer.text


async def test_a_bare_answer_of_an_error_gets_the_one_form(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/fault/bare")
    assert _problem(answer)["code"] == "failed"
    assert "secret" not in answer.text


async def test_a_process_that_is_not_ready_says_of_which_loop_in_its_own_form(issuer: Issuer) -> None:
    """Replaced by a problem it would name no loop, and whoever waits for the service would find nothing to wait for."""

    class Waiting:
        name, role = "things.waiting", Role.WORKER

        async def run(self) -> None: ...

        def health(self) -> Health:
            return Health(ready=False, detail="lag 7")

    app = new_app("things", issuer.verifier(), [router])
    add_health_routes(Service("things", app, settings=None, loops=[Waiting()]), Role.ALL)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["loops"] == {"things.waiting": {"ready": False, "detail": "lag 7"}}


async def test_a_silent_store_is_busy_for_readers_and_uncertain_for_writers(client: httpx.AsyncClient) -> None:
    read, written = await client.get("/v1/fault/store"), await client.post("/v1/fault/store")
    assert (read.status_code, _problem(read)["code"], read.headers["retry-after"]) == (503, "system_busy", "2")
    assert (written.status_code, _problem(written)["code"]) == (503, "outcome_unknown")
    assert "secret" not in read.text + written.text


@pytest.mark.parametrize(("method", "path", "status", "code"), [
    ("GET", "/v1/none", 404, "nothing_here"), ("GET", "/", 404, "nothing_here"), ("GET", "/docs", 404, "nothing_here"),
    ("GET", "/openapi.json", 404, "nothing_here"), ("GET", "/v1/me/", 404, "nothing_here"),
    ("DELETE", "/v1/open", 405, "method_not_offered"), ("TRACE", "/v1/open", 405, "method_not_offered"),
])  # fmt: skip
async def test_what_is_not_offered_is_a_problem_too(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, _problem(answer)["code"]) == (status, code)


DEEP = b'{"name": "abc", "anything": ' + b"[" * 17 + b"]" * 17 + b"}"


@pytest.mark.rule("P13")
@pytest.mark.parametrize(
    "content",
    [b"{", b"", b"[" * 100_000, b"nul", b'{"name": NaN}', b'{"name": "abc", "anything": 1e999}', b'{"name": "\xff\xfe"}',
     b'{"name": "ab\\u0000c"}', b'{"name": "abc", "a\\u0000": 1}', b'{"name": "ab\x00c"}', b'{"name": "\\ud800abc"}', DEEP,
     b'{"name": "abc"} {}', b"\xef\xbb\xbf{}"],
)  # fmt: skip
async def test_a_body_that_is_no_strict_json_is_refused(
    client: httpx.AsyncClient, issuer: Issuer, content: bytes
) -> None:
    body = _problem(await _post(client, issuer, content))
    assert (body["status"], body["code"]) in (
        (400, "malformed_request"),
        (413, "body_too_large"),
        (400, "invalid_field"),
    )


async def test_an_escaped_backslash_is_no_nul(client: httpx.AsyncClient, issuer: Issuer) -> None:
    answer = await _post(client, issuer, json.dumps({"name": "\\u0000"}))
    assert answer.json()["name"] == "\\u0000"


@pytest.mark.rule("P13")
async def test_a_body_above_the_limit_is_refused_whatever_its_header_says(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    async def dribble() -> Any:
        for _ in range(200):
            yield b" " * 1_024

    headers = issuer.headers(PERSON, key=KEY) | {"Content-Type": "application/json"}
    for content in (b" " * 65_537, dribble()):
        answer = await client.post("/v1/things", content=content, headers=headers)
        assert (_problem(answer)["code"], answer.status_code) == ("body_too_large", 413)
        assert _problem(answer)["title"] == "提交的内容超过64 KiB的大小限制。"


@pytest.mark.rule("P13")
@pytest.mark.parametrize(("allowed", "limit"), [(64 * 1024, "64 KiB"), (5 * 1024 * 1024 + 64 * 1024, "5 MiB")])
def test_what_is_too_large_is_told_the_limit_of_its_route(allowed: int, limit: str) -> None:
    route = APIRoute("/", lambda: None, max_body_size=allowed)
    refusal = refusal_of_status(413, {"route": route})
    assert (limit in refusal.sentence(), limit in refusal.sentence("en")) == (True, True)


async def test_a_route_for_files_takes_more_and_not_without_end(client: httpx.AsyncClient, issuer: Issuer) -> None:
    headers = issuer.headers(PERSON, key=KEY)
    for size, status in ((150_000, 200), (200_001, 413)):
        answer = await client.post(
            "/v1/files", data={"note": "n"}, files={"file": ("a.xlsx", b"x" * size)}, headers=headers
        )
        assert answer.status_code == status, answer.text
    assert _problem(answer)["code"] == "body_too_large"


async def test_a_form_with_a_nul_is_refused(client: httpx.AsyncClient, issuer: Issuer) -> None:
    headers = issuer.headers(PERSON, key=KEY)
    answer = await client.post("/v1/files", data={"note": "a\x00b"}, files={"file": ("a", b"x")}, headers=headers)
    assert _problem(answer)["code"] == "malformed_request"


@pytest.mark.rule("P13")
@pytest.mark.parametrize(
    "path",
    ["/v1/guarded/a%00b", "/v1/list?cursor=a%00", "/v1/list?cursor=" + "a" * 9_000, "/v1/guarded/" + "a" * 9_000],
)
async def test_an_address_with_a_nul_or_without_end_is_refused(
    client: httpx.AsyncClient, issuer: Issuer, path: str
) -> None:
    answer = await client.get(path, headers=issuer.headers(PERSON))
    assert _problem(answer)["code"] == "malformed_request"


@pytest.mark.parametrize(("body", "field", "sentence"), [
    ({}, "name", "该项必填。"), ({"name": "a"}, "name", "至少2个字符。"), ({"name": "a" * 11}, "name", "最多10个字符。"),
    ({"name": 7}, "name", "应填写文字。"), ({"name": "abc", "colour": "blue"}, "colour", "不在可选范围内。"),
    ({"name": "abc", "count": 10}, "count", "不能大于9。"), ({"name": "abc", "count": "x"}, "count", "应填写整数。"),
    ({"name": "abc", "tags": ["a", 1]}, "tags.1", "应填写文字。"), ({"name": "abc", "admin": True}, "admin", "不接受这一项。"),
    ([], "body", "填写的内容不正确。"),
])  # fmt: skip
async def test_a_field_that_does_not_fit_is_named_in_the_words_of_the_screen(
    client: httpx.AsyncClient, issuer: Issuer, body: Any, field: str, sentence: str
) -> None:
    found = _problem(await _post(client, issuer, json.dumps(body)))
    assert (found["status"], found["code"], found["field"], found["title"]) == (400, "invalid_field", field, sentence)


async def test_a_fault_never_repeats_what_was_typed(client: httpx.AsyncClient, issuer: Issuer) -> None:
    answer = await _post(client, issuer, json.dumps({"name": "张" * 11, "count": "13812345678", "秘密": 1}))
    body = _problem(answer)
    assert {e["field"] for e in body["errors"]} == {"name", "count", "秘密"}
    assert "张张" not in answer.text
    assert "13812345678" not in answer.text


async def test_answers_may_not_be_kept_sniffed_or_framed(client: httpx.AsyncClient) -> None:
    for path in ("/v1/open", "/v1/fault/program", "/v1/none"):
        headers = (await client.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_a_correlation_is_taken_over_if_it_is_harmless_and_made_otherwise(client: httpx.AsyncClient) -> None:
    kept = await client.get("/v1/open", headers={"X-Correlation-Id": "abc-1.2"})
    assert kept.headers["x-correlation-id"] == "abc-1.2"
    for wrong in ("a b", "x" * 65, "<script>", ""):
        made = await client.get("/v1/open", headers={"X-Correlation-Id": wrong})
        assert len(made.headers["x-correlation-id"]) == 36


@pytest.mark.rule("P12")
def test_a_route_that_does_not_say_who_may_cannot_be_made() -> None:
    silent = Router()

    async def handler() -> None: ...

    with pytest.raises(RouteWithoutAccess, match="handler"):
        silent.get("/silent")(handler)
    with pytest.raises(RouteWithoutAccess):
        silent.get("/reasonless")(access(Access.PUBLIC, "")(handler))


@pytest.mark.rule("P12")
def test_the_check_of_a_service_finds_routes_added_past_the_router(issuer: Issuer) -> None:
    public = frozenset({"GET /v1/open", "GET /v1/fault/{kind}", "POST /v1/fault/store"})
    app = new_app("test", issuer.verifier(), [router])
    assert_all_routes_declare_access(app, public)
    with pytest.raises(AssertionError, match="GET /v1/open"):
        assert_all_routes_declare_access(app)
    with pytest.raises(AssertionError, match="GET /gone"):
        assert_all_routes_declare_access(app, public | {"GET /gone"})

    async def handler() -> None: ...

    app.add_api_route("/past", handler)
    with pytest.raises(AssertionError, match="GET /past"):
        assert_all_routes_declare_access(app, public)
    plain = FastAPI()
    with pytest.raises(AssertionError, match="openapi"):
        assert_all_routes_declare_access(plain)


def test_the_description_of_the_api_says_who_may(issuer: Issuer) -> None:
    paths = new_app("test", issuer.verifier(), [router]).openapi()["paths"]
    assert paths["/v1/guarded/{thing}"]["get"]["x-access"] == "read"
    assert paths["/v1/guarded/{thing}"]["get"]["x-access-about"] == "the thing"


def test_a_field_that_must_hold_something_is_called_required_when_it_is_empty() -> None:
    assert sentence_of("string_too_short", {"min_length": 1}) == ("该项必填", "This is required")
    assert sentence_of("string_too_short", {"min_length": 2})[0] == "至少2个字符"
