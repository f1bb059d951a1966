"""One document a transfer: whom it is about, whom it waits for and until when, who decided what (TRF-14)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pymongo import IndexModel

from services.transfer.domain.events import (
    REGISTRY,
    STEPS,
    DestinationAssigned,
    Side,
    TransferAnswerAwaited,
    TransferApproved,
    TransferBecameLate,
    TransferClosed,
    TransferCompleted,
    TransferDelayExplained,
    TransferFailed,
    TransferOpened,
    TransferRefused,
    TransferReminded,
    TransferRequested,
    TransferStepApproved,
    TransferTimedOut,
    TransferWithdrawn,
)
from services.transfer.domain.events_of_arrivals import (
    CheckInRecorded,
    EmploymentVerified,
    HandOverNoted,
    MemberContacted,
    WorkSettled,
)
from services.transfer.domain.events_of_disputes import (
    CoordinationAnswered,
    CoordinationHandedOn,
    CoordinationReminded,
    CoordinationRequested,
    TransferObjected,
    TransferObjectionDismissed,
)
from services.transfer.domain.events_of_successions import TransferRedirected
from services.transfer.projections.arrivals import arrived, begun, handed_over
from services.transfer.projections.disputed import OPEN, UPHELD, coordinated, objected, objection
from services.transfer.projections.steps import PENDING, assigned, by_whom, redirected, step, times, with_step
from shared.eventstore.driver import aggregated
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.privacy.opening import open_batch
from shared.privacy.vault import KeyReader
from shared.projections.documents import Document, DocumentProjection

LOG = "transfer.log.v1"
REQUESTED, UNASSIGNED, APPROVED = "requested", "unassigned", "approved"
_NEWEST = (("requested_at", 1), ("_id", 1))
NO_TIMES: Document = {
    "due_at": None,
    "late_at": None,
    "by_weekdays": False,
    "automatic": False,
    "urgency": None,
    "told": False,
}
"""Of what has no end: after all that has one."""
NEWEST, URGENT = ("requested_at", -1), ("urgency", 1)
"""The orders of lists: by which field, and which way."""
COMPLETED, REFUSED, WITHDRAWN, TIMED_OUT, FAILED = "completed", "refused", "withdrawn", "timed_out", "failed"


class Transfers(DocumentProjection):
    """{person, from_branch, to, started_by, starter, reason, state, ahead, waits_for, due_at, branch, ground, cause,
    requested_at, ended_at, steps, batch, register_of, hand_overs, employment, arrival, duties, settled_on, late_at,
    by_weekdays, reminders, silence, automatic, explanations, objection, coordination, note, above, urgency, told,
    situation, place}.

    `state`: one of the words above. `starter` is the organization that started it,
    None for the member; `ahead` the organizations whose steps are left, of which `waits_for` is the first. `steps`:
    [{what, organization, by, at, late, automatic}]; `late`: it came after `late_at`, or not at all (TRF-10).
    `reminders`: [{organization, superior, at}] (BEY-04). `silence`: of each step ahead whether no decision is a yes,
    `automatic` of the first of them. `explanations`: [{organization, explanation, by, at}] (TRF-10). `objection`:
    {objection, state, by, at, decided_by, decided_at} or None (TRF-11). `coordination`: {organization, state, by, at,
    answer, answered_by, answered_at, reminded} or None (TRF-12). `note` in clear. `above`: the organizations whose
    history it belongs to, the two sides among them (TRF-14). `urgency`: `due_at`, and FAR for what waits without an
    end; `told`: the superior of who is waited for was told of it (BEY-04). `hand_overs`, `arrival`, `duties`:
    projections/arrivals.py; `employment`, `settled_on`: TRF-20; `register_of`: TRF-16; `situation`, `place`: TRF-19.
    Instants are microseconds.
    """

    name: ClassVar[str] = "transfers"
    version: ClassVar[int] = 8
    topics: ClassVar[tuple[str, ...]] = (LOG,)
    per_stream: ClassVar[bool] = True
    indexes: ClassVar[Sequence[IndexModel]] = (
        IndexModel([("waits_for", 1), ("urgency", 1), ("_id", 1)]),
        IndexModel([("waits_for", 1)], partialFilterExpression={"told": True}, name="told"),
        IndexModel([("above", 1), *_NEWEST]),
        IndexModel([("above", 1), ("state", 1), *_NEWEST]),
        IndexModel([("starter", 1), *_NEWEST]),
        IndexModel([("from_branch", 1), *_NEWEST]),
        IndexModel([("to", 1), *_NEWEST]),
        IndexModel([("branch", 1), *_NEWEST]),
        IndexModel([("person", 1), *_NEWEST]),
        IndexModel([("branch", 1), *_NEWEST], partialFilterExpression={"duties": True}, name="duties"),
        IndexModel([("above", 1), ("reason", 1)], partialFilterExpression={"duties": True}, name="arrived"),
        IndexModel([("branch", 1), ("settled_on", 1)], partialFilterExpression={"settled_on": {"$type": "string"}}),
        IndexModel([("starter", 1)], partialFilterExpression={"objection.state": OPEN}, name="objections"),
        IndexModel([("coordination.organization", 1)], partialFilterExpression={"coordination.state": OPEN}),
    )

    def __init__(self, database: Any, keys: KeyReader) -> None:
        super().__init__(database)
        self._keys = keys
        self._opened: dict[str, dict[str, Any]] = {}

    async def before(self, batch: Sequence[Recorded]) -> None:
        self._opened = await open_batch(self._keys, batch)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - every commit of a transfer counts
        return stream.startswith("transfer-")

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:
        if not REGISTRY.knows(event.type):
            return document
        match REGISTRY.load(event), document:
            case TransferRequested() as fact, None:
                return _requested(fact, event) | {"note": self._opened.get(event.event_id, {}).get("note", "")}
            case TransferOpened() as fact, dict():
                waits = {"waits_for": document["ahead"][0], "automatic": document["silence"][0]}
                return document | {"state": PENDING} | waits | times(fact)
            case TransferStepApproved() as fact, dict():
                return _agreed(document, fact, event)
            case DestinationAssigned() as fact, dict():
                return document | assigned(document, fact, event)
            case TransferApproved(branch=branch), dict():
                return document | {"state": APPROVED, "branch": branch, "waits_for": None} | NO_TIMES
            case HandOverNoted() as fact, dict():
                letter = self._opened.get(event.event_id, {}).get("letter", "")
                return document | {"hand_overs": [*document["hand_overs"], handed_over(fact, letter, event)]}
            case fact, dict():
                return document | _otherwise(document, fact, event)
            case fact, _:
                raise ValueError(f"{type(fact).__name__} does not fit the document {key}")

    async def open_of(self, organization: str) -> list[str]:
        """TRF-23: those that are not over, from it or to it."""
        return [d["_id"] async for d in (await self.current()).find(_open_between([organization]), {"_id": 1})]

    async def coordinated_by(self, organization: str) -> list[str]:
        """TRF-12: those with a case that it is to answer."""
        asked = {"coordination.organization": organization, "coordination.state": OPEN}
        return [d["_id"] async for d in (await self.current()).find(asked, {"_id": 1})]

    async def count_open(self, organizations: Sequence[str]) -> int:
        """Those that are not over, from any of them or to it."""
        return int(await (await self.current()).count_documents(_open_between(organizations)))

    async def get(self, transfer: str) -> Document | None:
        found: Document | None = await (await self.current()).find_one({"_id": transfer})
        return found

    async def many(self, transfers: Sequence[str]) -> dict[str, Document]:
        """Those of the transfers that are there, by id."""
        found = (await self.current()).find({"_id": {"$in": list(transfers)}})
        return {each["_id"]: each for each in await found.to_list(None)}

    async def page(
        self,
        query: Mapping[str, Any],
        order: tuple[str, int],
        limit: int,
        after: Sequence[Any] | None,
        there: Sequence[Document] = (),
    ) -> list[Document]:
        """Those that `query` and then the stages `there` let through, in an order, after the last one of the page
        before.
        """
        where, (by, way) = dict(query), order
        if after is not None:
            beyond, (at, id_) = "$lt" if way < 0 else "$gt", after
            where = {"$and": [where, {"$or": [{by: {beyond: at}}, {by: at, "_id": {beyond: id_}}]}]}
        stages = [{"$match": where}, {"$sort": {by: way, "_id": way}}, *there, {"$limit": limit}]
        return await aggregated(await self.current(), stages)

    async def awaited(self, above: str, why: str, span: tuple[int, int], there: Sequence[Document]) -> list[Document]:
        """{_id: branch, people, since} of who came for a reason within a span of time, and for whom duties are left."""
        came = {"above": above, "duties": True, "reason": why, "ended_at": {"$gte": span[0], "$lt": span[1]}}
        grouped = {"_id": "$branch", "people": {"$sum": 1}, "since": {"$min": "$ended_at"}}
        return await aggregated(await self.current(), [{"$match": came}, *there, {"$group": grouped}])

    async def count(self, query: Mapping[str, Any], most: int) -> int:
        """How many there are, no further than `most`."""
        return int(await (await self.current()).count_documents(query, limit=most))


def _open_between(organizations: Sequence[str]) -> Document:
    sides = [{side: {"$in": list(organizations)}} for side in ("from_branch", "to")]
    return {"$or": sides, "ended_at": None}


def _requested(fact: TransferRequested, event: Recorded) -> Document:
    sides = {Side.OUT: fact.from_branch, Side.IN: fact.to, Side.ABOVE: fact.superior}
    starter, silence = sides.get(fact.started_by), {term.side: term.automatic for term in fact.terms}
    return {
        "person": fact.person,
        "from_branch": fact.from_branch,
        "to": fact.to,
        "started_by": fact.started_by.value,
        "starter": starter,
        "batch": fact.batch,
        "register_of": fact.register_place.which if fact.register_place else None,
        "hand_overs": [],
        "employment": None,
        "arrival": None,
        "duties": False,
        "settled_on": None,
        "reason": fact.reason,
        "situation": fact.situation,
        "place": fact.place,
        "state": REQUESTED,
        "ahead": [sides[side] for side in STEPS[fact.started_by]],
        "silence": [silence.get(side, False) for side in STEPS[fact.started_by]],
        "waits_for": None,
        **NO_TIMES,
        "reminders": [],
        "explanations": [],
        "objection": None,
        "coordination": None,
        "above": list(fact.above),
        "branch": None,
        "ground": None,
        "cause": None,
        "requested_at": to_micros(event.at),
        "ended_at": None,
        "steps": [step("requested", starter, event, None)],
    }


def _agreed(document: Document, fact: TransferStepApproved, event: Recorded) -> Document:
    """TRF-04: where a branch is to be chosen, the receiving organization is waited for, for ever."""
    ahead, silence = document["ahead"][1:], document["silence"][1:]
    goes_on = bool(ahead) and fact.unassigned_from is None
    state = PENDING if goes_on else UNASSIGNED
    silent = goes_on and silence[0]
    waits = {"waits_for": ahead[0] if goes_on else document["to"], "automatic": silent} | times(fact)
    steps = {"steps": with_step(document, "approved", fact.organization, event, automatic=fact.automatic)}
    return document | {"ahead": ahead, "silence": silence, "state": state} | waits | steps


def _otherwise(document: Document, fact: object, event: Recorded) -> Document:
    """What changes of it by a reminder, by nothing that is shown, or by its end."""
    match fact:
        case TransferReminded(organization=organization, superior=superior):
            given = {"organization": organization, "superior": superior, "at": to_micros(event.at)}
            return {"reminders": [*document["reminders"], given], "told": document["told"] or superior}
        case TransferDelayExplained(organization=organization, explanation=explanation):
            said = {"organization": organization, "explanation": explanation, **by_whom(event)}
            return {"explanations": [*document["explanations"], said]}
        case TransferObjected() | TransferObjectionDismissed():
            return objected(document, fact, event)
        case CoordinationRequested() | CoordinationReminded() | CoordinationHandedOn() | CoordinationAnswered():
            return coordinated(document, fact, event)
        case TransferClosed() | TransferBecameLate() | TransferAnswerAwaited():
            return {}
        case TransferRedirected() | EmploymentVerified() | MemberContacted() | CheckInRecorded() | WorkSettled():
            if isinstance(fact, TransferRedirected):
                return redirected(document, fact, event)
            return arrived(document, fact, event)
        case _:
            return _ended(document, fact, event)


def _ended(document: Document, fact: object, event: Recorded) -> Document:
    outcome, organization = _outcome(document, fact)
    ends: Document = {"state": outcome, "ahead": [], "silence": [], "waits_for": None} | NO_TIMES
    why = {name: getattr(fact, name) for name in ("ground", "cause") if hasattr(fact, name)}
    steps = with_step(document, outcome, organization, event)
    if isinstance(fact, TransferCompleted) and document["register_of"] is None:
        ends |= begun(document, fact)
    if isinstance(fact, TransferWithdrawn) and fact.objected:
        ends |= objection(document, UPHELD, event)
    return ends | why | {"ended_at": to_micros(event.at), "steps": steps}


def _outcome(document: Document, fact: object) -> tuple[str, str | None]:
    """How it ended, and by whose doing, or not doing."""
    match fact:
        case TransferRefused():
            return REFUSED, fact.organization
        case TransferWithdrawn():
            return WITHDRAWN, document["starter"]
        case TransferTimedOut():
            return TIMED_OUT, document["waits_for"]
        case TransferFailed():
            return FAILED, None
        case TransferCompleted():
            return COMPLETED, None
        case _:
            raise ValueError(f"{type(fact).__name__} ends no transfer")
