"""What org answers of a tree that changes (ORG-17, ORG-21)."""

from datetime import datetime

from services.web.answers import Answer
from services.web.answers.org import Explanation, Step

GROUNDS = ("wrong_superior", "affiliation_unchanged", "papers_missing", "to_be_agreed", "other")
OCCASIONS = ("merged", "closed", "renamed")


class MigrationStep(Answer):
    what: str
    organization: Step | None = None
    by: str = ""
    at: datetime


class Migration(Answer):
    """ORG-17: `pending`, `moved`, `refused`, `withdrawn` or `timed_out`."""

    migration: str
    organization: Step
    superior: Step
    to: Step
    note: str = ""
    state: str
    waits_for: Step | None = None
    due_at: datetime | None = None
    requested_at: datetime
    ended_at: datetime | None = None
    steps: tuple[MigrationStep, ...] = ()
    ground: str | None = None
    ground_note: str = ""
    may_decide: bool = False
    may_withdraw: bool = False
    fresh: bool = True

    @property
    def is_open(self) -> bool:
        return self.state == "pending"


class Migrations(Answer):
    items: tuple[Migration, ...] = ()
    next: str | None = None
    total: int | None = None
    fresh: bool = True


class Reach(Answer):
    """BEY-05: what moves along; `more` than it counted."""

    organizations: int = 0
    branches: int = 0
    admins: int = 0
    more: bool = False


class Explaining(Answer):
    """ORG-21: a direct subordinate with what nobody settled yet."""

    id: str
    full_name: str
    short_name: str = ""
    explanations: tuple[Explanation, ...] = ()


class ExplainingList(Answer):
    items: tuple[Explaining, ...] = ()
    total: int | None = None
