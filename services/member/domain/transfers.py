"""A person held for a transfer, moved by it, or let go again (TRF-02, TRF-22); each answer is a fact."""

from typing import Literal, TypeGuard

from services.member.domain.events import PersonEvent, PositionEnded
from services.member.domain.events_of_transfers import (
    MemberMoved,
    MemberMoveRefused,
    MoveConfirmed,
    TransferHoldPlaced,
    TransferHoldRedirected,
    TransferHoldRefused,
    TransferHoldReleased,
)
from services.member.domain.person_state import Known, PersonState, Unknown
from shared.kernel.envelope import Command
from shared.kernel.refusals import Refusal

MOVED_OUT = "moved_out"


class PlaceHold(Command):
    """A transfer was requested that takes the person from `from_branch` to the organization `to`."""

    transfer: str
    from_branch: str
    to: str


class MoveMember(Command):
    """Everybody agreed to the transfer."""

    transfer: str
    from_branch: str
    to_branch: str


class RefuseMove(Command):
    """The new branch takes nobody any more."""

    transfer: str
    cause: Literal["branch_closing"]


class ReleaseHold(Command):
    """The transfer ended without a move."""

    transfer: str


class RedirectHold(Command):
    """TRF-23: the transfer leads to the organization `to` now."""

    transfer: str
    to: str


class AnswerTransfer(Command):
    """The transfer still waits: for the move to `to_branch`, or (None) for the end of the hold."""

    transfer: str
    from_branch: str
    to_branch: str | None


class BranchTakesNobody(Refusal):
    rule = "TRF-22"
    zh = "转入的团支部正在撤销，不再接收团员。"
    en = "The new branch is being closed and takes no members."
    way_out = "请重新发起转接，选择另一个团支部。"
    way_out_en = "Start another transfer to another branch."


def place_hold(command: PlaceHold, state: PersonState) -> list[PersonEvent]:
    """Yes or no, once; nothing about somebody who was never recorded, whom no transfer can be about."""
    if isinstance(state, Unknown) or _held_for(state, command.transfer):
        return []
    if not isinstance(state, Known) or state.branch != command.from_branch:
        return [TransferHoldRefused(transfer=command.transfer, cause="not_a_member_there")]
    if state.hold is not None:
        return [TransferHoldRefused(transfer=command.transfer, cause="held")]
    return [TransferHoldPlaced(transfer=command.transfer, from_branch=command.from_branch, to=command.to)]


def move_member(command: MoveMember, state: PersonState) -> list[PersonEvent]:
    """TRF-22: from one branch to the other in one fact. Nothing for who is not held for this transfer.

    Whoever is held for it and was brought to another branch, because theirs was dissolved, moves from there (TRF-23).
    The positions in the branch that they leave end with it, those in other organizations do not (MEM-24).
    """
    if not _held_for(state, command.transfer):
        return []
    if state.branch is None or state.branch == command.to_branch:
        return [MemberMoveRefused(transfer=command.transfer, cause="not_a_member_there")]
    where = {"from_branch": state.branch, "to_branch": command.to_branch}
    left = sorted(post for post in state.positions if post[0] == state.branch)
    ended = [PositionEnded(organization=branch, position=position, cause=MOVED_OUT) for branch, position in left]
    return [MemberMoved(transfer=command.transfer, **where, missing=state.missing), *ended]


def refuse_move(command: RefuseMove, state: PersonState) -> list[PersonEvent]:
    """Nothing for who is not held for this transfer."""
    if not _held_for(state, command.transfer):
        return []
    return [MemberMoveRefused(transfer=command.transfer, cause=command.cause)]


def release_hold(command: ReleaseHold, state: PersonState) -> list[PersonEvent]:
    """Nothing for who is not held for this transfer."""
    return [TransferHoldReleased(transfer=command.transfer)] if _held_for(state, command.transfer) else []


def redirect_hold(command: RedirectHold, state: PersonState) -> list[PersonEvent]:
    """TRF-13, TRF-23: who is to receive the person now sees them. Nothing for who is not held for this transfer."""
    if not _held_for(state, command.transfer) or state.held_to == command.to:
        return []
    return [TransferHoldRedirected(transfer=command.transfer, to=command.to)]


def answer_transfer(command: AnswerTransfer, state: PersonState) -> list[PersonEvent]:
    """What was not done is done, and what was done before is said once more: no transfer waits for ever."""
    if isinstance(state, Unknown):
        return []
    if command.to_branch is None:
        return [TransferHoldReleased(transfer=command.transfer)]
    if _held_for(state, command.transfer):
        where = {"from_branch": command.from_branch, "to_branch": command.to_branch}
        return move_member(MoveMember(transfer=command.transfer, **where), state)
    if isinstance(state, Known) and state.moved_by == command.transfer:
        return [MoveConfirmed(transfer=command.transfer)]
    return [MemberMoveRefused(transfer=command.transfer, cause="not_a_member_there")]


def _held_for(state: PersonState, transfer: str) -> TypeGuard[Known]:
    return isinstance(state, Known) and state.hold == transfer
