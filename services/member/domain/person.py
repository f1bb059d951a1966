"""A person: the record, the one membership, the positions. Values are judged before they come here (record.py)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar, assert_never

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
)
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command, Personal
from shared.kernel.refusals import Kind, Refusal

IMPORT_WITHDRAWN = "import_withdrawn"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing recorded yet."""


@dataclass(frozen=True, slots=True)
class Known:
    """A recorded person. `positions` are (organization, position); `branch` is None for a cadre who is no member.

    `unstated` are the positions of which no PostTaken was published; `statements` counts the commits that did so later.
    """

    number_hash: str
    development_hash: str | None
    missing: tuple[str, ...]
    import_id: str | None = None
    branch: str | None = None
    positions: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    unstated: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    statements: int = 0


@dataclass(frozen=True, slots=True)
class Released:
    """Entered by mistake and taken out again; the number is free (MEM-27)."""

    number_hash: str


PersonState = Unknown | Known | Released


def evolve(state: PersonState, event: PersonEvent) -> PersonState:
    match event:
        case PersonRecorded():
            return Known(event.number_hash, event.development_hash, event.missing, event.import_id)
        case NumberReleased():
            return Released(event.number_hash)
        case _ if not isinstance(state, Known):
            raise ValueError(f"{type(event).__name__} for a person who is not known")
        case MembershipBegan():
            return replace(state, branch=event.branch)
        case MembershipEnded():
            return replace(state, branch=None)
        case PositionGiven():
            given = {(event.organization, event.position)}
            unstated = state.unstated if event.post_stated else state.unstated | given
            return replace(state, positions=state.positions | given, unstated=unstated)
        case PositionEnded():
            ended = {(event.organization, event.position)}
            return replace(state, positions=state.positions - ended, unstated=state.unstated - ended)
        case PostsStated():
            return replace(state, unstated=frozenset(), statements=state.statements + 1)
        case RecordFilled():
            return replace(state, missing=event.missing)
        case _:
            assert_never(event)


PERSON: Decider[PersonState, PersonEvent] = Decider("person", Unknown(), evolve)


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


def fill_record(command: FillRecord, state: PersonState, labels: Mapping[str, str]) -> list[PersonEvent]:
    """MEM-23: only fields that lack a value. Raises PersonNotFound, FieldNotMissing."""
    known = _known(state)
    for name in command.values:
        if name not in known.missing:
            raise FieldNotMissing(field=name, label=labels.get(name, name))
    if not command.values:
        return []
    return [
        RecordFilled(
            fields=tuple(command.values),
            # Judged before another form may have filled other fields: what is not missing now does not become so.
            missing=tuple(name for name in command.missing_after if name in known.missing),
            mobile_changed="mobile" in command.values,
            personal=Personal(person=command.person, values=command.values),
        )
    ]


def withdraw_imported(command: WithdrawImported, state: PersonState) -> list[PersonEvent]:
    """MEM-27: ends what the import began and frees the number; nothing if it is not this import's any more."""
    if not isinstance(state, Known) or state.import_id != command.import_id:
        return []
    events: list[PersonEvent] = [
        PositionEnded(organization=organization, position=position, cause=IMPORT_WITHDRAWN)
        for organization, position in sorted(state.positions)
    ]
    if state.branch:
        events.append(MembershipEnded(branch=state.branch, cause=IMPORT_WITHDRAWN))
    events.append(NumberReleased(number_hash=state.number_hash, development_hash=state.development_hash))
    return events


def _known(state: PersonState) -> Known:
    if not isinstance(state, Known):
        raise PersonNotFound
    return state


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
