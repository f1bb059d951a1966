"""member that does not answer is asked again, for ever if need be (TRF-02, TRF-22, P8)."""

import pytest

from services.transfer.domain.deciding import (
    CloseTransfer,
    CompleteTransfer,
    OpenTransfer,
    WithdrawTransfer,
    close_transfer,
    complete_transfer,
    open_transfer,
    withdraw_transfer,
)
from services.transfer.domain.events import (
    TransferAnswerAwaited,
    TransferClosed,
    TransferCompleted,
    TransferWithdrawn,
)
from tests.transfer.domain.histories import (
    DAY,
    ENTERED,
    HOUR,
    IN,
    MOMENT,
    NOW,
    OUT,
    PERSON,
    asks,
    moving,
    opened,
)


@pytest.mark.rule("TRF-22", "P8")
def test_member_is_asked_again_to_move_after_an_hour_and_then_every_day_until_it_answers() -> None:
    who = {"person": PERSON, "from_branch": OUT, "branch": IN}
    asks(moving(), NOW + HOUR - MOMENT).then_nothing()
    first = asks(moving(), NOW + HOUR).then(TransferAnswerAwaited(**who, due_at=NOW + HOUR + DAY))
    asks(first, NOW + HOUR + DAY - MOMENT).then_nothing()
    away = NOW + 40 * DAY
    second = asks(first, away).then(TransferAnswerAwaited(**who, due_at=away + DAY))
    done = second.when(lambda state: complete_transfer(CompleteTransfer(), state)).then(
        TransferCompleted(person=PERSON, from_branch=OUT, branch=IN)
    )
    asks(done, away + 2 * DAY).then_nothing()


@pytest.mark.rule("TRF-02", "TRF-22", "P8")
def test_member_is_asked_again_to_let_go_until_another_transfer_can_be_started() -> None:
    withdrawn = opened().when(lambda state: withdraw_transfer(WithdrawTransfer(), state, NOW))
    ended = withdrawn.then(TransferWithdrawn(person=PERSON, release_due_at=NOW + HOUR))
    asks(ended, NOW + HOUR - MOMENT).then_nothing()
    released = {"person": PERSON, "from_branch": OUT, "branch": None}
    again = asks(ended, NOW + HOUR).then(TransferAnswerAwaited(**released, due_at=NOW + HOUR + DAY))
    closed = again.when(lambda state: close_transfer(CloseTransfer(), state)).then(TransferClosed())
    asks(closed, NOW + 9 * DAY).then_nothing()


@pytest.mark.rule("TRF-22")
def test_a_hold_that_comes_when_everything_was_over_is_answered_by_a_release() -> None:
    """A record of the request that an operator set free after the transfer had ended: the person is held for nothing."""
    withdrawn = opened().when(lambda state: withdraw_transfer(WithdrawTransfer(), state, NOW))
    ended = withdrawn.then(TransferWithdrawn(person=PERSON, release_due_at=NOW + HOUR))
    closed = ended.when(lambda state: close_transfer(CloseTransfer(), state)).then(TransferClosed())
    late = closed.when(lambda state: open_transfer(OpenTransfer(), state, NOW + DAY, ENTERED))
    late.then(TransferAnswerAwaited(person=PERSON, from_branch=OUT, branch=None, due_at=None))
