"""What a transfer's document says of papers and of the duties of the new branch (TRF-16, TRF-20, TRF-21, TRF-26)."""

from services.transfer.domain.events import TransferCompleted
from services.transfer.domain.events_of_arrivals import (
    CheckInRecorded,
    EmploymentVerified,
    HandOverNoted,
    MemberContacted,
    WorkSettled,
)
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document

_NOTHING_DONE: Document = {"contacted_at": None, "contacted_by": None, "checked_in_on": None, "checked_in_by": None}


def still_there(members: str) -> list[Document]:
    """Stages that let through only who is in the branch that they came to by the collection `members`."""
    found = {"from": members, "localField": "person", "foreignField": "_id", "as": "now"}
    in_branch = {"$expr": {"$in": ["$branch", "$now.branch"]}}
    return [{"$lookup": found}, {"$match": in_branch}, {"$unset": "now"}]


def begun(document: Document, fact: TransferCompleted) -> Document:
    """Nothing is done yet. `unverified`: a floating branch whose turn it never was to look into employment (TRF-20)."""
    unverified = fact.destination == "floating" and document["employment"] is None
    return {"arrival": _NOTHING_DONE | {"unverified": unverified}, "duties": True}


def handed_over(fact: HandOverNoted, letter: str, event: Recorded) -> Document:
    """One paper; its number in clear."""
    who = {"organization": fact.organization, "by": event.actor.principal, "at": to_micros(event.at)}
    return {"letter": letter, "issued_on": fact.issued_on.isoformat(), **who}


def arrived(
    document: Document, fact: EmploymentVerified | MemberContacted | CheckInRecorded | WorkSettled, event: Recorded
) -> Document:
    """What changes by one thing that the new branch did; `duties` while one of them is left."""
    arrival: Document | None = document["arrival"]
    more: Document = {}
    if isinstance(fact, EmploymentVerified):
        more = {"employment": fact.finding}
    if arrival is None:
        return more
    match fact:
        case EmploymentVerified():
            arrival = arrival | {"unverified": False}
        case WorkSettled(settled_on=settled_on):
            arrival = arrival | {"unverified": False}
            more = {"settled_on": settled_on.isoformat()}
        case MemberContacted():
            arrival = arrival | {"contacted_at": to_micros(event.at), "contacted_by": event.actor.principal}
        case CheckInRecorded(checked_in_on=day):
            arrival = arrival | {"checked_in_on": day.isoformat(), "checked_in_by": event.actor.principal}
    left = arrival["unverified"] or arrival["contacted_at"] is None or arrival["checked_in_on"] is None
    return more | {"arrival": arrival, "duties": left}
