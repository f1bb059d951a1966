"""IDN-01: captchas, seen and heard, on the real MongoDB."""

import asyncio
import wave
from base64 import b64decode
from datetime import timedelta
from io import BytesIO

import pytest

from services.identity.adapters.pictures import CaptchaPictures
from services.identity.use_cases.captchas import MakeCaptcha
from services.identity.use_cases.ports import Origin
from tests.identity.conftest import CAPTCHA, PASSWORD, Identity, Person

WRONG = "violet harbour kettle wrong"


@pytest.mark.rule("IDN-01", "IDN-09")
async def test_a_captcha_is_good_for_one_answer_within_two_minutes(identity: Identity, admin: Person) -> None:
    body = {"number": admin.number, "password": PASSWORD}
    used = await identity.captcha()
    assert (await identity.http.post("/v1/sign-ins", json={**body, **used})).status_code == 201
    again = await identity.http.post("/v1/sign-ins", json={**body, **used})
    old = await identity.captcha()
    identity.clock.move(timedelta(minutes=2))
    late = await identity.http.post("/v1/sign-ins", json={**body, **old})
    wrong = await identity.http.post("/v1/sign-ins", json={**body, **await identity.captcha(), "captcha": "ABCDE"})
    invented = await identity.http.post("/v1/sign-ins", json={**body, "captcha_id": "x", "captcha": "TUAN5"})
    for answer in (again, late, wrong, invented):
        assert (answer.status_code, answer.json()["code"]) == (400, "captcha_wrong")


@pytest.mark.rule("IDN-01")
async def test_of_fifty_answers_to_one_captcha_at_once_one_counts(identity: Identity) -> None:
    captcha = await identity.captcha()
    body = {"number": "110101199003070138", "password": WRONG, **captcha}
    answers = await asyncio.gather(*(identity.http.post("/v1/sign-ins", json=body) for _ in range(50)))
    assert [a.json()["code"] for a in answers].count("sign_in_refused") == 1


@pytest.mark.rule("IDN-01")
async def test_captchas_are_bounded_by_address_before_they_are_drawn(identity: Identity) -> None:
    headers = {"X-Client-Address": "198.51.100.9"}
    bucket = "captcha:" + identity.parts.lookup.hash("address", "198.51.100.9")
    for _ in range(600):
        await identity.parts.tries.take(bucket, 1_000, timedelta(minutes=1), identity.clock.now())
    full = await identity.http.get("/v1/captchas", headers=headers)
    assert (full.status_code, full.json()["code"]) == (429, "too_many_tries_from_here")
    assert (await identity.http.get("/v1/captchas")).json()["image"].startswith("data:image/png;base64,iVBOR")


@pytest.mark.rule("IDN-01")
async def test_a_captcha_can_be_heard_and_is_bounded_and_used_up_like_a_picture(
    identity: Identity, admin: Person
) -> None:
    made = (await identity.http.get("/v1/captchas", params={"spoken": "true"})).json()
    assert "image" not in made
    sound = b64decode(made["sound"].removeprefix("data:audio/wav;base64,"))
    with wave.open(BytesIO(sound)) as heard:
        assert 3 < heard.getnframes() / heard.getframerate() < 15
    body = {"number": admin.number, "password": PASSWORD, "captcha_id": made["id"], "captcha": CAPTCHA}
    assert (await identity.http.post("/v1/sign-ins", json=body)).status_code == 201
    assert (await identity.http.post("/v1/sign-ins", json=body)).json()["code"] == "captcha_wrong"
    headers = {"X-Client-Address": "198.51.100.9"}
    bucket = "captcha:" + identity.parts.lookup.hash("address", "198.51.100.9")
    for _ in range(600):
        await identity.parts.tries.take(bucket, 1_000, timedelta(minutes=1), identity.clock.now())
    full = await identity.http.get("/v1/captchas", params={"spoken": "true"}, headers=headers)
    assert full.json()["code"] == "too_many_tries_from_here"


@pytest.mark.rule("IDN-01")
async def test_what_is_heard_is_of_digits_and_another_each_time(identity: Identity) -> None:
    class Listener:
        async def speak(self, text: str) -> bytes:
            return text.encode()

    parts = identity.parts
    make = MakeCaptcha(
        clock=parts.clock,
        captchas=parts.captchas,
        pictures=CaptchaPictures(),
        sounds=Listener(),
        tries=parts.tries,
        lookup=parts.lookup,
        fixed_answer="",
    )
    heard = {(await make.make(Origin("", ""), spoken=True)).shown for _ in range(20)}
    assert len(heard) > 15
    assert all(len(each) == 6 and each.isdigit() for each in heard)
