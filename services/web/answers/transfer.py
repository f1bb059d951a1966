"""What transfer answers. People are ids there: their names come from member."""

from datetime import datetime

from services.web.answers import Answer
from services.web.texts import language

OUT, IN, MEMBER = "out", "in", "member"
APPROVERS = {MEMBER: (OUT, IN), OUT: (IN,), IN: (OUT,), "outside": (IN, OUT)}
"""Whose approvals it takes, in order, by who started it (TRF-03, TRF-05, TRF-07)."""
DONE = ("requested", "approved", "assigned", "completed")


class Step(Answer):
    """What happened; `what` is one of DONE, or how it ended."""

    what: str
    organization: str | None = None
    organization_name: str = ""
    by: str = ""
    at: datetime


class Transfer(Answer):
    transfer: str
    person: str
    from_branch: str
    from_name: str = ""
    to: str
    to_name: str = ""
    branch: str | None = None
    branch_name: str = ""
    started_by: str
    reason: str = ""
    state: str
    waits_for: str | None = None
    waits_for_name: str = ""
    due_at: datetime | None = None
    ground: str | None = None
    cause: str | None = None
    requested_at: datetime
    ended_at: datetime | None = None
    automatic: bool = False

    @property
    def is_open(self) -> bool:
        return self.state in ("requested", "pending", "unassigned", "approved")

    @property
    def goes_on_by_itself(self) -> bool:
        """Nobody has to do anything, and it will not take long."""
        return self.state in ("requested", "approved")

    @property
    def turn(self) -> str:
        """What is waited for: the approval of a side, or the choice of a branch; empty if nobody has to do anything."""
        match self.state:
            case "pending":
                return OUT if self.waits_for == self.from_branch else IN
            case "unassigned":
                return "assign"
        return ""

    @property
    def standing(self) -> str:
        """The state as people name it: with whose turn it is."""
        return self.turn or self.state

    def side(self, organization: str | None) -> str:
        """On which side an organization of a step stands; the member is on none."""
        return MEMBER if organization is None else OUT if organization == self.from_branch else IN


class Transfers(Answer):
    items: tuple[Transfer, ...] = ()
    next: str | None = None
    fresh: bool = True


class MayDo(Answer):
    decide: bool = False
    assign: bool = False
    withdraw: bool = False


class Card(Transfer):
    note: str = ""
    steps: tuple[Step, ...] = ()
    may: MayDo = MayDo()
    fresh: bool = True


class Listed(Answer):
    """A row of a list that is data: what is stored, what is shown, and whether whoever chooses it writes a note."""

    code: str
    zh: str = ""
    en: str = ""
    with_text: bool = False

    @property
    def name(self) -> str:
        return (self.en if language() == "en" else self.zh) or self.code


class Lists(Answer):
    """The reasons to start a transfer (TRF-15) and the grounds to refuse one (TRF-12), as offered today."""

    reasons: tuple[Listed, ...] = ()
    grounds: tuple[Listed, ...] = ()

    @property
    def reason_names(self) -> dict[str, str]:
        return {row.code: row.name for row in self.reasons}

    @property
    def ground_names(self) -> dict[str, str]:
        return {row.code: row.name for row in self.grounds}
