"""The whole way: command, commit, relay, Kafka, read models and rights, as the process runs it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.org.app import Parts, compose, seed
from services.org.domain.establishing import RootExists
from services.org.settings import OrgSettings
from services.org.use_cases.seeding import ROOT
from services.relay.relay import Relay
from shared.authority.authority import Authority
from shared.contracts.member import CadreAppointed
from shared.eventstore.driver import Driver
from shared.http.paging import CURSOR_KEY
from shared.kernel.clock import SystemClock
from shared.kernel.envelope import Actor, Request
from shared.privacy.secrets import KEY_ENCRYPTION_KEY, LOOKUP_KEY, create_secret
from shared.runtime.service import running
from shared.runtime.settings import Environment
from shared.testing.feed import Feed
from shared.testing.tokens import Issuer
from tests.org.conftest import OPERATOR, person


@pytest.fixture
def settings(servers: Any, namespace: str, tmp_path: Path) -> OrgSettings:
    for name in (CURSOR_KEY, LOOKUP_KEY, KEY_ENCRYPTION_KEY):
        create_secret(tmp_path, name)
    return OrgSettings(
        environment=Environment.TEST,
        mongo_url=servers.mongo_url,
        kafka=servers.kafka,
        namespace=namespace,
        secrets_dir=tmp_path,
        partitions=2,
    )


@contextlib.asynccontextmanager
async def started(settings: OrgSettings) -> AsyncIterator[tuple[httpx.AsyncClient, Issuer, Parts]]:
    """Org and the relay, in this process."""
    clock = SystemClock()
    driver, relays = Driver(settings.mongo_url), Driver(settings.mongo_url)
    parts, issuer = Parts(settings, driver, clock), Issuer(clock)
    service = compose(settings, parts, Authority.of(driver, "org", settings, clock), issuer.verifier())
    relay = asyncio.create_task(Relay(relays, settings, ("org",), clock).run())
    try:
        async with (
            running(service),
            httpx.AsyncClient(transport=httpx.ASGITransport(app=service.app), base_url="http://org") as client,
        ):
            yield client, issuer, parts
    finally:
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)
        await driver.close()
        await relays.close()


STARTED_SECONDS_MAX = 90.0  # a new relay reads its way through all that other tests have written to the server


async def until(condition: Any, seconds: float = 20.0) -> float:
    """Waits for it and answers how long that took."""
    began = time.monotonic()
    while not await condition():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        await asyncio.sleep(0.05)
    return time.monotonic() - began


@pytest.mark.rule("P6", "ADM-05")
async def test_a_revoked_admin_is_out_within_five_seconds(settings: OrgSettings) -> None:
    tree = await seed(settings)
    city, admin, other = tree.bodies["团北京市委"], person(1), person(2)
    async with started(settings) as (client, issuer, parts):
        feed = Feed(parts.driver, parts.store, [parts.cadres])
        for who in (admin, other):
            await feed.hear(CadreAppointed(person=who, organization=city, position="书记"), stream=who)

        async def send(method: str, path: str, by: str, key: str, body: Any = None) -> httpx.Response:
            return await client.request(method, path, json=body, headers=issuer.headers(by, key=key))

        async def appointed() -> bool:
            answer = await send("POST", f"/v1/organizations/{city}/admins", OPERATOR, "appoint-1", {"person": admin})
            return answer.status_code == 201

        await until(appointed, STARTED_SECONDS_MAX)
        body = {
            "superior": city,
            "category": "committee",
            "full_name": "共青团北京市育才中学委员会",
            "short_name": "育才团委",
        }

        async def established() -> bool:
            return (await send("POST", "/v1/organizations", admin, "establish-1", body)).status_code == 201

        await until(established)
        token = (await send("POST", "/v1/organizations", admin, "establish-1", body)).json()
        after = {"X-Read-After": f"{token['stream']}:{token['version']}"}
        shown = await client.get(f"/v1/organizations/{token['stream']}", headers=issuer.headers(OPERATOR) | after)
        assert (shown.json()["fresh"], shown.json()["superior"]) == (True, city)

        revoked = await send("DELETE", f"/v1/organizations/{city}/admins/{admin}", OPERATOR, "revoke-01")
        assert revoked.status_code == 200

        async def out() -> bool:
            changed = {"full_name": "共青团北京市委员会", "short_name": "团北京市委", "region": "110000", "edition": 1}
            path = f"/v1/organizations/{city}/information"
            return (await send("PUT", path, admin, f"change-{time.monotonic_ns()}", changed)).status_code == 403

        assert await until(out) < 5.0


@pytest.mark.rule("ORG-01", "ORG-03")
async def test_seeding_makes_the_tree_of_the_day_and_a_repeat_finds_it(settings: OrgSettings) -> None:
    first = await seed(settings, ["330000"])
    again = await seed(settings, ["330000"])
    assert first == again
    assert (len(first.bodies), len(first.divisions)) == (37, 31 + 101)
    driver = Driver(settings.mongo_url)
    try:
        parts = Parts(settings, driver, SystemClock())
        feed = Feed(driver, parts.store, [parts.organizations])
        await feed.catch_up()
        county = await parts.organizations.get(first.divisions["331123"])
        assert county is not None
        assert county["full_name"] == "共青团浙江省丽水市遂昌县委员会"
        assert county["ancestors"] == [first.root, first.bodies["团浙江省委"], first.divisions["331100"]]
        assert (county["order"], county["missing"]) == (4, ["phone", "email"])
        request = Request(Actor("service:other"), "another-root", "h")
        with pytest.raises(RootExists):
            await parts.commands(None).establish_root(request, ROOT)  # type: ignore[arg-type]
    finally:
        await driver.close()
