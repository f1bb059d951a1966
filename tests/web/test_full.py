"""OPS-08: where a service or the console itself is full, the page says so and what was typed is sent again by one click."""

import asyncio
from html.parser import HTMLParser

import httpx
import pytest

from services.web.app import create_app
from services.web.settings import WebSettings
from shared.http.admission import Admission
from shared.http.problem import body_of
from shared.http.refusals import SystemFull
from tests.web.conftest import ORIGIN, Browser
from tests.web.county import BRANCH, COUNTY, SECRETARY
from tests.web.stage import Stage

FULL = body_of(SystemFull(ahead=212, seconds=7))
SENTENCE = "前面还有212个请求在排队，本次没有执行。请在7秒后再试，已填写的内容会保留。"


class Again(HTMLParser):
    """The hidden fields of the form that sends everything once more, and where to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.action = ""
        self.feed(page[page.index('class="empty"') :])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form" and not self.action:
            self.action = found.get("action") or ""
        if tag == "input" and found.get("type") == "hidden":
            self.fields[found.get("name") or ""] = found.get("value") or ""


@pytest.mark.rule("OPS-08")
async def test_a_form_sent_to_a_full_service_keeps_what_was_typed_and_its_key(admin: Browser, stage: Stage) -> None:
    """A new key would let a command of unknown outcome act twice."""
    path = f"/organizations/{BRANCH}/members/new"
    await admin.get(path)
    stage.answers[f"POST /v1/organizations/{BRANCH}/members"] = (503, FULL)
    answer = await admin.post(path, {"_key": "form-key", "name": "华雨晴"})
    assert answer.status_code == 503
    for text in (SENTENCE, "OPS-08", "华雨晴", 'name="_key" value="form-key"'):
        assert text in answer.text


@pytest.mark.rule("OPS-08")
async def test_what_no_form_of_its_own_shows_is_sent_again_by_one_click_under_the_same_key(
    admin: Browser, stage: Stage
) -> None:
    await admin.get(f"/organizations/{COUNTY}/subordinates")
    stage.answers[f"POST /v1/organizations/{BRANCH}/move-up"] = (503, FULL)
    answer = await admin.post(f"/organizations/{BRANCH}/order", {"_key": "form-key", "way": "up"})
    assert answer.status_code == 503
    assert SENTENCE in answer.text
    again = Again(answer.text)
    assert again.action == f"/organizations/{BRANCH}/order"
    assert {name: again.fields[name] for name in ("way", "_key")} == {"way": "up", "_key": "form-key"}
    assert again.fields["_csrf"]
    stage.answers.clear()
    assert (await admin.post(again.action, again.fields)).status_code == 303
    keys = [r.headers["idempotency-key"] for r in stage.sent("POST", f"/v1/organizations/{BRANCH}/move-up")]
    assert keys == ["form-key", "form-key"]


@pytest.mark.rule("OPS-08")
async def test_a_form_is_kept_even_when_the_page_around_it_cannot_be_asked_for(admin: Browser, stage: Stage) -> None:
    path = f"/organizations/{COUNTY}/subordinates/new"
    await admin.get(path)
    stage.silent.add("org")
    answer = await admin.post(path, {"_key": "form-key", "full_name": "共青团<b>遂昌县</b>委员会"})
    assert answer.status_code == 503
    again = Again(answer.text)
    assert (again.fields["full_name"], again.fields["_key"]) == ("共青团<b>遂昌县</b>委员会", "form-key")


@pytest.mark.rule("OPS-08")
async def test_the_page_of_a_fault_shows_the_number_under_which_everything_is_logged(
    admin: Browser, stage: Stage
) -> None:
    stage.silent.add("org")
    answer = await admin.get(f"/organizations/{COUNTY}")
    asked = stage.seen[-1].headers["x-correlation-id"]
    assert (answer.status_code, f"编号 {asked}" in answer.text) == (503, True)


@pytest.mark.rule("OPS-08")
async def test_a_full_service_is_a_gap_on_a_page_that_has_other_parts(admin: Browser, stage: Stage) -> None:
    stage.answers[f"GET /v1/people/{SECRETARY}/history"] = (503, FULL)
    answer = await admin.get(f"/people/{SECRETARY}")
    assert answer.status_code == 200
    assert SENTENCE in answer.text


def _full(app: object) -> None:
    """Takes all the places of the console's own queue, as a flood would."""
    layer = app.middleware_stack  # type: ignore[attr-defined]
    while not isinstance(layer, Admission):
        layer = getattr(layer, "app", None) or layer._app
    layer._working, layer._waiting_most = layer._most, 0


@pytest.mark.rule("OPS-08")
@pytest.mark.parametrize(("language", "words"), [("", "再次提交"), ("en", "Submit again")])
async def test_the_console_itself_when_full_gives_the_form_back_at_once(
    stage: Stage, language: str, words: str
) -> None:
    app = create_app(WebSettings(environment="test", port_base=18000), stage.transport())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=ORIGIN, headers={"Origin": ORIGIN}
    ) as browser:
        if language:
            browser.cookies.set("__Host-tuan_language", language)
        await browser.get("/sign-in")
        _full(app)
        seen = len(stage.seen)
        page = await browser.get("/home")
        assert (page.status_code, 'href="/home"' in page.text) == (503, True)
        form = {"_key": "form-key", "full_name": "共青团遂昌县<b>委员会", "_csrf": "x"}
        answer = await browser.post(f"/organizations/{COUNTY}/subordinates/new", data=form)
        assert answer.status_code == 503
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        again = Again(answer.text)
        assert (again.fields["full_name"], again.fields["_key"]) == (form["full_name"], "form-key")
        assert words in answer.text
        assert "system_full" in answer.text
        secret = await browser.post("/sign-in", data={"number": "1", "password": "p-geheim"})
        assert "p-geheim" not in secret.text
        upload = await browser.post("/x", files={"file": ("a.xlsx", b"content")})
        assert (upload.status_code, "<form" in upload.text[upload.text.index('class="empty"') :]) == (503, False)
        assert (await browser.get("/static/none.css")).status_code == 404
        assert len(stage.seen) == seen
        await asyncio.sleep(0)
