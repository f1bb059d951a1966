"""A person: the record, the one membership, the positions. Values are judged before they come here (record.py)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from services.member.domain.events import (
    MembershipBegan,
    MembershipEnded,
    NumberReleased,
    PersonEvent,
    PersonRecorded,
    PositionEnded,
    PositionGiven,
    RecordFilled,
)
from services.member.domain.person_state import Known, PersonState, Unknown, evolve
from shared.kernel.envelope import Command, Personal
from shared.kernel.refusals import Kind, Refusal

IMPORT_WITHDRAWN = "import_withdrawn"


class Position(Command):
    """One position in one organization; `kind` is 专职, 兼职, 挂职 or empty."""

    organization: str
    position: str
    kind: str = ""
    since: date | None = None


class RecordPerson(Command):
    """Enter somebody whose number is free: as a member of `branch`, as a cadre, or both (MEM-03, MEM-24).

    `record` holds the judged values by field name; `missing` what it lacks.
    """

    person: str
    record: dict[str, Any]
    number_hash: str
    development_hash: str | None = None
    missing: tuple[str, ...] = ()
    branch: str | None = None
    positions: tuple[Position, ...] = ()
    import_id: str | None = None
    row: int | None = None


class GivePositions(Command):
    """MEM-24: somebody registered gets further positions; nothing else changes."""

    positions: tuple[Position, ...]
    import_id: str | None = None


class GiveFirstPosition(Command):
    """ADM-04: who registers by a code for an organization is one of its cadres afterwards."""

    position: Position


class JoinBranch(Command):
    """MEM-03: somebody registered who is no member becomes one. `values` are those that the record lacked."""

    person: str
    branch: str
    values: dict[str, Any]
    missing_after: tuple[str, ...]
    development_hash: str | None = None
    positions: tuple[Position, ...] = ()
    import_id: str | None = None


class FillRecord(Command):
    """Give values to fields that lack one; `missing_after` is what still lacks (judged by record.py)."""

    person: str
    values: dict[str, Any]
    missing_after: tuple[str, ...]


class WithdrawImported(Command):
    """MEM-27: take out what an import brought in."""

    import_id: str


class PersonNotFound(Refusal):
    kind: ClassVar[Kind] = Kind.ABSENT
    rule = "MEM-01"
    zh = "没有找到这个人，或者您无权查看。"
    en = "There is no such person, or you may not see them."
    way_out = "请从本组织的团员列表或团干部列表进入。"
    way_out_en = "Open the record from your organization's list."


class NumberAlreadyRegistered(Refusal):
    """IDN-06: the present organization is named only where name and number both match."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    rule = "MEM-10"
    zh = "身份证已注册{where}。"
    en = "This identity number is registered already{where}."
    way_out = "请核对号码；如本人的组织关系在别处，由本支部发起转入，或请上级团组织协助查询。"
    way_out_en = "Check the number; if the person belongs elsewhere, start a transfer or ask your superior."


class DevelopmentNumberTaken(Refusal):
    kind: ClassVar[Kind] = Kind.CONFLICT
    rule = "MEM-06"
    zh = "发展团员编号被占用。"
    en = "This development number is taken."
    way_out = "请核对入团志愿书右上角的编号；确认无误的，请上级团组织协助处理。"
    way_out_en = "Check the number on the application form; if it is right, ask your superior for help."


class FieldNotMissing(Refusal):
    kind: ClassVar[Kind] = Kind.RULE
    rule = "MEM-23"
    zh = "“{label}”已有内容，这里只能补填空缺的项目。"
    en = "“{label}” has a value already; only missing fields can be filled in here."
    way_out = "请刷新页面查看最新资料。"
    way_out_en = "Reload the page to see the current record."


def record_person(command: RecordPerson, state: PersonState) -> list[PersonEvent]:
    """The facts of a new person; nothing on a repeat."""
    if not isinstance(state, Unknown):
        return []
    personal = Personal(person=command.person, values=command.record)
    events: list[PersonEvent] = [
        PersonRecorded(
            number_hash=command.number_hash,
            development_hash=command.development_hash,
            import_id=command.import_id,
            row=command.row,
            missing=command.missing,
            personal=personal,
        )
    ]
    if command.branch:
        events.append(MembershipBegan(branch=command.branch, import_id=command.import_id, missing=command.missing))
    events += [_given(p, command.branch, command.missing, command.import_id) for p in command.positions]
    return events


def give_positions(command: GivePositions, state: PersonState) -> list[PersonEvent]:
    """MEM-24: only those not held yet. Raises PersonNotFound."""
    known = _known(state)
    return [
        _given(p, known.branch, known.missing, command.import_id)
        for p in command.positions
        if (p.organization, p.position) not in known.positions
    ]


def give_first_position(command: GiveFirstPosition, state: PersonState) -> list[PersonEvent]:
    """ADM-04: nothing for somebody who holds any position there. Raises PersonNotFound."""
    held = {organization for organization, _ in _known(state).positions}
    given = GivePositions(positions=(command.position,))
    return [] if command.position.organization in held else give_positions(given, state)


def join_branch(command: JoinBranch, state: PersonState) -> list[PersonEvent]:
    """MEM-02, MEM-03. Raises PersonNotFound, and NumberAlreadyRegistered for who has become a member meanwhile."""
    known = _known(state)
    if known.branch:
        raise NumberAlreadyRegistered(field="number", where="")
    filled = replace(known, missing=command.missing_after)
    began = MembershipBegan(
        branch=command.branch,
        import_id=command.import_id,
        missing=filled.missing,
        development_hash=command.development_hash,
    )
    given = GivePositions(positions=command.positions, import_id=command.import_id)
    return [
        *_filled(command.person, command.values, filled.missing),
        began,
        *give_positions(given, evolve(filled, began)),
    ]


def fill_record(command: FillRecord, state: PersonState, labels: Mapping[str, str]) -> list[PersonEvent]:
    """MEM-23: only fields that lack a value. Raises PersonNotFound, FieldNotMissing."""
    known = _known(state)
    for name in command.values:
        if name not in known.missing:
            raise FieldNotMissing(field=name, label=labels.get(name, name))
    # Judged before another form may have filled other fields: what is not missing now does not become so.
    missing = tuple(name for name in command.missing_after if name in known.missing)
    return _filled(command.person, command.values, missing)


def withdraw_imported(command: WithdrawImported, state: PersonState) -> list[PersonEvent]:
    """MEM-27: ends what the import began, unless something was done since; frees the number of whom it recorded."""
    if not isinstance(state, Known) or state.last_import != command.import_id:
        return []
    recorded = state.import_id == command.import_id
    events: list[PersonEvent] = [
        PositionEnded(organization=organization, position=position, cause=IMPORT_WITHDRAWN)
        for organization, position in sorted(state.positions if recorded else state.brought)
    ]
    if state.branch:
        freed = None if recorded else state.development_hash
        events.append(MembershipEnded(branch=state.branch, cause=IMPORT_WITHDRAWN, development_hash=freed))
    if recorded:
        events.append(NumberReleased(number_hash=state.number_hash, development_hash=state.development_hash))
    return events


def _known(state: PersonState) -> Known:
    if not isinstance(state, Known):
        raise PersonNotFound
    return state


def _filled(person: str, values: dict[str, Any], missing: tuple[str, ...]) -> list[PersonEvent]:
    if not values:
        return []
    return [
        RecordFilled(
            fields=tuple(values),
            missing=missing,
            mobile_changed="mobile" in values,
            personal=Personal(person=person, values=values),
        )
    ]


def _given(p: Position, branch: str | None, missing: tuple[str, ...], import_id: str | None) -> PositionGiven:
    return PositionGiven(
        organization=p.organization,
        position=p.position,
        kind=p.kind,
        since=p.since,
        member_of=branch,
        missing=missing,
        import_id=import_id,
        post_stated=True,
    )
