"""Member's write side on the real MongoDB, below a small tree that stands still."""

import io
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from deploy.local.servers import Addresses
from services.member.domain.events import REGISTRY
from services.member.domain.fields import LABELS, Template
from services.member.projections.imports import ImportList
from services.member.published import publish
from services.member.use_cases.imports import UPLOADS, Imports
from services.member.use_cases.people import ACCESS_LOG, People
from services.member.use_cases.places import Places
from services.member.use_cases.records import ROSTERS, Records
from services.member.use_cases.settle import Settler
from services.member.workbooks.sandbox import Sandbox
from services.member.worker import ImportWorker
from shared.authority.decide import Act, Duty
from shared.authority.refusals import OutsideAuthority
from shared.eventstore.commits import Codec
from shared.eventstore.driver import Driver, ensure_collections
from shared.eventstore.store import EventStore
from shared.kernel.clock import ManualClock
from shared.kernel.envelope import Actor, Request
from shared.privacy.lookup import LookupKey
from shared.privacy.vault import Vault

COUNTY = "organization-00000000-0000-0000-0000-000000000001"
BRANCHES = tuple(f"organization-00000000-0000-0000-0000-00000000010{i}" for i in range(3))
OTHER_COUNTY = "organization-00000000-0000-0000-0000-000000000002"
FAR_BRANCH = "organization-00000000-0000-0000-0000-000000000201"


@dataclass(frozen=True)
class Node:
    id: str
    superior: str | None
    category: str
    name: str


class Tree:
    """Root, province, two counties; three branches below the first, one below the second."""

    def __init__(self) -> None:
        nodes = [
            Node("organization-root", None, "leading_body", "中国共产主义青年团中央委员会"),
            Node("organization-province", "organization-root", "leading_body", "共青团浙江省委员会"),
            Node(COUNTY, "organization-province", "leading_body", "共青团遂昌县委员会"),
            Node(OTHER_COUNTY, "organization-province", "leading_body", "共青团松阳县委员会"),
            *(Node(b, COUNTY, "branch", f"遂昌县第{i}支部") for i, b in enumerate(BRANCHES)),
            Node(FAR_BRANCH, OTHER_COUNTY, "branch", "松阳县第一支部"),
        ]
        self._nodes = {n.id: n for n in nodes}

    async def nodes(self, ids: Collection[str]) -> dict[str, Any]:
        return {i: self._nodes[i] for i in ids if i in self._nodes}

    async def path(self, node: str) -> Sequence[Any]:
        found: list[Node] = []
        at = self._nodes.get(node)
        while at:
            found.append(at)
            at = self._nodes.get(at.superior or "")
        return found[::-1]

    async def subordinates(self, superiors: Collection[str], limit: int) -> Sequence[Any]:
        return [n for n in self._nodes.values() if n.superior in superiors][:limit]


@dataclass
class Pending:
    """No branch is a pending one, until a test says so (ORG-11)."""

    branches: set[str] = field(default_factory=set)

    async def among(self, organizations: Collection[str]) -> frozenset[str]:
        return frozenset(self.branches & set(organizations))


@dataclass
class Rights:
    """Everybody may, until a test takes it away."""

    withdrawn: set[str] = field(default_factory=set)

    async def may_as(self, actor: Actor, scope: str, act: Act | Duty = Act.WRITE) -> bool:
        return actor.principal not in self.withdrawn

    async def require_write_as(self, actor: Actor, scope: str) -> None:
        if not await self.may_as(actor, scope):
            raise OutsideAuthority


@dataclass
class Member:
    """The write side of the service, put together as app.py does."""

    store: EventStore
    records: Records
    imports: Imports
    people: People
    worker: ImportWorker
    rights: Rights
    clock: ManualClock
    listed: ImportList
    pending: Pending

    async def work(self, import_id: str) -> Any:
        """Runs the worker on one import until it waits for people; answers the import."""
        import asyncio

        await self.worker._work(import_id, asyncio.Event())
        return await self.imports.load(import_id)

    async def upload(self, content: bytes, key: str = "upload-1", by: str = "person-admin", **more: Any) -> str:
        organization = more.get("organization", COUNTY)
        template = more.get("template", Template.MEMBERS)
        request = Request(Actor(by, organization), key, key)
        received = await self.imports.receive(request, organization, template, "名单.xlsx", content)
        return received.answer.stream


@pytest.fixture(scope="session")
def secrets_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import base64
    import os

    directory = tmp_path_factory.mktemp("secrets")
    for name in ("kek", "lookup.key", "cursor.key"):
        path = directory / name
        path.write_text(base64.urlsafe_b64encode(os.urandom(32)).decode())
        path.chmod(0o600)
    return directory


@pytest.fixture
async def member(servers: Addresses, swept_namespace: str, secrets_dir: Path) -> AsyncIterator[Member]:
    driver = Driver(servers.mongo_url)
    clock = ManualClock(datetime(2026, 11, 22, 2, tzinfo=UTC))
    store = EventStore(driver, f"{swept_namespace}member", Codec("member", REGISTRY, publish, clock))
    vault = Vault.from_directory(driver, f"{swept_namespace}vault", secrets_dir)
    await store.prepare()
    await vault.prepare()
    await ensure_collections(store.database, UPLOADS, ROSTERS, ACCESS_LOG)
    records = Records(store, vault, LookupKey.from_directory(secrets_dir), clock)
    rights, pending = Rights(), Pending()
    places = Places(Tree(), rights, pending)
    sandbox = Sandbox()
    imports = Imports(records, sandbox, places, clock)
    listed = ImportList(store.database, vault)
    worker = ImportWorker(imports, listed, records, Settler(records, places.names), places, sandbox)
    yield Member(store, records, imports, People(records, places, clock), worker, rights, clock, listed, pending)
    await driver.close()


def workbook(rows: Iterable[Mapping[str, Any]], template: Template = Template.MEMBERS) -> bytes:
    """A workbook of rows given by field name, as text, under the template's own header."""
    rows = list(rows)
    sheet_name = {Template.MEMBERS: "团员团干部", Template.CADRES: "本级团干部"}[template]
    fields = list(dict.fromkeys(f for row in rows for f in row))
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet(sheet_name)
    sheet.write_row(0, 0, [LABELS[f] for f in fields])
    for i, row in enumerate(rows, start=1):
        for j, name in enumerate(fields):
            sheet.write_string(i, j, str(row.get(name, "")))
    book.close()
    return buffer.getvalue()
