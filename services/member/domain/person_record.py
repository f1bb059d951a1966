"""What member knows of a person, and what judging a row or a form answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.member.domain.faults import Fault
from services.member.domain.fields import COMPLETE_WITH, Template
from services.member.domain.text import Raw, tidy
from services.member.reference.development_numbers import SEGMENTS, Segment

# field key -> what was read; absent and empty are the same
RawRecord = Mapping[str, Raw]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Position(_Value):
    """A position (团内职务) since a day; `kind` is 任职性质, not asked for in branches."""

    title: str
    since: date
    kind: str | None = None


class Income(_Value):
    """A student, no fixed income, or a monthly amount after tax in whole fen."""

    kind: Literal["student", "none", "amount"]
    amount_fen: int | None = None


class PersonRecord(_Value):
    """MEM-01: a person's data as accepted, normalised. None = not filled.

    `join_date` is `YYYY-MM-DD`, or `YYYY-MM` where the day is not known. `branch` is the id of the branch of a member;
    None with a `branch_name` means: named by a cadre's organization outside its own branches, to be compared with what
    is known of the person. `is_member` False: a cadre only. `number` is upper case; with `document_kind` it is unique.
    `birth_date` and `political_status` are None only where neither a form nor a workbook has asked (ADM-04).
    """

    name: str
    document_kind: str
    number: str
    is_member: bool
    birth_date: date | None = None
    political_status: str | None = None
    sex: str | None = None
    ethnicity: str | None = None
    education: str | None = None
    join_date: str | None = None
    join_place: str | None = None
    development_number: str | None = None
    branch: str | None = None
    branch_name: str | None = None
    mobile: str | None = None
    email: str | None = None
    work_or_school: str | None = None
    occupation: str | None = None
    income: Income | None = None
    positions: tuple[Position, ...] = ()
    emergency_contact: str | None = None
    emergency_phone: str | None = None
    hobbies: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """An organization as judging needs it.

    `region`: name of the provincial body above it; `path` is shown where two have the same name.
    """

    id: str
    full_name: str
    category: str
    region: str
    path: str = ""


@dataclass(frozen=True)
class Scope:
    """Who enters whom, where and when: everything judging needs that is not in the row.

    `own` is the organization for which is entered, `branches` its direct subordinate branches (none for a branch
    itself), `today` the day in Asia/Shanghai. `epoch_1904` says how the workbook counts days.
    """

    template: Template
    today: date
    own: Place
    branches: tuple[Place, ...] = ()
    segments: tuple[Segment, ...] = SEGMENTS
    epoch_1904: bool = False

    @cached_property
    def branches_by_name(self) -> Mapping[str, tuple[Place, ...]]:
        """Normalised full name -> branches of that name, the own organization included if it is a branch."""
        found: dict[str, tuple[Place, ...]] = {}
        own = (self.own,) if self.own.category == "branch" else ()
        for place in (*own, *self.branches):
            name = tidy(place.full_name)
            found[name] = (*found.get(name, ()), place)
        return found


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one row or form.

    `record` is there exactly if `faults` is empty. `warnings` (提示) stop nothing; `notes` concern the whole answer and
    are said once. `name`, `document`, `development_number` are what was readable even where faults stand, so that
    claims can be looked up for faulty rows too; `document` is (kind, number) and only of a right number.
    """

    record: PersonRecord | None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()
    name: str | None = None
    document: tuple[str, str] | None = None
    development_number: str | None = None


def missing_fields(record: PersonRecord) -> tuple[str, ...]:
    """MEM-23: keys of the required fields that a record lacks; nothing else decides completeness."""
    return tuple(field for field in COMPLETE_WITH if getattr(record, field) is None)
