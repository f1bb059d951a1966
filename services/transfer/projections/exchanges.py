"""One document an exchange: between whom, how far it is, what was said, and the tag for the reconciliation (BEY-08)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from pymongo import IndexModel

from services.transfer.domain import events_of_exchange as e
from services.transfer.domain.events import REGISTRY, Side, TransferRequested
from services.transfer.projections.transfers import LOG
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.privacy.opening import open_batch
from shared.privacy.vault import KeyReader
from shared.projections.documents import Document, DocumentProjection

PREPARED, OFFERED, ACCEPTED, REFUSED, ENTERING, CLOSED = (
    "prepared",
    "offered",
    "accepted",
    "refused",
    "entering",
    "closed",
)
OUT, IN = "out", "in"
KIND = "exchange-"
_REQUESTED = "transfer.TransferRequested.v1"

TagOf = Callable[[str, str], str]
"""(system, number) -> tag; empty for a system without a key of its own."""


class Exchanges(DocumentProjection):
    """{direction, system, transfer, person, organization, outside_name, reference, reason, stage, failed, cause,
    decision, ground, newcomer, outcome, findings, said, tag, decide_until, began_at, closed, above}.

    `organization` is ours, None until it is known; `above`: it and all over it on the day it began (TRF-14). `said`:
    [{what, at, word}]. Transfer and exchange come over several partitions, so what is known first makes the document.
    `tag` is the keyed hash of the person's number.
    """

    name: ClassVar[str] = "exchanges"
    version: ClassVar[int] = 2
    topics: ClassVar[tuple[str, ...]] = (LOG,)
    indexes: ClassVar[Sequence[IndexModel]] = (
        IndexModel([("transfer", 1)]),
        IndexModel([("organization", 1), ("stage", 1), ("began_at", 1)]),
        IndexModel([("system", 1), ("tag", 1)]),
        IndexModel([("system", 1), ("closed", 1), ("began_at", -1)]),
        IndexModel([("above", 1), ("began_at", -1), ("_id", -1)]),
    )

    def __init__(self, database: Any, keys: KeyReader, vault: KeyReader, tag: TagOf) -> None:
        super().__init__(database)
        self._keys = keys
        self._vault = vault
        self._tag = tag
        self._opened: dict[str, dict[str, Any]] = {}

    async def before(self, batch: Sequence[Recorded]) -> None:
        mine = [event for event in batch if event.sealed and event.stream.startswith(KIND)]
        others = [event for event in batch if event.sealed and event.data.get("outside")]
        self._opened = await open_batch(self._vault, mine) | await open_batch(self._keys, others)

    def wants(self, type_: str, stream: str) -> bool:
        return stream.startswith(KIND) or type_ == _REQUESTED

    def keys(self, event: Recorded) -> Iterable[str]:
        if event.type == _REQUESTED:
            outside = event.data.get("outside")
            return (outside["exchange"],) if outside else ()
        return (event.stream,)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        if not REGISTRY.knows(event.type):
            return document
        held, fact = document or _empty(event), REGISTRY.load(event)
        opened = self._opened.get(event.event_id, {})
        match fact:
            case TransferRequested():
                return held | self._of_transfer(fact, event, opened)
            case e.OfferReceived():
                tag = self._tag(fact.system, opened["number"]) if "number" in opened else held["tag"]
                return _said(held | _received(fact) | {"tag": tag}, "received", event)
            case _:
                return _after(held, fact, event)

    def _of_transfer(self, fact: TransferRequested, event: Recorded, opened: Mapping[str, Any]) -> Document:
        outside = fact.outside
        if outside is None:
            return {}
        if fact.started_by is Side.OUTSIDE:
            return {"transfer": event.stream, "person": fact.person}
        papers = opened.get("papers", {})
        return {
            "direction": OUT,
            "system": outside.system,
            "transfer": event.stream,
            "person": fact.person,
            "organization": fact.from_branch,
            "above": list(fact.above),
            "outside_name": outside.name,
            "reference": event.stream,
            "reason": fact.reason,
            "tag": self._tag(outside.system, papers["number"]) if "number" in papers else "",
        }

    async def get(self, exchange: str) -> Document | None:
        found: Document | None = await (await self.current()).find_one({"_id": exchange})
        return found

    async def of_transfer(self, transfer: str) -> Document | None:
        found: Document | None = await (await self.current()).find_one({"transfer": transfer})
        return found

    async def find(self, query: Mapping[str, Any], order: Sequence[tuple[str, int]], limit: int) -> list[Document]:
        found = (await self.current()).find(dict(query)).sort(list(order)).limit(limit)
        return list(await found.to_list(None))

    async def page(self, query: Mapping[str, Any], limit: int, after: Sequence[Any] | None) -> list[Document]:
        """The newest first, after the last one of the page before: its `began_at` and id."""
        where = dict(query)
        if after is not None:
            at, id_ = after
            where = {"$and": [where, {"$or": [{"began_at": {"$lt": at}}, {"began_at": at, "_id": {"$lt": id_}}]}]}
        return await self.find(where, [("began_at", -1), ("_id", -1)], limit)

    async def count(self, query: Mapping[str, Any]) -> int:
        return int(await (await self.current()).count_documents(dict(query)))


def _empty(event: Recorded) -> Document:
    return {
        **dict.fromkeys(("direction", "system", "transfer", "person", "organization", "outside_name", "reference")),
        **dict.fromkeys(("reason", "cause", "decision", "ground", "outcome", "decide_until")),
        "stage": PREPARED,
        "failed": 0,
        "newcomer": False,
        "findings": [],
        "said": [],
        "tag": "",
        "began_at": to_micros(event.at),
        "closed": False,
        "above": [],
    }


def _received(fact: e.OfferReceived) -> Document:
    about: Document = {
        "direction": IN,
        "stage": OFFERED,
        "outside_name": fact.from_name,
        "decide_until": to_micros(fact.decide_until),
    }
    about["above"] = list(fact.above) or [fact.organization]
    return about | fact.model_dump(include={"system", "organization", "reference", "reason"})


def _after(held: Document, fact: object, event: Recorded) -> Document:
    """What changes by one of the facts of the dialogue."""
    match fact:
        case e.OfferPrepared():
            return held | {"decide_until": to_micros(fact.decide_until)}
        case e.MessageSent(what=what):
            stage = {"stage": OFFERED} if what == "offer" else {}
            return _said(held | stage | {"failed": 0, "cause": None}, f"{what}_sent", event)
        case e.MessageNotSent():
            return held | {"failed": fact.attempt, "cause": fact.cause}
        case e.DecisionTaken() | e.DecisionDue():
            decided = {"decision": fact.decision, "ground": fact.ground, "stage": fact.decision}
            newcomer = {"newcomer": isinstance(fact, e.DecisionDue) and fact.newcomer}
            return _said(held | decided | newcomer, fact.decision, event)
        case e.OfferMatched(transfer=transfer, person=person):
            again = {"stage": ACCEPTED} if held["stage"] == ENTERING else {}
            return held | {"transfer": transfer, "person": person} | again
        case e.OutcomeDue(outcome=outcome):
            return _said(held | {"outcome": outcome}, outcome, event)
        case e.OutcomeTaken(outcome=outcome):
            entering = held["newcomer"] and outcome == "completed"
            return _said(held | {"outcome": outcome} | ({"stage": ENTERING} if entering else {}), outcome, event)
        case _:
            return _at_the_end(held, fact, event)


def _at_the_end(held: Document, fact: object, event: Recorded) -> Document:
    match fact:
        case e.NewcomerEntered(person=person):
            return _said(held | {"person": person}, "entered", event)
        case e.ReturnFailed():
            anew = {"stage": ENTERING, "transfer": None, "person": None}
            return _said(held | anew, "return_failed", event)
        case e.FindingNoted(finding=finding):
            return _said(held | {"findings": [*held["findings"], finding]}, finding, event)
        case e.ExchangeClosed():
            return held | {"stage": CLOSED, "closed": True}
        case _:
            return held


def _said(held: Document, what: str, event: Recorded) -> Document:
    return held | {"said": [*held["said"], {"what": what, "at": to_micros(event.at), "by": event.actor.principal}]}
