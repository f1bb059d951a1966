"""What member tells the others: the only exit of its facts (shared/contracts/member.py)."""

from collections.abc import Sequence

from services.member.domain import events as e
from services.member.domain import events_of_graduation as g
from services.member.domain import events_of_rosters as r
from services.member.domain import events_of_transfers as t
from shared.contracts import member as public
from shared.contracts.base import Contract
from shared.kernel.envelope import Event, Personal


def publish(event: Event, stream: str, _version: int) -> Sequence[Contract]:
    """The public events of one stored event; most of an import's life concerns nobody else."""
    match event:
        case e.PersonRecorded():
            part = _part(event, public.PersonIdentified)
            return [public.PersonIdentified(person=stream, number_hash=event.number_hash, personal=part)]
        case e.MembershipBegan() | e.MembershipEnded():
            return _membership(event, stream)
        case e.PositionGiven() | e.PositionEnded():
            return _position(event, stream)
        case e.PostsStated(posts=posts):
            return [public.PostTaken(person=stream, organization=p.organization, position=p.position) for p in posts]
        case e.RecordFilled():
            changed = [public.RecordCompletenessChanged(person=stream, missing=event.missing)]
            return [*changed, *_contact(event, stream)]
        case e.RegistrantEntered() | e.RegistrantRefused():
            return _ended(event)
        case t.TransferHoldPlaced() | t.TransferHoldRefused() | t.TransferHoldReleased():
            return [_held(event, stream)]
        case t.MemberMoved() | t.MemberMoveRefused() | t.MoveConfirmed() | r.MemberRelocated():
            return _moved(event, stream)
        case r.RosterSealed() | r.SealRefused():
            return [_sealed(event)]
        case g.GraduationExclusionMarked() | g.GraduationExclusionRemoved():
            return [_excluded(event, stream)]
        case e.NumberReleased():
            return [public.PersonReleased(person=stream, number_hash=event.number_hash)]
        case _:
            return []


def _membership(event: e.MembershipBegan | e.MembershipEnded, stream: str) -> list[Contract]:
    if isinstance(event, e.MembershipEnded):
        where = {"person": stream, "branch": event.branch}
        return [public.MembershipEnded(**where, cause=event.cause), public.MembershipOver(**where)]
    about = {"person": stream, "branch": event.branch, "missing": event.missing}
    if event.import_id:
        return [public.MemberImported(**about, import_id=event.import_id)]
    return [public.MemberEntered(**about)]


def _position(event: e.PositionGiven | e.PositionEnded, stream: str) -> list[Contract]:
    post = {"person": stream, "organization": event.organization, "position": event.position}
    if isinstance(event, e.PositionEnded):
        return [public.CadrePositionEnded(**post, cause=event.cause), public.PostLeft(**post, cause=event.cause)]
    appointed = public.CadreAppointed(**post, member_of=event.member_of, missing=event.missing)
    return [appointed, public.PostTaken(**post)] if event.post_stated else [appointed]


def _held(event: t.TransferHoldPlaced | t.TransferHoldRefused | t.TransferHoldReleased, stream: str) -> Contract:
    about = {"transfer": event.transfer, "person": stream}
    match event:
        case t.TransferHoldPlaced():
            return public.TransferHoldPlaced(**about)
        case t.TransferHoldRefused():
            return public.TransferHoldRefused(**about, cause=event.cause)
        case _:
            return public.TransferHoldReleased(**about)


def _moved(
    event: t.MemberMoved | t.MemberMoveRefused | t.MoveConfirmed | r.MemberRelocated, stream: str
) -> list[Contract]:
    about = {"transfer": "" if isinstance(event, r.MemberRelocated) else event.transfer, "person": stream}
    if isinstance(event, t.MemberMoveRefused):
        return [public.MemberMoveRefused(**about, cause=event.cause)]
    if isinstance(event, t.MoveConfirmed):
        return [public.TransferCarriedOut(**about)]
    where = {"from_branch": event.from_branch, "to_branch": event.to_branch}
    if isinstance(event, r.MemberRelocated):
        return [public.MemberMoved(**about, **where, missing=event.missing)]
    return [public.MemberMoved(**about, **where, missing=event.missing), public.TransferCarriedOut(**about)]


def _excluded(event: g.GraduationExclusionMarked | g.GraduationExclusionRemoved, stream: str) -> Contract:
    about = {"person": stream, "branch": event.branch, "year": event.year}
    if isinstance(event, g.GraduationExclusionRemoved):
        return public.GraduationExclusionRemoved(**about)
    return public.GraduationExclusionMarked(**about, kind=event.kind)


def _sealed(event: r.RosterSealed | r.SealRefused) -> Contract:
    about = {"branch": event.branch, "dissolution": event.dissolution}
    if isinstance(event, r.RosterSealed):
        return public.BranchSealed(**about)
    return public.BranchSealRefused(**about, members=event.members)


def _ended(event: e.RegistrantEntered | e.RegistrantRefused) -> list[Contract]:
    """The superseded form, and the one that is read."""
    where = {"registration": event.registration, "organization": event.organization}
    if isinstance(event, e.RegistrantEntered):
        admitted = {**where, "person": event.person}
        return [public.RegistrantEntered(**admitted), public.RegistrantAdmitted(**admitted)]
    refused = {**where, "reason": event.reason}
    return [public.RegistrantRefused(**refused), public.RegistrantTurnedAway(**refused)]


def _contact(event: e.RecordFilled, stream: str) -> list[Contract]:
    if not event.mobile_changed:
        return []
    return [public.PersonContactChanged(person=stream, personal=_part(event, public.PersonContactChanged))]


def _part(event: Event, contract: type[Contract]) -> Personal | None:
    """Of the event's personal values those that the contract names."""
    if event.personal is None:
        return None
    values = {name: event.personal.values.get(name, "") for name in contract.sealed_values}
    return Personal(person=event.personal.person, values=values)
