"""A branch that is dissolved: closing, empty or open again, and what becomes of its people (ORG-09, ORG-10)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.member.domain.events import MembershipBegan, PersonRecorded, PositionEnded, PositionGiven
from services.member.domain.events_of_rosters import (
    MemberRelocated,
    PostsEnding,
    RosterClosing,
    RosterSealed,
    SealRefused,
)
from services.member.domain.person_state import PERSON
from services.member.domain.roster import (
    ROSTER,
    EndPosts,
    RefuseSeal,
    RelocateMember,
    ReopenRoster,
    SealBranch,
    close_roster,
    end_posts,
    end_posts_of,
    refuse_seal,
    relocate_member,
    reopen_roster,
    seal_branch,
)
from shared.testing.scenario import Decided, History, given

NOW, MOMENT = datetime(2026, 11, 22, 4, tzinfo=UTC), timedelta(microseconds=1)
OF = {"branch": "branch", "dissolution": "d-1"}
CLOSING = RosterClosing(**OF, to="pending", due_at=NOW + timedelta(days=1))
SEALED, REFUSED = RosterSealed(**OF), SealRefused(**OF, members=2)
MEMBER = (PersonRecorded(number_hash="n", missing=()), MembershipBegan(branch="branch"))

Happened = History[Any, Any]


def closes(happened: Happened, to: str | None = "pending") -> Decided[Any, Any]:
    return happened.when(lambda state: close_roster(SealBranch(**OF, to=to), state, NOW))


def seals(happened: Happened) -> Decided[Any, Any]:
    return happened.when(lambda state: seal_branch(SealBranch(**OF, to="pending"), state))


def refuses(happened: Happened) -> Decided[Any, Any]:
    return happened.when(lambda state: refuse_seal(RefuseSeal(**OF, members=2), state))


def reopens(happened: Happened, now: datetime) -> Decided[Any, Any]:
    return happened.when(lambda state: reopen_roster(ReopenRoster(members=2), state, now))


@pytest.mark.rule("ORG-10")
def test_a_branch_closes_once_and_is_sealed_for_good() -> None:
    closes(given(ROSTER), to=None).then_nothing()
    closing = closes(given(ROSTER)).then(CLOSING)
    closes(closing).then_nothing()
    sealed = seals(closing).then(SEALED)
    for decided in (closes(sealed), seals(sealed), refuses(sealed), reopens(sealed, CLOSING.due_at)):
        decided.then_nothing()


@pytest.mark.rule("ORG-10", "P8")
def test_what_does_not_come_to_its_end_in_a_day_is_open_again() -> None:
    closing = given(ROSTER, CLOSING)
    reopens(closing, CLOSING.due_at - MOMENT).then_nothing()
    opened = reopens(closing, CLOSING.due_at).then(REFUSED)
    for decided in (reopens(opened, CLOSING.due_at), closes(opened), seals(opened)):
        decided.then_nothing()


@pytest.mark.rule("ORG-09")
def test_a_branch_with_members_is_told_no_once() -> None:
    refuses(refuses(given(ROSTER)).then(REFUSED)).then_nothing()
    seals(given(ROSTER, REFUSED)).then_nothing()


@pytest.mark.rule("ORG-10", "TRF-23")
def test_a_member_of_that_branch_goes_on_to_the_other_and_nobody_else_does() -> None:
    command = RelocateMember(dissolution="d-1", from_branch="branch", to_branch="pending")
    moved = MemberRelocated(dissolution="d-1", from_branch="branch", to_branch="pending")
    on = given(PERSON, *MEMBER).when(lambda state: relocate_member(command, state)).then(moved)
    for elsewhere in (on, given(PERSON)):
        elsewhere.when(lambda state: relocate_member(command, state)).then_nothing()


@pytest.mark.rule("ORG-09")
def test_every_position_in_it_ends_with_it_and_no_other() -> None:
    posts = [PositionGiven(organization=where, position=what) for where, what in (("a", "x"), ("a", "y"), ("b", "x"))]
    ended = [PositionEnded(organization="a", position=what, cause="organization_dissolved") for what in ("x", "y")]
    command = EndPosts(organization="a")
    over = given(PERSON, *MEMBER, *posts).when(lambda state: end_posts_of(command, state)).then(*ended)
    over.when(lambda state: end_posts_of(command, state)).then_nothing()
    ending = PostsEnding(organization="a", look_again_at=NOW + timedelta(minutes=10))
    noted = given(ROSTER, SEALED).when(lambda state: end_posts(command, state, NOW)).then(ending)
    noted.when(lambda state: end_posts(command, state, NOW)).then_nothing()
