"""transfer and member side by side, each over a database of its own; what they publish is carried by hand."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.servers import Addresses
from services.transfer.app import Parts, compose
from services.transfer.exchange.signing import MATCHING, create_keys
from services.transfer.settings import TransferSettings
from shared.authority.projection import AuthorityGrants, AuthorityScopes
from shared.contracts.member import MembershipEnded, MembershipOver
from shared.deadlines.worker import DeadlineWorker
from shared.eventstore.store import EventStore
from shared.http.paging import CURSOR_KEY
from shared.kernel.clock import ManualClock
from shared.kernel.envelope import Recorded
from shared.messaging.reactions import Reactions
from shared.privacy.secrets import KEY_ENCRYPTION_KEY, LOOKUP_KEY, create_secret
from shared.runtime.service import Service
from shared.runtime.settings import Environment
from shared.testing.authority import Rights
from shared.testing.feed import Feed, public_record
from shared.testing.tokens import Issuer
from tests.member.people import card
from tests.member.test_api import World as MemberWorld
from tests.member.test_api import row, standing


def organization(number: int) -> str:
    return f"organization-00000000-0000-4000-8000-{number:012d}"


def person(number: int) -> str:
    return f"person-00000000-0000-4000-8000-{number:012d}"


ROOT, PROVINCE, SCHOOL, OUT, IN, COMMITTEE, CLASS = (organization(i) for i in range(1, 8))
MIDDLE, DEEP = organization(60), organization(61)
OUT_ADMIN, IN_ADMIN, SCHOOL_ADMIN, COMMITTEE_ADMIN, STRANGER = (person(i) for i in range(101, 106))
ADMINS = {OUT: OUT_ADMIN, IN: IN_ADMIN, SCHOOL: SCHOOL_ADMIN, COMMITTEE: COMMITTEE_ADMIN, CLASS: STRANGER}

React = Callable[[list[Recorded]], Awaitable[None]]


@dataclass
class World:
    """`carry` brings facts from each side to the other until both are at rest; `members` is member's own world."""

    parts: Parts
    service: Service
    feed: Feed
    client: httpx.AsyncClient
    issuer: Issuer
    rights: Rights
    clock: ManualClock
    members: MemberWorld
    keys: Any = field(default_factory=lambda: count(1))
    heard: set[str] = field(default_factory=set)

    async def send(self, path: str, body: Any, by: str, key: str | None = None) -> httpx.Response:
        headers = self.issuer.headers(by, key=key or f"key-{next(self.keys):08d}")
        return await self.client.post(f"/v1/{path}", json=body, headers=headers)

    async def get(self, path: str, by: str) -> httpx.Response:
        await self.feed.catch_up()
        return await self.client.get(f"/v1/{path}", headers=self.issuer.headers(by))

    async def enter(self, branch: str = OUT) -> str:
        """A new member of a branch, also in the copy that transfer has."""
        number = next(self.keys)
        fields = row(number=card(sequence=f"{number:03d}"), development_number=f"202233{number:06d}")
        answer = await self.members.send("POST", f"/v1/organizations/{branch}/members", fields, by=SCHOOL_ADMIN)
        assert answer.status_code == 201, answer.text
        await self.carry()
        return str(answer.json()["stream"])

    async def start(self, who: str, to: str = IN, by: str = OUT_ADMIN, **more: str) -> str:
        body = {"person": who, "to": to, "reason": "change_of_school"} | more
        answer = await self.send(f"organizations/{OUT}/transfers-out", body, by)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["stream"])

    async def opened(self, who: str, to: str = IN) -> str:
        transfer = await self.start(who, to)
        await self.carry()
        assert await self.state(transfer) == "pending"
        return transfer

    async def state(self, transfer: str) -> str:
        await self.feed.catch_up()
        return str((await self.parts.transfers.get(transfer) or {}).get("state"))

    async def branch(self, who: str) -> str | None:
        """Where member has the person, by its own stream."""
        known = (await self.members.parts.records.load([who]))[who].known
        return known.branch if known else None

    async def rosters(self) -> dict[str, int]:
        rows = self.members.parts.store.database["rosters"].find({})
        return {row["_id"]: row["members"] async for row in rows}

    async def carry(self, *, times: int = 1) -> None:
        """Hands over all that was published and not carried yet, each record `times` times, in the order of streams."""
        while facts := await self.published():
            for fact in facts:
                for _ in range(times):
                    await self.hand(fact)
                self.heard.add(fact.event_id)

    async def published(self) -> list[Recorded]:
        """What both sides published and nobody carried yet, as it came."""
        found = [await _records(store) for store in (self.parts.store, self.members.parts.store)]
        fresh = [fact for facts in found for fact in facts if fact.event_id not in self.heard]
        return sorted(fresh, key=lambda fact: (fact.at, fact.index))

    async def hand(self, fact: Recorded) -> None:
        for react in (reaction(self.service, fact), reaction(self.members.service, fact)):
            if react:
                await react([fact])
        if fact.type.startswith("member."):
            await self.feed.take(fact, "member.events.v1")

    async def work(self) -> None:
        """The worker of the deadlines, at the instant of the clock."""
        [worker] = [loop for loop in self.service.loops if isinstance(loop, DeadlineWorker)]
        while await worker.work():
            pass


async def _records(store: EventStore) -> list[Recorded]:
    found = []
    async for commit in store.commits.find({}).sort("at", 1):
        for index, entry in enumerate(commit["public"], start=len(commit["events"])):
            found.append(public_record(commit, index, entry))
    return found


def reaction(service: Service, fact: Recorded) -> React | None:
    [reactions] = [loop for loop in service.loops if isinstance(loop, Reactions)]
    rows = reactions._handling._table
    return next((react for (_, type_), react in rows.items() if type_ == fact.type), None)


async def hears(world: World, fact: Any, stream: str = OUT) -> None:
    """A fact of org or member reaches transfer's reactions, and its copies."""
    [record] = await world.feed.hear(fact, stream=stream)
    if react := reaction(world.service, record):
        await react([record])


async def gone(world: World, who: str) -> None:
    """They are no member of OUT any more."""
    for fact in (MembershipEnded(person=who, branch=OUT, cause="deceased"), MembershipOver(person=who, branch=OUT)):
        await hears(world, fact, stream=who)


@asynccontextmanager
async def unfounded(servers: Addresses, namespace: str, secrets: Path) -> AsyncIterator[World]:
    """Both services with nothing in them: no tree, no rights."""
    for name in (CURSOR_KEY, LOOKUP_KEY, KEY_ENCRYPTION_KEY):
        create_secret(secrets, name)
    create_keys(secrets)
    for system in ("beijing", "guangdong", "fujian"):
        create_secret(secrets, f"{MATCHING}.{system}")
    async with standing(servers, namespace, secrets) as members:
        settings = TransferSettings(
            environment=Environment.TEST,
            mongo_url=servers.mongo_url,
            kafka=servers.kafka,
            namespace=namespace,
            secrets_dir=secrets,
        )
        clock = members.parts.clock
        assert isinstance(clock, ManualClock)
        parts = Parts(settings, members.parts.driver, clock)
        await parts.prepare()
        rights, issuer = Rights(parts.database, settings), Issuer(clock)
        copies = (AuthorityScopes(parts.database), AuthorityGrants(parts.database))
        for copy in copies:
            await copy.prepare()
        service = compose(parts, rights.authority, issuer.verifier())
        feed = Feed(parts.driver, parts.store, (*parts.projections, *copies))
        transport = httpx.ASGITransport(service.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://transfer") as client:
            yield World(parts, service, feed, client, issuer, rights, clock, members)


@asynccontextmanager
async def a_school(servers: Addresses, namespace: str, secrets: Path) -> AsyncIterator[World]:
    """With two branches, and a committee beside it with one."""
    async with unfounded(servers, namespace, secrets) as world:
        for rights in (world.rights, world.members.rights):
            await rights.tree({ROOT: None, PROVINCE: ROOT}, "leading_body")
            await rights.tree({SCHOOL: PROVINCE, COMMITTEE: PROVINCE}, "committee")
            await rights.tree({OUT: SCHOOL, IN: SCHOOL, CLASS: COMMITTEE})
            for where, who in ADMINS.items():
                await rights.administers(who, where)
        await world.parts.administered.collection.insert_many([{"_id": i, "admins": [a]} for i, a in ADMINS.items()])
        yield world


@pytest.fixture
async def world(servers: Addresses, swept_namespace: str, tmp_path: Path) -> AsyncIterator[World]:
    async with a_school(servers, swept_namespace, tmp_path) as world:
        yield world


async def two_levels(world: World, above: str) -> None:
    """A general branch below an organization, and the branch DEEP below that."""
    for rights in (world.rights, world.members.rights):
        await rights.tree({MIDDLE: above}, "general_branch")
        await rights.tree({DEEP: MIDDLE})
