"""What the API answers: opened records and list documents, masked and named for the console."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, assert_never

from services.member.domain.events import (
    MembershipBegan,
    MembershipEnded,
    NumberReleased,
    PersonEvent,
    PersonRecorded,
    PositionEnded,
    PositionGiven,
    PostsStated,
    RecordFilled,
    RowFault,
    RowVerdict,
)
from services.member.domain.events_of_graduation import GraduationExclusionMarked, GraduationExclusionRemoved
from services.member.domain.events_of_rosters import MemberRelocated
from services.member.domain.events_of_transfers import (
    MemberMoved,
    MemberMoveRefused,
    MoveConfirmed,
    TransferHoldPlaced,
    TransferHoldRedirected,
    TransferHoldRefused,
    TransferHoldReleased,
)
from services.member.domain.fields import LABELS
from services.member.domain.imports import WITHDRAWABLE_HOURS
from services.member.masking import mask_number, mask_phone
from services.member.projections.people import SHOWN_OF_POSITION
from services.member.use_cases.imports import fault_of
from services.member.use_cases.records import Person
from shared.eventstore.execute import Answer
from shared.kernel.clock import from_micros, iso
from shared.kernel.envelope import Recorded

MASKS = {"number": mask_number, "mobile": mask_phone, "emergency_phone": mask_phone}
EXCLUDED = {"staying_on": "延迟毕业团员", "teacher": "教师"}
HOUR_MICROS = 3_600_000_000


def answer(given: Answer) -> dict[str, Any]:
    """What every command answers: `{stream, version}` is the consistency token for the queries after it."""
    return {"stream": given.stream, "version": given.version}


def listed(
    document: Mapping[str, Any], names: Mapping[str, str], today: date, graduating: Mapping[str, int]
) -> dict[str, Any]:
    """One line of 团员列表 or 团干部列表. `graduating`: the year of each graduate branch."""
    branch = document.get("branch")
    return {
        "person": document["_id"],
        "name": document.get("name", ""),
        "sex": document.get("sex"),
        "age": full_years(document.get("birth_date"), today),
        "ethnicity": document.get("ethnicity"),
        "political_status": document.get("political_status"),
        "education": document.get("education"),
        "joined_on": document.get("join_date"),
        "number_masked": document.get("number_masked", ""),
        "mobile_masked": document.get("mobile_masked", ""),
        "branch": branch,
        "branch_name": names.get(branch, "") if branch else "",
        "is_member": branch is not None,
        "graduation": graduation(document, graduating.get(branch)) if branch else None,
        "missing": document["missing"],
        "positions": [
            {k: p[k] for k in SHOWN_OF_POSITION} | {"organization_name": names.get(p["organization"], "")}
            for p in document["positions"]
        ],
    }


def graduation(document: Mapping[str, Any], year: int | None) -> str | None:
    """GRD-03, GRD-04: `graduate`, `staying_on` or `teacher` in a graduate branch of a year; None in another branch."""
    if year is None:
        return None
    excluded = document.get("excluded")
    return str(excluded["kind"]) if excluded and excluded["year"] == year else "graduate"


def record(
    person: Person, names: Mapping[str, str], may: Mapping[str, bool], graduating: Mapping[str, int]
) -> dict[str, Any]:
    """One person's record: values in clear apart from numbers and phones, which stand masked.

    `graduating`: the year of the branch where it is a graduate branch.
    """
    known = person.known
    assert known is not None and person.record is not None  # noqa: S101, PT018 - loaded people have both
    values = person.record.model_dump(mode="json", exclude={"branch", "branch_name", "positions", "is_member"})
    for name, mask in MASKS.items():
        value = values.pop(name)
        values[f"{name}_masked"] = mask(value) if value else ""
    branch = known.branch
    year = graduating.get(branch) if branch else None
    excluded = {"excluded": known.excluded.model_dump()} if known.excluded else {}
    return values | {
        "person": person.id,
        "version": person.version,
        "branch": branch,
        "branch_name": names.get(branch, "") if branch else "",
        "is_member": branch is not None,
        "graduation": graduation(excluded, year),
        "graduated": year,
        "positions": [
            {"organization": o, "organization_name": names.get(o, ""), "position": p}
            for o, p in sorted(known.positions)
        ],
        "missing": known.missing,
        "entered_at": iso(person.entered_at),
        "may": dict(may),
    }


def history(
    events: Iterable[tuple[Recorded, PersonEvent, Mapping[str, Any]]], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """MEM-20: every change of a record, newest first: what, when, by whom, in whose name, which values."""
    lines = []
    held: dict[str, Any] = {}
    for recorded, event, values in events:
        changes = [
            {"field": f, "label": LABELS.get(f, f), "before": shown(f, held.get(f)), "after": shown(f, v)}
            for f, v in values.items()
            if f in LABELS
        ]
        held |= values
        if (what := what_happened(event, names)) is None:
            continue
        organization = recorded.actor.organization
        lines.append(
            {
                "at": iso(recorded.at),
                "what": what,
                "by": recorded.actor.principal,
                "organization": organization,
                "organization_name": names.get(organization, "") if organization else "",
                "changes": changes if isinstance(event, RecordFilled) else [],
            }
        )
    return lines[::-1]


def what_happened(event: PersonEvent, names: Mapping[str, str]) -> str | None:
    """A sentence for the history; None for what an earlier line says already."""
    match event:
        case PersonRecorded(row=row):
            return f"批量导入录入（表格第{row}行）" if event.import_id else "录入个人资料"
        case MembershipBegan(branch=branch):
            return f"成为“{names.get(branch, '')}”的团员"
        case MembershipEnded(branch=branch):
            return f"在“{names.get(branch, '')}”的团籍因撤回导入而结束"
        case PositionGiven(organization=organization) | PositionEnded(organization=organization):
            verb = "任" if isinstance(event, PositionGiven) else "不再担任"
            return f"{verb}“{names.get(organization, '')}”{event.position}"
        case RecordFilled():
            return "补填资料"
        case NumberReleased():
            return "撤回录入，证件号码已释放"
        case (
            MemberMoved(from_branch=from_branch, to_branch=to_branch)
            | MemberRelocated(from_branch=from_branch, to_branch=to_branch)
        ):
            why = "撤销，" if isinstance(event, MemberRelocated) else ""
            return f"由“{names.get(from_branch, '')}”{why}转入“{names.get(to_branch, '')}”"
        case GraduationExclusionMarked() | GraduationExclusionRemoved():
            return _exclusion(event)
        case (
            PostsStated()
            | TransferHoldPlaced()
            | TransferHoldRefused()
            | TransferHoldRedirected()
            | TransferHoldReleased()
            | MemberMoveRefused()
            | MoveConfirmed()
        ):
            return None
        case _:
            assert_never(event)


def _exclusion(event: GraduationExclusionMarked | GraduationExclusionRemoved) -> str:
    if isinstance(event, GraduationExclusionMarked):
        return f"标记为{EXCLUDED[event.kind]}，不计入{event.year}年毕业生"
    return f"取消标记，计入{event.year}年毕业生"


def shown(field: str, value: Any) -> str:
    """A value for the history; numbers and phones stay masked there too."""
    if value is None:
        return ""
    mask = MASKS.get(field)
    return mask(str(value)) if mask else str(value)


def organizations_of(documents: Iterable[Mapping[str, Any]]) -> set[str]:
    """Every organization a list names."""
    found: set[str] = set()
    for document in documents:
        found |= {p["organization"] for p in document["positions"]}
        if document.get("branch"):
            found.add(document["branch"])
    return found


def import_line(document: Mapping[str, Any]) -> dict[str, Any]:
    """One line of 导入记录, and the figures of a running one."""
    counts = document["counts"]
    finished = document["finished_at"]
    return {
        "id": document["_id"],
        "version": document["version"],
        "organization": document["organization"],
        "template": document["template"],
        "file_name": document["file_name"],
        "state": document["state"],
        "rows": document["rows"],
        "settled": sum(counts.values()),
        "imported": sum(counts.get(v, 0) for v in ("imported", "imported_with_warning", "position_added")),
        "with_warning": counts.get("imported_with_warning", 0),
        "positions_added": counts.get("position_added", 0),
        "unchanged": counts.get("unchanged", 0),
        "failed": counts.get("failed", 0),
        "unprocessed": counts.get("unprocessed", 0),
        "uploaded_at": iso(from_micros(document["uploaded_at"])),
        "uploaded_by": document["uploaded_by"],
        "finished_at": iso(from_micros(finished)) if finished else None,
        "withdrawable_until": iso(from_micros(finished + WITHDRAWABLE_HOURS * HOUR_MICROS)) if finished else None,
        "withdrawal": document["withdrawal"],
        "refused": document["refused"],
        "file_notes": document["notes"],
    }


def row_line(verdict: RowVerdict, who: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
    """One row's verdict with the sentences of its faults. `who`: name and masked number of rows, where known."""
    name, number = who.get(verdict.row, ("", ""))
    return {
        "row": verdict.row,
        "verdict": verdict.verdict,
        "name": name,
        "number_masked": number,
        "person": verdict.person,
        "faults": [_fault(f) for f in verdict.faults],
        "warnings": [_fault(f) for f in verdict.warnings],
    }


def reason_of(stored: RowFault) -> str:
    """What a list of rows can be narrowed to: `<field>.<code>`, of the row as a whole `row.<code>`."""
    return f"{stored.field or 'row'}.{stored.code}"


def said_of(verdict: RowVerdict) -> tuple[RowFault, ...]:
    """What stands against a row: its faults, or its warnings where it has none."""
    return verdict.faults or verdict.warnings


def reasons(verdicts: Iterable[RowVerdict]) -> list[dict[str, Any]]:
    """Why rows failed, or were warned of, and how many there are of each; the commonest first."""
    rows: Counter[str] = Counter()
    examples: dict[str, RowFault] = {}
    for verdict in verdicts:
        said = {reason_of(stored): stored for stored in said_of(verdict)}
        rows.update(said.keys())
        examples |= said
    faults = {reason: fault_of(stored) for reason, stored in examples.items()}
    return [
        {"reason": reason, "column": faults[reason].column, "sentence": faults[reason].reason, "rows": count}
        for reason, count in rows.most_common()
    ]


def full_years(born: str | None, today: date) -> int | None:
    if born is None:
        return None
    birth = date.fromisoformat(born)
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _fault(stored: Any) -> dict[str, Any]:
    fault = fault_of(stored)
    return {
        "code": fault.code,
        "rule": fault.rule,
        "field": fault.field,
        "column": fault.column,
        "sentence": fault.what,
        "advice": fault.way_out,
        "version": fault.version,
    }
