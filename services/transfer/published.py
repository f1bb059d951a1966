"""What transfer tells the others: the only exit of its facts (shared/contracts/transfer.py)."""

from collections.abc import Sequence

from services.transfer.domain import events as e
from shared.contracts import transfer as public
from shared.contracts.base import Contract
from shared.kernel.envelope import Event


def publish(event: Event, stream: str, _version: int) -> Sequence[Contract]:
    """The public events of one stored event; member has to know no more of a transfer than these."""
    match event:
        case e.TransferRequested():
            where = {"from_branch": event.from_branch, "to": event.to}
            requested = public.TransferRequested(transfer=stream, person=event.person, **where)
            if event.register_place is None:
                return [requested]
            return [requested, public.RegisterBranchNeeded(**event.register_place.model_dump())]
        case e.TransferApproved():
            where = {"from_branch": event.from_branch, "to_branch": event.branch}
            return [public.TransferApproved(transfer=stream, person=event.person, **where)]
        case e.TransferAnswerAwaited():
            asked = {"transfer": stream, "person": event.person, "from_branch": event.from_branch}
            return [public.TransferAnswerAwaited(**asked, to_branch=event.branch)]
        case e.TransferRefused():
            return [public.TransferRefused(transfer=stream, person=event.person)]
        case e.TransferWithdrawn():
            return [public.TransferWithdrawn(transfer=stream, person=event.person)]
        case e.TransferTimedOut():
            return [public.TransferTimedOut(transfer=stream, person=event.person)]
        case e.TransferFailed():
            return [public.TransferFailed(transfer=stream, person=event.person)]
        case _:
            return []
