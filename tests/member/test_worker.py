"""The import worker as a loop: what one import suffers from is its own affair."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from services.member import worker
from services.member.domain.events import ImportRefused
from services.member.domain.fields import LABELS
from services.member.use_cases.imports import Import
from services.member.workbooks.refusals import WorkbookUnreadable
from shared.eventstore.commits import COMMIT_BYTES_MAX
from shared.testing.measured import measured
from tests.member.conftest import COUNTY, OTHER_COUNTY, Member, workbook
from tests.member.test_imports import FAR, FIRST, people, verdicts


def list_waiting(member: Member, monkeypatch: pytest.MonkeyPatch, *imports: str) -> None:
    """What the list would say once the projection had read the log."""
    rows = [
        {"_id": import_id, "organization": organization, "version": 1}
        for import_id, organization in zip(imports, (COUNTY, OTHER_COUNTY), strict=True)
    ]

    async def waiting() -> list[dict[str, Any]]:
        return rows

    monkeypatch.setattr(member.listed, "waiting", waiting)


@pytest.mark.rule("P5")
async def test_an_import_that_fails_rests_and_keeps_no_other_waiting(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "REST_SECONDS", 60.0)
    everybody = [*people(2), *people(4, FAR)[2:]]
    broken = await member.upload(workbook(everybody[:2]), "upload-1")
    sound = await member.upload(workbook(everybody[2:]), "upload-2", organization=OTHER_COUNTY)
    list_waiting(member, monkeypatch, broken, sound)
    content_of, asked = member.imports.file, []

    async def file(loaded: Import) -> tuple[str, bytes]:
        asked.append(loaded.id)
        if asked == [broken]:
            raise RuntimeError("what no one has thought of")
        return await content_of(loaded)

    monkeypatch.setattr(member.imports, "file", file)
    await member.worker._all_waiting()
    assert verdicts(await member.imports.load(sound)) == ["imported"] * 2
    assert not member.worker.health().ready
    assert broken in member.worker.health().detail
    assert measured("tuan_import_resting") == 1
    await member.worker._all_waiting()
    assert asked == [broken, sound]
    member.worker._resting[broken] = replace(member.worker._resting[broken], until=0.0)
    await member.worker._all_waiting()
    assert verdicts(await member.imports.load(broken)) == ["imported"] * 2
    assert member.worker.health().ready


@pytest.mark.rule("MEM-09")
async def test_a_workbook_of_nothing_but_faults_is_settled_all_the_same(member: Member) -> None:
    """Verdicts of 500 such rows are more than one commit may hold."""
    rows = [dict.fromkeys(LABELS, "!") | {"branch": FIRST, "name": f"{i}"} for i in range(500)]
    before = measured("tuan_import_rows_total", {"verdict": "failed"})
    import_id = await member.upload(workbook(rows))
    loaded = await member.work(import_id)
    assert verdicts(loaded) == ["failed"] * 500
    assert measured("tuan_import_rows_total", {"verdict": "failed"}) - before == 500
    sizes = await member.store.commits.aggregate([{"$project": {"size": {"$bsonSize": "$$ROOT"}}}])
    assert max([d["size"] async for d in sizes]) < COMMIT_BYTES_MAX


@pytest.mark.rule("MEM-09")
async def test_a_workbook_refused_while_it_is_read_is_over_and_can_be_uploaded_again(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def too_slow(*_file: Any) -> AsyncIterator[Any]:
        raise WorkbookUnreadable
        yield

    content = workbook(people(2))
    first = await member.upload(content)
    with monkeypatch.context() as patched:
        patched.setattr(member.worker._sandbox, "judge", too_slow)
        over = (await member.work(first)).events[-1]
    assert (type(over), over.code, over.rule) == (ImportRefused, "workbook_unreadable", "X25")
    second = await member.upload(content, "upload-2")
    assert second != first
    assert verdicts(await member.work(second)) == ["imported"] * 2


@pytest.mark.rule("MEM-09")
async def test_what_this_process_took_in_is_begun_before_the_list_shows_it(member: Member) -> None:
    running = asyncio.create_task(member.worker.run())
    try:
        import_id = await member.upload(workbook(people(2)))
        async with asyncio.timeout(10):
            while (await member.imports.load(import_id)).finished_at is None:
                await asyncio.sleep(0.02)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert verdicts(await member.imports.load(import_id)) == ["imported"] * 2
    assert await member.listed.waiting() == []
