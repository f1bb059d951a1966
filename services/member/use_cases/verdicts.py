"""What becomes of the rows of a chunk, and what is stored of it (MEM-09)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.member.domain.events import RowFault, RowsSettled, RowVerdict, Verdict
from services.member.domain.faults import Fault
from services.member.domain.person_record import Judged
from services.member.masking import mask_number
from services.member.use_cases.records import DEVELOPMENT_CLAIM
from shared.eventstore.commits import Commit
from shared.eventstore.conditions import Claim, Gate, Lost
from shared.kernel.envelope import Personal

CHUNK_BYTES_MAX = 384 * 1024
"""Of the verdicts on a chunk as JSON, with whom they are about: they are one commit, of 512 KB at most, and there each
takes up to a quarter more."""
PLAIN_BYTES = 300
"""A verdict without a word, and what a race that its row may yet lose adds."""


class JudgedRow(Protocol):
    """One row of the sheet with what record.py says of it (workbooks/sandbox.py)."""

    @property
    def row(self) -> int: ...

    @property
    def judged(self) -> Judged: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to become of a row, and the commit that does it."""

    row: int
    verdict: Verdict
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    person: str | None = None
    commit: Commit | None = None


def raced(plans: Sequence[Plan], lost: Mapping[str, Lost]) -> list[Plan]:
    """The plans as they came out: those that lost a race have failed."""
    return [_after_race(p, lost[p.commit.commit_id]) if p.commit and p.commit.commit_id in lost else p for p in plans]


def _after_race(plan: Plan, lost: Lost) -> Plan:
    match lost.condition:
        case Claim(kind=kind) if kind == DEVELOPMENT_CLAIM:
            fault = Fault("development_number_taken", "development_number")
        case Claim():
            fault = Fault("number_registered_meanwhile", "number")
        case Gate():
            fault = Fault("branch_closing", "branch")
        case _:
            fault = Fault("changed_meanwhile")
    return Plan(plan.row, "failed", (fault,), plan.warnings)


def held(plans: Sequence[Plan], rows: Sequence[JudgedRow]) -> Sequence[Plan]:
    """The first of the plans for `rows`: as many as one commit holds the verdicts of; at least one."""
    size = 0
    for count, (plan, row) in enumerate(zip(plans, rows, strict=True)):
        size += _size(plan, row.judged)
        if size > CHUNK_BYTES_MAX and count:
            return plans[:count]
    return plans


def _size(plan: Plan, judged: Judged) -> int:
    said = [_stored(fault).model_dump_json() for fault in (*plan.faults, *plan.warnings)]
    return PLAIN_BYTES + sum(len(text.encode()) for text in (*_who(judged), *said))


def settled(import_id: str, rows: Sequence[JudgedRow], plans: Sequence[Plan]) -> RowsSettled:
    """The verdicts on `rows`, with whom failed rows and warnings are about."""
    who = {str(p.row): _who(r.judged) for p, r in zip(plans, rows, strict=True) if p.faults or p.warnings}
    return RowsSettled(
        verdicts=tuple(_verdict(p) for p in plans),
        personal=Personal(person=import_id, values={"who": who}) if who else None,
    )


def _who(judged: Judged) -> tuple[str, str]:
    return judged.name or "", mask_number(judged.document[1]) if judged.document else ""


def _verdict(plan: Plan) -> RowVerdict:
    return RowVerdict(
        row=plan.row,
        verdict=plan.verdict,
        person=plan.person,
        faults=tuple(_stored(f) for f in plan.faults),
        warnings=tuple(_stored(f) for f in plan.warnings),
    )


def _stored(fault: Fault) -> RowFault:
    return RowFault(code=fault.code, field=fault.field, params=dict(fault.params))
