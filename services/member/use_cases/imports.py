"""Taking a workbook in, cancelling it, taking it back, and telling what became of every row (MEM-09, MEM-27)."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, NamedTuple

from services.member.domain import imports as domain
from services.member.domain.events import (
    ImportEvent,
    ImportFinished,
    ImportReceived,
    RowsSettled,
)
from services.member.domain.faults import Fault
from services.member.domain.fields import Template
from services.member.use_cases.loaded_import import Import
from services.member.use_cases.places import Places
from services.member.use_cases.records import Records, opened
from services.member.workbooks.sandbox import Sandbox
from shared.eventstore.conditions import Claim, Release, Row
from shared.eventstore.execute import Answer, execute
from shared.kernel import ids
from shared.kernel.clock import Clock, from_micros, to_micros
from shared.kernel.envelope import Event, Request
from shared.privacy.sealing import open_blob, seal_blob
from shared.privacy.vault import ERASED, Erased
from shared.runtime.cache import AgingCache

RUNNING_CLAIM = "running-import"
UPLOADS = "uploads"
KNOWN_IMPORTS, KNOWN_SECONDS = 4, 60.0
FRESH_MOST = 100
Arrived = dict[str, Any]
"""`{_id, organization, version}`, as the list of imports has it."""

KEPT_DAYS = 30
"""Uploaded workbooks are destroyed after so many days."""


@dataclass(frozen=True, slots=True)
class Received:
    """`joined`: the same content was being imported for the same organization, and this is that import."""

    answer: Answer
    joined: bool


class Upload(NamedTuple):
    """A kept workbook as it was uploaded, and the key of its import."""

    key: bytes
    name: str
    content: bytes


class WorkbookGone(domain.ImportNotFound):
    rule = "MEM-09"
    zh = "上传的表格已超过保存期限（30天），系统已将其销毁。"
    en = "The uploaded workbook was destroyed after 30 days."
    way_out = "导入结果仍可查看；需要失败行时请重新上传原表格。"
    way_out_en = "The verdicts are still there; upload the workbook again to get its failed rows."


class Imports:
    """The use cases around imports; the rows themselves are settled by the worker."""

    def __init__(self, records: Records, sandbox: Sandbox, places: Places, clock: Clock) -> None:
        self._records = records
        self._store = records.store
        self._sandbox = sandbox
        self._places = places
        self._clock = clock
        self.uploads = records.store.database[UPLOADS]
        self._known: AgingCache[str, Import] = AgingCache(KNOWN_IMPORTS, KNOWN_SECONDS)
        self._fresh: asyncio.Queue[Arrived] = asyncio.Queue(FRESH_MOST)

    async def receive(
        self, request: Request, organization: str, template: Template, file_name: str, content: bytes
    ) -> Received:
        """Checks the file as a whole, seals and keeps it. Raises WorkbookRefused; nothing is kept then."""
        scope = await self._places.scope(organization, template, self._clock.now())
        await self._sandbox.check(content, file_name, scope)
        import_id = ids.new_stream("import", "member", request.actor.principal, request.key)
        content_hash = self._records.content_hash(organization, template, content)
        command = domain.ReceiveImport(
            import_id=import_id,
            organization=organization,
            template=template.value,
            content_hash=content_hash,
            size_bytes=len(content),
            file_name=file_name,
        )
        key, key_row = self._records.new_key(import_id)
        sealed = {"_id": import_id, "blob": seal_blob(key, import_id, import_id, content), "at": self._now_micros()}
        upload = Row(self.uploads.database.name, UPLOADS, sealed)
        running = Claim(RUNNING_CLAIM, content_hash)

        async def keys(_events: Sequence[Event]) -> dict[str, bytes]:
            return {import_id: key}

        try:
            answer = await execute(
                self._store,
                domain.IMPORT,
                import_id,
                request,
                lambda state: domain.receive_import(command, state),
                conditions=lambda _state, _events: (key_row, upload, running),
                keys=keys,
                refuse=_Joined,
            )
        except _Joined as joined:
            stored = await self._store.load(joined.owner)
            return Received(Answer(joined.owner, stored[-1].version, ()), joined=True)
        if not answer.repeated and not self._fresh.full():
            self._fresh.put_nowait({"_id": import_id, "organization": organization, "version": answer.version})
        return Received(answer, joined=False)

    async def arrived(self, seconds: float) -> Arrived | None:
        """The next import that this very process took in, or None after so long: its worker need not wait until the
        list of imports shows it, which shows all of them, and those of other processes.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._fresh.get()
        except TimeoutError:
            return None

    def now(self) -> datetime:
        return self._clock.now()

    async def load(self, import_id: str) -> Import:
        """Raises ImportNotFound. What was read of an import before is kept: a running one is asked for all the time."""
        known = self._known.get(import_id)
        found = self._store.documents([import_id], after=known.version if known else 0)
        documents = [d async for d in found] if import_id.startswith("import-") else []
        if documents:
            known = self._gone_on(import_id, known, documents)
            self._known.put({import_id: known})
        if known is None:
            raise domain.ImportNotFound
        return known

    def _gone_on(self, import_id: str, known: Import | None, documents: Sequence[dict[str, Any]]) -> Import:
        """An import after further commits."""
        stored = [self._store.codec.decode(d) for d in documents]
        events: tuple[Any, ...] = tuple(e for s in stored for e in s.events)
        recorded = tuple(r for d in documents for r in self._store.codec.recorded(d))
        finished = [from_micros(s.at) for s in stored if any(isinstance(e, ImportFinished) for e in s.events)]
        state = known.state if known else domain.IMPORT.initial
        return Import(
            id=import_id,
            state=reduce(domain.IMPORT.evolve, events, state),
            version=stored[-1].version,
            at=stored[-1].at,
            received=known.received if known else events[0],
            recorded=known.recorded + recorded if known else recorded,
            events=known.events + events if known else events,
            finished_at=(known.finished_at if known else None) or (finished[0] if finished else None),
        )

    async def file(self, loaded: Import) -> Upload:
        """Raises WorkbookGone after 30 days."""
        key = await self._key(loaded)
        upload = await self.uploads.find_one({"_id": loaded.id})
        if key is ERASED or upload is None:
            raise WorkbookGone
        name = opened(loaded.recorded[0], key).get("file_name", "")
        return Upload(key, name, open_blob(key, loaded.id, loaded.id, upload["blob"]))

    async def failed_rows(self, loaded: Import) -> bytes:
        """MEM-09: the failed rows as a workbook of the same layout, made anew from the kept file.

        Those that a stopped import left unprocessed are among them, without a reason.
        """
        _, name, content = await self.file(loaded)
        scope = await self._places.scope(
            loaded.received.organization, Template(loaded.received.template), from_micros(loaded.at)
        )
        left = [v for v in loaded.verdicts if v.verdict in ("failed", "unprocessed")]
        failed = {v.row: tuple(fault_of(f) for f in v.faults) for v in left}
        return await self._sandbox.failed_rows(content, name, scope, failed)

    async def who(self, loaded: Import, rows: Collection[int]) -> dict[int, tuple[str, str]]:
        """Name and masked number of those of `rows` that failed or were warned of, as long as the workbook is kept."""
        told_by = [
            recorded
            for recorded, event in zip(loaded.recorded, loaded.events, strict=True)
            if isinstance(event, RowsSettled) and recorded.sealed and any(v.row in rows for v in event.verdicts)
        ]
        key = await self._key(loaded) if told_by else ERASED
        told = [opened(recorded, key).get("who", {}) for recorded in told_by]
        return {int(row): (name, number) for those in told for row, (name, number) in those.items()}

    async def cancel(self, request: Request, import_id: str) -> Answer:
        """MEM-27: the worker gives the rest of the rows 未处理."""
        return await self._on(request, import_id, domain.cancel_import)

    async def request_withdrawal(self, request: Request, import_id: str) -> Answer:
        loaded = await self.load(import_id)
        who = request.actor.principal
        return await self._on(
            request,
            import_id,
            lambda s: domain.request_withdrawal(s, who, loaded.finished_at, self._clock.now()),
        )

    async def confirm_withdrawal(self, request: Request, import_id: str) -> Answer:
        loaded = await self.load(import_id)
        who = request.actor.principal
        return await self._on(
            request,
            import_id,
            lambda s: domain.confirm_withdrawal(s, who, loaded.finished_at, self._clock.now()),
        )

    async def call_off_withdrawal(self, request: Request, import_id: str) -> Answer:
        return await self._on(request, import_id, domain.call_off_withdrawal)

    async def expire_uploads(self) -> int:
        """Destroys the keys and files of workbooks older than 30 days; repeating is harmless. Answers how many."""
        before = to_micros(self._clock.now() - timedelta(days=KEPT_DAYS))
        gone = 0
        while old := [d["_id"] async for d in self.uploads.find({"at": {"$lt": before}}, {"_id": 1}).limit(500)]:
            await self._records.vault.destroy(old, self._clock.now())
            gone += (await self.uploads.delete_many({"_id": {"$in": old}})).deleted_count
        return gone

    async def _key(self, loaded: Import) -> bytes | Erased:
        """Of the workbook and of whom its rows are about; destroyed after 30 days."""
        return (await self._records.vault.keys([loaded.id]))[loaded.id]

    async def _on(
        self, request: Request, import_id: str, decide: Callable[[domain.ImportState], list[ImportEvent]]
    ) -> Answer:
        return await execute(self._store, domain.IMPORT, import_id, request, decide)

    def _now_micros(self) -> int:
        return to_micros(self._clock.now())


class _Joined(domain.ImportNotFound):
    """Inside `receive`: the content is being imported already."""

    def __init__(self, lost: Any) -> None:
        self.owner: str = lost.owner or ""
        super().__init__()


def running_release(received: ImportReceived) -> Release:
    """Given back by the event that ends the import."""
    return Release(RUNNING_CLAIM, received.content_hash)


def fault_of(stored: Any) -> Fault:
    """A stored fault with its sentences again."""
    return Fault(stored.code, stored.field, stored.params)
