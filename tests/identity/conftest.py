"""A whole identity over the real MongoDB, spoken to over HTTP, with people who were identified by member."""

import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.servers import Addresses
from services.identity.app import Parts, compose
from services.identity.settings import IdentitySettings
from shared.authority.authority import Authority
from shared.authority.freshness import Freshness
from shared.authority.grants import Grants, Withdrawals
from shared.authority.projection import AuthorityGrants, AuthorityScopes
from shared.authority.tree import Tree
from shared.contracts import member, org
from shared.contracts.base import Contract
from shared.contracts.document_kinds import DOCUMENT_LOOKUPS
from shared.eventstore.driver import Driver
from shared.kernel import ids
from shared.kernel.clock import ManualClock
from shared.kernel.envelope import Actor, Recorded
from shared.privacy.sealing import seal
from shared.privacy.secrets import KEY_ENCRYPTION_KEY, LOOKUP_KEY, create_secret
from shared.privacy.vault import Vault
from shared.runtime.settings import Environment

START = datetime(2030, 5, 4, 8, tzinfo=UTC)
CAPTCHA = "TUAN5"
CODE_LIFE = timedelta(hours=36)
PASSWORD = "violet harbour kettle grammar"
_SERIAL = itertools.count(1)


def uid(kind: str, name: str) -> str:
    return f"{kind}-{ids.derived('test', name)}"


@dataclass
class Person:
    """A synthetic person as member knows them."""

    id: str
    number: str
    name: str = "欧阳测试"
    mobile: str = "13900001111"
    kind: str = "居民身份证"

    @property
    def initial(self) -> str:
        return self.number[-8:]


@dataclass
class Identity:
    """The service under test; `http` speaks to its routes."""

    parts: Parts
    vault: Vault
    driver: Driver
    clock: ManualClock
    http: httpx.AsyncClient
    _versions: dict[str, Any] = field(default_factory=dict)

    @property
    def database(self) -> Any:
        return self.driver.database(self.parts.settings.database("identity"))

    def fact(self, event: Contract, stream: str, sealed: Any = None, event_id: str | None = None) -> Recorded:
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        return Recorded(
            event_id=event_id or ids.derived("test-fact", stream, str(version)),
            type=event.type_name(),
            stream=stream,
            version=version,
            index=0,
            at=self.clock.now(),
            actor=Actor("service:member"),
            correlation="c",
            causation="",
            data=event.model_dump(mode="json", exclude={"personal"}),
            sealed=sealed,
        )

    async def identified(self, people: Sequence[Person]) -> list[Recorded]:
        """The facts of people entered by an admin, with their keys in the vault."""
        facts = []
        rows = []
        for person in people:
            key, row = self.vault.new_key(person.id, self.clock.now())
            rows.append(row.document)
            number_hash = self.number_hash(person)
            event = member.PersonIdentified(person=person.id, number_hash=number_hash)
            event_id = ids.derived("identified", person.id)
            values = {
                "name": person.name,
                "document_kind": person.kind,
                "number": person.number,
                "mobile": person.mobile,
            }
            facts.append(self.fact(event, person.id, seal(key, person.id, event_id, values), event_id))
        await self.driver.database(self.parts.settings.database("vault"))["keys"].insert_many(rows)
        return facts

    def number_hash(self, person: Person) -> str:
        return self.parts.lookup.hash(DOCUMENT_LOOKUPS[person.kind], person.number)

    async def apply(self, projection: Any, *facts: Recorded) -> None:
        async def work(session: Any) -> None:
            await projection.apply(session, facts)

        await self.driver.transaction(work)

    async def enter(self, *people: Person, branch: str = uid("organization", "branch")) -> list[Recorded]:
        """People are identified and members of `branch`; identity has heard of all of it."""
        facts = await self.identified(people)
        await self.apply(self.parts.people, *facts)
        joined = [self.fact(member.MemberEntered(person=p.id, branch=branch), p.id) for p in people]
        await self.apply(self.parts.standings, *joined)
        return facts

    async def establish(self, name: str, superior: str | None, **more: Any) -> str:
        organization = uid("organization", name)
        event = org.OrganizationEstablished(
            organization=organization,
            superior=superior,
            category=more.get("category", org.Category.BRANCH),
            full_name=f"共青团{name}",
            short_name=name,
        )
        fact = self.fact(event, organization)
        await self.apply(self.parts.organizations, fact)
        await self.apply(AuthorityScopes(self.database), fact)
        return organization

    async def appoint(self, person: str, organization: str) -> None:
        event = org.AdminAppointed(organization=organization, person=person)
        fact = self.fact(event, organization)
        await self.apply(self.parts.standings, fact)
        await self.apply(AuthorityGrants(self.database), fact)

    async def captcha(self) -> dict[str, str]:
        answer = await self.http.get("/v1/captchas")
        assert answer.status_code == 200, answer.text
        return {"captcha_id": answer.json()["id"], "captcha": CAPTCHA}

    async def sign_in(self, number: str, password: str, address: str = "203.0.113.7", **more: Any) -> httpx.Response:
        body = {"number": number, "password": password, **await self.captcha(), **more}
        headers = {"X-Client-Address": address, "X-Client-Agent": "Firefox"}
        return await self.http.post("/v1/sign-ins", json=body, headers=headers)

    async def activate(self, person: Person, code: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
        body = {
            "document_kind": person.kind,
            "number": person.number,
            "initial_password": person.initial,
            "code": code,
            "new_password": password,
            **await self.captcha(),
            **more,
        }
        return await self.http.post("/v1/activations", json=body, headers={"X-Client-Address": "203.0.113.7"})

    async def code_for(self, person: Person, admin: Person) -> str:
        """A code, asked for by an admin with a password of their own."""
        answer = await self.ask_code(person.id, await self.headers(admin))
        assert answer.status_code == 201, answer.text
        return answer.json()["code"]

    async def ask_code(self, person: str, headers: dict[str, str], key: str = "") -> httpx.Response:
        key = key or f"code-key-{next(_SERIAL)}"
        return await self.http.post(
            f"/v1/people/{person}/activation-codes", headers={**headers, "Idempotency-Key": key}
        )

    async def make_active(self, person: Person, password: str = PASSWORD) -> str:
        """Entered and activated by a code that a central operator asked for; the secret of the first session."""
        operator = await self.operator()
        answer = await self.ask_code(person.id, operator)
        assert answer.status_code == 201, answer.text
        done = await self.activate(person, answer.json()["code"], password)
        assert done.status_code == 201, done.text
        return done.json()["session"]

    async def operator(self) -> dict[str, str]:
        """Headers of the seeded central operator."""
        await self.parts.operators.seed("centre", PASSWORD)
        answer = await self.sign_in("centre", PASSWORD, document_kind="操作员")
        assert answer.status_code == 201, answer.text
        return await self.bearer(answer.json()["session"])

    async def token(self, session: str) -> httpx.Response:
        return await self.http.post("/v1/sessions/token", json={"session": session})

    async def bearer(self, session: str) -> dict[str, str]:
        answer = await self.token(session)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    async def headers(self, person: Person, password: str = PASSWORD) -> dict[str, str]:
        answer = await self.sign_in(person.number, password)
        assert answer.status_code == 201, answer.text
        return await self.bearer(answer.json()["session"])


def settings_for(servers: Addresses, namespace: str, secrets: Path, **more: Any) -> IdentitySettings:
    for name in (KEY_ENCRYPTION_KEY, LOOKUP_KEY):
        create_secret(secrets, name)
    return IdentitySettings(
        environment=Environment.TEST,
        mongo_url=servers.mongo_url,
        kafka=servers.kafka,
        namespace=namespace,
        secrets_dir=secrets,
        captcha_answer=CAPTCHA,
        refusal_seconds=more.pop("refusal_seconds", 0.0),
        activation_code_hours=CODE_LIFE // timedelta(hours=1),
        **more,
    )


@pytest.fixture(scope="module")
async def ground(
    servers: Addresses, module_namespace: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[IdentitySettings, Driver]]:
    """Databases with their collections and indexes; made once a module, since that is what takes time."""
    settings = settings_for(servers, module_namespace, tmp_path_factory.mktemp("secrets"))
    driver = Driver(settings.mongo_url)
    await Parts(settings, driver, ManualClock(START)).prepare()
    await Vault.from_directory(driver, settings.database("vault"), settings.secrets_dir).prepare()
    yield settings, driver
    for service in ("identity", "vault", "intake"):
        await driver.client.drop_database(settings.database(service))
    await driver.close()


@pytest.fixture
async def identity(ground: tuple[IdentitySettings, Driver]) -> AsyncIterator[Identity]:
    """Root, with the organizations `branch` and `elsewhere` right below it, so that an operator may act for both."""
    settings, driver = ground
    clock = ManualClock(START)
    database = driver.database(settings.database("identity"))
    parts = Parts(settings, driver, clock)
    await parts.keys.load()
    vault = Vault.from_directory(driver, settings.database("vault"), settings.secrets_dir)

    withdrawals = Withdrawals()
    tree, grants = Tree(database, withdrawals), Grants(database, withdrawals)
    authority = Authority(tree, grants, lambda: Freshness(0.0), settings)
    app = compose(settings, parts, authority).app
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app, client=("127.0.0.1", 50_000)), base_url="http://t")
    found = Identity(parts, vault, driver, clock, client)
    root = await found.establish("root", None)
    for name in ("branch", "elsewhere"):
        await found.establish(name, root)
    async with client:
        yield found
    for service in ("identity", "vault", "intake"):
        database = driver.database(settings.database(service))
        for name in await database.list_collection_names():
            if name != "signing_keys":
                await database[name].delete_many({})


@pytest.fixture
async def admin(identity: Identity) -> Person:
    """An active admin of the branch `branch`."""
    person = Person(uid("person", "admin"), "110101199003070138", "管理员甲")
    await identity.enter(person)
    await identity.make_active(person)
    await identity.appoint(person.id, uid("organization", "branch"))
    return person
