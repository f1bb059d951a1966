"""transfer and member beside real simulators of the other systems, all over real HTTP and under one clock."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import uvicorn

from deploy.local.simulators.province import Behaviour, Province
from deploy.local.simulators.server import application, provinces
from services.transfer.domain.events_of_exchange import PublicKey
from services.transfer.domain.outside_systems import AgreeWithSystem
from services.transfer.exchange.protocol import Person
from shared.contracts.org import Register, register_branch
from shared.kernel.envelope import Actor, Request
from tests.member.people import card
from tests.member.test_api import row
from tests.transfer.conftest import IN, IN_ADMIN, OUT, OUT_ADMIN, PROVINCE, SCHOOL_ADMIN, World, person

OPERATOR = "operator-00000000-0000-4000-8000-000000000001"
PROVINCIAL_ADMIN = person(777)
NAME = "欧阳不露"
THERE = "共青团北京理工大学计算机学院2025级1班支部"
REGISTER = register_branch(PROVINCE, Register.BEIJING)


@dataclass
class Exchanging:
    """`there` is the simulator of 北京; `server` is where all three answer."""

    world: World
    systems: dict[str, Province]
    server: str

    @property
    def there(self) -> Province:
        return self.systems["beijing"]

    def behave(self, **how: Any) -> None:
        self.there.behaviour = Behaviour(**how)

    async def settle(self, *, rounds: int = 6) -> None:
        """Deadlines that are due, what both services say, and what the simulators do, until all is at rest."""
        for _ in range(rounds):
            await self.world.work()
            await self.world.carry()
            await self.world.feed.catch_up()
            for system in self.systems.values():
                await system.settled()

    async def later(self, **span: float) -> None:
        """Some time passes, and then what is due is done."""
        self.world.clock.move(timedelta(**span))
        await self.settle()

    async def papers(self, who: str, by: str) -> str:
        answer = await self.world.members.send("POST", f"/v1/people/{who}/transfer-papers", {}, by=by)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["ticket"])

    async def ask_out(self, who: str, *, by: str = OUT_ADMIN, name: str = THERE, **more: Any) -> httpx.Response:
        body = {
            "person": who,
            "system": "beijing",
            "organization_name": name,
            "papers": await self.papers(who, by),
            "reason": "further_study",
        } | more
        return await self.world.send(f"organizations/{OUT}/transfers-outside", body, by)

    async def start_out(self, who: str) -> str:
        answer = await self.ask_out(who)
        assert answer.status_code == 201, answer.text
        transfer = str(answer.json()["stream"])
        await self.settle()
        return transfer

    async def exchange(self, transfer: str) -> dict[str, Any]:
        await self.world.feed.catch_up()
        found = await self.world.parts.exchange.exchanges.of_transfer(transfer)
        assert found is not None
        return found

    async def offered(self, number: str, to: str = IN, by: str = IN_ADMIN) -> str:
        """Somebody is offered to an organization by 北京; what our side calls it."""
        person = Person(name=NAME, number=number, document_kind="居民身份证")
        await self.there.offer(person, to, to)
        await self.settle()
        return str((await self.waiting(to, by))[-1]["exchange"])

    async def waiting(self, organization: str = IN, by: str = IN_ADMIN) -> list[dict[str, Any]]:
        """What other systems offer and the organization is to decide, or to enter."""
        answer = await self.world.get(f"organizations/{organization}/outside-offers", by)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    async def taken(self, offer: str, number: str, to: str = IN, by: str = IN_ADMIN) -> str:
        """The transfer that brings back who is offered, once it waits for the organization."""
        ticket = (await self.ticket(to, NAME, number, by)).json()["ticket"]
        answer = await self.world.send(f"outside-offers/{offer}/match", {"ticket": ticket}, by)
        assert answer.status_code == 201, answer.text
        await self.settle()
        return str(answer.json()["stream"])

    async def done(self, path: str, body: dict[str, Any], by: str = IN_ADMIN) -> None:
        """A command that is not refused, and what follows of it."""
        answer = await self.world.send(path, body, by)
        assert answer.status_code == 201, answer.text
        await self.settle()

    async def away(self) -> tuple[str, str]:
        """Somebody of ours who went to 北京: (person, number)."""
        number = card(sequence=f"{next(self.world.keys):03d}")
        who = await self.enter(number)
        await self.start_out(who)
        await self.settle()
        assert await self.world.branch(who) == REGISTER
        return who, number

    async def enter(self, number: str, branch: str = OUT, *, by: str = SCHOOL_ADMIN) -> str:
        fields = row(name=NAME, number=number, development_number=f"202233{next(self.world.keys):06d}")
        answer = await self.world.members.send("POST", f"/v1/organizations/{branch}/members", fields, by=by)
        assert answer.status_code == 201, answer.text
        await self.world.carry()
        return str(answer.json()["stream"])

    async def ticket(self, organization: str, name: str, number: str, by: str) -> httpx.Response:
        body = {"name": name, "number": number}
        return await self.world.members.send("POST", f"/v1/organizations/{organization}/transfer-tickets", body, by=by)

    async def reconcile(self) -> dict[str, Any]:
        """The next day's work; what the operator then sees of 北京."""
        await self.later(days=1, minutes=1)
        answer = await self.world.get("outside-systems", OPERATOR)
        assert answer.status_code == 200, answer.text
        return next(s for s in answer.json()["systems"] if s["system"] == "beijing")


@asynccontextmanager
async def serving(application: Any) -> AsyncIterator[str]:
    """A real server of an application at a port of its own."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True  # whoever still holds a connection is of this very test
        await task


@asynccontextmanager
async def exchanging(world: World) -> AsyncIterator[Exchanging]:
    """Both sides know one another's keys, and have one another's directory."""
    systems = provinces(world.parts.settings.secrets_dir, world.clock.now)
    async with serving(application(systems)) as there, serving(world.service.app) as here:
        both = Exchanging(world, systems, there)
        for system, province in systems.items():
            province.address, province.peer_keys = here, world.parts.exchange.peers.own.public
            keys = tuple(PublicKey(**key.model_dump()) for key in province.keys.public)
            command = AgreeWithSystem(system=system, address=f"{there}/{system}", keys=keys, insecure=True)
            await world.parts.exchange.peers.agree(Request(Actor(OPERATOR), f"agree-{system}", system), command)
        for rights in (world.rights, world.members.rights):
            await rights.tree({REGISTER: PROVINCE})
            await rights.administers(PROVINCIAL_ADMIN, PROVINCE)
        await both.settle()
        yield both
