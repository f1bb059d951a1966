"""A whole org service over a database of its own: real routes, real store; rights and tokens as tests give them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.org.app import Parts, compose
from services.org.reference import reference_on
from services.org.settings import OrgSettings
from services.org.use_cases.seeding import SeededTree, seed_tree
from shared.authority.projection import AuthorityGrants, AuthorityScopes
from shared.contracts.member import CadreAppointed, PostTaken
from shared.eventstore.driver import Driver
from shared.http.paging import CURSOR_KEY
from shared.kernel.clock import ManualClock, local_date
from shared.privacy.secrets import KEY_ENCRYPTION_KEY, LOOKUP_KEY, create_secret
from shared.runtime.service import Service
from shared.runtime.settings import Environment
from shared.testing.authority import Rights
from shared.testing.feed import Feed
from shared.testing.tokens import Issuer

OPERATOR = "operator-00000000-0000-4000-8000-000000000001"


def person(number: int) -> str:
    return f"person-00000000-0000-4000-8000-{number:012d}"


@dataclass
class World:
    """What a test of the service stands in. `tree` is seeded; `feed` brings the read models up to date."""

    parts: Parts
    clock: ManualClock
    rights: Rights
    feed: Feed
    service: Service
    client: httpx.AsyncClient
    issuer: Issuer
    tree: SeededTree
    keys: Any = field(default_factory=lambda: count(1))

    async def post(
        self, path: str, body: Any, by: str, *, acting: str | None = None, key: str | None = None
    ) -> httpx.Response:
        return await self._send("POST", path, body, by, acting, key)

    async def put(
        self, path: str, body: Any, by: str, *, acting: str | None = None, key: str | None = None
    ) -> httpx.Response:
        return await self._send("PUT", path, body, by, acting, key)

    async def delete(self, path: str, by: str, *, acting: str | None = None, key: str | None = None) -> httpx.Response:
        return await self._send("DELETE", path, None, by, acting, key)

    async def get(self, path: str, by: str, *, acting: str | None = None, after: str | None = None) -> httpx.Response:
        headers = self.issuer.headers(by, organization=acting) | ({"X-Read-After": after} if after else {})
        return await self.client.get(path, headers=headers)

    async def _send(
        self, method: str, path: str, body: Any, by: str, acting: str | None, key: str | None
    ) -> httpx.Response:
        headers = self.issuer.headers(by, organization=acting, key=key or f"key-{next(self.keys):08d}")
        answer = await self.client.request(method, path, json=body, headers=headers)
        await self.feed.catch_up()
        return answer

    async def cadre(self, who: str, organization: str, position: str = "书记", missing: tuple[str, ...] = ()) -> None:
        post = {"person": who, "organization": organization, "position": position}
        await self.feed.hear(CadreAppointed(**post, missing=missing), PostTaken(**post), stream=who)

    async def admin(self, who: str, organization: str, by: str = OPERATOR) -> None:
        """Makes an admin the way the rules have it: a position first, then the appointment."""
        await self.cadre(who, organization, "委员")
        answer = await self.post(f"/v1/organizations/{organization}/admins", {"person": who}, by)
        assert answer.status_code == 201, answer.text

    async def establish(self, superior: str, by: str, **fields: Any) -> str:
        body = {"superior": superior, "category": "committee"} | fields
        answer = await self.post("/v1/organizations", body, by)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["stream"])


@asynccontextmanager
async def unseeded(servers: Any, namespace: str, secrets: Path) -> AsyncIterator[World]:
    settings = OrgSettings(
        environment=Environment.TEST,
        mongo_url=servers.mongo_url,
        kafka=servers.kafka,
        namespace=namespace,
        secrets_dir=secrets,
    )
    for name in (CURSOR_KEY, LOOKUP_KEY, KEY_ENCRYPTION_KEY):
        create_secret(secrets, name)
    clock = ManualClock(datetime(2026, 11, 22, 4, 0, tzinfo=UTC))
    driver = Driver(settings.mongo_url)
    parts = Parts(settings, driver, clock)
    rights, issuer = Rights(parts.database, settings), Issuer(clock)
    copies = (AuthorityScopes(parts.database), AuthorityGrants(parts.database))
    await parts.prepare()
    for copy in copies:
        await copy.prepare()
    service = compose(settings, parts, rights.authority, issuer.verifier())
    feed = Feed(driver, parts.store, (*parts.projections, *copies))
    transport = httpx.ASGITransport(app=service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://org") as client:
        yield World(parts, clock, rights, feed, service, client, issuer, SeededTree(root=""))
    await driver.close()


@pytest.fixture
async def world(servers: Any, swept_namespace: str, tmp_path: Path) -> AsyncIterator[World]:
    async with unseeded(servers, swept_namespace, tmp_path) as world:
        bodies = reference_on(local_date(world.clock.now())).provincial_bodies[:2]
        world.tree = await seed_tree(world.parts.commands(world.rights.authority), bodies)
        await world.feed.catch_up()
        yield world
