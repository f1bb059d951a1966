"""P11 of registrations by code: one that lapses, one that is refused and one that is entered, on the three services.

They run in this process over the real MongoDB and Kafka, so that the clock can be moved on to the deadline.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.servers import Addresses
from services.identity import app as identity
from services.identity.domain.registration import registration_of
from services.identity.settings import IdentitySettings
from services.member import app as member
from services.member.domain.registrant import REGISTRANT, Ended, registrant_of
from services.member.settings import MemberSettings
from services.org import app as org
from services.org.reference import reference_on
from services.org.settings import OrgSettings
from services.org.use_cases.seeding import seed_tree
from services.relay.relay import Relay
from shared.authority.authority import Authority
from shared.deadlines.rows import DEADLINES
from shared.eventstore.driver import Driver
from shared.http.paging import CURSOR_KEY
from shared.http.tokens import Principal
from shared.kernel.clock import SystemClock, local_date
from shared.kernel.envelope import Actor, Request
from shared.privacy.secrets import KEY_ENCRYPTION_KEY, LOOKUP_KEY, create_secret
from shared.runtime.service import Service, running
from shared.runtime.settings import Environment
from shared.testing.tokens import Issuer
from tests.faults.commands import Everybody
from tests.faults.system import until
from tests.faults.traces import Texts, in_databases, in_topics
from tests.member.people import card

CAPTCHA, PASSWORD = "abcd", "西湖边的第七只鸬鹚今天没有捉到鱼"
OPERATOR = "operator-00000000-0000-4000-8000-000000000001"
NO_CODE = "ABCDEFGH2345"
SERVICES = ("org", "member", "identity")


@dataclass(frozen=True)
class Canary:
    """Somebody whose values are looked for afterwards."""

    who: str
    name: str
    number: str
    mobile: str

    @property
    def texts(self) -> dict[str, str]:
        return {f"{self.who}'s {what}": getattr(self, what) for what in ("name", "number", "mobile")}


LAPSES = Canary("who lapses", "钟离棠棣", card("19900101", "711"), "13900771101")
REFUSED = Canary("who is refused", "濮阳梧楸", card("19900101", "713"), "13900771303")
ENTERED = Canary("who is entered", "澹台枳椇", card("19900101", "715"), "13900771505")


class MovableClock(SystemClock):
    """The time as it goes on, from where a test has moved it to."""

    def move(self, step: timedelta) -> None:
        self._offset += step


class Three:
    """The services over one namespace; each runs while its `running` is open."""

    def __init__(self, servers: Addresses, namespace: str, secrets: Path) -> None:
        given: dict[str, Any] = {
            "environment": Environment.TEST,
            "mongo_url": servers.mongo_url,
            "kafka": servers.kafka,
            "namespace": namespace,
            "secrets_dir": secrets,
            "partitions": 2,
        }
        self.settings = OrgSettings(**given)
        self.clock = MovableClock()
        self.driver, self._relays = Driver(servers.mongo_url), Driver(servers.mongo_url)
        verifier = Issuer(self.clock).verifier()
        self.org = org.Parts(self.settings, self.driver, self.clock)
        self.member = member.Parts(MemberSettings(**given), self.driver, self.clock)
        self.identity = identity.Parts(IdentitySettings(**given, captcha_answer=CAPTCHA), self.driver, self.clock)
        self.services: dict[str, Service] = {
            "org": org.compose(self.settings, self.org, self._authority("org"), verifier),
            "member": member.compose(self.member, self._authority("member"), verifier),
            "identity": identity.compose(self.identity.settings, self.identity, self._authority("identity")),
        }
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.services["identity"].app), base_url="http://i"
        )

    def _authority(self, service: str) -> Authority:
        return Authority.of(self.driver, service, self.settings, self.clock)

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[None]:
        relay = asyncio.create_task(Relay(self._relays, self.settings, SERVICES, SystemClock()).run())
        try:
            yield
        finally:
            relay.cancel()
            await asyncio.gather(relay, return_exceptions=True)
            await self._http.aclose()
            await self.driver.close()
            await self._relays.close()

    async def codes(self, count: int) -> list[str]:
        """For so many provincial-level bodies, made by the operator for the root."""
        commands = self.org.commands(Everybody())  # type: ignore[arg-type]
        tree = await seed_tree(commands, reference_on(local_date(self.clock.now())).provincial_bodies[:count])
        made = self.org.codes(Everybody())  # type: ignore[arg-type]
        who = Principal(OPERATOR, "session", central=True)
        bodies = list(tree.bodies.values())
        asked = [Request(Actor(OPERATOR, central=True), f"code-{n:04d}", "") for n in range(count)]
        return [(await made.make(who, request, b)).code for request, b in zip(asked, bodies, strict=True)]

    async def register(self, who: Canary, code: str) -> str:
        """Answers the ticket."""
        captcha = (await self._http.get("/v1/captchas")).json()["id"]
        body = {
            "registration_code": code,
            "name": who.name,
            "number": who.number,
            "mobile": who.mobile,
            "new_password": PASSWORD,
            "captcha_id": captcha,
            "captcha": CAPTCHA,
        }
        headers = {"Idempotency-Key": f"register-{who.mobile}"}
        answer = await self._http.post("/v1/admin-registrations", json=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["ticket"])

    async def ends(self, ticket: str, state: str) -> None:
        async def ended() -> bool:
            answer = await self._http.get(f"/v1/admin-registrations/{ticket}")
            return bool(answer.json()["state"] == state)

        assert await until(ended), f"{registration_of(ticket)} is not {state}"

    async def place_kept(self, ticket: str) -> None:
        rows = self.org.database[DEADLINES]
        assert await until(lambda: rows.find_one({"_id": registration_of(ticket)}))

    async def closed(self, ticket: str) -> None:
        """member waits for it no longer."""

        async def over() -> bool:
            commits = await self.member.store.load(registrant_of(registration_of(ticket)))
            return REGISTRANT.fold(e for c in commits for e in c.events) == Ended()  # type: ignore[misc]

        assert await until(over)


@pytest.fixture
async def three(servers: Addresses, namespace: str, tmp_path: Path) -> AsyncIterator[Three]:
    for name in (CURSOR_KEY, LOOKUP_KEY, KEY_ENCRYPTION_KEY):
        create_secret(tmp_path, name)
    three = Three(servers, namespace, tmp_path)
    async with three.relaying():
        yield three


@pytest.mark.rule("P11", "P8", "ADM-03", "ADM-04", "IDN-02")
async def test_of_a_lapsed_and_of_a_refused_registration_nothing_lies_in_clear_anywhere(three: Three) -> None:
    """And of one that was entered only the name, in the lists that can be deleted."""
    async with AsyncExitStack() as runs:
        for name in ("org", "identity"):
            await runs.enter_async_context(running(three.services[name]))
        first, second = await three.codes(2)
        lapses, refused = await three.register(LAPSES, first), await three.register(REFUSED, NO_CODE)
        await three.ends(refused, "refused")
        await three.place_kept(lapses)
        three.clock.move(timedelta(days=1))
        await three.ends(lapses, "lapsed")
        await runs.enter_async_context(running(three.services["member"]))
        entered = await three.register(ENTERED, second)
        await three.ends(entered, "done")
        for ticket in (lapses, refused, entered):
            await three.closed(ticket)
        lists = {three.member.people_list.collection, three.identity.people.collection}

        async def listed() -> bool:
            return all([await each.find_one({"name": ENTERED.name}) for each in lists])

        assert await until(listed)
        texts = Texts(LAPSES.texts | REFUSED.texts | ENTERED.texts | {"password": PASSWORD, "code": first})
        found = await asyncio.to_thread(in_databases, three.settings.mongo_url, texts)
        places = {f"{each.database.name}.{each.name}" for each in lists}
        shown = {place: {"who is entered's name"} for place in places | {f"oplog of {place}" for place in places}}
        assert found == shown
        assert await in_topics(three.settings, texts) == {}
