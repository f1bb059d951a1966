"""What org answers about schools, graduation months and campaigns."""

from datetime import date, datetime

from services.web.answers import Answer
from services.web.answers.org import Step


class Month(Answer):
    year: int
    month: int

    @property
    def text(self) -> str:
        """As `day` reads it."""
        return f"{self.year}-{self.month:02d}"


class Counted(Answer):
    branches: int = 0
    marked: int = 0
    schools: int = 0
    without_admin: int = 0

    @property
    def unmarked(self) -> int:
        return self.branches - self.marked


class ProgressRow(Step, Counted):
    category: str = ""
    school: bool = False
    admins: int = 0
    path: tuple[Step, ...] = ()


class GraduationProgress(Counted):
    """GRD-01, GRD-02: of an organization, which may be a school itself, and of its direct subordinates."""

    school: bool = False
    rows: tuple[ProgressRow, ...] = ()
    fresh: bool = True
    as_of: datetime | None = None


class SchoolRow(Step):
    category: str = ""
    superior: Step | None = None
    institution_code: str = ""
    admins: int = 0
    has_branch: bool = True
    branches: int = 0
    marked: int = 0


class SchoolRows(Answer):
    items: tuple[SchoolRow, ...] = ()
    next: str | None = None
    fresh: bool = True


class BranchRow(Step):
    path: tuple[Step, ...] = ()
    month: Month | None = None
    graduated: int | None = None
    marked_by: tuple[str, ...] = ()
    may_mark: bool = False


class BranchRows(Answer):
    items: tuple[BranchRow, ...] = ()
    next: str | None = None
    fresh: bool = True


class LateRows(Answer):
    """GRD-09: `over`: the last `day` of marking is past; then those above unmarked branches."""

    day: date
    over: bool = False
    items: tuple[ProgressRow, ...] = ()


class NotMarked(Answer):
    code: str
    rule: str = ""
    zh: str = ""
    en: str = ""
    way_out: str = ""
    way_out_en: str = ""

    def said(self, language: str) -> tuple[str, str]:
        """Sentence and way out."""
        return (self.en, self.way_out_en) if language == "en" else (self.zh, self.way_out)


class MonthMarked(Answer):
    branch: str
    version: int | None = None
    refused: NotMarked | None = None


class MonthsMarked(Answer):
    marked: int = 0
    refused: int = 0
    items: tuple[MonthMarked, ...] = ()

    @property
    def token(self) -> str:
        """Of the last branch that was marked; empty if none was."""
        done = [each for each in self.items if each.version is not None]
        return f"{done[-1].branch}:{done[-1].version}" if done else ""


class CampaignStep(Answer):
    step: str
    day: date
    set_by: str | None = None
    days_left: int = 0


class Campaign(Answer):
    """GRD-09: the steps of a year; `may_set`: those that the asker may set for the organization."""

    year: int
    today: date
    steps: tuple[CampaignStep, ...] = ()
    may_set: tuple[str, ...] = ()

    @property
    def next(self) -> CampaignStep | None:
        """The step that comes next; None once the campaign is over."""
        return min((s for s in self.steps if s.days_left >= 0), key=lambda s: s.days_left, default=None)


class ExcludedPerson(Answer):
    person: str
    refused: NotMarked | None = None


class ExcludedPeople(Answer):
    """GRD-04: `stream` and `version` of the last one marked."""

    items: tuple[ExcludedPerson, ...] = ()
    stream: str = ""
    version: int = 0

    @property
    def token(self) -> str:
        return f"{self.stream}:{self.version}" if self.stream else ""
