"""A transfer whose branch or destination is there no more goes on with who succeeds, or ends and says why (TRF-23)."""

from datetime import timedelta
from typing import Any

import pytest

from services.transfer.domain.arrivals import VerifyEmployment, verify_employment
from services.transfer.domain.deciding import (
    ApproveTransfer,
    AssignDestination,
    WithdrawTransfer,
    approve_transfer,
    assign_destination,
    withdraw_transfer,
)
from services.transfer.domain.disputes import ObjectToTransfer, object_to_transfer
from services.transfer.domain.events import Side, TransferEvent, TransferFailed, TransferRequested
from services.transfer.domain.events_of_successions import OrganizationSucceeded, TransferRedirected
from services.transfer.domain.policies import on_organization_dissolved
from services.transfer.domain.refusals import TransferStepOver
from services.transfer.domain.refusals_of_arrivals import EmploymentUnverified
from services.transfer.domain.refusals_of_disputes import ObjectionUndecided
from services.transfer.domain.steps import ANSWERED_WITHIN
from services.transfer.domain.succession import (
    SUCCESSION,
    EndTransfer,
    NoteSuccession,
    RedirectTransfer,
    end_transfer,
    note_succession,
    redirect_transfer,
)
from services.transfer.domain.transfer import TRANSFER, Approved, Requested, Unassigned
from services.transfer.domain.working_days import late_from
from services.transfer.use_cases.successors import heir, took_members
from shared.contracts.org import OrganizationDissolved
from shared.testing.scenario import Decided, given
from tests.transfer.domain.histories import COMMITTEE, DAY, ENTERED, HOUR, IN, NOW, OUT, PERSON, Happened, opened

PENDING, SUPERIOR = "pending-branch", "superior"
LATER = NOW + 2 * DAY
REQUESTED = TransferRequested(
    person=PERSON,
    from_branch=OUT,
    to=IN,
    assigns=False,
    started_by=Side.OUT,
    reason="change_of_school",
    hold_due_at=LATER + HOUR,
)


def redirected(happened: Happened, gone: str, **goes: Any) -> Decided[Any, TransferEvent]:
    command = RedirectTransfer(**{"gone": gone, "out": None, "to": None, "assigns": False} | goes)
    return happened.when(lambda state: redirect_transfer(command, state, LATER, ENTERED))


def after(decided: Decided[Any, TransferEvent]) -> Happened:
    """What happened, to go on with."""
    return decided.then(*decided._events)


def approval(happened: Happened, organization: str) -> Decided[Any, TransferEvent]:
    command = ApproveTransfer(organization=organization)
    return happened.when(lambda state: approve_transfer(command, state, LATER, ENTERED))


def ends(happened: Happened, branch: str) -> Decided[Any, TransferEvent]:
    return happened.when(lambda state: end_transfer(EndTransfer(branch=branch), state, LATER))


@pytest.mark.rule("TRF-23")
def test_a_member_who_was_moved_on_goes_on_from_the_pending_branch() -> None:
    decided = redirected(opened(Side.OUT), OUT, out=PENDING, to=SUPERIOR, assigns=True)
    on = decided.then_one(TransferRedirected, side=Side.OUT, organization=PENDING, former=OUT, due_at=None)
    assert on.state.due_at == NOW + 10 * DAY  # the other side's time goes on
    agreed = after(approval(on, IN))
    assert (agreed.state.asked.from_branch, agreed.state.branch) == (PENDING, IN)
    redirected(on, OUT, out=PENDING).then_nothing()


@pytest.mark.rule("TRF-23", "TRF-04")
def test_the_superior_of_a_dissolved_destination_decides_and_assigns_with_a_time_of_its_own() -> None:
    on = after(redirected(opened(Side.OUT), IN, out=PENDING, to=SUPERIOR, assigns=True))
    assert (on.state.organization, on.state.due_at) == (SUPERIOR, LATER + 10 * DAY)
    approval(on, IN).refused(TransferStepOver)
    assert isinstance(after(approval(on, SUPERIOR)).state, Unassigned)


@pytest.mark.rule("TRF-23")
def test_who_is_waited_for_after_a_merger_has_the_whole_time_and_others_keep_theirs() -> None:
    on = after(redirected(opened(Side.MEMBER), IN, to="merged"))
    assert (on.state.organization, on.state.due_at, on.state.asked.to) == (OUT, NOW + 10 * DAY, "merged")
    unassigned = after(approval(opened(Side.OUT, COMMITTEE), COMMITTEE))
    waits = after(redirected(unassigned, COMMITTEE, to="merged", assigns=True)).state
    assert (type(waits), waits.organization, waits.since) == (Unassigned, "merged", LATER)


@pytest.mark.rule("TRF-23")
@pytest.mark.parametrize(
    ("gone", "successor", "cause"),
    [
        (OUT, {"out": None}, "not_a_member_there"),
        (IN, {"to": None}, "destination_dissolved"),
        (OUT, {"out": IN}, "branches_merged"),
        (IN, {"to": OUT}, "branches_merged"),
    ],
)
def test_without_anybody_to_go_on_with_it_ends_and_says_why(gone: str, successor: dict[str, Any], cause: Any) -> None:
    failed = TransferFailed(person=PERSON, cause=cause, held=True, release_due_at=LATER + ANSWERED_WITHIN)
    ended = redirected(opened(), gone, **successor).then(failed)
    redirected(ended, gone, **successor).then_nothing()


@pytest.mark.rule("TRF-23")
def test_what_has_nothing_to_do_with_it_or_is_over_stays_as_it_is() -> None:
    redirected(opened(), "elsewhere", out=PENDING, to=SUPERIOR).then_nothing()
    approved = after(approval(opened(), IN))
    assert isinstance(approved.state, Approved)
    redirected(approved, IN, to=SUPERIOR, assigns=True).then_nothing()
    withdrawn = after(opened().when(lambda state: withdraw_transfer(WithdrawTransfer(), state, LATER)))
    redirected(withdrawn, OUT, out=PENDING).then_nothing()
    command = RedirectTransfer(gone=IN, out=None, to=SUPERIOR, assigns=True)
    opened().when(lambda state: redirect_transfer(command, state, NOW + 10 * DAY, ENTERED)).then_nothing()


@pytest.mark.rule("TRF-23", "TRF-11")
def test_an_objection_stops_who_is_asked_anew_as_well() -> None:
    command = ObjectToTransfer(objection="not_asked", withdraws=False)
    objected = after(opened().when(lambda state: object_to_transfer(command, state, LATER)))
    anew = after(redirected(objected, IN, to=SUPERIOR, assigns=True))
    approval(anew, SUPERIOR).refused(ObjectionUndecided)


@pytest.mark.rule("TRF-23", "TRF-08")
def test_of_a_batch_that_is_decided_nobody_is_left_to_choose_another_branch() -> None:
    asked = {"person": PERSON, "from_branch": OUT, "to": IN, "assigns": False, "reason": "change_of_school"}
    started = {"started_by": Side.ABOVE, "superior": SUPERIOR, "hold_due_at": LATER + HOUR}
    batch = given(TRANSFER, TransferRequested(**asked, **started))
    over = {"cause": "destination_dissolved", "held": True, "release_due_at": LATER + ANSWERED_WITHIN}
    redirected(batch, IN, to=SUPERIOR, assigns=True).then(TransferFailed(person=PERSON, **over))
    redirected(batch, IN, to="merged").then_one(TransferRedirected, organization="merged", to="merged")


def verified(happened: Happened, organization: str) -> Happened:
    command = VerifyEmployment(organization=organization, finding="works_here")
    return after(happened.when(lambda state: verify_employment(command, state, LATER)))


def floating_assigned(happened: Happened, to: str) -> Decided[Any, TransferEvent]:
    command = AssignDestination(branch=IN, above=(IN, to), floating=True)
    return happened.when(lambda state: assign_destination(command, state, LATER, ENTERED))


@pytest.mark.rule("TRF-23", "TRF-20")
def test_who_is_asked_anew_verifies_anew_and_who_goes_on_does_not() -> None:
    step = verified(opened(), IN)
    command = ApproveTransfer(organization=SUPERIOR, floating=True)
    anew = after(redirected(step, IN, to=SUPERIOR))
    anew.when(lambda state: approve_transfer(command, state, LATER, ENTERED)).refused(EmploymentUnverified)
    choice = verified(after(approval(opened(to=COMMITTEE), COMMITTEE)), COMMITTEE)
    assert isinstance(after(floating_assigned(choice, COMMITTEE)).state, Approved)
    other = after(redirected(choice, COMMITTEE, to=SUPERIOR, assigns=True))
    floating_assigned(other, SUPERIOR).refused(EmploymentUnverified)
    assert isinstance(after(floating_assigned(verified(other, SUPERIOR), SUPERIOR)).state, Approved)
    same = after(redirected(choice, OUT, out=PENDING))
    assert isinstance(after(floating_assigned(same, COMMITTEE)).state, Approved)


@pytest.mark.rule("TRF-23")
def test_the_end_of_a_membership_ends_what_was_open_from_that_branch_only() -> None:
    failed = TransferFailed(person=PERSON, cause="membership_ended", held=True, release_due_at=LATER + ANSWERED_WITHIN)
    ends(opened(), "an earlier branch").then_nothing()
    over = ends(opened(), OUT).then(failed)
    ends(over, OUT).then_nothing()
    ends(after(approval(opened(Side.OUT, COMMITTEE), COMMITTEE)), OUT).then(failed)
    ends(after(approval(opened(), IN)), OUT).then(failed)
    given(TRANSFER, REQUESTED).when(lambda state: end_transfer(EndTransfer(branch=OUT), state, LATER)).then(failed)


@pytest.mark.rule("TRF-23")
def test_one_that_member_has_not_answered_yet_goes_on_as_well_and_waits_no_longer() -> None:
    on = after(redirected(given(TRANSFER, REQUESTED), OUT, out=PENDING)).state
    assert isinstance(on, Requested)
    assert (on.asked.from_branch, on.due_at) == (PENDING, LATER + HOUR)


@pytest.mark.rule("TRF-23", "TRF-10")
def test_whoever_is_asked_anew_is_late_after_five_working_days_of_their_own_and_is_told_to_all_above() -> None:
    late_at, by_weekdays = late_from(LATER, ENTERED)
    own = {"late_at": late_at, "by_weekdays": by_weekdays, "above": (OUT, SUPERIOR)}
    goes = {"to": SUPERIOR, "assigns": True, "above": (OUT, SUPERIOR)}
    anew = redirected(opened(), IN, **goes).then_one(TransferRedirected, due_at=LATER + 10 * DAY, **own)
    assert anew.state.late_at == late_at
    chooses = after(approval(opened(to=COMMITTEE), COMMITTEE))
    other = redirected(chooses, COMMITTEE, **goes).then_one(TransferRedirected, unassigned_from=LATER, **own)
    assert other.state.late_at == late_at


@pytest.mark.rule("TRF-23")
def test_that_an_organization_is_gone_is_noted_once_and_looked_at_again_ten_minutes_later() -> None:
    command = NoteSuccession(organization="gone", superior=SUPERIOR, successor="merged", merged=True)
    noted = given(SUCCESSION).when(lambda state: note_succession(command, state, NOW))
    fact = OrganizationSucceeded(**command.model_dump(), look_again_at=NOW + timedelta(minutes=10))
    noted.then(fact).when(lambda state: note_succession(command, state, LATER)).then_nothing()


@pytest.mark.rule("TRF-23", "ORG-10", "ORG-21")
@pytest.mark.parametrize(("successor", "merged"), [(None, False), (PENDING, False), ("merged", True)])
def test_who_succeeds_is_taken_from_the_news_as_org_says_it(successor: str | None, merged: bool) -> None:
    told = OrganizationDissolved(organization="gone", superior=SUPERIOR, successor=successor, merged=merged)
    heard = NoteSuccession(organization="gone", superior=SUPERIOR, successor=successor, merged=merged)
    assert on_organization_dissolved(told) == heard


@pytest.mark.rule("TRF-23", "ORG-10", "ORG-21")
def test_members_go_to_the_successor_and_all_else_only_to_what_it_was_merged_into() -> None:
    gone = NoteSuccession(organization="gone", superior=SUPERIOR, successor=PENDING, merged=False)
    assert (took_members(gone), heir(gone)) == (PENDING, SUPERIOR)
    merged = gone.model_copy(update={"successor": "merged", "merged": True})
    assert (took_members(merged), heir(merged)) == ("merged", "merged")
    empty = gone.model_copy(update={"successor": None})
    assert (took_members(empty), heir(empty)) == (None, SUPERIOR)
