"""Somebody who registers by a code, as the tests type it, and what org and member say of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import httpx

from services.identity.domain.registration import registration_of
from shared.contracts import org
from shared.contracts.base import Contract
from shared.kernel.envelope import Recorded
from tests.identity.conftest import PASSWORD, Identity, Person, uid

CODE = "ABCDEFGH2345"
_KEYS = count(1)


@dataclass
class Form:
    """What is typed; `key` stays for a repeat."""

    number: str = "11010119900307803X"
    code: str = CODE
    password: str = PASSWORD
    name: str = "欧阳测试"
    mobile: str = "13900001111"
    address: str = "203.0.113.9"
    key: str = field(default_factory=lambda: f"registration-key-{next(_KEYS)}")

    async def send(self, identity: Identity, **more: Any) -> httpx.Response:
        body = {
            "registration_code": self.code,
            "name": self.name,
            "number": self.number,
            "mobile": self.mobile,
            "new_password": self.password,
            **await identity.captcha(),
            **more,
        }
        headers = {"X-Client-Address": self.address, "Idempotency-Key": self.key}
        return await identity.http.post("/v1/admin-registrations", json=body, headers=headers)

    def other(self, **changes: str) -> "Form":
        """Another content under the same key."""
        return replace(self, **changes)

    @property
    def person(self) -> Person:
        return Person(uid("person", self.number), self.number, self.name, self.mobile)


@dataclass(frozen=True)
class Waiting:
    """A registration that identity took."""

    identity: Identity
    form: Form
    ticket: str

    @property
    def registration(self) -> str:
        return registration_of(self.ticket)

    async def outcome(self) -> dict[str, Any]:
        answer = await self.identity.http.get(f"/v1/admin-registrations/{self.ticket}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def said(self, event: Contract) -> list[Recorded]:
        return [self.identity.fact(event, "of-somebody")]

    def appointed(self) -> list[Recorded]:
        organization = uid("organization", "branch")
        person, registration = self.form.person.id, self.registration
        event = org.AdminAppointed(organization=organization, person=person, registration=registration)
        return self.said(event)

    async def kept(self) -> tuple[int, int]:
        """How many hashes and living keys of it there are."""
        key = {"_id": self.registration, "wrapped": {"$exists": True}}
        database = self.identity.driver.database(self.identity.parts.settings.database("intake"))
        hashes = await self.identity.database["kept_passwords"].count_documents({"_id": self.registration})
        return hashes, await database["keys"].count_documents(key)


async def taken(identity: Identity, form: Form | None = None) -> Waiting:
    form = form or Form()
    answer = await form.send(identity)
    assert answer.status_code == 202, answer.text
    return Waiting(identity, form, answer.json()["ticket"])


async def hear(identity: Identity, what: str, facts: Sequence[Recorded]) -> None:
    """Each fact alone, then all again: what is delivered twice changes nothing."""
    react = getattr(identity.parts.hears, what)
    for fact in facts:
        await react([fact])
    await react(facts)
