"""An import from upload to its last verdict, and out again, through the real store, vault and child process."""

import io
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from services.member.domain import imports as domain
from services.member.domain.fields import Template
from services.member.use_cases.imports import WorkbookGone
from services.member.workbooks.refusals import WorkbookRefused
from tests.member.conftest import BRANCHES, COUNTY, FAR_BRANCH, OTHER_COUNTY, Member, workbook
from tests.member.people import cadre_row, card, member_row

FIRST = "遂昌县第0支部"
FAR = "松阳县第一支部"


def people(count: int, branch: str = FIRST, **more: Any) -> list[dict[str, Any]]:
    """Synthetic members with different numbers."""
    return [
        member_row(
            branch=branch, name=f"甲乙{chr(0x4E00 + i)}", number=card(sequence=f"{i:03d}"), **_development(i), **more
        )
        for i in range(count)
    ]


def _development(i: int) -> dict[str, Any]:
    return {"development_number": f"202233{i:06d}"}


def verdicts(loaded: Any) -> list[str]:
    return [v.verdict for v in loaded.verdicts]


def codes(loaded: Any) -> list[list[str]]:
    return [[f.code for f in v.faults] for v in loaded.verdicts]


async def finish(member: Member, content: bytes, key: str = "upload-1", **more: Any) -> Any:
    return await member.work(await member.upload(content, key, **more))


async def roster(member: Member, branch: str = BRANCHES[0]) -> int:
    row = await member.store.database["rosters"].find_one({"_id": branch})
    return int(row["members"]) if row else 0


@pytest.mark.rule("MEM-09", "MEM-23")
async def test_every_row_gets_a_verdict_and_they_add_up(member: Member) -> None:
    rows = people(4)
    rows[1]["number"] = rows[1]["number"][:-1] + ("0" if rows[1]["number"][-1] != "0" else "1")
    rows[2]["mobile"] = ""
    loaded = await finish(member, workbook(rows))
    assert verdicts(loaded) == ["imported", "failed", "imported_with_warning", "imported"]
    finished = loaded.events[-1]
    assert (finished.rows, finished.imported, finished.failed, finished.unchanged) == (4, 3, 1, 0)
    assert finished.rows == finished.imported + finished.unchanged + finished.failed + finished.unprocessed
    assert await roster(member) == 3
    lacking = (await member.people.load(loaded.verdicts[2].person)).known
    assert lacking is not None
    assert lacking.missing == ("mobile",)


@pytest.mark.rule("MEM-09", "MEM-06")
async def test_the_same_file_again_changes_nothing(member: Member) -> None:
    content = workbook(people(5))
    await finish(member, content)
    again = await finish(member, content, "upload-2")
    assert verdicts(again) == ["unchanged"] * 5
    assert again.id != "upload-1"
    assert await roster(member) == 5


@pytest.mark.rule("MEM-09")
async def test_a_second_upload_while_the_first_runs_joins_it(member: Member) -> None:
    content = workbook(people(2))
    first = await member.upload(content, "upload-1")
    second = await member.upload(content, "upload-2", by="person-other")
    assert second == first
    unnamed = workbook(people(2, branch=""))
    own = [await member.upload(unnamed, branch, organization=branch) for branch in BRANCHES]
    assert len(set(own)) == len(BRANCHES)


@pytest.mark.rule("P2")
async def test_a_repeated_upload_with_the_same_key_is_the_same_import(member: Member) -> None:
    content = workbook(people(2))
    first = await member.upload(content)
    await member.work(first)
    assert await member.upload(content) == first


@pytest.mark.rule("MEM-10", "MEM-02")
async def test_a_number_held_by_another_branch_names_it_only_to_who_knows_name_and_number(member: Member) -> None:
    await finish(member, workbook(people(1, branch=FAR)), organization=OTHER_COUNTY)
    same, other = people(1)[0], people(1)[0] | {"name": "不同名"}
    right = await finish(member, workbook([same]), "upload-2")
    wrong = await finish(member, workbook([other]), "upload-3")
    assert codes(right) == [["number_registered_elsewhere"]]
    assert right.verdicts[0].faults[0].params == {"organization": FAR}
    assert codes(wrong) == [["number_registered"]]
    assert wrong.verdicts[0].faults[0].params == {}


@pytest.mark.rule("MEM-06")
async def test_a_development_number_taken_elsewhere_is_refused_and_so_is_its_twin_in_the_file(member: Member) -> None:
    await finish(member, workbook(people(1, branch=FAR)), organization=OTHER_COUNTY)
    rows = people(3)[1:]
    for row in rows:
        row.update(_development(0))
    loaded = await finish(member, workbook(rows), "upload-2")
    assert "development_number_taken" in codes(loaded)[0]
    assert verdicts(loaded) == ["failed", "failed"]
    faulty = people(2)[1] | _development(0) | {"mobile": "12"}
    assert codes(await finish(member, workbook([faulty]), "upload-3")) == [
        ["mobile_malformed", "development_number_taken"]
    ]


@pytest.mark.rule("MEM-24")
async def test_a_registered_member_entered_as_cadre_gets_a_position_and_stays_a_member(member: Member) -> None:
    await finish(member, workbook(people(1)))
    row = cadre_row(name="甲乙一", number=card(sequence="000"), positions="委员", political_status="共青团员")
    loaded = await finish(member, workbook([row], Template.CADRES), "upload-2", template=Template.CADRES)
    assert verdicts(loaded) == ["position_added"]
    person = await member.people.load(loaded.verdicts[0].person)
    assert person.known is not None
    assert (person.known.branch, person.known.positions) == (BRANCHES[0], frozenset({(COUNTY, "委员")}))
    again = await finish(member, workbook([row], Template.CADRES), "upload-3", template=Template.CADRES)
    assert verdicts(again) == ["unchanged"]


@pytest.mark.rule("MEM-24")
async def test_a_cadre_of_a_branch_comes_with_the_template_of_its_members(member: Member) -> None:
    row = people(1)[0] | {"positions": "书记、组织委员", "position_since": "2025-09-01"}
    loaded = await finish(member, workbook([row]))
    known = (await member.people.load(loaded.verdicts[0].person)).known
    assert known is not None
    assert (known.branch, known.positions) == (
        BRANCHES[0],
        frozenset({(BRANCHES[0], "书记"), (BRANCHES[0], "组织委员")}),
    )


@pytest.mark.rule("MEM-03", "MEM-24")
async def test_a_cadre_s_membership_is_of_a_direct_branch_or_the_one_they_have(member: Member) -> None:
    """A newcomer goes into a direct branch only; somebody registered must be in the branch that the row names."""
    await finish(member, workbook(people(1, branch=FAR)), organization=OTHER_COUNTY)
    there = cadre_row(
        name="甲乙一",
        number=card(sequence="000"),
        political_status="共青团员",
        is_member="是",
        branch=FAR,
        join_date="2022-05",
        development_number="202233000000",
    )
    newcomer = there | {"name": "甲乙二", "number": card(sequence="555"), "development_number": "202233000555"}
    elsewhere = there | {"branch": "外地团支部"}
    for row, told in ((newcomer, "branch_not_direct"), (elsewhere, "member_of_other_branch")):
        refused = await finish(member, workbook([row], Template.CADRES), told, template=Template.CADRES)
        assert codes(refused) == [[told]]
    loaded = await finish(member, workbook([there], Template.CADRES), "upload-4", template=Template.CADRES)
    assert verdicts(loaded) == ["position_added"]
    below = newcomer | {"branch": FIRST}
    entered = await finish(member, workbook([below], Template.CADRES), "upload-5", template=Template.CADRES)
    for row, branch in ((loaded, FAR_BRANCH), (entered, BRANCHES[0])):
        known = (await member.people.load(row.verdicts[0].person)).known
        assert known is not None
        assert (known.branch, known.positions) == (branch, frozenset({(COUNTY, "副书记")}))


@pytest.mark.rule("MEM-24", "MEM-06")
async def test_a_row_makes_no_member_of_a_registered_cadre_and_says_so(member: Member) -> None:
    row = cadre_row(number=card("20000101"), political_status="共青团员")
    await finish(member, workbook([row], Template.CADRES), template=Template.CADRES)
    joined = row | {"positions": "委员", "is_member": "是", "branch": FIRST, "join_date": "2016-05"}
    refused = await finish(member, workbook([joined], Template.CADRES), "upload-2", template=Template.CADRES)
    assert codes(refused) == [["registered_without_membership"]]
    loaded = await finish(
        member, workbook([row | {"positions": "委员"}], Template.CADRES), "upload-3", template=Template.CADRES
    )
    assert verdicts(loaded) == ["position_added"]
    known = (await member.people.load(loaded.verdicts[0].person)).known
    assert known is not None
    assert known.branch is None


@pytest.mark.rule("MEM-09")
async def test_failed_rows_come_back_and_go_in_once_they_are_mended(member: Member) -> None:
    rows = people(3)
    rows[1] |= {"number": "12345", "join_date": "十年前"}
    loaded = await finish(member, workbook(rows))
    returned = load_workbook(io.BytesIO(await member.imports.failed_rows(loaded)))
    sheet = returned["团员团干部"]
    table = [[c.value for c in row] for row in sheet.iter_rows()]
    header = next(i for i, row in enumerate(table) if "失败原因" in row)
    failed = [r for r in table[header + 1 :] if any(r)]
    reasons = failed[0][table[header].index("失败原因")]
    assert len(failed) == 1
    assert "[MEM-10] 证件号码：" in reasons
    assert "入团日期：" in reasons
    names = [str(h).rstrip("*+") for h in table[header]]
    sheet.cell(header + 2, names.index("证件号码") + 1).value = people(3)[1]["number"]
    sheet.cell(header + 2, names.index("入团日期") + 1).value = "2022-05"
    mended = io.BytesIO()
    returned.save(mended)
    again = await finish(member, mended.getvalue(), "upload-2")
    assert verdicts(again) == ["imported"]
    assert await roster(member) == 3


@pytest.mark.rule("MEM-09")
async def test_a_workbook_of_the_other_template_is_refused_whole(member: Member) -> None:
    with pytest.raises(WorkbookRefused) as refused:
        await member.upload(workbook([cadre_row()], Template.CADRES))
    assert "不可混用" in refused.value.sentence()
    assert await member.store.commits.count_documents({}) == 0


@pytest.mark.rule("P11")
async def test_nothing_of_a_workbook_lies_in_clear_in_any_collection(member: Member) -> None:
    rows = people(2)
    rows[0] |= {"name": "金丝雀", "mobile": "13900990099"}
    rows[1] |= {"number": "330102200803079999"}
    await finish(member, workbook(rows))
    client = member.store.driver.client
    namespace = member.store.database.name.removesuffix("member")
    found = ""
    for name in await client.list_database_names():
        if name.startswith(namespace):
            for collection in await client[name].list_collection_names():
                async for document in client[name][collection].find({}):
                    found += str(document)
    assert len(found) > 1_000
    for canary in ("金丝雀", "13900990099", rows[0]["number"], "330102200803079999", rows[0]["development_number"]):
        assert canary not in found


@pytest.mark.rule("P11")
async def test_after_thirty_days_the_file_is_gone_and_its_key_destroyed(member: Member) -> None:
    loaded = await finish(member, workbook(people(1)))
    member.clock.move(timedelta(days=30, seconds=1))
    assert await member.imports.expire_uploads() == 1
    with pytest.raises(WorkbookGone):
        await member.imports.failed_rows(await member.imports.load(loaded.id))
    assert await member.imports.expire_uploads() == 0


@pytest.mark.rule("MEM-09")
async def test_an_id_that_is_no_import_finds_none(member: Member) -> None:
    for import_id in ("import-00000000-0000-0000-0000-000000000000", "person-1", ""):
        with pytest.raises(domain.ImportNotFound):
            await member.imports.load(import_id)
