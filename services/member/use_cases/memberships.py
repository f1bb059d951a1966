"""What entering somebody registered does to membership and positions, by form and by workbook (MEM-03, MEM-24)."""

from collections.abc import Mapping

from services.member.domain import person as domain
from services.member.domain.completeness import joined
from services.member.domain.faults import Fault
from services.member.domain.fields import Template
from services.member.domain.person_record import PersonRecord, missing_fields
from services.member.use_cases.records import Person, values_of


def membership_clashes(record: PersonRecord, branch: str | None, names: Mapping[str, str]) -> list[Fault]:
    """MEM-24: a position leaves the membership untouched, so the one entered with it must be `branch`, if any."""
    if not record.is_member:
        return []
    if branch is None:
        return [Fault("registered_without_membership", "is_member")]
    same = record.branch == branch if record.branch else names.get(branch) == record.branch_name
    return [] if same else [Fault("member_of_other_branch", "branch")]


def joins(record: PersonRecord, known: Person) -> bool:
    """MEM-03: whether this would make a member of a branch of somebody registered who is none."""
    return (
        record.branch is not None
        and known.record is not None
        and known.known is not None
        and known.known.branch is None
    )


def joining(
    record: PersonRecord, known: Person, development_hash: str | None, import_id: str | None = None
) -> domain.JoinBranch:
    """The command for somebody who `joins`."""
    assert known.record is not None and record.branch is not None  # noqa: S101, PT018 - said by `joins`
    after = joined(known.record, record)
    before, values = values_of(known.record), values_of(after)
    return domain.JoinBranch(
        person=known.id,
        branch=record.branch,
        values={name: value for name, value in values.items() if before.get(name) != value},
        missing_after=missing_fields(after),
        development_hash=development_hash,
        positions=positions_of(record.branch, Template.MEMBERS, record),
        import_id=import_id,
    )


def positions_of(organization: str, template: Template, record: PersonRecord) -> tuple[domain.Position, ...]:
    """MEM-24: positions are held in the organization itself (cadre template) or in the member's branch."""
    holder = organization if template is Template.CADRES else record.branch or organization
    return tuple(
        domain.Position(organization=holder, position=p.title, kind=p.kind or "", since=p.since)
        for p in record.positions
    )
