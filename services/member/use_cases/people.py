"""Entering people singly, filling what a record lacks, revealing what is masked (MEM-03, MEM-20, MEM-23, MEM-24)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from services.member.domain import person as domain
from services.member.domain.completeness import contradicted, fill_missing
from services.member.domain.faults import Fault
from services.member.domain.fields import LABELS, Template
from services.member.domain.person_record import Judged, PersonRecord, RawRecord, missing_fields
from services.member.domain.person_state import PERSON
from services.member.domain.record import judge_record, judge_registrant
from services.member.use_cases.memberships import joining, joins, membership_clashes, positions_of
from services.member.use_cases.places import Places
from services.member.use_cases.records import (
    DEVELOPMENT_CLAIM,
    NUMBER_CLAIM,
    Person,
    Records,
    entry_conditions,
    joining_conditions,
    values_of,
)
from shared.eventstore.conditions import Claim, Lost
from shared.eventstore.execute import Answer, execute, first_answer
from shared.kernel import ids
from shared.kernel.clock import Clock, local_date, to_micros
from shared.kernel.envelope import Event, Request
from shared.kernel.refusals import FormFaulty, IdempotencyKeyReused, Kind, Refusal

ACCESS_LOG = "access_log"
REVEALABLE = ("number", "mobile", "emergency_phone")


class RecordFault(Refusal):
    """One fault of a form, with the code, rule and sentences that the same fault has in a workbook."""

    kind: ClassVar[Kind] = Kind.RULE

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        super().__init__(field=fault.field, **fault.params)
        self.rule = fault.rule  # type: ignore[misc]

    @property
    def code(self) -> str:
        return self._fault.code

    def sentence(self, language: str = "zh") -> str:  # noqa: ARG002 - English follows with the catalogue
        return f"{self._fault.column}：{self._fault.what}"

    def advice(self, language: str = "zh") -> str:  # noqa: ARG002
        return self._fault.way_out


class NothingToReveal(Refusal):
    kind: ClassVar[Kind] = Kind.ABSENT
    rule = "OPS-01"
    zh = "这一项没有填写。"
    en = "This field has no value."


class People:
    """The use cases on one person. Authority over who is named in the request is checked by the caller before."""

    def __init__(self, records: Records, places: Places, clock: Clock) -> None:
        self._records = records
        self._store = records.store
        self._places = places
        self._clock = clock

    async def enter(self, request: Request, organization: str, template: Template, raw: RawRecord) -> Answer:
        """MEM-03, MEM-24: by form, judged as a row of the template is. Raises FormFaulty with all faults at once.

        A registered person entered as a cadre gets one more position; entered as a member becomes one, unless they are
        one already. A branch that the form names below the organization takes a right of its own: it may be two levels
        below the actor's.
        """
        scope = await self._places.scope(organization, template, self._clock.now())
        record = right(judge_record(raw, scope))
        if record.branch and record.branch != organization:
            await self._places.require_entering(request.actor, record.branch)
        number, known = await self._found(request, record)
        if known:
            return await self._registered(request, organization, template, record, known)
        if record.branch is None and record.branch_name:
            raise FormFaulty([RecordFault(Fault("branch_not_direct", "branch"))])
        return await self._newcomer(request, organization, template, record, number)

    async def register(self, request: Request, organization: str, raw: RawRecord) -> Answer:
        """ADM-04: who has redeemed a code, as a cadre through the same gates; the code is the right to.

        A registered person of that very name and number keeps record and membership, and gets a position only where
        they hold none in the organization. Raises FormFaulty, NumberAlreadyRegistered, OrganizationNotFound.
        """
        scope = await self._places.scope(organization, Template.CADRES, self._clock.now())
        record = right(judge_registrant(raw, scope))
        number, known = await self._found(request, record)
        if known is None:
            try:
                return await self._newcomer(request, organization, Template.CADRES, record, number)
            except domain.NumberAlreadyRegistered:  # entered elsewhere at this very moment
                _, known = await self._found(request, record)
        if known is None or known.record is None or known.record.name != record.name:
            raise domain.NumberAlreadyRegistered(field="number", where="")
        (position,) = positions_of(organization, Template.CADRES, record)
        command = domain.GiveFirstPosition(position=position)
        decide = domain.give_first_position
        return await execute(self._store, PERSON, known.id, request, lambda state: decide(command, state))

    async def _found(self, request: Request, record: PersonRecord) -> tuple[Claim, Person | None]:
        """The claim of the record's number, and whose it is; nobody's where this very request has entered them."""
        number = Claim(NUMBER_CLAIM, self._records.number_hash(record.document_kind, record.number))
        owner = await self._records.owner(number)
        repeated = owner == ids.new_stream("person", "member", request.actor.principal, request.key)
        return number, None if owner is None or repeated else (await self._records.load([owner]))[owner]

    async def _newcomer(
        self, request: Request, organization: str, template: Template, record: PersonRecord, number: Claim
    ) -> Answer:
        person = ids.new_stream("person", "member", request.actor.principal, request.key)
        development = self._records.development_hash(record.development_number) if record.development_number else None
        key, key_row = self._records.new_key(person)
        command = domain.RecordPerson(
            person=person,
            record=values_of(record),
            number_hash=number.value,
            development_hash=development,
            missing=missing_fields(record),
            branch=record.branch,
            positions=positions_of(organization, template, record),
        )
        conditions = entry_conditions(key_row, number.value, development, record.branch)

        async def keys(_events: Sequence[Event]) -> dict[str, bytes]:
            return {person: key}

        return await execute(
            self._store,
            PERSON,
            person,
            request,
            lambda state: domain.record_person(command, state),
            conditions=lambda _state, _events: conditions,
            keys=keys,
            refuse=refusal_of,
        )

    async def _registered(
        self, request: Request, organization: str, template: Template, record: PersonRecord, known: Person
    ) -> Answer:
        if template is Template.MEMBERS and record.is_member:
            return await self._joins(request, record, known)
        if known.record is None or known.record.name != record.name:
            raise domain.NumberAlreadyRegistered(field="number", where=await self._where(known, record))
        branch = known.known.branch if known.known else None
        names = await self._places.names([branch] if branch else [])
        if faults := membership_clashes(record, branch, names):
            raise FormFaulty([RecordFault(fault) for fault in faults])
        given = domain.GivePositions(positions=positions_of(organization, template, record))
        decide = domain.give_positions
        return await execute(self._store, PERSON, known.id, request, lambda state: decide(given, state))

    async def _joins(self, request: Request, record: PersonRecord, known: Person) -> Answer:
        """MEM-03: a cadre of that very name, who is no member, becomes one where nothing known says otherwise."""
        if repeated := await first_answer(self._store, known.id, request):
            return repeated
        if not joins(record, known) or known.record is None or contradicted(known.record, record):
            raise domain.NumberAlreadyRegistered(field="number", where=await self._where(known, record))
        development = self._records.development_hash(record.development_number) if record.development_number else None
        command = joining(record, known, development)
        keys = await self._records.vault.keys([known.id])

        async def held(_events: Sequence[Event]) -> Mapping[str, Any]:
            return keys

        return await execute(
            self._store,
            PERSON,
            known.id,
            request,
            lambda state: domain.join_branch(command, state),
            conditions=lambda _state, _events: joining_conditions(development, command.branch),
            keys=held,
            refuse=refusal_of,
        )

    async def fill(self, request: Request, person: str, raw: RawRecord) -> Answer:
        """MEM-23: only what is missing. Raises PersonNotFound, FieldNotMissing, FormFaulty."""
        if repeated := await first_answer(self._store, person, request):
            return repeated
        loaded = await self.load(person)
        assert loaded.known is not None and loaded.record is not None  # noqa: S101, PT018 - load refuses all others
        for name in raw:
            if name not in loaded.known.missing:
                raise domain.FieldNotMissing(field=name, label=LABELS.get(name, name))
        filled = right(fill_missing(loaded.record, raw, local_date(self._clock.now())))
        before, after = values_of(loaded.record), values_of(filled)
        command = domain.FillRecord(
            person=person,
            values={k: v for k, v in after.items() if before.get(k) != v},
            missing_after=missing_fields(filled),
        )
        keys = await self._records.vault.keys([person])

        async def held(_events: Sequence[Event]) -> Mapping[str, Any]:
            return keys

        return await execute(
            self._store,
            PERSON,
            person,
            request,
            lambda state: domain.fill_record(command, state, LABELS),
            keys=held,
        )

    async def load(self, person: str) -> Person:
        """Raises PersonNotFound, also for somebody taken out again."""
        loaded = (await self._records.load([person])).get(person) if person.startswith("person-") else None
        if loaded is None or loaded.known is None or loaded.record is None:
            raise domain.PersonNotFound
        return loaded

    async def reveal(self, request: Request, person: str, field: str, reason: str) -> str:
        """OPS-01: one masked value in clear; the access log has who, when, what and why before it is answered.

        A key stands for one entry: with another field or reason it raises IdempotencyKeyReused.
        """
        loaded = await self.load(person)
        value = getattr(loaded.record, field)
        if not value:
            raise NothingToReveal(field=field)
        entry = {
            "_id": ids.commit_id("member", request.actor.principal, request.key, person),
            "person": person,
            "field": field,
            "reason": reason,
            "principal": request.actor.principal,
            "organization": request.actor.organization,
            "at": to_micros(self._clock.now()),
        }
        log = self._store.database[ACCESS_LOG]
        await log.update_one({"_id": entry["_id"]}, {"$setOnInsert": entry}, upsert=True)
        logged = await log.find_one({"_id": entry["_id"]})
        if (logged["field"], logged["reason"]) != (field, reason):
            raise IdempotencyKeyReused
        return str(value)

    async def _where(self, known: Person, record: PersonRecord) -> str:
        """IDN-06: the organization is named only where name and number both match."""
        branch = known.known.branch if known.known else None
        if branch is None or known.record is None or known.record.name != record.name:
            return ""
        return f"，现在属于“{(await self._places.names([branch])).get(branch, '')}”"


def right(judged: Judged) -> PersonRecord:
    """The record without a fault. Raises FormFaulty with all of them."""
    if judged.record is None:
        raise FormFaulty([RecordFault(f) for f in judged.faults])
    return judged.record


def refusal_of(lost: Lost) -> Refusal:
    """A race lost at the store, as the refusal of its rule."""
    match lost.condition:
        case Claim(kind=kind) if kind == DEVELOPMENT_CLAIM:
            return domain.DevelopmentNumberTaken(field="development_number")
        case Claim():
            return domain.NumberAlreadyRegistered(field="number", where="")
        case _:
            return RecordFault(Fault("branch_closing", "branch"))
