"""The import worker: finds imports that wait, settles them chunk by chunk, takes them back, destroys old files.

Imports of one organization run one after the other, by a lease. What was settled is on the import's stream, so a
worker that died is continued by the next where it stopped; one that was paused is fenced by the stream's version.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from services.member.domain import imports as domain
from services.member.domain import person as people
from services.member.domain.events import (
    ImportEvent,
    ImportRead,
    ImportRefused,
    PeopleWithdrawn,
    RowsSettled,
    WithdrawalCancelled,
    WithdrawalFinished,
)
from services.member.domain.faults import Fault
from services.member.domain.fields import Template
from services.member.projections.imports import ImportList
from services.member.use_cases.imports import Imports, running_release
from services.member.use_cases.loaded_import import Import
from services.member.use_cases.places import Places
from services.member.use_cases.records import Person, Records, leaving_conditions
from services.member.use_cases.settle import ImportJob, Settler
from services.member.workbooks.judging import JudgedRow
from services.member.workbooks.refusals import WorkbookRefused
from services.member.workbooks.sandbox import Sandbox
from shared.eventstore.chunk import CHUNK_ROWS_MAX, Fenced
from shared.eventstore.commits import Commit
from shared.eventstore.conditions import Condition
from shared.kernel import ids
from shared.kernel.envelope import Request
from shared.kernel.refusals import Kind, Refusal
from shared.observability.logging import bind, unbind
from shared.observability.metric_names import gauge
from shared.observability.tracing import batch
from shared.runtime.lease import Lease
from shared.runtime.service import Health, Role

log = structlog.get_logger()
_BUSY = gauge("tuan_import_busy_seconds")
_RESTING = gauge("tuan_import_resting")

POLL_SECONDS = 0.5
EXPIRE_SECONDS = 24 * 3600.0
STUCK_SECONDS = 300.0
REST_SECONDS = 0.5
REST_SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True)
class _Sheet:
    key: bytes
    rows: list[JudgedRow]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rest:
    """An import that failed is left alone for `seconds`, until the monotonic clock says `until`."""

    seconds: float
    until: float


class ImportWorker:
    """One loop per process; several processes share the work by leases.

    An import that fails rests for a while, longer each time, and keeps none of the others waiting (P5).
    """

    name = "member.imports"
    role = Role.WORKER

    def __init__(
        self,
        imports: Imports,
        listed: ImportList,
        records: Records,
        settler: Settler,
        places: Places,
        sandbox: Sandbox,
    ) -> None:
        self._imports = imports
        self._listed = listed
        self._records = records
        self._settler = settler
        self._places = places
        self._sandbox = sandbox
        self._leases = records.store.database["leases"]
        self._done: dict[str, int] = {}
        self._resting: dict[str, _Rest] = {}
        self._busy_since: float | None = None
        self._expire_at = 0.0
        _BUSY.set_function(self._busy)
        _RESTING.set_function(lambda: len(self._resting))

    def health(self) -> Health:
        """Not ready when one import has kept the worker for five minutes, or fails."""
        if self._resting:
            return Health(ready=False, detail=f"tried again after failures: {', '.join(self._resting)}")
        busy = self._busy()
        return Health(ready=busy < STUCK_SECONDS, detail=f"busy for {busy:.0f} s" if busy else "idle")

    def _busy(self) -> float:
        return time.monotonic() - self._busy_since if self._busy_since else 0.0

    async def run(self) -> None:
        while True:
            if time.monotonic() > self._expire_at:
                await self._imports.expire_uploads()
                self._expire_at = time.monotonic() + EXPIRE_SECONDS
            await self._all_waiting()
            if fresh := await self._imports.arrived(POLL_SECONDS):
                await self._one(fresh)

    async def _all_waiting(self) -> None:
        listed = await self._listed.waiting()
        waiting_ids = {w["_id"] for w in listed}
        self._done = {i: version for i, version in self._done.items() if i in waiting_ids}
        self._resting = {i: rest for i, rest in self._resting.items() if i in waiting_ids}
        for waiting in listed:
            await self._one(waiting)

    async def _one(self, waiting: dict[str, Any]) -> None:
        """One import, if its organization is free. The list may lag behind: what was done is not begun again."""
        import_id: str = waiting["_id"]
        rest = self._resting.get(import_id)
        if self._done.get(import_id, 0) >= waiting["version"] or (rest and rest.until > time.monotonic()):
            return
        lease = Lease(self._leases, f"imports/{waiting['organization']}")
        if not await lease.take():
            return
        self._busy_since = time.monotonic()
        try:
            async with lease.held() as lost:
                self._done[import_id] = await self._work(import_id, lost)
            self._resting.pop(import_id, None)
        except Exception as error:  # noqa: BLE001 - whatever one import suffers from, the others go on
            self._put_aside(import_id, error)
        finally:
            self._busy_since = None
            unbind()

    def _put_aside(self, import_id: str, error: Exception) -> None:
        if isinstance(error, Refusal) and error.kind is Kind.UNAVAILABLE:
            log.warning("import.postponed", import_id=import_id, code=error.code)
            return
        log.error("import.failed", import_id=import_id, exc_info=error)
        seconds = min(REST_SECONDS_MAX, 2 * self._resting.get(import_id, _Rest(REST_SECONDS / 2, 0)).seconds)
        self._resting[import_id] = _Rest(seconds, time.monotonic() + seconds)

    async def _work(self, import_id: str, lost: asyncio.Event) -> int:
        """Goes on with one import until it waits for nobody but people. Answers the version it left it at."""
        sheet: _Sheet | None = None
        while not lost.is_set():
            loaded = await self._imports.load(import_id)
            bind(correlation=loaded.correlation)
            try:
                match state := loaded.state:
                    case domain.Running():
                        if sheet := sheet or await self._read(loaded):
                            await self._advance(loaded, state, sheet)
                    case domain.Finished() if state.confirmed:
                        await self._withdraw(loaded, state)
                    case _:
                        return loaded.version
            except Fenced:
                log.info("import.fenced", import_id=import_id)
        return 0

    async def _read(self, loaded: Import) -> _Sheet | None:
        """The judged rows; None when the file as a whole was refused."""
        key, name, content = await self._imports.file(loaded)
        at = loaded.recorded[0].at
        scope = await self._places.scope(loaded.received.organization, Template(loaded.received.template), at)
        rows: list[JudgedRow] = []
        notes: list[Fault] = []
        try:
            with batch("import read", [loaded.correlation]):
                async for item in self._sandbox.judge(content, name, scope):
                    if isinstance(item, JudgedRow):
                        rows.append(item)
                    notes += item.judged.notes if isinstance(item, JudgedRow) else item.notes
        except WorkbookRefused as refusal:
            said = {"sentence": refusal.sentence(), "advice": refusal.advice()}
            refused = ImportRefused(code=refusal.code, rule=refusal.rule, **said)
            await self._append(loaded, "refused", refused, [running_release(loaded.received)])
            return None
        return _Sheet(key, rows, tuple(dict.fromkeys(note.what for note in notes)))

    async def _advance(self, loaded: Import, state: domain.Running, sheet: _Sheet) -> None:
        """One step: the count of rows, then a chunk, then the end."""
        if state.rows is None:
            await self._append(loaded, "read", ImportRead(rows=len(sheet.rows), notes=sheet.notes))
            return
        left = [r for r in sheet.rows if r.row not in state.settled]
        if not left:
            (finished,) = domain.finish_import(state)
            await self._append(loaded, "finished", finished, [running_release(loaded.received)])
            return
        template = Template(state.template)
        if state.cancel is None and not await self._places.may_import(loaded.uploader, state.organization, template):
            (lost,) = domain.cancel_import(state, "authority_lost")
            await self._append(loaded, "authority", lost)
            return
        if state.cancel:
            (settled,) = domain.leave_unprocessed([r.row for r in left], state)
            await self._append(loaded, "unprocessed", settled)
            return
        job = ImportJob(
            import_id=loaded.id,
            key=sheet.key,
            version=loaded.version + 1,
            previous_at=loaded.at,
            organization=state.organization,
            template=template,
            actor=loaded.uploader,
            correlation=loaded.correlation,
            branches=await self._places.branches(state.organization),
        )

        def ending(settled: RowsSettled) -> tuple[Sequence[ImportEvent], Sequence[Condition]]:
            after = domain.evolve(state, settled)
            if not isinstance(after, domain.Running) or len(after.settled) < len(sheet.rows):
                return (), ()
            return domain.finish_import(after), [running_release(loaded.received)]

        with batch("import chunk", [loaded.correlation] * len(rows := left[:CHUNK_ROWS_MAX])):
            await self._settler.settle(job, rows, ending)

    async def _withdraw(self, loaded: Import, state: domain.Finished) -> None:
        """MEM-27: a chunk of those whom nobody has touched since; the others are kept and counted."""
        left = [p for p in state.people if p not in state.handled][:CHUNK_ROWS_MAX]
        if not left:
            ended = WithdrawalFinished(members_ended=state.ended, kept=len(state.people) - state.ended)
            await self._append(loaded, "withdrawn", ended)
            return
        asked, *confirmed = loaded.withdrawing
        if not await self._places.may_withdraw(loaded.uploader, asked, confirmed, state.organization):
            await self._append(loaded, "authority", WithdrawalCancelled(cause="authority_lost"))
            return
        known = await self._records.load(left)
        commits = _leaving(loaded, [known[p] for p in left])

        def fence(lost: Any) -> Commit:
            out = {c.stream for c in commits if c.commit_id not in lost}
            event = PeopleWithdrawn(
                withdrawn=tuple(p for p in left if p in out), kept=tuple(p for p in left if p not in out)
            )
            return self._commit(loaded, f"withdrawn {left[0]}", event)

        await self._records.store.append_chunk(commits, fence)

    async def _append(
        self, loaded: Import, step: str, event: ImportEvent, conditions: Sequence[Condition] = ()
    ) -> None:
        """One step on the import's own stream, fenced like a chunk."""
        await self._records.store.append_chunk([], lambda _lost: self._commit(loaded, step, event, conditions))

    def _commit(self, loaded: Import, step: str, event: ImportEvent, conditions: Sequence[Condition] = ()) -> Commit:
        return Commit(
            stream=loaded.id,
            version=loaded.version + 1,
            commit_id=ids.commit_id("member", step, str(loaded.version), loaded.id),
            request=Request(loaded.uploader, step, "", loaded.correlation, loaded.id),
            events=(event,),
            conditions=tuple(conditions),
            previous_at=loaded.at,
        )


def _leaving(loaded: Import, brought: Sequence[Person]) -> list[Commit]:
    """The commits that take people out again: of those whom nobody has touched since."""
    commits: list[Commit] = []
    for person in brought:
        events = people.withdraw_imported(people.WithdrawImported(import_id=loaded.id), person.state)
        if not events:
            continue
        commits.append(
            Commit(
                stream=person.id,
                version=person.version + 1,
                commit_id=ids.commit_id("member", loaded.id, "withdrawal", person.id),
                request=Request(loaded.withdrawing[-1], "withdrawal", "", loaded.correlation, loaded.id),
                events=tuple(events),
                conditions=leaving_conditions(events),
                previous_at=person.at,
            )
        )
    return commits
