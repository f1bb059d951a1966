"""A branch while it is dissolved (ORG-09, ORG-10): closing, sealed, or open again; what follows for its people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from services.member.domain.events import PersonEvent, PositionEnded
from services.member.domain.events_of_rosters import (
    MemberRelocated,
    PostsEnding,
    RosterClosing,
    RosterEvent,
    RosterSealed,
    SealRefused,
)
from services.member.domain.person_state import Known, PersonState
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command
from shared.kernel.refusals import Refusal

CLOSING_LIFE = timedelta(days=1)
LOOK_AGAIN = timedelta(minutes=10)
"""Whoever was made a cadre while the news of the dissolution was on its way is in the lists by then."""
DISSOLVED = "organization_dissolved"


@dataclass(frozen=True, slots=True)
class OpenRoster:
    """Takes people; also of whatever was never heard of here. `refused` is the dissolution that was told no last."""

    refused: str = ""


@dataclass(frozen=True, slots=True)
class ClosingRoster:
    branch: str
    dissolution: str
    to: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class SealedRoster:
    """Empty for good. `ending`: its positions are being ended."""

    dissolution: str
    ending: bool = False


Roster = OpenRoster | ClosingRoster | SealedRoster


def evolve(state: Roster, event: RosterEvent) -> Roster:
    match event:
        case RosterClosing():
            return ClosingRoster(event.branch, event.dissolution, event.to, event.due_at)
        case RosterSealed():
            return SealedRoster(event.dissolution)
        case SealRefused():
            return OpenRoster(event.dissolution)
        case PostsEnding():
            return SealedRoster(state.dissolution if isinstance(state, SealedRoster) else "", ending=True)
        case _:
            assert_never(event)


ROSTER: Decider[Roster, RosterEvent] = Decider("roster", OpenRoster(), evolve)


def roster_of(organization: str) -> str:
    """The stream of an organization's roster."""
    return f"{ROSTER.kind}-{organization.partition('-')[2]}"


class SealBranch(Command):
    """ORG-09, ORG-10: asked for by the `dissolution` of `branch`; `to` takes whoever is in it, or nobody may be."""

    branch: str
    dissolution: str
    to: str | None


class RefuseSeal(Command):
    """The branch has `members`, so that it is not sealed."""

    branch: str
    dissolution: str
    members: int


class ReopenRoster(Command):
    """P8: the closing has taken too long; decides again."""

    members: int


class EndPosts(Command):
    """ORG-09: the organization is dissolved."""

    organization: str


class RelocateMember(Command):
    """ORG-10."""

    dissolution: str
    from_branch: str
    to_branch: str


class BranchNotEmpty(Refusal):
    rule = "ORG-09"
    zh = "团支部中还有团员，不能删除。"
    en = "There are members in the branch, so it cannot be dissolved."
    way_out = "请先办理转出，或在删除时确认转入待接转团支部。"
    way_out_en = "Transfer them first, or confirm that they go to the pending branch."


def answered(command: SealBranch, state: Roster) -> bool:
    """Whether this dissolution, or a later one, was told yes or no."""
    match state:
        case OpenRoster(refused=refused):
            return refused == command.dissolution
        case ClosingRoster(dissolution=dissolution):
            return dissolution != command.dissolution
        case SealedRoster():
            return True
        case _:
            assert_never(state)


def close_roster(command: SealBranch, state: Roster, now: datetime) -> list[RosterEvent]:
    """Nothing where this dissolution was heard of before."""
    if command.to is None or not isinstance(state, OpenRoster) or state.refused == command.dissolution:
        return []
    about = {"branch": command.branch, "dissolution": command.dissolution}
    return [RosterClosing(**about, to=command.to, due_at=now + CLOSING_LIFE)]


def seal_branch(command: SealBranch, state: Roster) -> list[RosterEvent]:
    """That nobody is in it is for the roster's row to say. Nothing once it was answered."""
    if answered(command, state):
        return []
    return [RosterSealed(branch=command.branch, dissolution=command.dissolution)]


def refuse_seal(command: RefuseSeal, state: Roster) -> list[RosterEvent]:
    """Nothing where it was sealed, or told so before."""
    if isinstance(state, SealedRoster) or (isinstance(state, OpenRoster) and state.refused == command.dissolution):
        return []
    return [SealRefused(branch=command.branch, dissolution=command.dissolution, members=command.members)]


def reopen_roster(command: ReopenRoster, state: Roster, now: datetime) -> list[RosterEvent]:
    """Nothing before its time, nor for a roster that is not closing any more."""
    if not isinstance(state, ClosingRoster) or now < state.due_at:
        return []
    return [SealRefused(branch=state.branch, dissolution=state.dissolution, members=command.members)]


def end_posts(command: EndPosts, state: Roster, now: datetime) -> list[RosterEvent]:
    """Once."""
    if isinstance(state, SealedRoster) and state.ending:
        return []
    return [PostsEnding(organization=command.organization, look_again_at=now + LOOK_AGAIN)]


def relocate_member(command: RelocateMember, state: PersonState) -> list[PersonEvent]:
    """A member of that branch goes on to the other; a transfer that holds them goes on holding (TRF-23)."""
    if not isinstance(state, Known) or state.branch != command.from_branch:
        return []
    where = {"from_branch": command.from_branch, "to_branch": command.to_branch}
    return [MemberRelocated(dissolution=command.dissolution, **where, missing=state.missing)]


def end_posts_of(command: EndPosts, state: PersonState) -> list[PersonEvent]:
    """Every position that the person holds in the organization."""
    if not isinstance(state, Known):
        return []
    held = sorted(post for post in state.positions if post[0] == command.organization)
    return [PositionEnded(organization=where, position=what, cause=DISSOLVED) for where, what in held]
