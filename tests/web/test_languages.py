"""The console in its second language: chosen by hand, kept in a cookie, and complete on every page."""

import re
from datetime import UTC, date, datetime

import pytest

from services.web import cookies
from services.web.formats import day, full_moment, moment
from services.web.texts import catalogue, speak
from tests.web.conftest import Browser
from tests.web.county import BRANCH, LAN
from tests.web.stage import Stage
from tests.web.test_pages import PAGES
from tests.web.test_texts import HAN

pytestmark = pytest.mark.rule("OPS-03")


async def in_english(browser: Browser, back: str = "/home") -> None:
    await browser.get(back)
    answer = await browser.post("/language", {"language": "en", "back": back})
    assert (answer.status_code, answer.headers["location"]) == (303, back)


async def test_chinese_comes_first_whatever_the_browser_prefers(stranger: Browser) -> None:
    page = await stranger.get("/sign-in", Accept_Language="en-GB,en;q=0.9")
    assert '<html lang="zh-CN">' in page.text
    assert "登录" in page.text


async def test_the_language_is_chosen_before_signing_in_and_stays(stranger: Browser) -> None:
    await in_english(stranger, "/sign-in")
    page = (await stranger.get("/sign-in")).text
    assert '<html lang="en">' in page
    assert "Every member" in page
    await stranger.sign_in()
    assert "Direct subordinates" in (await stranger.get("/home")).text
    await stranger.post("/language", {"language": "zh-CN", "back": "/home"})
    assert "直属下级" in (await stranger.get("/home")).text


async def test_no_other_language_and_no_other_place_is_taken(stranger: Browser) -> None:
    await stranger.get("/sign-in")
    answer = await stranger.post("/language", {"language": "xx", "back": "//elsewhere.example"})
    assert answer.headers["location"] == "/home"
    assert cookies.LANGUAGE not in stranger.http.cookies


async def test_a_refusal_is_said_in_english_and_the_audit_is_told_in_chinese(admin: Browser, stage: Stage) -> None:
    await in_english(admin)
    fault = {
        "title": "重复",
        "detail_en": "It is taken.",
        "way_out": "核对",
        "way_out_en": "Check it.",
        "field": "name",
    }
    path = f"/organizations/{BRANCH}/members"
    stage.answers[f"POST /v1{path}"] = (422, {"title": "有误", "status": 422, "code": "faults", "errors": [fault]})
    await admin.get(f"{path}/new")
    page = (await admin.post(f"{path}/new", {"name": "华雨晴"})).text
    for text in ("It is taken.", "Check it.", "Not saved"):
        assert text in page
    assert "重复" not in page
    await admin.post(f"/people/{LAN}/reveal", {"field": "number", "reason": "contact"})
    assert "联系本人".encode() in stage.sent("POST", f"/v1/people/{LAN}/reveal")[0].content


# The mark; words of records have their meaning beside them.
OF_RECORDS = {"团中央", "团"}
CHINESE = re.compile(
    "|".join(re.sub(r"\\{\w+\\}", ".+", re.escape(text)) for text in catalogue().values() if HAN.search(text))
)


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_in_english_says_a_chinese_text_of_the_catalogue(admin: Browser, path: str) -> None:
    """Names, positions and other words of records stay as they are written."""
    await in_english(admin)
    answer = await admin.get(path)
    assert answer.status_code == 200
    page = answer.text
    said = {part.strip() for found in re.findall(r">([^<>]+)<|(?<!value)=\"([^\"]+)\"", page) for part in found}
    assert {text for text in said if HAN.search(text) and CHINESE.fullmatch(text)} <= OF_RECORDS


def test_dates_are_written_as_english_writes_them() -> None:
    speak("en")
    at = datetime(2026, 11, 20, 1, 12, tzinfo=UTC)
    assert (day(date(2026, 11, 6)), day("2019-05"), day("2019-05-04")) == ("6 Nov 2026", "May 2019", "4 May 2019")
    assert (moment(at, date(2026, 12, 1)), moment(at, date(2027, 1, 1))) == ("20 Nov 09:12", "20 Nov 2026 09:12")
    assert (full_moment(at), day("不详")) == ("20 Nov 2026 09:12", "不详")
    speak(None)
