"""A large table is judged by the child and a copy of it at the same time (X25)."""

import asyncio
import ctypes
from dataclasses import replace

import psutil
import pytest

from services.member.workbooks import limits
from services.member.workbooks.child import HALVED_FROM
from services.member.workbooks.refusals import WorkbookUnreadable
from tests.member.workbooks.books import many, member_book, read
from tests.member.workbooks.test_sandbox import children, judged, told_to_run

PR_SET_CHILD_SUBREAPER = 36

pytestmark = pytest.mark.rule("X25")


async def test_a_large_table_is_judged_by_two_processes_as_one_would():
    """Numbers that come again in the other half, a fault there, and what is noted: as in a table of one piece."""
    rows = many(HALVED_FROM)
    rows[-1] |= {"number": rows[0]["number"]}
    rows[-2] |= {"development_number": rows[1]["development_number"]}
    rows[-3] |= {"name": ""}
    content = member_book(rows)
    together, apart = read(content)[1], (await judged(content))[1:]
    assert [row.row for row in apart] == list(range(2, HALVED_FROM + 2))
    without_notes = [[replace(row.judged, notes=()) for row in each] for each in (together, apart)]
    assert without_notes[0] == without_notes[1]
    found = [[(f.field, f.code, f.params) for f in row.judged.faults] for row in apart[-3:]]
    assert ("name", "missing", {}) in found[0]
    assert ("development_number", "development_number_repeated", {"row": "3"}) in found[1]
    assert ("number", "number_repeated", {"row": "2"}) in found[2]
    assert {note.code for row in apart for note in row.judged.notes} == {"segment_not_checked"}


@pytest.mark.parametrize("end", ["os._exit(1)", "os.kill(os.getpid(), 9)", "raise MemoryError", "return iter(())"])
async def test_a_second_process_that_fails_makes_the_whole_unreadable(monkeypatch, end):
    """Otherwise half of a workbook would go in as if it were all of it."""
    told_to_run(
        monkeypatch,
        "import os\nfirst, judge = os.getpid(), c.judge_rows\n"
        f"def rows(*given):\n if os.getpid() == first: return judge(*given)\n {end}\n"
        "c.HALVED_FROM, c.judge_rows = 2, rows\nc.main(sys.stdin.buffer, sys.stdout.buffer)",
    )
    with pytest.raises(WorkbookUnreadable):
        await judged(member_book(many(3)))


async def test_where_no_second_process_may_begin_one_judges_all(monkeypatch):
    told_to_run(
        monkeypatch,
        "import os\ndef refused(): raise BlockingIOError\n"
        "c.HALVED_FROM, os.fork = 2, refused\nc.main(sys.stdin.buffer, sys.stdout.buffer)",
    )
    assert [row.row for row in (await judged(member_book(many(3))))[1:]] == [2, 3, 4]


@pytest.fixture
def adopted():
    """As in a container, whose process 1 the service is: what its children leave behind becomes a child of its own."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield {each.pid for each in psutil.Process().children()}
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def left_behind(before):
    """Whether they run or wait to be noticed."""
    return [each for each in psutil.Process().children() if each.pid not in before]


@pytest.mark.parametrize(
    "end", ["return judge(*given)", "os.kill(os.getpid(), 9)", "raise ValueError", "raise MemoryError", "os._exit(0)"]
)
@pytest.mark.parametrize("second", ["time.sleep(30)", "return [c.Tail(0)] * 9_000"])
async def test_whatever_the_first_does_the_second_process_ends_with_it(monkeypatch, adopted, end, second):
    """`[Tail] * 9_000` is more than a pipe holds."""
    told_to_run(
        monkeypatch,
        "import os, time\nfirst, judge = os.getpid(), c.judge_rows\n"
        f"def rows(*given):\n if os.getpid() != first:\n  {second}\n time.sleep(0.3)\n {end}\n"
        "c.HALVED_FROM, c.judge_rows = 2, rows\nc.main(sys.stdin.buffer, sys.stdout.buffer)",
    )
    monkeypatch.setattr(limits, "CHILD_WALL_SECONDS", 2)
    with pytest.raises(WorkbookUnreadable):
        await judged(member_book(many(3)))
    assert left_behind(adopted) == []


async def test_giving_up_ends_the_second_process_too(monkeypatch, adopted):
    told_to_run(
        monkeypatch,
        "import os, time\nfirst, judge = os.getpid(), c.judge_rows\n"
        "def rows(*given):\n if os.getpid() == first: return judge(*given)\n time.sleep(30)\n"
        "c.HALVED_FROM, c.judge_rows = 2, rows\nc.main(sys.stdin.buffer, sys.stdout.buffer)",
    )
    task = asyncio.create_task(judged(member_book(many(3))))
    while len(descendants()) < 2:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left_behind(adopted) == []


def descendants():
    return [each for child in children() for each in (child, *child.children())]
