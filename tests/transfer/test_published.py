"""What others hear of a transfer: each step with whose it was, since when, until when, and whether it was late."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from services.transfer.domain.deciding import (
    ApproveTransfer,
    AssignDestination,
    CompleteTransfer,
    OpenTransfer,
    RefuseTransfer,
    approve_transfer,
    assign_destination,
    complete_transfer,
    open_transfer,
    refuse_transfer,
)
from services.transfer.domain.disputes import ExplainDelay, explain_delay
from services.transfer.domain.events import Side, TransferEvent, TransferRequested
from services.transfer.domain.events_of_cohorts import CohortFrozen, CohortWithdrawn, GraduateExcluded, GraduateIncluded
from services.transfer.domain.passing_time import RemindTransfer, TimeOutTransfer, remind_transfer, time_out_transfer
from services.transfer.domain.transfer import TRANSFER, Transfer
from services.transfer.published import publish
from tests.transfer.domain.histories import (
    CLASS,
    COMMITTEE,
    DAY,
    ENTERED,
    IN,
    LATE,
    NOW,
    OUT,
    PERSON,
    moving,
    opened,
    unassigned,
)

STREAM = "transfer-1"
OUTGOING, INCOMING = {"side": "out", "organization": OUT}, {"side": "in", "organization": IN}
UNTIL = NOW + 10 * DAY


def told(events: Sequence[TransferEvent]) -> list[tuple[str, dict[str, Any]]]:
    """Names and what is said beside whom it is about, which each says."""
    said = []
    for event in events:
        for each in publish(event, STREAM, 1):
            body = each.model_dump(exclude={"personal"})
            assert (body.pop("transfer"), body.pop("person")) == (STREAM, PERSON)
            said.append((type(each).__name__, body))
    return said


def approved(state: Transfer, organization: str, now: datetime) -> list[tuple[str, dict[str, Any]]]:
    return told(approve_transfer(ApproveTransfer(organization=organization), state, now, ENTERED))


@pytest.mark.rule("TRF-10", "TRF-09", "GRD-06")
def test_each_step_is_told_with_whose_it_was_since_when_and_whether_it_was_late() -> None:
    asked = TransferRequested(
        person=PERSON, from_branch=OUT, to=IN, assigns=False, started_by=Side.MEMBER, reason="x", hold_due_at=NOW
    )
    begun = told(open_transfer(OpenTransfer(), TRANSFER.fold([asked]), NOW, ENTERED))
    assert begun == [("TransferOpened", OUTGOING | {"due_at": UNTIL, "late_at": LATE, "by_weekdays": False})]
    ((name, yes),) = approved(opened(Side.MEMBER).state, OUT, NOW + DAY)
    assert name == "TransferStepApproved"
    following = {"next_organization": IN, "due_at": UNTIL + DAY, "late_at": LATE + DAY, "by_weekdays": False}
    following["endless"] = False
    assert yes == OUTGOING | {"since": NOW, "late": False, "automatic": False} | following
    (too_late, last, moves) = approved(opened().state, IN, LATE)
    assert too_late == ("TransferBecameLate", INCOMING | {"since": NOW, "due_at": UNTIL})
    assert (last[1]["late"], last[1]["next_organization"], last[1]["due_at"]) == (True, None, None)
    assert moves == ("TransferApproved", {"from_branch": OUT, "to_branch": IN})
    done = told(complete_transfer(CompleteTransfer(), moving().state, "school"))
    where = {"from_branch": OUT, "to_branch": IN}
    assert done == [("TransferCompleted", where | {"reason": "change_of_school", "destination": "school"})]


@pytest.mark.rule("TRF-04", "TRF-10")
def test_the_choice_of_a_branch_is_a_step_too() -> None:
    ((_, agreed),) = approved(opened(to=COMMITTEE).state, COMMITTEE, NOW)
    assert (agreed["next_organization"], agreed["due_at"], agreed["late_at"]) == (COMMITTEE, None, LATE)
    chosen = assign_destination(
        AssignDestination(branch=CLASS, above=(COMMITTEE,)), unassigned().state, NOW + DAY, ENTERED
    )
    step = {"organization": COMMITTEE, "since": NOW, "late": False}
    assert told(chosen)[0] == ("DestinationAssigned", step | {"to_branch": CLASS})


@pytest.mark.rule("TRF-10", "BEY-04")
def test_reminders_and_explanations_are_told_with_the_end_of_the_step() -> None:
    state = opened().state
    second, third, late = told(remind_transfer(RemindTransfer(), state, NOW + 8 * DAY))
    assert second == ("TransferReminded", INCOMING | {"number": 2, "superior": False, "due_at": UNTIL})
    assert third == ("TransferReminded", INCOMING | {"number": 3, "superior": True, "due_at": UNTIL})
    assert late[0] == "TransferBecameLate"
    said = told(explain_delay(ExplainDelay(organization=IN, explanation="needs_meeting"), state, NOW))
    assert said == [("TransferDelayExplained", INCOMING | {"explanation": "needs_meeting", "due_at": UNTIL})]


@pytest.mark.rule("TRF-12", "TRF-09")
def test_what_ends_a_step_without_a_yes_says_the_same_of_it() -> None:
    state, no = opened().state, RefuseTransfer(organization=IN, ground="not_of_this_unit")
    refused = INCOMING | {"ground": "not_of_this_unit", "since": NOW, "late": False}
    assert told(refuse_transfer(no, state, NOW + DAY)) == [("TransferRefused", refused)]
    returned = told(time_out_transfer(TimeOutTransfer(), state, UNTIL, ENTERED))
    assert returned[1] == ("TransferTimedOut", INCOMING | {"since": NOW, "late": True})


@pytest.mark.rule("GRD-03", "GRD-04", "GRD-06")
def test_of_a_frozen_cohort_is_told_who_is_in_it_who_leaves_and_joins_it_and_its_end() -> None:
    of, who, several = {"branch": OUT, "year": 2026}, {"person": PERSON}, {"members": (PERSON, "person-2")}
    for fact, said in (
        (CohortFrozen(**of, **several), several),
        (CohortWithdrawn(**of, **several), several),
        (GraduateExcluded(**of, **who, frozen=True), who),
        (GraduateIncluded(**of, **who, frozen=True), who),
    ):
        [each] = publish(fact, "cohort-1", 1)
        assert (type(each).__name__, each.model_dump(exclude={"personal"})) == (type(fact).__name__, of | said)
    for unheard in (GraduateExcluded, GraduateIncluded):
        assert publish(unheard(**of, **who, frozen=False), "cohort-1", 1) == []
