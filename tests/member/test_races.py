"""Of those who come at the same moment one wins, and the others are told what was taken."""

import asyncio
from typing import Any

import pytest

from services.member.domain.fields import Template
from tests.member.conftest import BRANCHES, COUNTY, FAR_BRANCH, OTHER_COUNTY, Member, workbook
from tests.member.people import cadre_row, card, member_row
from tests.member.test_imports import FAR, codes, finish, people, roster, verdicts
from tests.member.test_people import BOTH, FIRST, SECOND, by, enter


@pytest.mark.rule("P4", "MEM-10")
async def test_a_hundred_admins_enter_one_number_at_once_and_one_wins(member: Member) -> None:
    outcomes = await asyncio.gather(*(enter(member, f"enter-{i}") for i in range(100)), return_exceptions=True)
    won = [o for o in outcomes if isinstance(o, str)]
    assert len(won) == 1
    assert {getattr(o, "code", o) for o in outcomes if not isinstance(o, str)} == {"number_already_registered"}
    assert await member.store.database["claims"].count_documents({}) == 2


@pytest.mark.rule("MEM-03", "MEM-02")
async def test_of_two_branches_that_enter_a_cadre_at_once_one_gets_the_member(member: Member) -> None:
    cadre = cadre_row(mobile="13800001234") | BOTH
    person = (await member.people.enter(by("cadre-1"), COUNTY, Template.CADRES, cadre)).stream
    rows = [(by(f"member-{branch}"), member_row(branch=branch, **BOTH)) for branch in (FIRST, SECOND)]
    outcomes = await asyncio.gather(
        *(member.people.enter(request, COUNTY, Template.MEMBERS, row) for request, row in rows), return_exceptions=True
    )
    assert sorted(type(o).__name__ for o in outcomes) == ["Answer", "NumberAlreadyRegistered"]
    loaded = await member.people.load(person)
    assert loaded.known is not None
    rosters = {r["_id"]: r["members"] async for r in member.store.database["rosters"].find()}
    assert {branch: n for branch, n in rosters.items() if n} == {loaded.known.branch: 1}


@pytest.mark.rule("P4")
async def test_one_file_uploaded_twice_at_the_same_moment_is_one_import(member: Member) -> None:
    content = workbook(people(2))
    ids = await asyncio.gather(*(member.upload(content, f"upload-{i}") for i in range(4)))
    assert len(set(ids)) == 1


@pytest.mark.rule("P4")
async def test_two_workbooks_with_the_same_people_from_two_counties_at_once(member: Member) -> None:
    """Exactly one county gets each person; the other is told why."""
    here = await member.upload(workbook(people(60)), "upload-1")
    there = await member.upload(workbook(people(60, branch=FAR)), "upload-2", organization=OTHER_COUNTY)
    first, second = await asyncio.gather(member.work(here), member.work(there))
    won = sum(v.startswith("imported") for v in verdicts(first) + verdicts(second))
    assert won == 60
    assert await roster(member) + await roster(member, FAR_BRANCH) == 60
    told = {c for row in codes(first) + codes(second) for c in row}
    assert told <= {"number_registered_meanwhile", "number_registered_elsewhere", "development_number_taken"}


@pytest.mark.rule("P2")
async def test_two_workers_on_one_import_bring_everybody_in_once(member: Member) -> None:
    """A lease can lapse while its holder sleeps: the stream's version is what keeps the second worker's rows out."""
    import_id = await member.upload(workbook(people(120)))
    await asyncio.gather(*(member.work(import_id) for _ in range(3)))
    loaded = await member.imports.load(import_id)
    assert verdicts(loaded) == ["imported"] * 120
    assert await roster(member) == 120
    assert await member.store.commits.count_documents({"stream": {"$regex": "^person-"}}) == 120


@pytest.mark.rule("MEM-10", "MEM-06", "MEM-03")
async def test_whoever_loses_a_race_at_the_store_is_told_what_was_taken_meanwhile(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    await finish(member, workbook(people(2, branch=FAR)), organization=OTHER_COUNTY)
    await member.store.database["rosters"].insert_one({"_id": BRANCHES[1], "members": 0, "state": "closing"})

    async def nobody_yet(_claims: Any) -> dict[str, str]:
        return {}

    monkeypatch.setattr(member.records, "owners", nobody_yet)
    rows = people(4)
    rows[1]["number"] = card(sequence="555")
    rows[2]["branch"] = "遂昌县第1支部"
    loaded = await finish(member, workbook(rows), "upload-2")
    assert codes(loaded) == [["number_registered_meanwhile"], ["development_number_taken"], ["branch_closing"], []]
