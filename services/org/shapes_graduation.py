"""The shapes of org's answers about schools, graduation months and campaigns."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel

from services.org.shapes import Node


class Month(BaseModel):
    year: int
    month: int


def graduation_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a card says of it."""
    month = document["graduates"]
    return {"graduates": f"{month['year']}-{month['month']:02}" if month else None, "graduated": document["graduated"]}


class Counted(BaseModel):
    """GRD-02: `branches` below that need a month, how many are `marked`; GRD-01: `schools` and those without admin."""

    branches: int = 0
    marked: int = 0
    schools: int = 0
    without_admin: int = 0


class ProgressRow(Node, Counted):
    """A direct subordinate, or one that is late: then `branches` are its own, all unmarked, and `path` leads to it."""

    category: str
    sector: str
    school: bool
    admins: int
    path: list[Node] = []

    @classmethod
    def late(cls, document: Mapping[str, Any], unmarked: int, path: Sequence[Node]) -> "ProgressRow":
        return cls(
            id=document["_id"],
            short_name=document["short_name"],
            full_name=document["full_name"],
            category=document["category"],
            sector=document["sector"],
            school=document["school"],
            admins=len(document["admins"]),
            branches=unmarked,
            path=list(path),
        )


class Progress(Counted):
    """Of an organization, and `rows` of its direct subordinates that are no branches and have to do with schools.

    `school`: it is one of its own itself, and the counts are of what is below it.
    """

    school: bool
    rows: list[ProgressRow]


class SchoolRow(Node):
    """GRD-01: `institution_code` is empty where none is set; `branches` need a month, of which `marked` have one."""

    category: str
    sector: str
    superior: Node | None
    institution_code: str
    admins: int
    has_branch: bool
    branches: int
    marked: int


class BranchRow(Node):
    """GRD-02: `graduated` the year of which it is a graduate branch; `marked_by` names those whose admins mark it."""

    path: list[Node]
    sector: str
    month: Month | None
    graduated: int | None
    marked_by: list[str]
    may_mark: bool


class Late(BaseModel):
    """GRD-09: `over`: the last `day` of marking is past; then those above unmarked branches, most branches first."""

    day: date
    over: bool
    items: list[ProgressRow]


class NotMarked(BaseModel):
    """Which condition fails, by the code of its refusal."""

    code: str
    rule: str
    zh: str
    en: str
    way_out: str
    way_out_en: str


class MonthMarked(BaseModel):
    """What came of one branch: `version` of its stream where it is marked, `refused` otherwise."""

    branch: str
    version: int | None = None
    refused: NotMarked | None = None


class MonthsMarked(BaseModel):
    marked: int
    refused: int
    items: list[MonthMarked]


class StepShown(BaseModel):
    """`set_by`: the organization that set the day; None for the usual one. `days_left`: 0 on the day, below 0 after."""

    step: str
    day: date
    set_by: str | None
    days_left: int


class CampaignShown(BaseModel):
    """GRD-09: the steps of a year as they apply to an organization. `may_set`: those that the asker may set here."""

    year: int
    today: date
    steps: list[StepShown]
    may_set: list[str]
