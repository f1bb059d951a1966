"""Settling a chunk of an import: every row gets its verdict, those that pass go in, in one transaction (MEM-09).

What is looked up before the transaction decides nearly all; the transaction decides races only.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from services.member.domain import person as people
from services.member.domain.completeness import contradicted, differing_fields
from services.member.domain.events import ImportEvent, PersonEvent, RowsSettled, Verdict
from services.member.domain.faults import Fault
from services.member.domain.fields import Template
from services.member.domain.person_record import Judged, PersonRecord, missing_fields
from services.member.domain.person_state import Unknown
from services.member.use_cases.memberships import joining, joins, membership_clashes, positions_of
from services.member.use_cases.records import (
    DEVELOPMENT_CLAIM,
    NUMBER_CLAIM,
    Person,
    Records,
    entry_conditions,
    joining_conditions,
    values_of,
)
from services.member.use_cases.verdicts import JudgedRow, Plan, held, raced, settled
from shared.eventstore.commits import Commit
from shared.eventstore.conditions import Claim, Condition
from shared.kernel import ids
from shared.kernel.envelope import Actor, Request
from shared.observability.metric_names import counter
from shared.privacy.vault import Erased

_ROWS = counter("tuan_import_rows_total", get_args(Verdict))
Ending = Callable[[RowsSettled], tuple[Sequence[ImportEvent], Sequence[Condition]]]
"""What follows on a chunk's verdicts in the same commit, and on which conditions: nothing, or the import's end."""

Names = Callable[[Collection[str]], Awaitable[Mapping[str, str]]]
"""Full names of organizations by id, from this service's copy of the tree."""


@dataclass(frozen=True, slots=True)
class ImportJob:
    """Where a chunk belongs: the import's stream with its key and its next version, for whom, and on whose behalf."""

    import_id: str
    key: bytes
    version: int
    previous_at: int
    organization: str
    template: Template
    actor: Actor
    correlation: str
    branches: frozenset[str]


class Settler:
    """Settles chunks for one service."""

    def __init__(self, records: Records, names: Names) -> None:
        self._records = records
        self._names = names
        self._store = records.store

    async def settle(self, job: ImportJob, rows: Sequence[JudgedRow], ending: Ending) -> None:
        """Writes the verdicts of `rows`, or of as many of the first of them as one commit holds, and what they bring
        in; behind the last of them, what `ending` makes of it. Raises Fenced if the import's stream has moved on.
        """
        claims = {r.row: self._claims(r.judged) for r in rows}
        owners = await self._records.owners(c for pair in claims.values() for c in pair if c)
        known = await self._records.load(sorted(set(owners.values())))
        names = await self._names({p.known.branch for p in known.values() if p.known and p.known.branch})
        keys = await self._records.vault.keys([p.id for p in known.values() if p.known and not p.known.branch])
        plans = held([self._plan(job, r, claims[r.row], owners, known, names) for r in rows], rows)
        commits = [_with_key(p.commit, keys) for p in plans if p.commit]
        lost = await self._store.append_chunk(
            commits, fence=lambda lost: self._fence(job, rows[: len(plans)], raced(plans, lost), ending)
        )
        for verdict, rows_of in Counter(plan.verdict for plan in raced(plans, lost)).items():
            _ROWS.labels(verdict).inc(rows_of)

    def _claims(self, judged: Judged) -> tuple[Claim | None, Claim | None]:
        number = Claim(NUMBER_CLAIM, self._records.number_hash(*judged.document)) if judged.document else None
        development = judged.development_number
        return number, Claim(DEVELOPMENT_CLAIM, self._records.development_hash(development)) if development else None

    def _plan(
        self,
        job: ImportJob,
        row: JudgedRow,
        claims: tuple[Claim | None, Claim | None],
        owners: Mapping[str, str],
        known: Mapping[str, Person],
        names: Mapping[str, str],
    ) -> Plan:
        number, development = claims
        person = known.get(owners.get(number.id, "")) if number else None
        faults = list(row.judged.faults)
        if development and (owner := owners.get(development.id)) and (person is None or owner != person.id):
            faults.append(Fault("development_number_taken", "development_number"))
        if person is None:
            if faults or row.judged.record is None or number is None:
                return _failed(row, faults)
            return self._newcomer(job, row, row.judged.record, number, development)
        faults += _clashes(job, row.judged, person, names)
        if faults or row.judged.record is None:
            return _failed(row, faults)
        if job.template is Template.MEMBERS and joins(row.judged.record, person):
            return self._joins(job, row, row.judged.record, person, development)
        return self._registered(job, row, row.judged.record, person)

    def _newcomer(
        self, job: ImportJob, row: JudgedRow, record: PersonRecord, number: Claim, development: Claim | None
    ) -> Plan:
        if record.branch is None and record.branch_name is not None:
            return _failed(row, [Fault("branch_not_direct", "branch")])
        person = ids.new_stream("person", "member", job.import_id, str(row.row))
        key, key_row = self._records.new_key(person)
        events = people.record_person(
            people.RecordPerson(
                person=person,
                record=values_of(record),
                number_hash=number.value,
                development_hash=development.value if development else None,
                missing=missing_fields(record),
                branch=record.branch,
                positions=positions_of(job.organization, job.template, record),
                import_id=job.import_id,
                row=row.row,
            ),
            Unknown(),
        )
        conditions = entry_conditions(key_row, number.value, development.value if development else None, record.branch)
        commit = self._commit(job, row.row, person, 1, 0, events, conditions, {person: key})
        return Plan(row.row, _imported(row), (), row.judged.warnings, person, commit)

    def _joins(
        self, job: ImportJob, row: JudgedRow, record: PersonRecord, person: Person, development: Claim | None
    ) -> Plan:
        """MEM-03: a registered cadre who is no member becomes one."""
        command = joining(record, person, development.value if development else None, job.import_id)
        events = people.join_branch(command, person.state)
        conditions = joining_conditions(command.development_hash, command.branch)
        commit = self._commit(job, row.row, person.id, person.version + 1, person.at, events, conditions)
        return Plan(row.row, _imported(row), (), row.judged.warnings, person.id, commit)

    def _registered(self, job: ImportJob, row: JudgedRow, record: PersonRecord, person: Person) -> Plan:
        """MEM-24, MEM-09: somebody known gets a further position, or stays unchanged; their membership is untouched."""
        given = people.GivePositions(
            positions=positions_of(job.organization, job.template, record), import_id=job.import_id
        )
        events = people.give_positions(given, person.state)
        if not events:
            return Plan(row.row, "unchanged", person=person.id)
        commit = self._commit(job, row.row, person.id, person.version + 1, person.at, events, ())
        return Plan(row.row, "position_added", (), row.judged.warnings, person.id, commit)

    def _commit(
        self,
        job: ImportJob,
        row: int,
        stream: str,
        version: int,
        previous_at: int,
        events: Sequence[PersonEvent],
        conditions: tuple[Condition, ...],
        keys: Mapping[str, bytes] | None = None,
    ) -> Commit:
        request = Request(job.actor, f"{job.import_id}:{row}", "", job.correlation, job.import_id)
        return Commit(
            stream=stream,
            version=version,
            commit_id=ids.commit_id("member", job.import_id, str(row), stream),
            request=request,
            events=tuple(events),
            conditions=conditions,
            keys=keys or {},
            previous_at=previous_at,
        )

    def _fence(self, job: ImportJob, rows: Sequence[JudgedRow], plans: Sequence[Plan], ending: Ending) -> Commit:
        """The chunk's verdicts, losers of races among the failed."""
        event = settled(job.import_id, rows, plans)
        ends, conditions = ending(event)
        return Commit(
            stream=job.import_id,
            version=job.version,
            commit_id=ids.commit_id("member", "rows", f"{plans[0].row}-{plans[-1].row}", job.import_id),
            request=Request(job.actor, f"rows {plans[0].row}", "", job.correlation, job.import_id),
            events=(event, *ends),
            conditions=tuple(conditions),
            keys={job.import_id: job.key},
            previous_at=job.previous_at,
        )


def _clashes(job: ImportJob, judged: Judged, person: Person, names: Mapping[str, str]) -> list[Fault]:
    """Why a registered person's row cannot stand; the organization is named only if name and number both match."""
    record, known = judged.record, person.known
    if judged.name is None:
        return []  # nothing can be compared; that the name is unreadable is a fault already
    if known is None or person.record is None or judged.name != person.record.name:
        return [Fault("number_registered", "number")]
    if job.template is Template.CADRES:
        return membership_clashes(record, known.branch, names) if record else []
    if known.branch and known.branch not in ({record.branch} if record else job.branches):
        return [Fault("number_registered_elsewhere", "number", {"organization": names.get(known.branch, "")})]
    if record and (contradicted if joins(record, person) else differing_fields)(person.record, record):
        return [Fault("number_registered", "number")]
    return []


def _with_key(commit: Commit, keys: Mapping[str, bytes | Erased]) -> Commit:
    """A commit of somebody registered, with the key that seals it."""
    key = keys.get(commit.stream)
    return replace(commit, keys={commit.stream: key}) if isinstance(key, bytes) else commit


def _imported(row: JudgedRow) -> Verdict:
    return "imported_with_warning" if row.judged.warnings else "imported"


def _failed(row: JudgedRow, faults: Sequence[Fault]) -> Plan:
    return Plan(row.row, "failed", tuple(faults), row.judged.warnings)
