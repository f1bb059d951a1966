"""An import: a workbook on its way from upload to its last verdict, and back out within 72 hours (MEM-09, MEM-27)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar, assert_never

from services.member.domain.events import (
    ImportCancelRequested,
    ImportEvent,
    ImportFinished,
    ImportRead,
    ImportReceived,
    ImportRefused,
    PeopleWithdrawn,
    RowsSettled,
    RowVerdict,
    Template,
    WithdrawalCancelled,
    WithdrawalConfirmed,
    WithdrawalFinished,
    WithdrawalRequested,
)
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command, Personal
from shared.kernel.refusals import Kind, Refusal

WITHDRAWABLE_HOURS = 72
"""MEM-27."""
ALONE_MAX = 100
"""MEM-27: above so many people a withdrawal takes two admins."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No such import."""


@dataclass(frozen=True, slots=True)
class Running:
    """Taken in, and not every row has its verdict. `rows` is None until the file was read."""

    organization: str
    template: Template
    content_hash: str
    rows: int | None = None
    settled: Mapping[int, str] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    cancel: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    organization: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Every row has its verdict. `people` came in by it; `withdrawal` tells how far taking them out has come."""

    organization: str
    people: tuple[str, ...]
    requested_by: str | None = None
    confirmed: bool = False
    handled: frozenset[str] = field(default_factory=frozenset)
    ended: int = 0


@dataclass(frozen=True, slots=True)
class Withdrawn:
    organization: str


S = TypeVar("S")
ImportState = Nothing | Running | Refused | Finished | Withdrawn


def evolve(state: ImportState, event: ImportEvent) -> ImportState:
    match event:
        case ImportReceived():
            return Running(event.organization, event.template, event.content_hash)
        case ImportRefused() | ImportRead() | RowsSettled() | ImportCancelRequested() | ImportFinished():
            return _while_running(_as(Running, state), event)
        case _:
            return _while_withdrawing(_as(Finished, state), event)


def _while_running(
    state: Running, event: ImportRefused | ImportRead | RowsSettled | ImportCancelRequested | ImportFinished
) -> ImportState:
    match event:
        case ImportRefused():
            return Refused(state.organization)
        case ImportRead():
            return replace(state, rows=event.rows)
        case RowsSettled():
            counts = Counter(state.counts)
            counts.update(v.verdict for v in event.verdicts)
            new = tuple(v.person for v in event.verdicts if v.person and v.verdict.startswith("imported"))
            settled = {**state.settled, **{v.row: v.verdict for v in event.verdicts}}
            return replace(state, settled=settled, people=state.people + new, counts=dict(counts))
        case ImportCancelRequested():
            return replace(state, cancel=event.cause)
        case ImportFinished():
            return Finished(state.organization, state.people)
        case _:
            assert_never(event)


def _while_withdrawing(
    state: Finished,
    event: WithdrawalRequested | WithdrawalConfirmed | WithdrawalCancelled | PeopleWithdrawn | WithdrawalFinished,
) -> ImportState:
    match event:
        case WithdrawalRequested():
            return replace(state, requested_by=event.requested_by, confirmed=not event.needs_confirmation)
        case WithdrawalConfirmed():
            return replace(state, confirmed=True)
        case WithdrawalCancelled():
            return replace(state, requested_by=None, confirmed=False)
        case PeopleWithdrawn():
            handled = state.handled | set(event.withdrawn) | set(event.kept)
            return replace(state, handled=handled, ended=state.ended + len(event.withdrawn))
        case WithdrawalFinished():
            return Withdrawn(state.organization)
        case _:
            assert_never(event)


IMPORT: Decider[ImportState, ImportEvent] = Decider("import", Nothing(), evolve)


class ReceiveImport(Command):
    import_id: str
    organization: str
    template: Template
    content_hash: str
    size_bytes: int
    file_name: str


class ImportNotFound(Refusal):
    kind: ClassVar[Kind] = Kind.ABSENT
    rule = "MEM-09"
    zh = "没有找到这次导入，或者您无权查看。"
    en = "There is no such import, or you may not see it."
    way_out = "请从“导入记录”进入。"
    way_out_en = "Open it from the list of imports."


class ImportOver(Refusal):
    rule = "MEM-27"
    zh = "这次导入已经结束，不能再取消。"
    en = "This import is over and can no longer be stopped."
    way_out = "如需撤回导入的团员，请在 72 小时内使用“撤回导入”。"
    way_out_en = "To remove the people it entered, withdraw it within 72 hours."


class WithdrawalTooLate(Refusal):
    rule = "MEM-27"
    zh = "导入完成已超过 72 小时，不能撤回。"
    en = "The import was completed more than 72 hours ago and cannot be withdrawn."
    way_out = "请逐人办理：信息错误的，按“删除团员”流程向上级申请。"
    way_out_en = "Ask your superior to deal with these people one by one."


class WithdrawalNotPossible(Refusal):
    rule = "MEM-27"
    zh = "这次导入没有可以撤回的内容。"
    en = "There is nothing in this import to withdraw."
    way_out = "请在导入结果中查看每一行的处理结果。"
    way_out_en = "See the verdict of each row in the result."


class WithdrawalUnderWay(Refusal):
    rule = "MEM-27"
    zh = "撤回已经确认，不能再取消。"
    en = "The withdrawal was confirmed already and cannot be called off."
    way_out = "请在导入结果中查看；需要的人员可以重新导入。"
    way_out_en = "See the result of the import; those who are needed can be imported again."


class WithdrawalNeedsAnotherAdmin(Refusal):
    kind: ClassVar[Kind] = Kind.FORBIDDEN
    rule = "MEM-27"
    zh = "超过 100 人的撤回须由另一名管理员确认，申请人本人不能确认。"
    en = "A withdrawal of more than 100 people must be confirmed by another admin than the one who asked for it."
    way_out = "请本组织的另一名管理员或上级团组织的管理员在 72 小时内确认。"
    way_out_en = "Ask another admin of the organization, or the superior's, to confirm within 72 hours."


def receive_import(command: ReceiveImport, state: ImportState) -> list[ImportEvent]:
    if not isinstance(state, Nothing):
        return []
    return [
        ImportReceived(
            organization=command.organization,
            template=command.template,
            content_hash=command.content_hash,
            size_bytes=command.size_bytes,
            personal=Personal(person=command.import_id, values={"file_name": command.file_name}),
        )
    ]


def leave_unprocessed(rows: Sequence[int], state: ImportState) -> list[ImportEvent]:
    """MEM-27: rows of a cancelled import that have no verdict yet get 未处理."""
    settled = _as(Running, state).settled
    left = tuple(RowVerdict(row=row, verdict="unprocessed") for row in rows if row not in settled)
    return [RowsSettled(verdicts=left)] if left else []


def finish_import(state: ImportState) -> list[ImportEvent]:
    """MEM-09: the counts, which add up to the rows. Raises ValueError while a row has no verdict."""
    if not isinstance(state, Running):
        return []
    rows = state.rows or 0
    if len(state.settled) != rows:
        raise ValueError(f"{rows - len(state.settled)} rows have no verdict yet")
    count = Counter(state.counts)
    return [
        ImportFinished(
            rows=rows,
            imported=count["imported"] + count["imported_with_warning"] + count["position_added"],
            with_warning=count["imported_with_warning"],
            positions_added=count["position_added"],
            unchanged=count["unchanged"],
            failed=count["failed"],
            unprocessed=count["unprocessed"],
            cancelled=state.cancel is not None,
        )
    ]


def cancel_import(state: ImportState, cause: str = "asked") -> list[ImportEvent]:
    """MEM-27. Raises ImportNotFound, ImportOver."""
    match state:
        case Nothing():
            raise ImportNotFound
        case Running():
            return [] if state.cancel else [ImportCancelRequested(cause=cause)]
        case Refused() | Finished() | Withdrawn():
            raise ImportOver
        case _:
            assert_never(state)


def request_withdrawal(
    state: ImportState, requested_by: str, finished_at: datetime | None, now: datetime
) -> list[ImportEvent]:
    """MEM-27. Raises ImportNotFound, WithdrawalNotPossible, WithdrawalTooLate."""
    if isinstance(state, Nothing):
        raise ImportNotFound
    if not isinstance(state, Finished) or not state.people or finished_at is None:
        raise WithdrawalNotPossible
    if state.requested_by:
        return []
    _in_time(finished_at, now)
    people = len(state.people)
    return [WithdrawalRequested(requested_by=requested_by, people=people, needs_confirmation=people > ALONE_MAX)]


def confirm_withdrawal(
    state: ImportState, confirmed_by: str, finished_at: datetime | None, now: datetime
) -> list[ImportEvent]:
    """MEM-27: by another admin than who asked, within the same 72 hours. Raises as request_withdrawal does."""
    if isinstance(state, Nothing):
        raise ImportNotFound
    if not isinstance(state, Finished) or state.requested_by is None or finished_at is None:
        raise WithdrawalNotPossible
    if state.confirmed:
        return []
    if confirmed_by == state.requested_by:
        raise WithdrawalNeedsAnotherAdmin
    _in_time(finished_at, now)
    return [WithdrawalConfirmed(confirmed_by=confirmed_by)]


def call_off_withdrawal(state: ImportState) -> list[ImportEvent]:
    """MEM-27: before it was confirmed. Raises ImportNotFound, WithdrawalUnderWay."""
    if isinstance(state, Nothing):
        raise ImportNotFound
    if not isinstance(state, Finished) or state.confirmed:
        raise WithdrawalUnderWay
    return [WithdrawalCancelled(cause="called_off")] if state.requested_by else []


def _in_time(finished_at: datetime, now: datetime) -> None:
    if now - finished_at > timedelta(hours=WITHDRAWABLE_HOURS):
        raise WithdrawalTooLate


def _as(kind: type[S], state: ImportState) -> S:
    if not isinstance(state, kind):
        raise TypeError(f"the import is {type(state).__name__}, not {kind.__name__}")
    return state
