"""identity: every route x role x relation, beside the oracle (X10); people out of reach and absent alike (X14)."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import count
from statistics import median
from typing import Any

import pytest
from fastapi import FastAPI

from services.identity.use_cases.ports import Session
from shared.authority.projection import AuthorityGrants, AuthorityScopes
from shared.contracts.identity import APPLYING
from shared.contracts.member import PersonReleased
from shared.http.tokens import Principal, issue
from tests.identity.conftest import PASSWORD, Identity, Person
from tests.matrix import OPERATOR, Asker, Matrix, Role, Row, Rule, askers, facts, organization, person
from tests.parked_rows import parked_rows

_NUMBER = count(1)
SOMEONE = Person(person("someone below"), "110101200103070018", "欧阳不露", "13900990099")
NOBODY = person("who is not there")
RELEASED = PersonReleased(person=SOMEONE.id, number_hash="0")
OTHER = "session-of-somebody-else"


class OwnTokens:
    """Headers as everywhere, with tokens that identity's own key signed, of a session for each principal."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def headers(self, principal: str, *, organization: str | None = None, key: str | None = None) -> dict[str, str]:
        who = Principal(principal, f"session-of-{principal}", central=principal == OPERATOR)
        token = issue(self._identity.parts.keys._signing, who, self._identity.clock.now())
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or ""}
        return headers | ({"X-Acting-Organization": organization} if organization else {})


async def signed_in(identity: Identity, principal: str, hashed: str, session: str = "") -> None:
    """A credential and a living session, as a sign-in leaves them."""
    parts, now = identity.parts, identity.clock.now()
    row = {"_id": principal, "version": 1, "hash": hashed}
    await parts.credentials._rows.replace_one({"_id": principal}, row, upsert=True)
    id_ = session or f"session-of-{principal}"
    await parts.sessions._rows.delete_many({"id": id_})
    begun = Session(id_, principal, 1, now, now, now + timedelta(hours=12), "本机", "Firefox")
    await parts.sessions.begin(begun, f"secret-{next(_NUMBER)}")


@pytest.fixture
async def told(identity: Identity) -> Identity:
    """Identity has heard of everybody of the matrix, and of SOMEONE with an account not activated."""
    copies = (AuthorityScopes(identity.database), AuthorityGrants(identity.database))
    for stream, event in facts():
        fact = identity.fact(event, stream)
        for projection in (identity.parts.standings, identity.parts.organizations, *copies):
            if event.topic in projection.topics:
                await identity.apply(projection, fact)
    await identity.enter(SOMEONE, branch=organization("below"))
    return identity


def asks(path: str, **more: Callable[[], Any]) -> Callable[[], Mapping[str, Any]]:
    return lambda: {"url": f"/v1/{path}"} | {name: made() for name, made in more.items()}


def rows_of(identity: Identity, hashed: str) -> list[Row]:
    async def signed_in_again(asker: Asker | None) -> None:
        if asker:
            await signed_in(identity, asker.id, hashed)

    def password() -> Mapping[str, str]:
        return {"old_password": PASSWORD, "new_password": f"copper lantern willow {next(_NUMBER)}"}

    def secrets() -> Mapping[str, str]:
        return {"number": "1", "captcha_id": "c", "captcha": "c"}

    answered = {"captcha_id": "c", "captcha": "c"}
    own: dict[str, Any] = {"rule": Rule.SELF, "ready": signed_in_again}
    codes, account = "POST /v1/people/{person}/activation-codes", "GET /v1/people/{person}/account"
    activation = {"initial_password": "12345678", "code": "AAAAAAAA", "new_password": PASSWORD}
    registration = {"registration_code": "A" * 12, "name": "x", "mobile": "1", "new_password": PASSWORD}
    found = [
        Row("GET /v1/jwks", Rule.PUBLIC, asks("jwks")),
        Row("GET /v1/captchas", Rule.PUBLIC, asks("captchas")),
        Row("POST /v1/passes", Rule.PUBLIC, asks("passes", json=lambda: {"purpose": APPLYING, **answered})),
        Row("POST /v1/sign-ins", Rule.PUBLIC, asks("sign-ins", json=lambda: secrets() | {"password": PASSWORD})),
        Row("POST /v1/activations", Rule.PUBLIC, asks("activations", json=lambda: secrets() | activation)),
        Row(
            "POST /v1/admin-registrations",
            Rule.PUBLIC,
            asks("admin-registrations", json=lambda: secrets() | registration),
        ),
        Row("GET /v1/admin-registrations/{ticket}", Rule.PUBLIC, asks(f"admin-registrations/{'0' * 64}")),
        Row("POST /v1/sessions/token", Rule.PUBLIC, asks("sessions/token", json=lambda: {"session": "invented"})),
        Row("GET /v1/me", ask=asks("me"), **own),
        Row("GET /v1/sessions", ask=asks("sessions"), **own),
        Row("GET /v1/sign-in-log", ask=asks("sign-in-log"), **own),
        Row("DELETE /v1/sessions", ask=asks("sessions"), **own),
        Row("DELETE /v1/sessions/current", ask=asks("sessions/current"), **own),
        Row("DELETE /v1/sessions/{session}", ask=asks(f"sessions/{OTHER}"), **own),
        Row("POST /v1/passwords", ask=asks("passwords", json=password), **own),
    ]
    found += parked_rows(identity.parts.parking, RELEASED)
    for who, target in ((SOMEONE.id, "below"), (NOBODY, "nowhere"), ("$ne", "nowhere")):
        issuing = asks(f"people/{who}/activation-codes")
        found += [
            Row(codes, Rule.WRITE, issuing, target=target, ready=signed_in_again),
            Row(account, Rule.READ, asks(f"people/{who}/account"), target=target),
        ]
    return found


def app_of(identity: Identity) -> FastAPI:
    app: FastAPI = identity.http._transport.app
    return app


@pytest.mark.rule("X10", "P12", "ADM-08", "IDN-04", "IDN-08")
async def test_every_route_answers_everybody_as_the_rules_say(told: Identity) -> None:
    hashed = await told.parts.hasher.hash(PASSWORD)
    for asker in askers():
        if asker.role is not Role.NOBODY:
            await signed_in(told, asker.id, hashed)
    await signed_in(told, SOMEONE.id, hashed, OTHER)

    async def commits() -> int:
        return int(await told.parts.store.commits.count_documents({}))

    secrets = (SOMEONE.name, SOMEONE.number, SOMEONE.mobile)
    matrix = Matrix(app_of(told), OwnTokens(told), commits, secrets, rows_of(told, hashed))
    matrix.assert_complete()
    await matrix.check()
    assert await told.parts.sessions.by_id(OTHER), "somebody else's session was ended"
    assert matrix.asked > 500


@pytest.mark.rule("X14", "X18")
async def test_the_account_of_somebody_out_of_reach_takes_as_long_as_that_of_nobody(told: Identity) -> None:
    """Where somebody belongs takes look-ups that nobody has: unpaced, the time would tell."""
    cases = app_of(told).state.cases
    app_of(told).state.cases = replace(cases, settings=cases.settings.model_copy(update={"refusal_seconds": 0.05}))
    headers = OwnTokens(told).headers(person(f"{Role.ADMIN} of other"))
    seconds: dict[str, list[float]] = {SOMEONE.id: [], NOBODY: []}

    async def alternating(*people: str) -> None:
        for _ in range(25):
            for who in people:
                started = time.perf_counter()
                assert (await told.http.get(f"/v1/people/{who}/account", headers=headers)).status_code == 403
                seconds[who].append(time.perf_counter() - started)

    await asyncio.gather(*(alternating(*order) for order in ((SOMEONE.id, NOBODY), (NOBODY, SOMEONE.id)) * 4))
    there, absent = median(seconds[SOMEONE.id]), median(seconds[NOBODY])
    assert len(seconds[NOBODY]) == 200
    assert abs(there - absent) < 0.25 * min(there, absent), (there, absent)
