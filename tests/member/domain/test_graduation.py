from typing import Any

import pytest

from services.member.domain.events import MembershipBegan, MembershipEnded, PersonRecorded
from services.member.domain.events_of_graduation import GraduationExclusionMarked, GraduationExclusionRemoved
from services.member.domain.events_of_transfers import MemberMoved, TransferHoldPlaced
from services.member.domain.graduation import MarkExclusion, mark_exclusion
from services.member.domain.person import PersonNotFound
from services.member.domain.person_state import PERSON
from services.member.domain.transfers import MoveMember, PlaceHold, move_member, place_hold
from shared.testing.scenario import given

CLASS, OTHER = "organization-class", "organization-other-class"
MEMBER = (PersonRecorded(number_hash="hash"), MembershipBegan(branch=CLASS))
STAYS = GraduationExclusionMarked(branch=CLASS, year=2026, kind="staying_on")
TEACHES = GraduationExclusionMarked(branch=CLASS, year=2026, kind="teacher")
REMOVED = GraduationExclusionRemoved(branch=CLASS, year=2026)


def mark(kind: Any, year: int = 2026, branch: str = CLASS) -> Any:
    return lambda state: mark_exclusion(MarkExclusion(branch=branch, year=year, kind=kind), state)


@pytest.mark.rule("GRD-04")
def test_who_stays_on_or_teaches_is_marked_changed_and_taken_back() -> None:
    marked = given(PERSON, *MEMBER).when(mark("staying_on")).then(STAYS)
    marked.when(mark("staying_on")).then_nothing()
    changed = marked.when(mark("teacher")).then(TEACHES)
    included = changed.when(mark(None)).then(REMOVED)
    included.when(mark(None)).then_nothing()


@pytest.mark.rule("GRD-04")
def test_only_a_member_of_the_branch_is_marked() -> None:
    given(PERSON).when(mark("teacher")).refused(PersonNotFound)
    given(PERSON, PersonRecorded(number_hash="hash")).when(mark("teacher")).refused(PersonNotFound)
    given(PERSON, *MEMBER).when(mark("teacher", branch=OTHER)).refused(PersonNotFound)


@pytest.mark.rule("GRD-04")
def test_a_mark_is_of_one_year() -> None:
    """Who stayed on in 2026 graduates in 2027 with whatever branch becomes a graduate branch then."""
    stayed = given(PERSON, *MEMBER, STAYS)
    stayed.when(mark(None, year=2027)).then_nothing()
    stayed.when(mark("staying_on", year=2027)).then(
        GraduationExclusionMarked(branch=CLASS, year=2027, kind="staying_on")
    )


@pytest.mark.rule("GRD-04")
@pytest.mark.parametrize(
    "left",
    [
        (
            TransferHoldPlaced(transfer="transfer-1", from_branch=CLASS, to=OTHER),
            MemberMoved(transfer="transfer-1", from_branch=CLASS, to_branch=OTHER),
            MemberMoved(transfer="transfer-2", from_branch=OTHER, to_branch=CLASS),
        ),
        (MembershipEnded(branch=CLASS, cause="x"), MembershipBegan(branch=CLASS)),
    ],
)
def test_a_mark_ends_with_the_membership_in_the_branch(left: Any) -> None:
    given(PERSON, *MEMBER, STAYS, *left).when(mark(None)).then_nothing()


@pytest.mark.rule("GRD-05")
def test_a_graduate_who_is_left_out_is_transferred_like_everybody_else() -> None:
    held = given(PERSON, *MEMBER, STAYS).when(
        lambda state: place_hold(PlaceHold(transfer="transfer-1", from_branch=CLASS, to=OTHER), state)
    )
    held.then_one(TransferHoldPlaced).when(
        lambda state: move_member(MoveMember(transfer="transfer-1", from_branch=CLASS, to_branch=OTHER), state)
    ).then_one(MemberMoved, to_branch=OTHER)
