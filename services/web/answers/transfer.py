"""What transfer answers. People are ids there: their names come from member."""

from datetime import date, datetime

from services.web.answers import Answer
from services.web.answers.arrivals import Arrival, HandOver, Situation
from services.web.texts import language, say

OUT, IN, MEMBER, ABOVE = "out", "in", "member", "above"
APPROVERS = {MEMBER: (OUT, IN), OUT: (IN,), IN: (OUT,), ABOVE: (), "outside": (IN, OUT)}
"""Whose approvals it takes, in order, by who started it (TRF-03, TRF-05, TRF-07, TRF-08, TRF-17)."""
DONE = ("requested", "approved", "assigned", "completed")


class Step(Answer):
    """What happened; `what` is one of DONE, or how it ended."""

    what: str
    organization: str | None = None
    organization_name: str = ""
    by: str = ""
    at: datetime


class Reminder(Answer):
    organization: str
    organization_name: str = ""
    superior: bool = False
    at: datetime


class Explanation(Answer):
    """TRF-10: why an organization could not decide yet; `explanation` is a code of the list."""

    organization: str
    organization_name: str = ""
    explanation: str
    by: str = ""
    at: datetime


class Objection(Answer):
    """TRF-11. `state`: open, upheld or dismissed."""

    objection: str
    state: str
    by: str = ""
    at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None


class Coordination(Answer):
    """TRF-12. `state`: open or answered."""

    organization: str
    organization_name: str = ""
    state: str
    by: str = ""
    at: datetime
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    reminded: int = 0


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
    situation: str = ""
    place: str = ""
    state: str
    waits_for: str | None = None
    waits_for_name: str = ""
    due_at: datetime | None = None
    ground: str | None = None
    cause: str | None = None
    requested_at: datetime
    ended_at: datetime | None = None
    automatic: bool = False
    batch: str | None = None
    register_of: str | None = None
    move_on_by: date | None = None
    duties: tuple[str, ...] = ()
    opens: bool = True
    late_at: datetime | None = None
    late: bool = False
    by_weekdays: bool = False
    reminded: int = 0
    without_admin: bool = False
    explanation: str | None = None
    onward: "Transfer | None" = None

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


class Touched(Answer):
    """BEY-05: open transfers from or to an organization and all below it."""

    open: int = 0
    more: bool = False


class Transfers(Answer):
    """`not_all`: of the name that was looked for there are too many people to look at all."""

    items: tuple[Transfer, ...] = ()
    next: str | None = None
    total: int | None = None
    fresh: bool = True
    not_all: bool = False


class MayDo(Answer):
    decide: bool = False
    assign: bool = False
    withdraw: bool = False
    note_hand_over: bool = False
    verify_employment: bool = False
    receive: bool = False
    settle_work: bool = False
    explain: bool = False
    object: bool = False
    decide_objection: bool = False
    coordinate: bool = False
    answer_coordination: bool = False


class Card(Transfer):
    note: str = ""
    steps: tuple[Step, ...] = ()
    hand_overs: tuple[HandOver, ...] = ()
    employment: str | None = None
    arrival: Arrival | None = None
    reminders: tuple[Reminder, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    objection: Objection | None = None
    coordination: Coordination | None = None
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


class Place(Listed):
    """TRF-19: `reasons` are codes of those that lead there, of somebody who graduates the first of them."""

    reasons: tuple[str, ...] = ()


class NoGround(Listed):
    """TRF-24, TRF-25: what is no ground to refuse, by which rule, and why."""

    rule: str = ""
    why_zh: str = ""
    why_en: str = ""

    @property
    def why(self) -> str:
        return self.why_en if language() == "en" else self.why_zh


class Lists(Answer):
    """What can be chosen today: reasons (TRF-15), grounds, explanations, objections, answers (TRF-10 to TRF-12)."""

    reasons: tuple[Listed, ...] = ()
    grounds: tuple[Listed, ...] = ()
    special_reasons: tuple[Listed, ...] = ()
    places: tuple[Place, ...] = ()
    situations: tuple[Situation, ...] = ()
    no_grounds: tuple[NoGround, ...] = ()
    explanations: tuple[Listed, ...] = ()
    objections: tuple[Listed, ...] = ()
    objection_withdraws: bool = False
    answers: tuple[Listed, ...] = ()

    @property
    def reason_names(self) -> dict[str, str]:
        return {row.code: row.name for row in (*self.reasons, *self.special_reasons)}

    @property
    def place_names(self) -> dict[str, str]:
        return {row.code: row.name for row in self.places}

    def situation(self, code: str) -> Situation | None:
        return next((row for row in self.situations if row.code == code), None)

    def fitting(self, place: str) -> tuple[Listed, ...]:
        """TRF-19: the reasons that lead to a kind of place, the likeliest first; all where none is said."""
        codes = next((row.reasons for row in self.places if row.code == place), ())
        found = sorted((row for row in self.reasons if row.code in codes), key=lambda row: codes.index(row.code))
        return tuple(found) or self.reasons

    def leaver(self, row: Transfer) -> str:
        """TRF-19: what a leaver said of themselves and of where they go; empty where nobody was asked."""
        stated = self.situation(row.situation)
        known = (stated.name if stated else row.situation, self.place_names.get(row.place, row.place))
        return say("list.colon").join(part for part in known if part)

    @property
    def ground_names(self) -> dict[str, str]:
        return {row.code: row.name for row in self.grounds}

    def said(self, rows: tuple[Listed, ...], code: str | None) -> str:
        """What is shown for a code; the code itself where the list is not to be had."""
        return next((row.name for row in rows if row.code == code), code or "")
