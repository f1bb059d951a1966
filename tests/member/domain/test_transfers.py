"""A person held for a transfer, moved, or let go: given facts, when a command, then facts (TRF-02, TRF-22)."""

from typing import Any

import pytest

from services.member.domain.events import (
    MembershipBegan,
    MembershipEnded,
    NumberReleased,
    PersonEvent,
    PersonRecorded,
    PositionEnded,
    PositionGiven,
)
from services.member.domain.events_of_rosters import MemberRelocated
from services.member.domain.events_of_transfers import (
    MemberMoved,
    MemberMoveRefused,
    MoveConfirmed,
    TransferHoldPlaced,
    TransferHoldRedirected,
    TransferHoldRefused,
    TransferHoldReleased,
)
from services.member.domain.person import WithdrawImported, withdraw_imported
from services.member.domain.person_state import PERSON
from services.member.domain.transfers import (
    MOVED_OUT,
    AnswerTransfer,
    MoveMember,
    PlaceHold,
    RedirectHold,
    RefuseMove,
    ReleaseHold,
    answer_transfer,
    move_member,
    place_hold,
    redirect_hold,
    refuse_move,
    release_hold,
)
from shared.testing.scenario import Decided, History, given

OUT, IN, FIRST, SECOND = "branch-out", "branch-in", "transfer-1", "transfer-2"
RECORDED = PersonRecorded(number_hash="n", import_id="import-1", missing=("mobile",))
MEMBER = (RECORDED, MembershipBegan(branch=OUT, import_id="import-1"))
PLACED = TransferHoldPlaced(transfer=FIRST, from_branch=OUT, to=IN)
MOVED = MemberMoved(transfer=FIRST, from_branch=OUT, to_branch=IN, missing=("mobile",))
POST = ("school", "副书记")

Happened = History[Any, PersonEvent]


def holds(happened: Happened, transfer: str = FIRST) -> Decided[Any, PersonEvent]:
    return happened.when(lambda state: place_hold(PlaceHold(transfer=transfer, from_branch=OUT, to=IN), state))


def moves(happened: Happened, transfer: str = FIRST) -> Decided[Any, PersonEvent]:
    command = MoveMember(transfer=transfer, from_branch=OUT, to_branch=IN)
    return happened.when(lambda state: move_member(command, state))


def ended(position: str) -> PositionEnded:
    return PositionEnded(organization=OUT, position=position, cause=MOVED_OUT)


def releases(happened: Happened, transfer: str = FIRST) -> Decided[Any, PersonEvent]:
    return happened.when(lambda state: release_hold(ReleaseHold(transfer=transfer), state))


@pytest.mark.rule("TRF-02", "TRF-22")
def test_a_member_is_held_for_one_transfer_and_the_second_is_told_so() -> None:
    held = holds(given(PERSON, *MEMBER)).then(PLACED)
    holds(held).then_nothing()
    refused = holds(held, SECOND).then(TransferHoldRefused(transfer=SECOND, cause="held"))
    moves(refused).then(MOVED)


@pytest.mark.rule("TRF-22")
def test_who_is_no_member_of_that_branch_is_not_held() -> None:
    elsewhere = TransferHoldRefused(transfer=FIRST, cause="not_a_member_there")
    for facts in (
        (RECORDED,),
        (RECORDED, MembershipBegan(branch=IN)),
        (*MEMBER, MembershipEnded(branch=OUT, cause="import_withdrawn"), NumberReleased(number_hash="n")),
    ):
        holds(given(PERSON, *facts)).then(elsewhere)
    holds(given(PERSON)).then_nothing()


@pytest.mark.rule("TRF-22")
def test_one_fact_ends_the_hold_and_changes_the_branch_once() -> None:
    moved = moves(given(PERSON, *MEMBER, PLACED)).then(MOVED)
    assert (moved.state.branch, moved.state.hold) == (IN, None)
    moves(moved).then_nothing()
    releases(moved).then_nothing()


@pytest.mark.rule("TRF-22", "MEM-24")
def test_the_positions_in_the_branch_that_is_left_end_with_the_move_and_no_others() -> None:
    held = [PositionGiven(organization=where, position=what) for where, what in ((OUT, "书记"), (OUT, "委员"), POST)]
    moved = moves(given(PERSON, *MEMBER, *held, PLACED)).then(MOVED, *(ended(what) for what in ("书记", "委员")))
    assert moved.state.positions == {POST}
    asked = AnswerTransfer(transfer=FIRST, from_branch=OUT, to_branch=IN)
    late = given(PERSON, *MEMBER, *held[1:], PLACED).when(lambda state: answer_transfer(asked, state))
    late.then(MOVED, ended("委员"))
    moves(moved).then_nothing()


@pytest.mark.rule("TRF-22")
def test_nobody_moves_without_a_hold_for_this_very_transfer() -> None:
    moves(given(PERSON, *MEMBER)).then_nothing()
    moves(given(PERSON, *MEMBER, PLACED), SECOND).then_nothing()
    released = releases(given(PERSON, *MEMBER, PLACED)).then(TransferHoldReleased(transfer=FIRST))
    moves(released).then_nothing()
    releases(released).then_nothing()
    holds(released, SECOND).then(TransferHoldPlaced(transfer=SECOND, from_branch=OUT, to=IN))


@pytest.mark.rule("TRF-22")
def test_who_left_the_branch_while_held_stays_where_they_are_and_is_let_go() -> None:
    left = given(PERSON, *MEMBER, PLACED, MembershipEnded(branch=OUT, cause="expelled"))
    told = moves(left).then(MemberMoveRefused(transfer=FIRST, cause="not_a_member_there"))
    assert (told.state.branch, told.state.hold) == (None, None)


@pytest.mark.rule("TRF-23", "TRF-22")
def test_who_was_moved_on_while_held_moves_from_there_and_is_not_refused_the_hold_they_have() -> None:
    relocated = MemberRelocated(dissolution="d", from_branch=OUT, to_branch="pending")
    on = given(PERSON, *MEMBER, PLACED, relocated)
    holds(on, FIRST).then_nothing()
    moved = moves(on).then(MOVED.model_copy(update={"from_branch": "pending"}))
    assert (moved.state.branch, moved.state.hold) == (IN, None)
    there = given(PERSON, *MEMBER, PLACED, MemberRelocated(dissolution="d", from_branch=OUT, to_branch=IN))
    moves(there).then(MemberMoveRefused(transfer=FIRST, cause="not_a_member_there"))


@pytest.mark.rule("TRF-13", "TRF-23")
def test_who_is_to_receive_a_member_instead_is_known_by_the_hold() -> None:
    leads = RedirectHold(transfer=FIRST, to="superior")
    held = given(PERSON, *MEMBER, PLACED)
    after = held.when(lambda state: redirect_hold(leads, state)).then(
        TransferHoldRedirected(transfer=FIRST, to="superior")
    )
    assert (after.state.held_to, after.state.hold) == ("superior", FIRST)
    after.when(lambda state: redirect_hold(leads, state)).then_nothing()
    given(PERSON, *MEMBER).when(lambda state: redirect_hold(leads, state)).then_nothing()


@pytest.mark.rule("TRF-22")
def test_a_branch_that_takes_nobody_leaves_the_member_where_they_are() -> None:
    command = RefuseMove(transfer=FIRST, cause="branch_closing")
    held = given(PERSON, *MEMBER, PLACED)
    told = held.when(lambda state: refuse_move(command, state))
    stays = told.then(MemberMoveRefused(transfer=FIRST, cause="branch_closing"))
    assert (stays.state.branch, stays.state.hold) == (OUT, None)
    stays.when(lambda state: refuse_move(command, state)).then_nothing()


def answers(happened: Happened, to_branch: str | None, transfer: str = FIRST) -> Decided[Any, PersonEvent]:
    command = AnswerTransfer(transfer=transfer, from_branch=OUT, to_branch=to_branch)
    return happened.when(lambda state: answer_transfer(command, state))


@pytest.mark.rule("TRF-22")
def test_a_transfer_that_still_waits_for_the_move_gets_it_done_or_is_told_again_what_was() -> None:
    moved = answers(given(PERSON, *MEMBER, PLACED), IN).then(MOVED)
    confirmed = answers(moved, IN).then(MoveConfirmed(transfer=FIRST))
    assert (confirmed.state.branch, confirmed.state.hold) == (IN, None)
    elsewhere = MemberMoveRefused(transfer=FIRST, cause="not_a_member_there")
    answers(given(PERSON, *MEMBER), IN).then(elsewhere)
    left = given(PERSON, *MEMBER, PLACED, MembershipEnded(branch=OUT, cause="expelled"))
    answers(left, IN).then(elsewhere)
    gone = (*MEMBER, MembershipEnded(branch=OUT, cause="import_withdrawn"), NumberReleased(number_hash="n"))
    answers(given(PERSON, *gone), IN).then(elsewhere)
    answers(given(PERSON), IN).then_nothing()


@pytest.mark.rule("TRF-02", "TRF-22")
def test_a_transfer_that_ended_is_told_in_every_case_that_nobody_is_held_for_it_and_another_hold_stays() -> None:
    released = TransferHoldReleased(transfer=FIRST)
    freed = answers(given(PERSON, *MEMBER, PLACED), None).then(released)
    assert freed.state.hold is None
    again = answers(freed, None).then(released)
    other = holds(again, SECOND).then(TransferHoldPlaced(transfer=SECOND, from_branch=OUT, to=IN))
    assert answers(other, None).then(released).state.hold == SECOND
    gone = (*MEMBER, MembershipEnded(branch=OUT, cause="import_withdrawn"), NumberReleased(number_hash="n"))
    answers(given(PERSON, *gone), None).then(released)
    answers(given(PERSON), None).then_nothing()


@pytest.mark.rule("MEM-27", "TRF-22")
def test_the_import_of_whoever_is_held_or_was_moved_is_not_withdrawn_any_more() -> None:
    withdraw = WithdrawImported(import_id="import-1")
    for facts in ((*MEMBER, PLACED), (*MEMBER, PLACED, MOVED)):
        given(PERSON, *facts).when(lambda state: withdraw_imported(withdraw, state)).then_nothing()
