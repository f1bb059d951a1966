"""What transfers have in common of their steps: who took them, when, and how long is waited for the next."""

from services.transfer.domain.events import DestinationAssigned, TransferOpened, TransferStepApproved
from services.transfer.domain.events_of_successions import TransferRedirected
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document

FAR = 2**62
PENDING = "pending"


def redirected(document: Document, fact: TransferRedirected, event: Recorded) -> Document:
    """TRF-23: the one takes the place of the other, wherever something is still to be done."""

    def instead(organization: str | None) -> str | None:
        return fact.organization if organization == fact.former else organization

    places = {"from_branch": fact.from_branch, "to": fact.to, "starter": instead(document["starter"])}
    waits = {"ahead": [instead(each) for each in document["ahead"]], "waits_for": instead(document["waits_for"])}
    again = times(fact) if fact.due_at or fact.unassigned_from else {}
    if again and fact.side == "in":
        again |= {"employment": None}  # TRF-20: who is asked anew has verified nothing
    waits["above"] = list(dict.fromkeys([*document["above"], *fact.above]))
    return places | waits | again | {"steps": with_step(document, "redirected", fact.organization, event)}


def assigned(document: Document, fact: DestinationAssigned, event: Recorded) -> Document:
    """TRF-04: it goes to a branch now. TRF-17: before the other system lets go, whose step then begins."""
    steps: Document = {"steps": with_step(document, "assigned", document["to"], event)}
    steps["above"] = list(dict.fromkeys([*document["above"], *fact.above]))
    if fact.next_organization is None:
        return steps
    waits = {"to": fact.branch, "state": PENDING, "waits_for": fact.next_organization, "automatic": False}
    return steps | waits | times(fact)


def times(fact: TransferOpened | TransferStepApproved | DestinationAssigned | TransferRedirected) -> Document:
    """Of the wait that begins."""
    due_at, late_at = (to_micros(at) if at else None for at in (fact.due_at, fact.late_at))
    urgency = {"urgency": FAR if due_at is None else due_at, "told": False}
    return {"due_at": due_at, "late_at": late_at, "by_weekdays": fact.by_weekdays} | urgency


def by_whom(event: Recorded) -> Document:
    return {"by": event.actor.principal, "at": to_micros(event.at)}


def with_step(
    document: Document, what: str, organization: str | None, event: Recorded, *, automatic: bool = False
) -> list[Document]:
    late_at = document["late_at"] if organization == document["waits_for"] else None
    return [*document["steps"], step(what, organization, event, late_at, automatic=automatic)]


def step(
    what: str, organization: str | None, event: Recorded, late_at: int | None, *, automatic: bool = False
) -> Document:
    at = to_micros(event.at)
    who = {"organization": organization, "by": event.actor.principal, "at": at}
    return {"what": what, **who, "late": late_at is not None and at >= late_at, "automatic": automatic}
