"""The child process around the reader: what it may not do, and that the service survives whatever it does (X25)."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import psutil
import pytest

from services.member.domain.faults import Fault
from services.member.workbooks import limits, sandbox
from services.member.workbooks.judging import Head, JudgedRow
from services.member.workbooks.refusals import WorkbookActiveContent, WorkbookTooLarge, WorkbookUnreadable
from services.member.workbooks.sandbox import Sandbox, isolation
from tests.member.people import BRANCH, members
from tests.member.workbooks.books import many, member_book, with_parts

pytestmark = pytest.mark.rule("X25")


async def judged(content, reader=None):
    return [answer async for answer in (reader or Sandbox()).judge(content, "团员.xlsx", members())]


def told_to_run(monkeypatch, code):
    """Children that run `code` in place of the reader, with the same limits and the same isolation."""
    before = "import services.member.workbooks.child as c; c.limit_myself(); import sys; "
    start = asyncio.create_subprocess_exec

    async def instead(*command, **options):
        return await start(*command[: command.index("-m")], "-c", before + code, **options)

    monkeypatch.setattr(sandbox.asyncio, "create_subprocess_exec", instead)


@pytest.mark.rule("MEM-09")
async def test_a_workbook_is_checked_and_judged_whole():
    content = member_book([*many(3), {"name": "张三"}])
    head = await Sandbox().check(content, "团员.xlsx", members())
    answers = await judged(content)
    assert answers[0] == head == Head("团员团干部", 1)
    assert [answer.row for answer in answers[1:]] == [2, 3, 4, 5]
    assert [answer.judged.record is None for answer in answers[1:]] == [False, False, False, True]
    assert answers[1].judged.record.branch == BRANCH.id
    said = Fault("segment_not_checked", "development_number", {"province": "33"})
    assert [answer.judged.notes for answer in answers[1:]] == [(said,), (), (), ()]


@pytest.mark.rule("MEM-09")
async def test_what_a_check_read_is_judged_without_a_second_child_but_only_for_the_same_file_and_scope(monkeypatch):
    reader, content = Sandbox(), member_book(many(3))
    await reader.check(content, "团员.xlsx", members())
    another_day = replace(members(), today=members().today + timedelta(days=1))
    other = [a async for a in reader.judge(content, "团员.xlsx", another_day)]
    monkeypatch.delattr(sandbox.asyncio, "create_subprocess_exec")
    kept = await judged(content, reader)
    assert [type(a) for a in kept] == [type(a) for a in other] == [Head, JudgedRow, JudgedRow, JudgedRow]
    with pytest.raises(AttributeError):
        await judged(content, reader)


async def test_what_is_too_large_to_keep_is_read_again(monkeypatch):
    """Four uploads at once would otherwise hold what four children may write."""
    reader, content = Sandbox(), member_book(many(3))
    monkeypatch.setattr(sandbox, "KEPT_BYTES", 100)
    await reader.check(content, "团员.xlsx", members())
    monkeypatch.delattr(sandbox.asyncio, "create_subprocess_exec")
    with pytest.raises(AttributeError):
        await judged(content, reader)


async def test_a_refusal_crosses_the_border_with_its_words():
    evil = with_parts(member_book(many(1)), parts={"xl/vbaProject.bin": b"x"})
    with pytest.raises(WorkbookActiveContent) as refused:
        await judged(evil)
    assert refused.value.sentence() == "文件含有宏，请把数据复制到新下载的模板中再上传。"


async def test_what_is_plainly_too_large_starts_no_child(monkeypatch):
    monkeypatch.delattr(sandbox.asyncio, "create_subprocess_exec")
    with pytest.raises(WorkbookTooLarge):
        await judged(b"PK\x03\x04" + b"\0" * limits.FILE_BYTES)


@pytest.mark.parametrize(
    "code",
    [
        "sys.exit(3)",
        "import os; os.abort()",
        "print('no json')",
        "print('{\"head\": null}')",
        'print(\'{"refused": {"code": "no_such_refusal", "params": {}}}\')',
        'print(\'{"head": {"sheet": "x", "header_row": 1}}\')',
        'print(\'{"row": {"row": "x"}}\')',
    ],
)
async def test_a_child_that_dies_or_babbles_is_one_refusal(monkeypatch, code):
    told_to_run(monkeypatch, code)
    with pytest.raises(WorkbookUnreadable):
        await judged(member_book(many(1)))


async def test_a_child_that_eats_memory_ends_by_its_limit(monkeypatch):
    told_to_run(monkeypatch, f"x = bytearray({2 * limits.CHILD_MEMORY_BYTES}); print('x' * 10)")
    with pytest.raises(WorkbookUnreadable):
        await judged(member_book(many(1)))


async def test_a_child_that_spins_ends_by_its_limit(monkeypatch):
    monkeypatch.setattr(limits, "CHILD_WALL_SECONDS", 20)
    told_to_run(monkeypatch, "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass")
    with pytest.raises(WorkbookUnreadable):
        await asyncio.wait_for(judged(member_book(many(1))), 10)


async def test_a_child_that_sleeps_is_killed(monkeypatch):
    monkeypatch.setattr(limits, "CHILD_WALL_SECONDS", 1)
    told_to_run(monkeypatch, "import time; time.sleep(600)")
    with pytest.raises(WorkbookUnreadable):
        await asyncio.wait_for(judged(member_book(many(1))), 10)


async def test_a_child_that_floods_is_cut_off(monkeypatch):
    monkeypatch.setattr(limits, "CHILD_OUTPUT_BYTES", 100_000)
    told_to_run(monkeypatch, "sys.stdout.write('x' * 10_000_000)")
    with pytest.raises(WorkbookUnreadable):
        await judged(member_book(many(1)))


async def test_a_line_that_does_not_end_is_cut_off(monkeypatch):
    told_to_run(monkeypatch, "sys.stdout.write('x' * 60_000_000)")
    with pytest.raises(WorkbookUnreadable):
        await asyncio.wait_for(judged(member_book(many(1))), 10)


async def test_limits_and_surroundings_of_a_child(monkeypatch, tmp_path):
    """No environment (so no secrets), no file written, no core, memory and time bounded, no network where allowed."""
    seen = {"output": b""}
    written = sandbox._written

    async def keep(process):
        async for piece in written(process):
            seen["output"] += piece
        yield b""

    monkeypatch.setattr(sandbox, "_written", keep)
    monkeypatch.setenv("TUAN_SECRET_CANARY", "canary")
    told_to_run(
        monkeypatch,
        "import os, resource as r, socket\n"
        "print(sorted(k for k in os.environ if k != 'LC_CTYPE'))\n"
        "print([r.getrlimit(k) for k in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_FSIZE, r.RLIMIT_CORE)])\n"
        "print([name for _, name in socket.if_nameindex()])\n"
        f"try:\n file = open({str(tmp_path / 'canary')!r}, 'w'); file.write('x' * 100); file.close(); print('written')\n"
        "except OSError: print('refused')\n",
    )
    with pytest.raises(WorkbookUnreadable):
        await judged(member_book(many(1)))
    environment, bounds, networks, *_ = seen["output"].decode().splitlines()
    memory, seconds = limits.CHILD_MEMORY_BYTES, limits.CHILD_CPU_SECONDS
    assert environment == "[]"
    assert bounds == str([(memory, memory), (seconds, seconds), (0, 0), (0, 0)])
    assert b"written" not in seen["output"]
    if isolation() != "none":
        assert networks == "['lo']"


async def test_no_more_children_than_slots_and_none_is_left_behind():
    reader = Sandbox(slots=2)
    content = member_book(many(1))
    most = 0

    async def watch():
        nonlocal most
        while True:
            most = max(most, len(children()))
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(judged(content, reader) for _ in range(5)))
    watching.cancel()
    assert 1 <= most <= 2
    assert children() == []


async def test_a_child_that_waits_reads_the_next_file_and_one_that_died_waiting_is_no_loss(monkeypatch):
    monkeypatch.setattr(sandbox, "REST_SECONDS", 0.0)
    reader, content = Sandbox(), member_book(many(3))
    keeping = asyncio.create_task(reader.run())
    for kill in (False, True):
        first = await until_one_waits(reader)
        if kill:
            first.kill()
            await first.wait()
        assert len(await judged(content, reader)) == 4
        assert first.returncode is not None, "it has read one file and ended"
    await until_one_waits(reader)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert children() == []


async def until_one_waits(reader):
    async with asyncio.timeout(10):
        while reader._waiting is None:
            await asyncio.sleep(0.01)
    return reader._waiting


def children():
    found = psutil.Process().children()  # not those of a whole system that other tests run
    return [process for process in found if "services.member.workbooks.child" in " ".join(cmdline(process))]


def cmdline(process):
    try:
        return process.cmdline() if process.name() != "unshare" else []
    except psutil.NoSuchProcess:
        return []


async def test_giving_up_in_the_middle_ends_the_child():
    task = asyncio.create_task(judged(member_book(many(300))))
    while not children():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == []


async def test_giving_up_while_the_child_starts_leaves_none_behind(monkeypatch):
    spawn, started, held = sandbox._spawn, asyncio.Event(), []

    async def slowly():
        held.append(await spawn())
        started.set()
        await asyncio.sleep(0.1)
        return held[0]

    monkeypatch.setattr(sandbox, "_spawn", slowly)
    task = asyncio.create_task(judged(member_book(many(3))))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert held[0].returncode is not None


MEASURING = """
import asyncio, resource
from tests.member.workbooks import test_sandbox as tests
rows = asyncio.run(tests.judged(tests.member_book(tests.many(1500))))
print(len(rows), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_the_reader_stays_within_its_memory():
    """The promise is 300 MiB for a full workbook. Measured in a process that had no other children."""
    run = subprocess.run([sys.executable, "-c", MEASURING], capture_output=True, text=True, check=True, timeout=120)
    rows, kibibytes = map(int, run.stdout.split())
    assert rows == 1501
    assert kibibytes < 300 * 1024
