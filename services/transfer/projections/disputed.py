"""What a transfer's document says of an objection and of a case to coordinate (TRF-11, TRF-12)."""

from services.transfer.domain.events_of_disputes import (
    CoordinationAnswered,
    CoordinationHandedOn,
    CoordinationReminded,
    CoordinationRequested,
    TransferObjected,
    TransferObjectionDismissed,
)
from services.transfer.projections.steps import by_whom
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document

OPEN, DISMISSED, UPHELD, ANSWERED = "open", "dismissed", "upheld", "answered"
UNDECIDED: Document = {"decided_by": None, "decided_at": None}


def coordinated(
    document: Document,
    fact: CoordinationRequested | CoordinationReminded | CoordinationHandedOn | CoordinationAnswered,
    event: Recorded,
) -> Document:
    """What changes by the case's beginning, by a reminder of it, by a successor (TRF-23), and by its answer."""
    match fact:
        case CoordinationRequested(organization=organization):
            asked = {"organization": organization, "state": OPEN, **by_whom(event)}
            return {"coordination": asked | {"answer": None, "answered_by": None, "answered_at": None, "reminded": 0}}
        case CoordinationReminded():
            coordination = document["coordination"]
            return {"coordination": coordination | {"reminded": coordination["reminded"] + 1}}
        case CoordinationHandedOn(organization=organization):
            return {"coordination": document["coordination"] | {"organization": organization, "reminded": 0}}
        case CoordinationAnswered(answer=answer):
            by = {"answered_by": event.actor.principal, "answered_at": to_micros(event.at)}
            return {"coordination": document["coordination"] | {"state": ANSWERED, "answer": answer} | by}


def objected(document: Document, fact: TransferObjected | TransferObjectionDismissed, event: Recorded) -> Document:
    if isinstance(fact, TransferObjectionDismissed):
        return objection(document, DISMISSED, event)
    return {"objection": {"objection": fact.objection, "state": OPEN, **by_whom(event), **UNDECIDED}}


def objection(document: Document, state: str, event: Recorded) -> Document:
    decided = {"decided_by": event.actor.principal, "decided_at": to_micros(event.at)}
    return {"objection": document["objection"] | {"state": state} | decided}
