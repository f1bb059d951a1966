"""Papers beside a transfer, and findings before one is agreed to: many enough, and not without end (TRF-20, TRF-26)."""

from collections.abc import Callable

import pytest

from services.transfer.domain.arrivals import (
    NOTES_MAX,
    NoteHandOver,
    VerifyEmployment,
    note_hand_over,
    verify_employment,
)
from services.transfer.domain.events import Side, TransferStepApproved
from services.transfer.domain.events_of_arrivals import EmploymentVerified, HandOverNoted
from services.transfer.domain.refusals_of_arrivals import NothingToVerify, TooManyPapers, VerifiedTooOften
from shared.kernel.clock import local_date
from shared.kernel.envelope import Personal
from tests.transfer.domain.histories import IN, NOW, OUT, PERSON, Happened, approves, moving, opened, unassigned

PAPER = NoteHandOver(organization=OUT, letter="介字1号", issued_on=local_date(NOW))
FOUND = VerifyEmployment(organization=IN, finding="no_work_yet")


def noted(happened: Happened) -> Happened:
    sealed = Personal(person=PERSON, values={"letter": PAPER.letter})
    decided = happened.when(lambda state: note_hand_over(PAPER, state, NOW))
    return decided.then(HandOverNoted(organization=OUT, issued_on=PAPER.issued_on, personal=sealed))


@pytest.mark.rule("TRF-26")
@pytest.mark.parametrize("begun", [opened, unassigned, moving])
def test_papers_are_noted_whatever_it_waits_for_until_there_are_too_many(begun: Callable[[], Happened]) -> None:
    happened = begun()
    for _ in range(NOTES_MAX):
        happened = noted(happened)
    happened.when(lambda state: note_hand_over(PAPER, state, NOW)).refused(TooManyPapers)


@pytest.mark.rule("TRF-26")
def test_papers_of_the_first_step_count_in_the_next() -> None:
    happened = opened(Side.MEMBER)
    for _ in range(NOTES_MAX):
        happened = noted(happened)
    happened = approves(happened, OUT, NOW).then_one(TransferStepApproved, organization=OUT)
    happened.when(lambda state: note_hand_over(PAPER, state, NOW)).refused(TooManyPapers)


@pytest.mark.rule("TRF-20")
def test_findings_of_a_step_come_to_an_end() -> None:
    happened = opened()
    for _ in range(NOTES_MAX):
        decided = happened.when(lambda state: verify_employment(FOUND, state, NOW))
        happened = decided.then(EmploymentVerified(organization=IN, finding="no_work_yet"))
    happened.when(lambda state: verify_employment(FOUND, state, NOW)).refused(VerifiedTooOften)


@pytest.mark.rule("TRF-20")
def test_the_branch_that_somebody_leaves_verifies_nothing() -> None:
    command = VerifyEmployment(organization=OUT, finding="works_here")
    opened(Side.MEMBER).when(lambda state: verify_employment(command, state, NOW)).refused(NothingToVerify)
