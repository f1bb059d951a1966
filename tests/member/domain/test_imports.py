"""An import as a history: cancelled while it runs, withdrawn in time and by enough admins (MEM-09, MEM-27)."""

from datetime import UTC, datetime, timedelta

import pytest

from services.member.domain.events import (
    ImportCancelRequested,
    ImportFinished,
    ImportRead,
    ImportReceived,
    ImportRefused,
    RowsSettled,
    RowVerdict,
    WithdrawalConfirmed,
    WithdrawalFinished,
    WithdrawalRequested,
)
from services.member.domain.imports import (
    IMPORT,
    ImportNotFound,
    ImportOver,
    WithdrawalNeedsAnotherAdmin,
    WithdrawalNotPossible,
    WithdrawalTooLate,
    cancel_import,
    confirm_withdrawal,
    finish_import,
    leave_unprocessed,
    request_withdrawal,
)
from shared.testing.scenario import Decided, History, given

FINISHED_AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
LAST = FINISHED_AT + timedelta(hours=72)
LATE = LAST + timedelta(microseconds=1)
RECEIVED = ImportReceived(organization="county", template="members", content_hash="c", size_bytes=1)
ASKED = WithdrawalRequested(requested_by="person-admin", people=101, needs_confirmation=True)


def settled(*verdicts: str) -> RowsSettled:
    return RowsSettled(
        verdicts=tuple(
            RowVerdict(row=row, verdict=verdict, person=f"person-{row}") for row, verdict in enumerate(verdicts, 2)
        )
    )


def running(*verdicts: str, rows: int | None = None) -> History:
    read = ImportRead(rows=len(verdicts) if rows is None else rows, notes=())
    return given(IMPORT, RECEIVED, read, *([settled(*verdicts)] if verdicts else []))


def finished(*verdicts: str, more: tuple = ()) -> History:
    (end,) = finish_import(running(*verdicts).state)
    read = ImportRead(rows=len(verdicts), notes=())
    return given(IMPORT, RECEIVED, read, settled(*verdicts), end, *more)


def ask(history: History, at: datetime = FINISHED_AT, by: str = "person-admin") -> Decided:
    return history.when(lambda s: request_withdrawal(s, by, FINISHED_AT, at))


def confirm(history: History, at: datetime = FINISHED_AT, by: str = "person-other") -> Decided:
    return history.when(lambda s: confirm_withdrawal(s, by, FINISHED_AT, at))


@pytest.mark.rule("MEM-09")
def test_an_import_ends_when_every_row_has_its_verdict_and_the_counts_add_up() -> None:
    every = ("imported", "imported_with_warning", "position_added", "unchanged", "failed", "unprocessed")
    running(*every).when(finish_import).then_one(
        ImportFinished, rows=6, imported=3, with_warning=1, positions_added=1, unchanged=1, failed=1, unprocessed=1
    )
    with pytest.raises(ValueError, match="1 rows have no verdict"):
        finish_import(running("imported", rows=2).state)


@pytest.mark.rule("MEM-27")
def test_a_running_import_is_cancelled_once_and_one_that_is_over_is_not() -> None:
    after = running("imported", rows=3).when(cancel_import).then(ImportCancelRequested(cause="asked"))
    after.when(cancel_import).then_nothing()
    rest = after.when(lambda s: leave_unprocessed([2, 3, 4], s)).then_one(RowsSettled)
    rest.when(finish_import).then_one(ImportFinished, imported=1, unprocessed=2, cancelled=True)
    refused = ImportRefused(code="workbook_damaged", rule="MEM-09", sentence="文件不完整或已损坏。")
    for over in (finished("imported"), given(IMPORT, RECEIVED, refused)):
        (refusal,) = over.when(cancel_import).refused(ImportOver)
        assert "撤回导入" in refusal.advice()
    given(IMPORT).when(cancel_import).refused(ImportNotFound)


@pytest.mark.rule("MEM-27")
def test_a_withdrawal_is_asked_for_within_72_hours_and_not_a_moment_later() -> None:
    ask(finished("imported"), LAST).then_one(WithdrawalRequested, people=1, needs_confirmation=False)
    (refusal,) = ask(finished("imported"), LATE).refused(WithdrawalTooLate)
    assert "72 小时" in refusal.sentence()
    assert "向上级申请" in refusal.advice()


@pytest.mark.rule("MEM-27")
@pytest.mark.parametrize(("people", "two"), [(100, False), (101, True)])
def test_one_admin_withdraws_a_hundred_people_and_no_more(people: int, two: bool) -> None:
    after = ask(finished(*["imported"] * people)).then_one(WithdrawalRequested, people=people, needs_confirmation=two)
    assert after.state.confirmed is not two
    ask(after, by="person-other").then_nothing()


@pytest.mark.rule("MEM-27")
def test_the_second_admin_is_another_one_and_confirms_within_the_same_72_hours() -> None:
    waiting = finished("imported", more=(ASKED,))
    (refusal,) = confirm(waiting, by="person-admin").refused(WithdrawalNeedsAnotherAdmin)
    assert "上级团组织的管理员" in refusal.advice()
    confirm(waiting, LATE).refused(WithdrawalTooLate)
    after = confirm(waiting, LAST).then(WithdrawalConfirmed(confirmed_by="person-other"))
    confirm(after, by="person-third").then_nothing()


@pytest.mark.rule("MEM-27")
def test_only_whom_an_import_brought_in_can_be_withdrawn_and_only_once() -> None:
    ask(finished("position_added", "unchanged", "failed")).refused(WithdrawalNotPossible)
    ask(running("imported", rows=2)).refused(WithdrawalNotPossible)
    ask(given(IMPORT)).refused(ImportNotFound)
    assert finished("imported", "position_added", "imported_with_warning").state.people == ("person-2", "person-4")
    gone = finished("imported", more=(ASKED, WithdrawalFinished(members_ended=1, kept=0)))
    ask(gone).refused(WithdrawalNotPossible)
    confirm(gone).refused(WithdrawalNotPossible)
    confirm(finished("imported")).refused(WithdrawalNotPossible)
