"""What became of an import, as its page asks for it: the counts, the rows, until when it can be taken back."""

import asyncio
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from bson import encode
from openpyxl import load_workbook

from services.member.domain.fields import LABELS, Template
from services.member.worker import ImportWorker
from tests.member.conftest import workbook
from tests.member.people import cadre_row, card
from tests.member.test_api import ADMIN, BRANCH, CADRE, COUNTY, SUPERIOR, World, row, world

__all__ = ["world"]


def member_of(sequence: int, **changes: Any) -> Any:
    return row(number=card(sequence=f"{sequence:03d}"), development_number=f"202233{sequence:06d}", **changes)


async def settled(world: World, rows: list[Any], organization: str, by: str, template: Template) -> str:
    """The id of an import whose worker has done all there is to do."""
    import_id = await uploaded(world, rows, organization, by, template)
    await work(world, import_id)
    return import_id


async def uploaded(world: World, rows: list[Any], organization: str, by: str, template: Template) -> str:
    files = {"file": ("名单.xlsx", workbook(rows, template))}
    data = {"organization": organization, "template": template.value}
    answer = await world.send("POST", "/v1/imports", by=by, files=files, data=data)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["stream"])


def worker_of(world: World) -> ImportWorker:
    [worker] = [loop for loop in world.service.loops if isinstance(loop, ImportWorker)]
    return worker


async def work(world: World, import_id: str) -> None:
    await worker_of(world)._work(import_id, asyncio.Event())
    await world.feed.catch_up()


@pytest.mark.rule("MEM-03", "MEM-06", "MEM-09", "MEM-24", "MEM-27")
async def test_the_counts_of_a_result_add_up_and_each_opens_its_rows(world: World) -> None:
    known = await world.enter(by=SUPERIOR, **member_of(301))
    rows = [member_of(301), member_of(302), member_of(303, mobile=""), member_of(304, email="x")]
    import_id = await settled(world, rows, BRANCH, SUPERIOR, Template.MEMBERS)
    shown = (await world.get(f"/v1/imports/{import_id}")).json()
    assert (shown["state"], shown["rows"], shown["settled"], shown["cancel_cause"]) == ("completed", 4, 4, None)
    assert (shown["imported"], shown["with_warning"], shown["unchanged"], shown["failed"]) == (2, 1, 1, 1)
    assert shown["imported"] + shown["unchanged"] + shown["failed"] == shown["rows"]
    assert shown["file_notes"] == ["尚无浙江省的号段数据，未核对号段"]
    finished, until = (datetime.fromisoformat(shown[name]) for name in ("finished_at", "withdrawable_until"))
    assert until - finished == timedelta(hours=72)
    for verdict, those in (("imported", [3, 4]), ("warning", [4]), ("unchanged", [2]), ("failed", [5])):
        page = (await world.get(f"/v1/imports/{import_id}/rows?verdict={verdict}")).json()
        assert ([item["row"] for item in page["items"]], page["total"]) == (those, len(those)), verdict
    assert page["items"][0]["faults"][0]["sentence"] == "电子邮箱不对"
    cadre = cadre_row(name=row()["name"], number=card(sequence="301"), political_status="共青团员", positions="委员")
    given = await settled(world, [cadre], COUNTY, SUPERIOR, Template.CADRES)
    shown = (await world.get(f"/v1/imports/{given}", SUPERIOR)).json()
    assert (shown["imported"], shown["positions_added"], shown["failed"]) == (1, 1, 0)
    page = (await world.get(f"/v1/imports/{given}/rows?verdict=imported", SUPERIOR)).json()
    assert [item["person"] for item in page["items"]] == [known]


def _names(page: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(item["row"], item["name"], item["number_masked"]) for item in page["items"]]


@pytest.mark.rule("MEM-09")
async def test_a_failed_row_says_whom_it_is_about_as_long_as_the_workbook_is_kept(world: World) -> None:
    good, masked = card(sequence="302"), card(sequence="301")[:4] + "*" * 12 + card(sequence="301")[-2:]
    rows = [
        member_of(301, name="欧阳甲", email="x"),
        row(name="司马乙", number=good[:-1] + ("0" if good[-1] != "0" else "1"), development_number="202233000302"),
        member_of(303, name="诸葛丙", mobile=""),
        member_of(304, name="慕容丁"),
        member_of(305, name="7"),
    ]
    import_id = await settled(world, rows, BRANCH, SUPERIOR, Template.MEMBERS)
    failed = (await world.get(f"/v1/imports/{import_id}/rows")).json()
    assert _names(failed)[:2] == [(2, "欧阳甲", masked), (3, "司马乙", "")]
    assert failed["items"][2]["name"] == ""
    warned = (await world.get(f"/v1/imports/{import_id}/rows?verdict=warning")).json()
    assert [(number, name) for number, name, _ in _names(warned)] == [(4, "诸葛丙")]
    imported = (await world.get(f"/v1/imports/{import_id}/rows?verdict=imported")).json()
    assert [name for _, name, _ in _names(imported)] == ["诸葛丙", ""]
    newest = (await world.get(f"/v1/imports/{import_id}")).json()["newest_failures"]
    assert [(item["row"], item["name"]) for item in newest] == [(6, ""), (3, "司马乙"), (2, "欧阳甲")]
    stored = [encode(d) async for d in world.parts.store.database["commits"].find({"stream": import_id})]
    assert stored
    secret = [str(r["name"]).encode() for r in rows[:4]] + [masked.encode(), card(sequence="301").encode()]
    assert not [d for d in stored if any(each in d for each in secret)]
    for path in ("rows", "rows?verdict=warning"):  # who may not download the failed rows is told nobody's name either
        read = (await world.get(f"/v1/imports/{import_id}/{path}", CADRE)).json()
        assert {(name, number) for _, name, number in _names(read)} == {("", "")}
    assert {
        each["name"] for each in (await world.get(f"/v1/imports/{import_id}", CADRE)).json()["newest_failures"]
    } == {""}
    world.parts.clock.move(timedelta(days=31))
    assert await worker_of(world)._imports.expire_uploads() == 1
    later = (await world.get(f"/v1/imports/{import_id}/rows")).json()
    assert _names(later) == [(2, "", ""), (3, "", ""), (6, "", "")]
    assert [item["faults"] for item in later["items"]] == [item["faults"] for item in failed["items"]]


@pytest.mark.rule("MEM-09")
async def test_the_reasons_of_a_result_are_counted_and_each_opens_its_rows_page_by_page(world: World) -> None:
    bad_mail = [member_of(number, email="x") for number in range(301, 304)]
    repeated = [member_of(304), {**member_of(304), "development_number": "202233999304"}, member_of(304, email="x")]
    import_id = await settled(world, bad_mail + repeated, BRANCH, SUPERIOR, Template.MEMBERS)
    reasons = (await world.get(f"/v1/imports/{import_id}/reasons")).json()["items"]
    assert [(r["reason"], r["column"], r["rows"]) for r in reasons] == [
        ("email.email_malformed", "电子邮箱", 4),
        ("number.number_repeated", "证件号码", 2),
        ("development_number.development_number_repeated", "发展团员编号", 1),
    ]
    assert reasons[1]["sentence"] == "身份证号重复：与本表第…行相同"
    assert (await world.get(f"/v1/imports/{import_id}/reasons?verdict=warning")).json()["items"] == []
    narrowed = f"/v1/imports/{import_id}/rows?reason={reasons[0]['reason']}&limit=3"
    first = (await world.get(narrowed)).json()
    assert ([item["row"] for item in first["items"]], first["total"]) == ([2, 3, 4], 4)
    second = (await world.get(f"{narrowed}&cursor={first['next']}")).json()
    assert ([item["row"] for item in second["items"]], second["total"], second["next"]) == ([7], 4, None)
    other = await world.get(f"/v1/imports/{import_id}/rows?reason={reasons[1]['reason']}&cursor={first['next']}")
    assert (other.status_code, other.json()["code"]) == (400, "cursor_expired")
    assert (await world.get(f"/v1/imports/{import_id}/rows?reason=email.nothing")).json()["items"] == []


@pytest.mark.rule("MEM-27", "MEM-02", "MEM-20")
async def test_a_membership_taken_back_is_off_the_lists_and_its_number_finds_nobody(world: World) -> None:
    who = {"name": "甲乙一", "number": card(sequence="301"), "political_status": "共青团员", "education": "高中在读"}
    cadre = cadre_row(mobile="13800001234", **who)
    one = (await world.send("POST", f"/v1/organizations/{COUNTY}/cadres", cadre, by=SUPERIOR)).json()["stream"]
    import_id = await settled(world, [row(**who)], BRANCH, SUPERIOR, Template.MEMBERS)
    members, cadres = f"/v1/organizations/{BRANCH}/members", f"/v1/organizations/{COUNTY}/cadres"
    found = f"/v1/people?development_number={row()['development_number']}"
    for is_member, those, status in ((True, [one], 200), (False, [], 404)):
        assert [item["person"] for item in (await world.get(members)).json()["items"]] == those
        listed = (await world.get(cadres, SUPERIOR)).json()["items"]
        assert [(item["person"], item["is_member"]) for item in listed] == [(one, is_member)]
        assert (await world.get(found, SUPERIOR)).status_code == status
        if is_member:
            await world.send("POST", f"/v1/imports/{import_id}/withdrawal", by=SUPERIOR)
            assert (await world.get(f"/v1/imports/{import_id}")).json()["state"] == "withdrawing"
            await work(world, import_id)
    shown = (await world.get(f"/v1/imports/{import_id}")).json()
    assert (shown["state"], shown["withdrawal"]["members_ended"], shown["withdrawal"]["kept"]) == ("withdrawn", 1, 0)


@pytest.mark.rule("MEM-27", "MEM-03")
async def test_a_stopped_import_tells_whether_somebody_stopped_it_or_its_uploader_lost_the_right(world: World) -> None:
    for at, cause in enumerate(("asked", "authority_lost")):
        import_id = await uploaded(world, [member_of(301 + at)], BRANCH, SUPERIOR, Template.MEMBERS)
        if cause == "asked":
            await world.send("POST", f"/v1/imports/{import_id}/cancel")
        else:
            await world.rights.nothing(SUPERIOR)
        await work(world, import_id)
        shown = (await world.get(f"/v1/imports/{import_id}")).json()
        assert (shown["state"], shown["cancel_cause"], shown["unprocessed"]) == ("cancelled", cause, 1)


@pytest.mark.rule("MEM-27")
async def test_a_withdrawal_stopped_for_lack_of_a_right_leaves_the_import_as_it_was(world: World) -> None:
    import_id = await settled(world, [member_of(301)], BRANCH, SUPERIOR, Template.MEMBERS)
    await world.send("POST", f"/v1/imports/{import_id}/withdrawal", by=SUPERIOR)
    await world.rights.nothing(SUPERIOR)
    await work(world, import_id)
    shown = (await world.get(f"/v1/imports/{import_id}")).json()
    assert (shown["state"], shown["withdrawal"], shown["imported"]) == ("completed", None, 1)


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize(
    ("template", "sheet", "own", "other"),
    [("members", "团员团干部", "branch", "appointment_kind"), ("cadres", "本级团干部", "appointment_kind", "hobbies")],
)
async def test_each_template_can_be_downloaded(world: World, template: str, sheet: str, own: str, other: str) -> None:
    answer = await world.get(f"/v1/templates/{template}.xlsx?category=committee")
    assert answer.status_code == 200
    cells = [str(c.value) for line in load_workbook(io.BytesIO(answer.content))[sheet].iter_rows() for c in line]
    assert any(cell.startswith(LABELS[own]) for cell in cells)
    assert LABELS[other] not in cells


@pytest.mark.rule("MEM-09", "MEM-10")
async def test_a_name_that_cannot_be_read_is_not_said_to_differ_from_the_one_that_is_registered(world: World) -> None:
    await world.enter(by=SUPERIOR, **member_of(301, name="欧阳甲"))
    rows = [member_of(301, name="欧阳7"), member_of(301, name="欧阳乙")]
    import_id = await settled(world, rows, BRANCH, SUPERIOR, Template.MEMBERS)
    failed = (await world.get(f"/v1/imports/{import_id}/rows")).json()["items"]
    assert [[fault["code"] for fault in item["faults"]] for item in failed] == [
        ["name_with_digits"],
        ["number_registered"],
    ]


@pytest.mark.rule("MEM-27")
async def test_a_withdrawal_is_called_off_by_who_asked_or_the_superior_and_nobody_else(world: World) -> None:
    rows = [member_of(number) for number in range(301, 402)]
    import_id = await settled(world, rows, BRANCH, ADMIN, Template.MEMBERS)
    path = f"/v1/imports/{import_id}/withdrawal"
    for asked_by, tries in ((SUPERIOR, ((ADMIN, 403), (CADRE, 403), (SUPERIOR, 200))), (ADMIN, ((ADMIN, 200),))):
        assert (await world.send("POST", path, by=asked_by)).status_code == 200
        assert (await world.get(f"/v1/imports/{import_id}")).json()["withdrawal"]["requested_by"] == asked_by
        for by, status in tries:
            assert (await world.send("POST", f"{path}/cancel", by=by)).status_code == status, by
        assert (await world.get(f"/v1/imports/{import_id}")).json()["withdrawal"] is None
