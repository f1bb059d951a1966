"""The live totals of every organization, and the fence between batches and the copying of an hour."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar

from pymongo import ASCENDING, DeleteOne, IndexModel, ReplaceOne, ReturnDocument

from services.stats.counting.ledger import Ledger, Node, nodes_named, persons_named, transfers_named
from services.stats.projections.documents import (
    Document,
    cohorts_of,
    node_of,
    node_update,
    person_document,
    person_of,
    steps_document,
    steps_of,
    totals_of,
)
from shared.contracts import member, org, transfer
from shared.contracts.base import Contract
from shared.eventstore.driver import ensure_collections
from shared.kernel.envelope import Recorded
from shared.projections.copies import collection_of
from shared.projections.positions import PositionsMoved
from shared.projections.projection import NotNow

PEOPLE = "people_v3"
TRANSFERS = "transfers_v3"
NODES = "nodes_v3"
"""Names of the first copy; `collection_of` has those of others."""
PROGRESS = "progress"
WRITER = "writer"
WITH_COHORTS = {"cohorts": {"$exists": True}}
"""Nodes at or below which there are graduates of some year, or were."""
LINKS_MAX = 200_000

Kept = TypeVar("Kept")

HEARD: dict[str, type[Contract]] = {
    contract.type_name(): contract
    for contract in (
        org.OrganizationEstablished,
        org.OrganizationInformationChanged,
        org.OrganizationMoved,
        org.SubordinatesReordered,
        org.OrganizationDissolved,
        member.MemberImported,
        member.MemberEntered,
        member.MemberMoved,
        member.MembershipEnded,
        member.CadreAppointed,
        member.CadrePositionEnded,
        member.RecordCompletenessChanged,
        transfer.TransferRequested,
        transfer.TransferBecameLate,
        transfer.TransferStepApproved,
        transfer.DestinationAssigned,
        transfer.TransferRefused,
        transfer.TransferTimedOut,
        transfer.TransferWithdrawn,
        transfer.TransferFailed,
        transfer.TransferCompleted,
        transfer.CohortFrozen,
        transfer.CohortWithdrawn,
        transfer.GraduateExcluded,
        transfer.GraduateIncluded,
    )
}
"""Types that are counted. Another one is a new `version`: figures from before it would lack what it says."""


class LiveTotals:
    """STA-06: counts people, transfers and organizations, and adds every change to all superiors, once per batch.

    The row `writer` of `progress` is raised by every batch and set by the copying of an hour: no batch gets in while
    an hour is copied, not even one of a writer that was paused and lost its lease. `batches` is what the last batch
    made of it; whoever begins to copy asks for that value. `copy` of that row is the copy that hours are made from;
    a batch of another one touches nothing but that other one (STA-07).
    """

    name: str = "totals"
    version: int = 3
    topics: tuple[str, ...] = (org.EVENTS, member.EVENTS, transfer.EVENTS, transfer.COHORTS)

    def __init__(self, database: Any) -> None:
        self._database = database
        self._progress = database[PROGRESS]
        self._number = 1
        self._people, self._transfers, self._nodes = (database[name] for name in collections_of(1))
        self._links: dict[str, str] = {}
        self.batches = 0

    def at(self, number: int) -> Self:
        other = type(self)(self._database)
        other._number = number  # noqa: SLF001 - one of our own
        other._people, other._transfers, other._nodes = (  # noqa: SLF001
            self._database[name] for name in collections_of(number)
        )
        return other

    @property
    def collections(self) -> tuple[str, ...]:
        return collections_of(self._number)

    def compared(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Without the hour that a node changed after, and without sums that came down to zero."""
        if "totals" not in document and "changed_after" not in document:
            return document
        kept = {name: value for name, value in document.items() if name != "changed_after"}
        return kept | {
            "totals": totals_of(document.get("totals", {})),
            "cohorts": cohorts_of(document.get("cohorts", {})),
        }

    async def take_over(self, session: Any) -> None:
        """The next hour copies every node, whichever changed: hours before were copied from other documents.

        Raises NotNow between a stroke and the publication of its hour.
        """
        result = await self._progress.update_one(
            {"_id": WRITER, "copying": False, "stroke": None},
            {"$set": {"copy": self._number, "whole": True}, "$inc": {"batches": 1}},
            session=session,
        )
        if not result.matched_count:
            raise NotNow("an hour is being published")

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in HEARD

    async def prepare(self) -> None:
        await ensure_collections(self._database, *self.collections, PROGRESS)
        await self._nodes.create_indexes(
            [
                IndexModel([("changed_after", ASCENDING), ("_id", ASCENDING)]),
                IndexModel([("attached", ASCENDING), ("order", ASCENDING), ("_id", ASCENDING)]),
                IndexModel([("waiting", ASCENDING)], partialFilterExpression={"waiting": True}),
                IndexModel([("attached", ASCENDING)], name="cohorts", partialFilterExpression=WITH_COHORTS),
            ]
        )

    async def apply(self, session: Any, batch: Sequence[Recorded]) -> None:
        """Raises PositionsMoved while an hour is copied."""
        last_hour = await self._enter(session)
        facts: list[Any] = [HEARD[e.type].model_validate(e.data) for e in batch if e.type in HEARD]
        people = await _loaded(self._people, session, persons_named(facts), person_of)
        transfers = await _loaded(self._transfers, session, transfers_named(facts), steps_of)
        nodes = await self._load_nodes(session, nodes_named(facts, people.values(), transfers.values()))
        ledger = Ledger(dict(people), {name: node.copy() for name, node in nodes.items()}, dict(transfers))
        ledger.take(facts)
        updates = [node_update(nodes.get(n.id), n, last_hour) for _, n in sorted(ledger.nodes.items())]
        if writes := [update for update in updates if update]:
            await self._nodes.bulk_write(writes, ordered=False, session=session)
        await _written(self._people, session, people, ledger.people, person_document)
        await _written(self._transfers, session, transfers, ledger.transfers, steps_document)

    async def _enter(self, session: Any) -> int:
        """The hour that was copied last."""
        row = await self._progress.find_one_and_update(
            {"_id": WRITER, "copying": False, "copy": copy_is(self._number)},
            {"$inc": {"batches": 1}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if row is not None:
            self.batches = row["batches"]
            return int(row["hour"])
        row = await self._progress.find_one({"_id": WRITER}, session=session)
        if row is None or row.get("copy", 1) == self._number:
            raise PositionsMoved
        return int(row["hour"])

    async def _load_nodes(self, session: Any, names: Iterable[str]) -> dict[str, Node]:
        """The nodes named, all that wait, and everything above them; remembered links save most of the rounds."""
        waiting = self._nodes.find({"waiting": True}, session=session)
        nodes = {d["_id"]: node_of(d) async for d in waiting}
        wanted = set(names) | {above for node in nodes.values() for above in (node.wanted, node.attached) if above}
        asked: set[str] = set()
        while unknown := wanted - asked - nodes.keys():
            unknown |= self._linked(unknown) - asked - nodes.keys()
            found = self._nodes.find({"_id": {"$in": list(unknown)}}, session=session)
            loaded = {d["_id"]: node_of(d) async for d in found}
            asked |= unknown
            nodes |= loaded
            wanted = {above for node in loaded.values() for above in (node.attached, node.wanted) if above}
            self._remember(loaded.values())
        return nodes

    def _linked(self, names: Iterable[str]) -> set[str]:
        """Superiors as last seen: a hint what to load along, never relied on, so an aborted batch spoils nothing."""
        above: set[str] = set()
        for name in names:
            link = self._links.get(name)
            while link is not None and link not in above:
                above.add(link)
                link = self._links.get(link)
        return above

    def _remember(self, nodes: Iterable[Node]) -> None:
        if len(self._links) > LINKS_MAX:
            self._links.clear()
        self._links.update((node.id, node.attached) for node in nodes if node.attached)


async def _loaded(
    collection: Any, session: Any, names: Collection[str], read: Callable[[Document], Kept]
) -> dict[str, Kept | None]:
    """What is stored of each name, or None."""
    if not names:
        return {}
    found = collection.find({"_id": {"$in": list(names)}}, session=session)
    stored = {d["_id"]: read(d) async for d in found}
    return {name: stored.get(name) for name in names}


async def _written(
    collection: Any,
    session: Any,
    stored: Mapping[str, Kept | None],
    now: Mapping[str, Kept | None],
    write: Callable[[str, Kept], Document],
) -> None:
    new: list[Document] = []
    changes: list[ReplaceOne[Document] | DeleteOne] = []
    for name, kept in now.items():
        before = stored[name]
        if kept is None:
            if before is not None:
                changes.append(DeleteOne({"_id": name}))
        elif before is None:
            new.append(write(name, kept))
        elif kept != before:
            changes.append(ReplaceOne({"_id": name}, write(name, kept)))
    if new:
        await collection.insert_many(new, ordered=False, session=session)
    if changes:
        await collection.bulk_write(changes, ordered=False, session=session)


def copy_is(number: int) -> Any:
    """What `copy` of the writer's row must be; rows from before there were copies have none."""
    return number if number > 1 else {"$in": [1, None]}


def collections_of(number: int) -> tuple[str, str, str]:
    """People, transfers and nodes of a copy."""
    return collection_of(PEOPLE, number), collection_of(TRANSFERS, number), collection_of(NODES, number)
