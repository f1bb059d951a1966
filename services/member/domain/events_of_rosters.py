"""What member stores of a branch that is dissolved: in the branch's own stream, and of each person who is moved on."""

from datetime import datetime

from shared.kernel.envelope import Event


class RosterClosing(Event):
    """ORG-10: nobody comes in any more, everybody is moved on to `to`. Open again at `due_at` if that has no end."""

    branch: str
    dissolution: str
    to: str
    due_at: datetime


class RosterSealed(Event):
    """ORG-09: the branch is empty and stays so."""

    branch: str
    dissolution: str


class SealRefused(Event):
    """ORG-09: the branch has `members` and is open (again)."""

    branch: str
    dissolution: str
    members: int


class PostsEnding(Event):
    """ORG-09: the organization is dissolved: its positions end, once more at `look_again_at` for what came late."""

    organization: str
    look_again_at: datetime


RosterEvent = RosterClosing | RosterSealed | SealRefused | PostsEnding


class MemberRelocated(Event):
    """ORG-10: from a branch that is dissolved to the one that takes its people, in one commit."""

    dissolution: str
    from_branch: str
    to_branch: str
    missing: tuple[str, ...] = ()
