"""A small system in its stored form, and a place beside it to restore into."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.backup.contents import SERVICES
from deploy.backup.restoring import Restored, restore
from deploy.backup.taking import take
from deploy.local.secrets import make_secrets
from deploy.local.servers import Addresses
from shared.eventstore.driver import Driver
from shared.privacy.vault import Vault
from shared.runtime.settings import Environment, Settings
from tests.shared.messaging.support import commit

AT = datetime(2026, 11, 1, tzinfo=UTC)
PEOPLE = 40
CANARY = "岁月青禾"


@dataclass(frozen=True)
class Desk:
    """An operator's view of two namespaces on the same servers."""

    driver: Driver
    settings: Settings
    directory: Path

    @property
    def apart(self) -> Settings:
        return self.settings.model_copy(update={"namespace": f"{self.settings.namespace}b_"})

    @property
    def report(self) -> Path:
        return self.directory.parent / "beyond.jsonl"

    @property
    def vault(self) -> Vault:
        return Vault.from_directory(self.driver, self.settings.database("vault"), self.settings.secrets_dir)

    def rows(self, service: str, name: str, settings: Settings | None = None) -> Any:
        return self.driver.database((settings or self.settings).database(service))[name]

    async def restored(self, register: dict[str, int] | None = None) -> Restored:
        return await restore(self.driver, self.apart, self.directory, register or {}, self.report)

    async def everything(self, settings: Settings) -> dict[str, list[dict[str, Any]]]:
        """Every document of a namespace, by `service/collection`, without what is empty."""
        found = {}
        for service in SERVICES:
            database = self.driver.database(settings.database(service))
            for name in await database.list_collection_names():
                if documents := await database[name].find({}).sort("_id", 1).to_list(None):
                    found[f"{service}/{name}"] = documents
        return found

    async def enters(self, people: Sequence[str]) -> None:
        """Each with a commit, a claim and a key, in one transaction as the store writes them."""
        vault = self.vault
        rows = [vault.new_key(person, AT)[1].document for person in people]
        claims = [{"_id": f"number:{person}", "owner": person, "at": 1} for person in people]

        async def work(session: Any) -> None:
            await self.rows("member", "commits").insert_many([commit(p, 1) for p in people], session=session)
            await self.rows("member", "claims").insert_many(claims, session=session)
            await self.rows("vault", "keys").insert_many(rows, session=session)

        await self.driver.transaction(work)


@pytest.fixture
async def desk(servers: Addresses, namespace: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """With people, a document in clear, figures of an hour, and what no backup holds."""
    make_secrets(tmp_path / "secrets")
    settings = Settings(
        environment=Environment.TEST,
        mongo_url=servers.mongo_url,
        kafka=servers.kafka,
        namespace=namespace,
        partitions=3,
        secrets_dir=tmp_path / "secrets",
    )
    driver = Driver(servers.mongo_url)
    made = Desk(driver, settings, tmp_path / "backup")
    await made.rows("member", "commits").create_index("at")
    for service, name in (("member", "claims"), ("vault", "keys"), ("identity", "commits"), ("org", "commits")):
        await driver.database(settings.database(service)).create_collection(name)
    await made.enters([f"person-{n}" for n in range(PEOPLE)])
    await made.rows("org", "approval_documents").create_index("expires_at", expireAfterSeconds=0)
    await made.rows("org", "approval_documents").insert_one({"_id": "document-1", "name": CANARY, "content": b"%PDF"})
    await made.rows("stats", "figures_v1").create_index([("node", 1), ("hour", -1)], unique=True)
    await made.rows("stats", "figures_v1").insert_one({"_id": "organization-1@7", "node": "organization-1", "hour": 7})
    await made.rows("member", "people_v1").insert_one({"_id": "person-1", "name": CANARY})
    await made.rows("member", "positions").insert_one({"_id": "people-v1/member.log.v1/0", "offset": 3})
    await made.rows("identity", "sessions").insert_one({"_id": "session-1"})
    yield made
    await driver.close()


@pytest.fixture
async def backup(desk: Desk) -> Desk:
    """The same with a backup made."""
    await take(desk.driver, desk.settings, desk.directory)
    return desk
