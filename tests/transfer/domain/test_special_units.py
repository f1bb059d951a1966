"""Into a register branch: a special unit waits for a letter, and for the provincial body without an end (TRF-16)."""

from datetime import timedelta
from typing import Any

import pytest

from services.transfer.domain.arrivals import NoteHandOver, note_hand_over
from services.transfer.domain.deciding import OpenTransfer, open_transfer
from services.transfer.domain.events import (
    Side,
    Term,
    TransferApproved,
    TransferEvent,
    TransferOpened,
    TransferReminded,
    TransferRequested,
    TransferStepApproved,
)
from services.transfer.domain.events_of_arrivals import HandOverNoted, RegisterPlace
from services.transfer.domain.passing_time import next_look
from services.transfer.domain.refusals_of_arrivals import LetterMissing
from services.transfer.domain.transfer import TRANSFER
from shared.kernel.clock import local_date
from shared.testing.scenario import Decided, given
from tests.transfer.domain.histories import (
    DAY,
    ENTERED,
    HOUR,
    NOW,
    OUT,
    PERSON,
    Happened,
    approves,
    reminds,
    times_out,
)

REGISTER = "register-branch"
PAPER = NoteHandOver(organization=OUT, letter="介字1号", issued_on=local_date(NOW))


def opened(started_by: Side = Side.OUT, which: Any = "special_units") -> Happened:
    asked = TransferRequested(
        person=PERSON,
        from_branch=OUT,
        to=REGISTER,
        assigns=False,
        started_by=started_by,
        reason="joined_army",
        hold_due_at=NOW + HOUR,
        terms=(Term(side=Side.OUT), Term(side=Side.IN, endless=True)),
        register_place=RegisterPlace(body="province", which=which),
    )
    decided = given(TRANSFER, asked).when(lambda state: open_transfer(OpenTransfer(), state, NOW, ENTERED))
    first = OUT if started_by is Side.MEMBER else REGISTER
    return decided.then_one(TransferOpened, organization=first)


def lettered(happened: Happened) -> Happened:
    return happened.when(lambda state: note_hand_over(PAPER, state, NOW)).then_one(HandOverNoted)


def agreed(decided: Decided[Any, TransferEvent]) -> bool:
    """The last step was, and the member moves."""
    decided.then(*decided._events)
    return [type(each) for each in decided._events[-2:]] == [TransferStepApproved, TransferApproved]


@pytest.mark.rule("TRF-16")
def test_the_provincial_body_agrees_once_a_letter_is_recorded() -> None:
    waiting = opened()
    approves(waiting, REGISTER, NOW).refused(LetterMissing)
    assert agreed(approves(lettered(waiting), REGISTER, NOW + 400 * DAY))


@pytest.mark.rule("TRF-16", "TRF-07")
def test_the_branch_that_lets_the_member_go_waits_for_no_letter() -> None:
    then = {"next_organization": REGISTER, "due_at": None, "endless_from": NOW}
    let_go = approves(opened(Side.MEMBER), OUT, NOW).then_one(TransferStepApproved, **then)
    approves(let_go, REGISTER, NOW).refused(LetterMissing)
    assert agreed(approves(lettered(let_go), REGISTER, NOW))


@pytest.mark.rule("TRF-16", "TRF-26")
@pytest.mark.parametrize("which", ["beijing", "guangdong", "fujian"])
def test_of_no_other_register_branch_a_letter_is_asked(which: str) -> None:
    assert agreed(approves(opened(which=which), REGISTER, NOW))


@pytest.mark.rule("TRF-16", "BEY-04")
def test_it_is_reminded_of_for_ever_and_never_times_out() -> None:
    happened, now = opened(), NOW
    assert happened.state.due_at is None
    for number in range(1, 12):
        look = next_look(happened.state)
        assert look is not None
        assert look > now
        now = look
        times_out(happened, now + timedelta(days=400)).then_nothing()
        decided = reminds(happened, now)
        happened = decided.then(*decided._events)
        told = [each.number for each in decided._events if isinstance(each, TransferReminded)]
        if not told:
            assert number <= 4, "only its being late comes between"
    assert happened.state.reminded >= 9
