"""The process that reads a workbook: `python -m services.member.workbooks.child`, started by `sandbox` for one file.

It limits itself before it looks at a single byte of the file, has no environment, writes no file, and where the machine
allows has no network. Standard input: length of the request in 8 digits, the request, the file. Standard output:
`protocol.Message` lines.
"""

import contextlib
import gc
import io
import os
import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import orjson

from services.member.domain.dates import DateUnreadable, read_date
from services.member.domain.person_record import PersonRecord, Scope
from services.member.domain.text import Raw
from services.member.workbooks import limits
from services.member.workbooks.guard import check
from services.member.workbooks.judging import Head, JudgedRow, Tail, head_of, judge_rows
from services.member.workbooks.protocol import REQUEST, Made, Message, Refused, Request, Task
from services.member.workbooks.refusals import WorkbookDamaged, WorkbookRefused, WorkbookUnreadable
from services.member.workbooks.table import Row, Table, read_table

LENGTH_DIGITS = 8
HALVED_FROM = 1_000
"""Rows. Fewer are judged before a second process would have begun."""
_DATES = ("birth_date", "join_date", "position_since")


def limit_myself() -> None:
    """Memory, processor time, no files, no core dump (X25). Limits survive whatever the file does to the reader."""
    memory, seconds = limits.CHILD_MEMORY_BYTES, limits.CHILD_CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(source: BinaryIO, target: BinaryIO) -> None:
    request = REQUEST.validate_json(source.read(int(source.read(LENGTH_DIGITS))))
    content = source.read()
    try:
        _serve(request, content, target)
    except WorkbookRefused as refused:
        _send(target, Message(refused=Refused(refused.code, refused.params)))
    except MemoryError:
        _send(target, Message(refused=Refused(WorkbookUnreadable().code, {})))
    target.flush()


def _serve(request: Request, content: bytes, target: BinaryIO) -> None:
    table = _read(request, content)
    if request.task is Task.FAILED_ROWS:
        made = _failed_rows(request, table)
        _send(target, Message(made=Made(len(made))))
        target.write(made)
        return
    _send(target, head_of(table))
    rows = table.rows
    middle, second = len(rows), None
    if len(rows) >= HALVED_FROM:
        # Where no further process may begin it takes longer, and that is all.
        with contextlib.suppress(OSError):
            second = _Second(rows[len(rows) // 2 :], table, request.scope)
            middle = len(rows) // 2
    _judge(rows[:middle], table, request.scope, target)
    if second:
        target.write(second.said())
    _send(target, Tail(len(rows)))


def _judge(rows: Sequence[Row], table: Table, scope: Scope, target: BinaryIO) -> None:
    for judged in judge_rows(rows, table, scope):
        _send(target, judged)


class _Second:
    """A copy of this process, with its limits, that judges some of the rows on another processor meanwhile."""

    def __init__(self, rows: Sequence[Row], table: Table, scope: Scope) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored by whoever started us, the end of a copy tells nothing
        reading, writing = os.pipe()
        self._process = os.fork()
        if self._process:
            os.close(writing)
            self._reading = os.fdopen(reading, "rb")
            return
        try:
            os.close(reading)  # so that it ends when nobody else reads any more
            os.dup2(writing, sys.stdout.fileno())  # whoever waits for the end of the first waits for no copy
            said = io.BytesIO()
            _judge(rows, table, scope, said)
            with os.fdopen(writing, "wb") as target:
                target.write(said.getbuffer())
            os._exit(0)
        finally:
            os._exit(1)

    def said(self) -> bytes:
        """All that it says, once it has ended well; WorkbookUnreadable otherwise."""
        with self._reading as reading:
            said = reading.read()
        if os.waitpid(self._process, 0)[1]:
            raise WorkbookUnreadable
        return said


def _read(request: Request, content: bytes) -> Table:
    checked = check(content, request.file_name)
    try:
        return read_table(checked, request.scope.template, request.scope.own.category)
    except (WorkbookRefused, MemoryError):
        raise
    except BaseException as error:  # a panic of the reading library is no Exception
        raise WorkbookDamaged from error


def _failed_rows(request: Request, table: Table) -> bytes:
    from services.member.workbooks.template_files import write_failed_rows  # noqa: PLC0415 - most children never write

    rows = [
        (_readable_dates(cells, epoch_1904=table.epoch_1904), request.faults[row])
        for row, cells in table.rows
        if row in request.faults
    ]
    return write_failed_rows(request.scope.template, request.scope.own.category, rows)


def _readable_dates(cells: Mapping[str, Raw], *, epoch_1904: bool) -> dict[str, Raw]:
    """Serial numbers as dates: in a column of texts nobody would know them again."""
    readable = dict(cells)
    for field in _DATES:
        if isinstance(cells.get(field), float):
            try:
                readable[field] = read_date(cells[field], month_suffices=True, epoch_1904=epoch_1904)
            except DateUnreadable:
                continue
    return readable


def _send(target: BinaryIO, answer: Head | JudgedRow | Tail | Message) -> None:
    match answer:
        case Head():
            answer = Message(head=answer)
        case JudgedRow():
            answer = Message(row=answer)
        case Tail():
            answer = Message(tail=answer)
    target.write(orjson.dumps(answer, default=_plain, option=orjson.OPT_APPEND_NEWLINE))


def _plain(value: Any) -> Any:
    if isinstance(value, PersonRecord):
        return value.model_dump(mode="json", exclude_none=True)
    raise TypeError


if __name__ == "__main__":
    limit_myself()
    gc.disable()  # nothing outlives this process, and its memory has a limit
    main(sys.stdin.buffer, sys.stdout.buffer)
    os._exit(0)  # taking the modules down one by one would keep whoever uploaded waiting
