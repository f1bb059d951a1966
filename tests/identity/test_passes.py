"""A pass for a captcha: for one purpose, half an hour, so many an hour to an address (X20)."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from services.identity.domain.sign_in import PASSES_MAX
from shared.contracts.identity import APPLYING
from shared.http.auth import TokenVerifier
from shared.http.passes import PassNeeded
from shared.http.refusals import Unauthenticated
from tests.identity.conftest import Identity

PURPOSE = {"purpose": APPLYING}


async def ask(identity: Identity, address: str = "203.0.113.7", **more: str) -> httpx.Response:
    body = PURPOSE | await identity.captcha() | more
    return await identity.http.post("/v1/passes", json=body, headers={"X-Client-Address": address})


@pytest.mark.rule("X20")
async def test_a_captcha_gives_a_pass_that_others_believe_for_half_an_hour(identity: Identity) -> None:
    answer = await ask(identity)
    assert answer.status_code == 201, answer.text
    text = answer.json()["pass"]
    verifier = TokenVerifier(identity.parts.published_keys, identity.clock)
    assert await verifier.pass_of(text, APPLYING) != await verifier.pass_of(
        (await ask(identity)).json()["pass"], APPLYING
    )
    for wrong in (text[:-20] + text[-20:].swapcase(), "", "a.b.c"):
        with pytest.raises(PassNeeded):
            await verifier.pass_of(wrong, APPLYING)
    with pytest.raises(PassNeeded):
        await verifier.pass_of(text, "another purpose")
    with pytest.raises(Unauthenticated):
        await verifier.verify(text)
    identity.clock.move(timedelta(minutes=30))
    with pytest.raises(PassNeeded):
        await verifier.pass_of(text, APPLYING)


@pytest.mark.rule("X20", "IDN-01")
async def test_a_wrong_or_used_captcha_gives_none(identity: Identity) -> None:
    wrong = await ask(identity, captcha="WRONG")
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["field"]) == (400, "captcha_wrong", "captcha")
    captcha = await identity.captcha()
    assert (await ask(identity, **captcha)).status_code == 201
    assert (await ask(identity, **captcha)).json()["code"] == "captcha_wrong"
    other = await identity.http.post("/v1/passes", json={"purpose": "everything"} | await identity.captcha())
    assert other.status_code == 400


@pytest.mark.rule("X20")
async def test_an_address_gets_sixty_an_hour_also_when_it_asks_at_once(identity: Identity) -> None:
    answers = await asyncio.gather(*(ask(identity) for _ in range(PASSES_MAX + 5)))
    assert sorted(a.status_code for a in answers) == [201] * PASSES_MAX + [429] * 5
    assert (await ask(identity, "203.0.113.8")).status_code == 201
    identity.clock.move(timedelta(hours=1))
    assert (await ask(identity)).status_code == 201
