"""Entering people singly, filling records, revealing, history: through the real store and vault."""

from typing import Any

import pytest

from services.member import views
from services.member.domain import person as domain
from services.member.domain.events import RecordFilled
from services.member.domain.fields import Template
from services.member.use_cases.people import ACCESS_LOG
from shared.kernel.envelope import Actor, Request
from shared.kernel.refusals import FormFaulty, IdempotencyKeyReused, Refusal
from tests.member.conftest import BRANCHES, COUNTY, FAR_BRANCH, OTHER_COUNTY, Member
from tests.member.people import cadre_row, card, member_row

FIRST, SECOND = "遂昌县第0支部", "遂昌县第1支部"


def by(key: str, organization: str = COUNTY, body: str = "") -> Request:
    return Request(Actor("person-admin", organization), key, body)


async def enter(member: Member, key: str = "enter-1", organization: str = COUNTY, **changes: Any) -> str:
    row = member_row(branch=FIRST) | changes
    return (await member.people.enter(by(key, organization), organization, Template.MEMBERS, row)).stream


@pytest.mark.rule("MEM-03")
async def test_a_superior_enters_a_member_into_its_direct_subordinate_branch(member: Member) -> None:
    person = await member.people.load(await enter(member))
    assert person.known is not None
    assert person.known.branch == BRANCHES[0]


@pytest.mark.rule("MEM-03")
async def test_a_branch_enters_its_own_members_without_naming_itself(member: Member) -> None:
    person = await member.people.load(await enter(member, organization=BRANCHES[1], branch=""))
    assert person.known is not None
    assert person.known.branch == BRANCHES[1]


@pytest.mark.rule("MEM-02")
@pytest.mark.rule("MEM-03")
async def test_nobody_is_entered_into_a_branch_of_somebody_else_or_into_a_committee(member: Member) -> None:
    for branch in ("松阳县第一支部", "共青团遂昌县委员会"):
        with pytest.raises(FormFaulty) as refused:
            await enter(member, branch=branch)
        assert [f.field for f in refused.value.faults] == ["branch"]
    assert await member.store.commits.count_documents({}) == 0


@pytest.mark.rule("MEM-03")
async def test_a_new_member_of_a_branch_further_down_or_elsewhere_is_not_entered_as_a_cadre(member: Member) -> None:
    row = cadre_row(
        number=card("20000101"), political_status="共青团员", is_member="是", branch="外地团支部", join_date="2016-05"
    )
    with pytest.raises(FormFaulty) as refused:
        await member.people.enter(by("cadre-1"), COUNTY, Template.CADRES, row)
    assert [(f.field, f.code, f.rule) for f in refused.value.faults] == [("branch", "branch_not_direct", "MEM-03")]
    assert await member.store.commits.count_documents({}) == 0


@pytest.mark.rule("MEM-24")
async def test_a_registered_member_entered_as_cadre_must_be_of_the_branch_that_is_named(member: Member) -> None:
    """As a row of the workbook is judged: a position beside a wrong branch would look like a transfer."""
    await enter(member, organization=FAR_BRANCH, branch="")
    there = cadre_row(
        name="张三",
        number=card(),
        political_status="共青团员",
        is_member="是",
        join_date="2022-05",
        development_number="202233000001",
    )
    for key, branch in (("cadre-1", "外地团支部"), ("cadre-2", FIRST)):
        with pytest.raises(FormFaulty) as refused:
            await member.people.enter(by(key), COUNTY, Template.CADRES, there | {"branch": branch})
        assert [(f.code, f.rule) for f in refused.value.faults] == [("member_of_other_branch", "MEM-24")]
    row = there | {"branch": "松阳县第一支部"}
    person = (await member.people.enter(by("cadre-3"), COUNTY, Template.CADRES, row)).stream
    known = (await member.people.load(person)).known
    assert known is not None
    assert (known.branch, known.positions) == (FAR_BRANCH, {(COUNTY, "副书记")})


@pytest.mark.rule("MEM-03")
async def test_nobody_is_entered_into_a_branch_that_is_being_closed(member: Member) -> None:
    await enter(member)
    await member.store.database["rosters"].update_one({"_id": BRANCHES[0]}, {"$set": {"state": "closing"}})
    with pytest.raises(Refusal) as refused:
        await enter(member, "enter-2", number=card(sequence="555"), development_number="202233000555")
    assert (refused.value.code, refused.value.rule) == ("branch_closing", "MEM-03")


@pytest.mark.rule("MEM-01")
async def test_a_form_is_told_all_its_faults_at_once(member: Member) -> None:
    with pytest.raises(FormFaulty) as refused:
        await enter(member, name="", number="123", join_date="昨天", mobile="12")
    assert {f.field for f in refused.value.faults} >= {"name", "number", "join_date", "mobile"}
    assert all(f.rule.startswith("MEM-") and f.sentence() for f in refused.value.faults)


@pytest.mark.rule("MEM-10")
async def test_a_registered_number_is_refused_and_its_place_is_named_only_to_who_knows_the_name(member: Member) -> None:
    await enter(member, organization=FAR_BRANCH, branch="")
    with pytest.raises(domain.NumberAlreadyRegistered) as known:
        await enter(member, "enter-2")
    with pytest.raises(domain.NumberAlreadyRegistered) as stranger:
        await enter(member, "enter-3", name="王五")
    assert "松阳县第一支部" in known.value.sentence()
    assert "松阳县第一支部" not in stranger.value.sentence()


@pytest.mark.rule("MEM-10")
async def test_one_number_on_two_kinds_of_documents_is_of_two_people(member: Member) -> None:
    own = {"number": "12345678", "birth_date": "2008-03-07"}
    passport = await enter(member, document_kind="护照", **own)
    other = {"document_kind": "台湾居民来往大陆通行证", "development_number": "202233000555"}
    assert await enter(member, "enter-2", **own, **other) != passport
    with pytest.raises(domain.NumberAlreadyRegistered):
        await enter(member, "enter-3", **own, document_kind="护照", development_number="202233000556")


@pytest.mark.rule("MEM-06")
async def test_a_development_number_taken_anywhere_in_the_country_is_refused(member: Member) -> None:
    await enter(member, organization=FAR_BRANCH, branch="")
    with pytest.raises(Refusal) as refused:
        await enter(member, "enter-2", number=card(sequence="555"))
    assert refused.value.code == "development_number_taken"


@pytest.mark.rule("P2")
async def test_a_repeated_entry_gives_the_first_answer(member: Member) -> None:
    assert await enter(member) == await enter(member)
    assert await member.store.commits.count_documents({}) == 1


@pytest.mark.rule("MEM-02", "MEM-24")
async def test_a_registered_person_entered_as_cadre_gets_one_more_position_and_nothing_else(member: Member) -> None:
    person = await enter(member)
    before = await member.people.load(person)
    row = cadre_row(name="张三", number=card(), positions="委员", political_status="共青团员")
    for organization in (COUNTY, OTHER_COUNTY):
        answer = await member.people.enter(
            by(f"cadre-{organization}", organization), organization, Template.CADRES, row
        )
        assert answer.stream == person
    after = await member.people.load(person)
    assert after.known is not None
    assert after.known.positions == {(COUNTY, "委员"), (OTHER_COUNTY, "委员")}
    assert (after.known.branch, after.record) == (BRANCHES[0], before.record)


@pytest.mark.rule("MEM-24", "MEM-10")
async def test_the_number_of_somebody_of_another_name_gets_no_position(member: Member) -> None:
    person = await enter(member)
    with pytest.raises(domain.NumberAlreadyRegistered) as refused:
        await member.people.enter(by("cadre-1"), COUNTY, Template.CADRES, cadre_row(number=card()))
    assert FIRST not in refused.value.sentence()
    assert (await member.people.load(person)).version == 1


@pytest.mark.rule("MEM-24", "MEM-06")
async def test_a_position_makes_no_member_of_a_registered_cadre(member: Member) -> None:
    """A membership that began beside a position would have neither join date nor a claimed development number."""
    person = (await member.people.enter(by("cadre-1"), COUNTY, Template.CADRES, cadre_row())).stream
    row = cadre_row(
        positions="委员",
        political_status="共青团员",
        is_member="是",
        branch=FIRST,
        join_date="2016-05",
    )
    with pytest.raises(FormFaulty) as refused:
        await member.people.enter(by("cadre-2"), COUNTY, Template.CADRES, row)
    assert [(f.field, f.code, f.rule) for f in refused.value.faults] == [
        ("is_member", "registered_without_membership", "MEM-24")
    ]
    row["is_member"] = row["branch"] = row["join_date"] = ""
    assert (await member.people.enter(by("cadre-3"), COUNTY, Template.CADRES, row)).stream == person
    known = (await member.people.load(person)).known
    assert known is not None
    assert (known.branch, known.positions) == (None, {(COUNTY, "副书记"), (COUNTY, "委员")})


BOTH: dict[str, Any] = {"name": "李四", "number": card("20000101"), "political_status": "共青团员", "education": "本科"}
"""What forms of one person say alike, as a cadre and as a member."""


@pytest.mark.rule("MEM-03", "MEM-06", "MEM-02")
async def test_a_registered_cadre_becomes_a_member_with_join_date_and_number(member: Member) -> None:
    """Who registered by a code to lead a branch is most often one of its members."""
    cadre = cadre_row(positions="书记", mobile="13800001234") | BOTH | {"education": ""}
    person = (await member.people.enter(by("cadre-1"), COUNTY, Template.CADRES, cadre)).stream
    row = member_row(branch=FIRST, positions="书记", position_since="2024-09-01", **BOTH)
    answer = await member.people.enter(by("member-1"), COUNTY, Template.MEMBERS, row)
    assert (answer.stream, answer.version) == (person, 2)
    assert (await member.people.enter(by("member-1"), COUNTY, Template.MEMBERS, row)).version == 2
    loaded = await member.people.load(person)
    assert loaded.known is not None
    assert loaded.record is not None
    assert (loaded.known.branch, loaded.record.join_date) == (BRANCHES[0], "2022-05")
    assert (loaded.known.missing, loaded.record.education) == ((), "本科")
    filled = [set(e.fields) for _, e, _ in await member.records.history(person) if isinstance(e, RecordFilled)]
    assert filled == [{"education", "join_date", "development_number"}]
    assert loaded.known.positions == {(COUNTY, "书记"), (BRANCHES[0], "书记")}
    assert await member.store.database["rosters"].find_one({"_id": BRANCHES[0]}, {"_id": 0, "members": 1}) == {
        "members": 1
    }
    with pytest.raises(domain.DevelopmentNumberTaken):
        await enter(member, "enter-2", name="王五")
    with pytest.raises(domain.NumberAlreadyRegistered) as refused:
        await member.people.enter(by("member-2"), COUNTY, Template.MEMBERS, row)
    assert FIRST in refused.value.sentence()


@pytest.mark.rule("MEM-03", "MEM-10")
@pytest.mark.parametrize("other", [{"name": "李五"}, {"mobile": "13900009999"}])
async def test_a_cadre_of_another_name_or_with_other_data_becomes_no_member(
    member: Member, other: dict[str, str]
) -> None:
    cadre = cadre_row(mobile="13800001234") | BOTH
    person = (await member.people.enter(by("cadre-1"), COUNTY, Template.CADRES, cadre)).stream
    row = member_row(branch=FIRST, **BOTH) | other
    with pytest.raises(domain.NumberAlreadyRegistered):
        await member.people.enter(by("member-1"), COUNTY, Template.MEMBERS, row)
    assert (await member.people.load(person)).version == 1


@pytest.mark.rule("MEM-24")
async def test_a_position_held_already_is_no_new_fact(member: Member) -> None:
    row = cadre_row()
    first = await member.people.enter(by("cadre-1"), COUNTY, Template.CADRES, row)
    again = await member.people.enter(by("cadre-2"), COUNTY, Template.CADRES, row)
    assert (again.stream, again.version, again.events) == (first.stream, first.version, ())


@pytest.mark.rule("MEM-23")
async def test_missing_fields_are_filled_and_nothing_else_is(member: Member) -> None:
    person = await enter(member, mobile="", education="")
    loaded = await member.people.load(person)
    assert loaded.known is not None
    assert set(loaded.known.missing) == {"mobile", "education"}
    await member.people.fill(by("fill-1"), person, {"mobile": "13800001234"})
    loaded = await member.people.load(person)
    assert loaded.known is not None
    assert loaded.known.missing == ("education",)
    assert loaded.record is not None
    assert loaded.record.mobile == "13800001234"
    with pytest.raises(domain.FieldNotMissing):
        await member.people.fill(by("fill-2"), person, {"mobile": "13900001234"})
    with pytest.raises(domain.FieldNotMissing):
        await member.people.fill(by("fill-3"), person, {"name": "换名"})
    with pytest.raises(FormFaulty):
        await member.people.fill(by("fill-4"), person, {"education": "文凭"})


@pytest.mark.rule("MEM-20")
async def test_the_history_tells_what_when_by_whom_and_masks_numbers(member: Member) -> None:
    person = await enter(member, mobile="")
    await member.people.fill(by("fill-1"), person, {"mobile": "13800001234"})
    lines = views.history(await member.records.history(person), {BRANCHES[0]: FIRST, COUNTY: "县委"})
    assert [line["what"] for line in lines] == ["补填资料", f"成为“{FIRST}”的团员", "录入个人资料"]
    assert lines[0]["changes"] == [{"field": "mobile", "label": "手机号码", "before": "", "after": "138****1234"}]
    assert {(line["by"], line["organization_name"]) for line in lines} == {("person-admin", "县委")}
    assert card() not in str(lines)


@pytest.mark.rule("OPS-01")
async def test_a_revealed_value_leaves_an_entry_with_its_reason(member: Member) -> None:
    person = await enter(member)
    assert await member.people.reveal(by("reveal-1"), person, "number", "核对入团志愿书") == card()
    entries = await member.store.database[ACCESS_LOG].find({}).to_list(None)
    assert [(e["person"], e["field"], e["reason"], e["principal"]) for e in entries] == [
        (person, "number", "核对入团志愿书", "person-admin")
    ]
    assert card() not in str(entries)


@pytest.mark.rule("OPS-01")
async def test_one_key_reveals_one_value_for_one_reason(member: Member) -> None:
    person = await enter(member)
    await member.people.reveal(by("reveal-1"), person, "mobile", "通知开会")
    for field, reason in (("number", "通知开会"), ("mobile", "好奇")):
        with pytest.raises(IdempotencyKeyReused):
            await member.people.reveal(by("reveal-1"), person, field, reason)
    await member.people.reveal(by("reveal-1"), person, "mobile", "通知开会")
    entries = await member.store.database[ACCESS_LOG].find({}).to_list(None)
    assert [(e["field"], e["reason"]) for e in entries] == [("mobile", "通知开会")]


@pytest.mark.rule("X14")
async def test_nobody_is_found_under_an_id_that_is_none(member: Member) -> None:
    for person in ("person-x", "import-1", "", "person-00000000-0000-0000-0000-000000000000"):
        with pytest.raises(domain.PersonNotFound):
            await member.people.load(person)
