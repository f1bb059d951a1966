"""Who of a cohort is still where, and what their transfer waits for: from the transfers themselves (GRD-06, BEY-09)."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, ClassVar

from pymongo import IndexModel

from services.transfer.domain.events import (
    REGISTRY,
    DestinationAssigned,
    TransferApproved,
    TransferCompleted,
    TransferFailed,
    TransferOpened,
    TransferRefused,
    TransferRequested,
    TransferStepApproved,
    TransferTimedOut,
    TransferWithdrawn,
)
from services.transfer.domain.events_of_cohorts import CohortFrozen, CohortWithdrawn, GraduateExcluded, GraduateIncluded
from services.transfer.domain.events_of_successions import TransferRedirected
from services.transfer.projections.transfers import LOG
from shared.contracts import member
from shared.eventstore.driver import aggregated
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

NOT_STARTED, WAITING, REFUSED, TIMED_OUT, RETURNED = "not_started", "waiting", "refused", "timed_out", "returned"
SAME_SCHOOL = "same_school"
STUCK = (NOT_STARTED, WAITING, REFUSED, TIMED_OUT, RETURNED)
_LEFT = member.MembershipOver.type_name()

_NOBODY: Document = {
    "place": None,
    "transfer": None,
    "moved": None,
    "ended": None,
    "branch": None,
    "year": None,
    "stuck": None,
    "call": None,
    "since": None,
}


class Graduates(DocumentProjection):
    """{_id: person, place, transfer, moved, ended; branch, year, stuck, call, since}.

    `place`: {branch, year, at, left_out} in the newest cohort. `transfer`: the newest one, {transfer, at, from_branch,
    to, waits_for, since, state, reason, ground}. `moved`: {at, to} by the newest that is complete. `ended`: the branch
    whose member the person is no more. The rest follows from these, whichever came first: `stuck` is None for who is
    nobody's concern any more, else one of STUCK; `call` the organization that could do something today; `since` when it
    began to wait. Instants are microseconds.
    """

    name: ClassVar[str] = "graduates"
    version: ClassVar[int] = 3
    topics: ClassVar[tuple[str, ...]] = (LOG, member.TRANSFERS)
    indexes: ClassVar[Sequence[IndexModel]] = (
        IndexModel(
            [("branch", 1), ("stuck", 1), ("_id", 1)], partialFilterExpression={"stuck": {"$type": "string"}}
        ),
    )  # fmt: skip

    def wants(self, type_: str, stream: str) -> bool:
        return type_ == _LEFT or stream.startswith(("transfer-", "cohort-"))

    def keys(self, event: Recorded) -> Iterable[str]:
        if event.type == _LEFT:
            return (event.data["person"],)
        if not REGISTRY.knows(event.type):
            return ()
        match REGISTRY.load(event):
            case CohortFrozen(members=members) | CohortWithdrawn(members=members):
                return members
            case (
                TransferRequested(person=person)
                | TransferOpened(person=person)
                | TransferStepApproved(person=person)
                | DestinationAssigned(person=person)
                | TransferApproved(person=person)
                | TransferRefused(person=person)
                | TransferWithdrawn(person=person)
                | TransferTimedOut(person=person)
                | TransferFailed(person=person)
                | TransferCompleted(person=person)
                | TransferRedirected(person=person)
                | GraduateExcluded(person=person)
                | GraduateIncluded(person=person)
            ) if person:
                return (person,)
            case _:
                return ()

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        before = document or _NOBODY
        if event.type == _LEFT:
            return _concluded(before | {"ended": event.data["branch"]})
        return _concluded(before | _changed(before, REGISTRY.load(event), event))

    async def page(
        self, branches: Collection[str], year: int, stuck: str, limit: int, after: Sequence[Any] | None
    ) -> list[Document]:
        """Those left behind of the cohorts of a year, branch by branch; `stuck` empty for all."""
        where: dict[str, Any] = _left_of(branches, year) | ({"stuck": stuck} if stuck else {})
        if after is not None:
            branch, reason, person = after
            further = [
                {"branch": {"$gt": branch}},
                {"branch": branch, "stuck": {"$gt": reason}},
                {"branch": branch, "stuck": reason, "_id": {"$gt": person}},
            ]
            where = {"$and": [where, {"$or": further}]}
        found = (await self.current()).find(where).sort([("branch", 1), ("stuck", 1), ("_id", 1)]).limit(limit)
        return list(await found.to_list(None))

    async def grouped(self, branches: Collection[str], year: int) -> list[Document]:
        """{stuck, ground, call, people, since} of those left behind, for each reason and organization to call."""
        refused = {"$cond": [{"$eq": ["$stuck", REFUSED]}, "$transfer.ground", None]}
        grouped = {
            "_id": {"stuck": "$stuck", "ground": refused, "call": "$call"},
            "people": {"$sum": 1},
            "since": {"$min": "$since"},
        }
        found = await aggregated(await self.current(), [{"$match": _left_of(branches, year)}, {"$group": grouped}])
        return [each["_id"] | {"people": each["people"], "since": each["since"]} for each in found]

    async def placed_elsewhere(self, people: Collection[str], year: int, branch: str) -> set[str]:
        """Those of the people who are in the cohort of another branch in the year."""
        where = {"_id": {"$in": list(people)}, "place.year": year, "place.branch": {"$ne": branch}}
        return {each["_id"] async for each in (await self.current()).find(where, {"_id": 1})}

    async def of(self, people: Collection[str]) -> dict[str, Document]:
        """Those of the people of whom anything is known here."""
        found = (await self.current()).find({"_id": {"$in": list(people)}})
        return {each["_id"]: each async for each in found}


def _left_of(branches: Collection[str], year: int) -> dict[str, Any]:
    return {"branch": {"$in": list(branches)}, "stuck": {"$type": "string"}, "year": year}


def _changed(before: Document, fact: object, event: Recorded) -> Document:
    at = to_micros(event.at)
    match fact:
        case CohortFrozen(branch=branch, year=year) | GraduateIncluded(branch=branch, year=year):
            return _placed(before, {"branch": branch, "year": year, "at": at, "left_out": False})
        case GraduateExcluded(branch=branch, year=year):
            return _placed(before, {"branch": branch, "year": year, "at": at, "left_out": True})
        case CohortWithdrawn(branch=branch, year=year):
            place = before["place"]
            held = place is not None and (place["branch"], place["year"]) == (branch, year)
            return {"place": None} if held else {}
        case TransferRequested():
            if before["transfer"] is not None and before["transfer"]["at"] > at:
                return {}
            asked = {"transfer": event.stream, "at": at, "from_branch": fact.from_branch, "to": fact.to}
            waits = {"waits_for": None, "since": at, "state": WAITING, "reason": fact.reason, "ground": None}
            return {"transfer": asked | waits}
        case TransferCompleted(branch=branch, destination=destination):
            moved = before["moved"]
            older = destination == SAME_SCHOOL or (moved is not None and moved["at"] > at)
            newest = {} if older else {"moved": {"at": at, "to": branch}}
            return newest | _goes_on(before, event, {"state": None, "waits_for": None})
        case TransferRedirected():
            return _goes_on(before, event, _redirected(before, fact, at))
        case _:
            return _goes_on(before, event, _stands(fact, at))


def _placed(before: Document, place: Document) -> Document:
    """Of several cohorts the newest."""
    held = before["place"]
    return {} if held is not None and held["year"] > place["year"] else {"place": place}


def _goes_on(before: Document, event: Recorded, change: Document) -> Document:
    """What is said of the newest transfer; of an older one nothing matters any more."""
    held = before["transfer"]
    return {"transfer": held | change} if held is not None and held["transfer"] == event.stream else {}


def _redirected(before: Document, fact: TransferRedirected, at: int) -> Document:
    """TRF-23: who takes the part of one that is there no more is called instead."""
    waits_for = (before["transfer"] or {}).get("waits_for")
    waits = {"waits_for": fact.organization, "since": at} if waits_for == fact.former else {}
    return {"from_branch": fact.from_branch, "to": fact.to} | waits


def _stands(fact: object, at: int) -> Document:
    match fact:
        case TransferOpened(organization=organization):
            return {"waits_for": organization or None, "since": at}
        case TransferStepApproved(next_organization=organization):
            return {"waits_for": organization, "since": at}
        case TransferApproved():
            return {"waits_for": None, "since": at}
        case TransferRefused(ground=ground):
            return {"state": REFUSED, "waits_for": None, "since": at, "ground": ground}
        case TransferTimedOut():
            return {"state": TIMED_OUT, "waits_for": None, "since": at}
        case TransferWithdrawn() | TransferFailed():
            return {"state": RETURNED, "waits_for": None, "since": at}
        case _:
            return {}


def _concluded(document: Document) -> Document:
    """What follows from the facts that there are."""
    place = document["place"]
    if place is None or place["left_out"] or _settled(document, place):
        concern = {"stuck": None, "call": None, "since": None}
        return document | concern | {"branch": place and place["branch"], "year": place and place["year"]}
    stuck, call, since = NOT_STARTED, place["branch"], place["at"]
    transfer = document["transfer"]
    if (
        transfer is not None
        and transfer["state"]
        and (transfer["since"] >= place["at"] or transfer["state"] == WAITING)
    ):
        stuck, since = transfer["state"], transfer["since"]
        call = transfer["waits_for"] or transfer["from_branch"]
    where = {"branch": place["branch"], "year": place["year"]}
    return document | where | {"stuck": stuck, "call": call, "since": since}


def _settled(document: Document, place: Document) -> bool:
    moved = document["moved"]
    left = moved is not None and moved["at"] >= place["at"] and moved["to"] != place["branch"]
    return bool(left or document["ended"] == place["branch"])
