"""Once a day with each system: its directory is taken over, and who has whom is compared (BEY-08)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import structlog

from services.transfer.domain import outside_systems as domain
from services.transfer.domain.outside_systems import Agreement
from services.transfer.exchange.directories import OutsideDirectory
from services.transfer.exchange.peers import FAILURES, NotReached, Peers
from services.transfer.exchange.protocol import PAGE_MAX, PEOPLE_MAX, Directory, Held, Reconciled, Reconciliation
from services.transfer.exchange.signing import MATCHING
from services.transfer.projections.exchanges import CLOSED, Exchanges
from services.transfer.projections.members import Members
from shared.authority.decide import Line
from shared.contracts.org import Register, register_branch
from shared.deadlines.rows import Deadline
from shared.eventstore.driver import ensure_collections
from shared.kernel.clock import Clock, local_date
from shared.observability.metric_names import gauge
from shared.privacy.lookup import LookupKey
from shared.privacy.secrets import SecretMissing, read_secret

log = structlog.get_logger()

DIFFERENCES = "exchange_differences"
PAGES_MAX = 10_000
_DIFFERENCES = gauge("tuan_exchange_differences_records")


class Tree(Protocol):
    async def nodes(self, ids: Collection[str]) -> Mapping[str, Any]: ...
    async def line(self, scope: str) -> Line: ...


class Matching:
    """Tags of numbers, by the key that was agreed with each system; none for one without a key."""

    def __init__(self, keys: Mapping[str, LookupKey]) -> None:
        self._keys = keys

    @classmethod
    def from_directory(cls, directory: Path) -> "Matching":
        """Reads `exchange-matching.<system>` of those systems that have one."""
        found = {}
        for system in Register:
            try:
                found[system.value] = LookupKey(read_secret(directory, f"{MATCHING}.{system.value}"))
            except SecretMissing:
                continue
        return cls(found)

    def tag(self, system: str, number: str) -> str:
        key = self._keys.get(system)
        return key.hash("exchange-number", number) if key else ""


Crossed = tuple[str, Mapping[str, Any], bool]


class Crossings:
    """Who crossed between us and a system, by tag: whether we have them now, as far as nothing is under way."""

    def __init__(self, exchanges: Exchanges, members: Members, tree: Tree) -> None:
        self._exchanges = exchanges
        self._members = members
        self._tree = tree

    async def people(self, system: str, after: str, until: str, limit: int) -> tuple[list[Crossed], str]:
        """(tag, the last exchange of that person, here) behind `after`, by tag; and up to where, if that is not all."""
        tags: dict[str, Any] = {"$gt": after} | ({"$lte": until} if until else {})
        rows = await self._exchanges.find({"system": system, "tag": tags}, [("tag", 1), ("began_at", 1)], limit)
        upto = ""
        if len(rows) == limit:
            rows = [row for row in rows if row["tag"] != rows[-1]["tag"]]
            upto = rows[-1]["tag"]
        last = {row["tag"]: row for row in rows if row["outcome"] == "completed"}
        moving = {row["tag"] for row in rows if row["stage"] != CLOSED}
        return [(tag, row, await self._here(system, row)) for tag, row in last.items() if tag not in moving], upto

    async def _here(self, system: str, row: Mapping[str, Any]) -> bool:
        """A member of any branch but the register branch that stands for that very system."""
        branch = await self._members.branch(row["person"]) if row["person"] else None
        if branch is None:
            return False
        return not any(
            branch == register_branch(body, Register(system)) for body in (await self._tree.line(branch)).ids
        )


class DailyWork:
    """The use case that the deadline of a system calls; also answers the same question of the other side."""

    def __init__(
        self, database: Any, peers: Peers, directory: OutsideDirectory, crossings: Crossings, clock: Clock
    ) -> None:
        self._database = database
        self._differences = database[DIFFERENCES]
        self._peers = peers
        self._directory = directory
        self._crossings = crossings
        self._clock = clock

    async def prepare(self) -> None:
        """The collection. Idempotent."""
        await ensure_collections(self._database, DIFFERENCES)

    async def work(self, deadline: Deadline, _now: datetime) -> None:
        """Tomorrow again; after a failure like a message."""
        system, now = deadline.stream, self._clock.now()
        agreement = await self._peers.agreement(system)
        try:
            version, changed = await self._take_directory(system, agreement)
            await self._reconcile(system, agreement, now)
        except NotReached as cause:
            word = cause.cause
            FAILURES.labels(system).inc()
            log.warning("exchange.daily_failed", system=system, cause=word)
            await self._peers.note(f"{deadline.id}-failed", system, lambda s: domain.daily_work_failed(word, s, now))
            return
        await self._peers.note(deadline.id, system, lambda _: domain.directory_taken(version, changed, now))

    async def reconciled(self, system: str, asked: Reconciliation) -> Reconciled:
        """Our side of the same stretch."""
        found, _ = await self._crossings.people(system, asked.after, asked.until, PEOPLE_MAX * 2)
        return Reconciled(people=tuple(Held(tag=tag, here=here) for tag, _, here in found))

    async def differences(self, system: str) -> list[Mapping[str, Any]]:
        """[{tag, kind, exchange, person}] of the last day: `both` or `neither`."""
        return list(await self._differences.find({"system": system}).sort("_id", 1).to_list(None))

    async def _take_directory(self, system: str, agreement: Agreement) -> tuple[str, int]:
        version, changed = agreement.version, 0
        for _ in range(PAGES_MAX):
            page = await self._peers.ask(system, "GET", f"/directory?since={quote(version)}", Directory)
            changed += await self._directory.take(system, page.organizations)
            version = page.version
            if not page.more:
                return version, changed
        raise NotReached("too_long")

    async def _reconcile(self, system: str, agreement: Agreement, now: datetime) -> None:
        day = local_date(now)
        if agreement.reconciled is not None and day <= agreement.reconciled:
            return
        found, people, after = [], 0, ""
        while True:
            mine, until = await self._crossings.people(system, after, "", PEOPLE_MAX)
            held = tuple(Held(tag=tag, here=here) for tag, _, here in mine)
            question = Reconciliation(day=day, after=after, until=until, people=held)
            theirs = await self._peers.ask(system, "POST", "/reconciliations", Reconciled, question)
            found += _compared(system, mine, theirs.people)
            people += len(mine)
            if not until:
                break
            after = until
        await self._differences.delete_many({"system": system})
        if found:
            await self._differences.insert_many(found)
        counts = [sum(1 for each in found if each["kind"] == kind) for kind in ("both", "neither")]
        _DIFFERENCES.labels(system).set(len(found))
        if found:
            log.warning("exchange.differences", system=system, both=counts[0], neither=counts[1])
        await self._peers.note(
            f"{system}-{day}", system, lambda s: domain.reconciliation_made(day, people, counts[0], counts[1], s)
        )


def own_page(rows: Sequence[Mapping[str, Any]], version: str) -> Directory:
    """Our directory as they are told it."""
    listed = [{"organization": row["_id"], "name": row["name"], "ended": row["ended"]} for row in rows]
    return Directory.model_validate({"version": version, "more": len(rows) == PAGE_MAX, "organizations": listed})


def _compared(system: str, mine: Sequence[Crossed], theirs: Sequence[Held]) -> list[dict[str, Any]]:
    """Everybody whom both have, or neither: a tag that they do not know is somebody they do not have."""
    there = {held.tag: held.here for held in theirs}
    found = []
    for tag, row, here in mine:
        if here == there.get(tag, False):
            kind = "both" if here else "neither"
            about = {"exchange": row["_id"], "person": row["person"]}
            found.append({"_id": f"{system}:{tag}", "system": system, "kind": kind} | about)
    return found
