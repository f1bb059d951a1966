"""Commands as a process runs them: with claims and gates, with keys of two vaults, and without any condition."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from services.identity.app import Parts as IdentityParts
from services.identity.app import use_cases
from services.identity.domain.registration import registration_of
from services.identity.settings import IdentitySettings
from services.identity.use_cases.ports import Origin
from services.identity.use_cases.registering import RegistrationTry
from services.identity.use_cases.sign_in import Answered
from services.member.domain.events import REGISTRY
from services.member.domain.fields import Template
from services.member.published import publish
from services.member.use_cases.people import ACCESS_LOG, People
from services.member.use_cases.places import Places
from services.member.use_cases.records import ROSTERS, Records
from services.org.app import Parts
from services.org.domain.establishing import EstablishOrganization
from services.org.domain.events import AdminAppointed, Category
from services.org.domain.organization import ORGANIZATION
from services.org.reference import reference_on
from services.org.settings import OrgSettings
from services.org.use_cases.seeding import seed_tree
from shared.eventstore.commits import Codec
from shared.eventstore.driver import Driver, ensure_collections
from shared.eventstore.execute import Answer, execute
from shared.eventstore.store import EventStore
from shared.http.tokens import Principal
from shared.kernel.clock import ManualClock, local_date
from shared.kernel.envelope import Actor, Request
from shared.privacy.lookup import LookupKey
from shared.privacy.vault import Vault
from shared.runtime.settings import Environment
from tests.member.conftest import BRANCHES, COUNTY, Pending, Rights, Tree
from tests.member.people import card, member_row

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ADMIN = Actor("person-admin", COUNTY)
CAPTCHA = "TUAN5"
_CAPTCHAS = count()


class Everybody:
    """A right is no part of what is cut here."""

    async def require_write(self, _principal: Principal, _scope: str) -> None:
        return

    async def may_write(self, _principal: Principal, _scope: str) -> bool:
        return True


@dataclass(frozen=True)
class Process:
    """What dies: a driver with its connections, a store with the writes that wait in it, and the command."""

    driver: Driver
    store: EventStore
    command: Callable[[int], Any]

    async def run(self, number: int) -> Answer:
        answer: Answer = await self.command(number)
        return answer

    @property
    def background(self) -> set[asyncio.Task[None]]:
        """Group commits that go on whatever becomes of the callers."""
        return self.store._plain._running | self.store._conditional._running

    async def die(self) -> None:
        """Nothing of it goes on."""
        tasks = self.background
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Command(ABC):
    """One kind of command over databases of its own; its nth call is about the nth organization or person."""

    name: ClassVar[str]
    waits_least: ClassVar[int] = 6

    def __init__(self, namespace: str, secrets: Path) -> None:
        self._namespace = namespace
        self._secrets = secrets

    @abstractmethod
    async def prepare(self, url: str) -> None:
        """Collections, and what the commands stand on."""

    @abstractmethod
    def process(self, url: str) -> Process: ...

    @abstractmethod
    async def left(self, driver: Driver) -> tuple[int, ...]:
        """How much there is of everything a command writes."""


class Establishing(Command):
    name = "establish"
    _superior = ""

    def _parts(self, url: str) -> Parts:
        given = {"environment": Environment.TEST, "mongo_url": url, "kafka": "", "namespace": self._namespace}
        settings = OrgSettings.model_validate(given | {"secrets_dir": self._secrets})
        return Parts(settings, Driver(url), ManualClock(NOW))

    async def prepare(self, url: str) -> None:
        parts = self._parts(url)
        await parts.prepare()
        body = reference_on(local_date(NOW)).provincial_bodies[:1]
        tree = await seed_tree(parts.commands(Everybody()), body)
        [self._superior] = tree.bodies.values()
        appointed = [AdminAppointed(person=ADMIN.principal)]
        appointing = Request(ADMIN, "appointed-by-the-fixture", "")
        await execute(parts.store, ORGANIZATION, self._superior, appointing, lambda _state: appointed)
        await parts.driver.close()

    def process(self, url: str) -> Process:
        parts = self._parts(url)
        commands = parts.commands(Everybody())

        async def establish(number: int) -> Answer:
            fields = EstablishOrganization(
                superior=self._superior,
                category=Category.COMMITTEE,
                full_name=f"共青团第{number}中学委员会",
                short_name=f"第{number}中学团委",
                sector="5",
            )
            who = Principal(ADMIN.principal, "session", organization=self._superior)
            return await commands.establish_organization(who, Request(ADMIN, f"key-{number:05d}", str(number)), fields)

        return Process(parts.driver, parts.store, establish)

    async def left(self, driver: Driver) -> tuple[int, ...]:
        database = driver.database(f"{self._namespace}org")
        superior = await database.tree.find_one({"_id": self._superior})
        return (
            *[await database[c].count_documents({}) for c in ("commits", "claims", "tree")],
            superior["subordinates"],
        )


class Entering(Command):
    name = "enter"
    waits_least = 4  # its two look-ups and its append go on for whoever shares them: it waits for each once

    def _people(self, driver: Driver) -> tuple[EventStore, People, Vault]:
        clock = ManualClock(NOW)
        store = EventStore(driver, f"{self._namespace}member", Codec("member", REGISTRY, publish, clock))
        vault = Vault.from_directory(driver, f"{self._namespace}vault", self._secrets)
        records = Records(store, vault, LookupKey.from_directory(self._secrets), clock)
        return store, People(records, Places(Tree(), Rights(), Pending()), clock), vault

    async def prepare(self, url: str) -> None:
        driver = Driver(url)
        store, _, vault = self._people(driver)
        await store.prepare()
        await vault.prepare()
        await ensure_collections(store.database, ROSTERS, ACCESS_LOG)
        await driver.close()

    def process(self, url: str) -> Process:
        driver = Driver(url)
        store, people, _ = self._people(driver)

        async def enter(number: int) -> Answer:
            return await people.enter(_request(number), COUNTY, Template.MEMBERS, _form(number))

        return Process(driver, store, enter)

    async def left(self, driver: Driver) -> tuple[int, ...]:
        member, vault = driver.database(f"{self._namespace}member"), driver.database(f"{self._namespace}vault")
        roster = await member.rosters.find_one({"_id": BRANCHES[0]})
        counts = [await c.count_documents({}) for c in (member.commits, member.claims, vault["keys"])]
        return (*counts, roster["members"] if roster else 0)


class Filling(Entering):
    """Without a condition, so it goes with the others that wait, in one write. Whom it fills was entered before."""

    name = "fill"
    waits_least = 6
    people_at_hand = 150

    async def prepare(self, url: str) -> None:
        await super().prepare(url)
        driver = Driver(url)
        _, people, _ = self._people(driver)
        forms = [(_request(n), _form(n) | {"mobile": ""}) for n in range(self.people_at_hand)]
        answers = await asyncio.gather(*(people.enter(r, COUNTY, Template.MEMBERS, form) for r, form in forms))
        self._entered = [answer.stream for answer in answers]
        await driver.close()

    def process(self, url: str) -> Process:
        driver = Driver(url)
        store, people, _ = self._people(driver)

        async def fill(number: int) -> Answer:
            request = Request(ADMIN, f"fill-{number:05d}", str(number))
            return await people.fill(request, self._entered[number], {"mobile": "13800001234"})

        return Process(driver, store, fill)


class Registering(Command):
    """A visitor's: the fact, the key in identity's own vault, the kept hash and the deadline."""

    name = "register"

    def _parts(self, driver: Driver) -> IdentityParts:
        given = {"environment": Environment.TEST, "mongo_url": "", "kafka": "", "namespace": self._namespace}
        settings = IdentitySettings.model_validate(given | {"secrets_dir": self._secrets, "captcha_answer": CAPTCHA})
        return IdentityParts(settings, driver, ManualClock(NOW))

    async def prepare(self, url: str) -> None:
        driver = Driver(url)
        await self._parts(driver).prepare()
        await driver.close()

    def process(self, url: str) -> Process:
        driver = Driver(url)
        parts = self._parts(driver)
        cases = use_cases(parts, Everybody())

        async def register(number: int) -> Answer:
            """With a captcha of its own, as whoever fills in the form once more."""
            captcha = f"captcha-{number}-{next(_CAPTCHAS)}"
            await parts.captchas.put(captcha, CAPTCHA, NOW + timedelta(minutes=2))
            digits = f"{number:012o}".translate(str.maketrans("01234567", "ABCDEFGH"))
            attempt = RegistrationTry(
                code=digits,
                name="欧阳测试",
                document_kind="护照",
                number=f"E{number:08d}",
                mobile="13900001111",
                password="violet harbour kettle grammar",
                answered=Answered(captcha, CAPTCHA),
            )
            origin = Origin(f"203.0.113.{number}", "")
            ticket = await cases.registering.register(attempt, f"key-{number:05d}", "", origin)
            return Answer(registration_of(ticket), 1, ())

        return Process(driver, parts.store, register)

    async def left(self, driver: Driver) -> tuple[int, ...]:
        identity, intake = driver.database(f"{self._namespace}identity"), driver.database(f"{self._namespace}intake")
        counted = (identity.commits, identity.kept_passwords, identity.deadlines, intake["keys"])
        return tuple([await c.count_documents({}) for c in counted])


def _request(number: int) -> Request:
    return Request(ADMIN, f"key-{number:05d}", str(number))


def _form(number: int) -> dict[str, Any]:
    born, sequence = f"2008{number // 500 + 1:02d}07", f"{number % 500 * 2 + 1:03d}"
    return member_row(branch="遂昌县第0支部", number=card(born, sequence), development_number=f"2022330{number:05d}")
