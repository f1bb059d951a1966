"""What stats and transfer answer of graduates (GRD-06, BEY-09) and of timeliness (STA-05)."""

from datetime import datetime

from services.web.answers import Answer
from services.web.answers.stats import Row
from services.web.texts import language

DESTINATIONS = ("employer", "school", "community", "floating", "bridging", "special", "outside", "other")
STUCK = ("not_started", "waiting", "refused", "timed_out", "returned")


class Formula(Answer):
    code: str
    version: str = ""
    zh: str = ""
    en: str = ""

    @property
    def text(self) -> str:
        return self.en if language() == "en" else self.zh


class Graduates(Answer):
    graduates: int = 0
    left_out: int = 0
    ended: int = 0
    to_transfer: int = 0
    complete: int = 0
    employer: int = 0
    school: int = 0
    community: int = 0
    floating: int = 0
    bridging: int = 0
    special: int = 0
    outside: int = 0
    other: int = 0
    waiting: int = 0
    refused: int = 0
    timed_out: int = 0
    returned: int = 0
    not_started: int = 0
    completion_rate: float | None = None
    employment_rate: float | None = None

    @property
    def started(self) -> int:
        return self.to_transfer - self.not_started

    @property
    def left(self) -> int:
        return self.to_transfer - self.complete

    def destinations(self) -> list[tuple[str, int]]:
        """Where they went, by kind, the most first; none that nobody went to."""
        found = [(name, getattr(self, name)) for name in DESTINATIONS]
        return sorted(((name, people) for name, people in found if people), key=lambda each: -each[1])

    def reasons(self) -> list[tuple[str, int]]:
        """What those still here wait for, the weightiest first."""
        found = [(name, getattr(self, name)) for name in STUCK]
        return sorted(((name, people) for name, people in found if people), key=lambda each: -each[1])


class GraduateRow(Graduates, Row): ...


class GraduateProgress(Answer):
    hour: datetime | None = None
    as_of: datetime | None = None
    late: bool = False
    year: int = 0
    years: tuple[int, ...] = ()
    own: Graduates = Graduates()
    rows: tuple[GraduateRow, ...] = ()
    total: Graduates = Graduates()
    formulas: tuple[Formula, ...] = ()


class School(Graduates):
    organization: str
    full_name: str = ""


class GraduateSchools(Answer):
    """A page of the schools below, the lowest completion first; `own` are at none of them."""

    schools: int = 0
    region_name: str = ""
    rows: tuple[School, ...] = ()
    own: Graduates = Graduates()
    total: Graduates = Graduates()


class Region(Graduates):
    """A division; `organizations` make it up."""

    region: str
    name: str = ""
    organizations: tuple[str, ...] = ()

    @property
    def only(self) -> str:
        """The one organization that it is; empty where it is several."""
        return self.organizations[0] if len(self.organizations) == 1 else ""


class GraduateRegions(Answer):
    """The divisions below; `own` are in none of them."""

    region_name: str = ""
    rows: tuple[Region, ...] = ()
    own: Graduates = Graduates()
    total: Graduates = Graduates()


class GraduatePoint(Graduates):
    hour: datetime

    @property
    def to_transfer_complete(self) -> int:
        return self.complete


class GraduateTrend(Answer):
    points: tuple[GraduatePoint, ...] = ()


class Call(Answer):
    organization: str
    name: str = ""
    people: int = 0
    reasons: dict[str, int]
    days: int = 0


class Reason(Answer):
    stuck: str
    ground: str | None = None
    people: int = 0


class Situation(Answer):
    """Now, from the transfers themselves."""

    as_of: datetime | None = None
    year: int = 0
    branches: int = 0
    members: int = 0
    left_behind: int = 0
    first_frozen_at: datetime | None = None
    last_frozen_at: datetime | None = None
    reasons: tuple[Reason, ...] = ()
    calls: tuple[Call, ...] = ()


class YearLeft(Answer):
    year: int
    left_behind: int = 0


class YearsLeft(Answer):
    """GRD-06: the years of which somebody is left behind, the newest first."""

    items: tuple[YearLeft, ...] = ()


class LateLine(Answer):
    organization: str
    name: str = ""
    people: int = 0
    since: datetime


class Late(Answer):
    """GRD-09: who has not done a step by now; of all organizations the first ones only."""

    step: str
    organizations: int = 0
    people: int = 0
    items: tuple[LateLine, ...] = ()
    as_of: datetime | None = None


class LeftBehind(Answer):
    person: str
    branch: str
    branch_name: str = ""
    stuck: str
    since: datetime
    call: str
    call_name: str = ""
    transfer: str | None = None
    to_name: str = ""
    reason: str | None = None
    ground: str | None = None
    may_start: bool = False


class LeftBehindList(Answer):
    items: tuple[LeftBehind, ...] = ()
    next: str | None = None
    as_of: datetime | None = None


class Started(Answer):
    person: str
    transfer: str | None = None
    rule: str = ""
    zh: str = ""
    en: str = ""

    @property
    def text(self) -> str:
        return self.en if language() == "en" else self.zh


class Outcome(Answer):
    items: tuple[Started, ...] = ()
    started: int = 0
    refused: int = 0


class Timely(Answer):
    steps: int = 0
    steps_late: int = 0
    steps_open_late: int = 0
    rate: float | None = None


class TimelyRow(Timely, Row): ...


class Timeliness(Answer):
    hour: datetime | None = None
    as_of: datetime | None = None
    late: bool = False
    own: Timely = Timely()
    rows: tuple[TimelyRow, ...] = ()
    total: Timely = Timely()
    formula: Formula | None = None


class TimelyPoint(Timely):
    hour: datetime

    @property
    def steps_complete(self) -> int:
        return self.steps - self.steps_late


class TimelinessTrend(Answer):
    points: tuple[TimelyPoint, ...] = ()
