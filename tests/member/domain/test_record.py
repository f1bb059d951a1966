"""The rest of a record, all faults at once, completeness (MEM-01, MEM-23, MEM-24)."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.member.domain.fault_texts import FAULTS
from services.member.domain.faults import Fault
from services.member.domain.fields import LABELS, MARKS, Mark, Template
from services.member.domain.person_record import Income
from services.member.domain.record import judge_record
from services.member.reference import vocabularies
from services.member.reference.positions import POSITIONS
from tests.member.people import BRANCH, Place, cadre_row, cadres, card, codes, member_row, members


@pytest.mark.rule("MEM-01")
def test_all_faults_of_a_row_are_told_at_once():
    row = member_row(
        name="张3",
        number="330102",
        political_status="党派",
        education="高小",
        join_date="19-5",
        mobile="123",
        email="x",
    )
    assert {field for field, _ in codes(judge_record(row, members()))} == {
        "name",
        "number",
        "political_status",
        "education",
        "join_date",
        "mobile",
        "email",
    }


@pytest.mark.rule("MEM-01")
def test_an_empty_row_lacks_exactly_what_is_required():
    assert codes(judge_record({}, members())) == [
        ("name", "missing"),
        ("number", "missing"),
        ("political_status", "missing"),
        ("branch", "missing"),
        ("join_date", "missing"),
    ]
    marked = {kind: {field for field, mark in MARKS[kind].items() if mark is Mark.REQUIRED} for kind in Template}
    assert marked[Template.MEMBERS] == {"name", "number", "political_status", "branch"}
    assert {field for field, _ in codes(judge_record({}, cadres()))} == marked[Template.CADRES]


@pytest.mark.rule("MEM-01")
def test_every_field_of_a_form_is_in_the_record():
    typed = {
        "name": "张三",
        "number": card(),
        "ethnicity": "汉族",
        "political_status": "共青团员",
        "education": "高中在读",
        "join_date": "2022-05",
        "join_place": "示例县第一中学",
        "development_number": "202233000001",
        "mobile": "13800001234",
        "email": "a.b@example.cn",
        "work_or_school": "示例县第一中学",
        "occupation": "学生",
        "emergency_contact": "李四",
        "emergency_phone": "0571-88888888",
        "hobbies": "篮球",
        "remark": "走读",
    }
    record = judge_record(typed | {"branch": BRANCH.full_name, "income": "学生"}, members()).record
    found = record.model_dump()
    assert {field: found[field] for field in typed} == typed
    assert (record.branch, record.sex, record.birth_date) == (BRANCH.id, "男", date(2008, 3, 7))
    assert (record.document_kind, record.income) == ("居民身份证", Income(kind="student"))
    assert (record.is_member, record.positions) == (True, ())


@pytest.mark.rule("MEM-01")
@pytest.mark.parametrize(
    ("field", "most", "code"),
    [
        ("name", 50, "name_length"),
        ("join_place", 100, "too_long"),
        ("work_or_school", 100, "too_long"),
        ("hobbies", 200, "too_long"),
        ("remark", 200, "too_long"),
    ],
)
def test_a_text_has_as_many_characters_as_it_may_and_no_more(field, most, code):
    assert getattr(judge_record(member_row(**{field: "字" * most}), members()).record, field) == "字" * most
    assert codes(judge_record(member_row(**{field: "字" * (most + 1)}), members())) == [(field, code)]


@pytest.mark.rule("MEM-01")
@pytest.mark.parametrize(
    ("field", "written", "stored"),
    [
        ("ethnicity", "汉", "汉族"),
        ("ethnicity", "维吾尔", "维吾尔族"),
        ("ethnicity", "穿青人", "穿青人"),
        ("education", "大学本科", "本科"),
        ("education", "本科毕业", "本科"),
        ("education", "大学本科（在读）", "本科在读"),
        ("education", "本科(在读)", "本科在读"),
        ("education", "专科在读", "大专在读"),
        ("education", "硕士研究生", "硕士"),
        ("education", "研究生在读", "硕士在读"),
        ("education", "职高", "中专"),
        ("political_status", "预备党员", "中共预备党员"),
        ("occupation", "学生", "学生"),
        ("mobile", "+86 138-0000-1234", "13800001234"),
        ("mobile", 13800001234.0, "13800001234"),
        ("mobile", "+852 9123 4567", "+85291234567"),
        ("mobile", "'+85291234567", "+85291234567"),
        ("email", "a.b@example.cn", "a.b@example.cn"),
        ("remark", "第一行\n第二行", "第一行 第二行"),
        ("income", "学生", Income(kind="student")),
        ("income", "无固定收入", Income(kind="none")),
        ("income", "3,500.50元", Income(kind="amount", amount_fen=350050)),
        ("income", 4200.1, Income(kind="amount", amount_fen=420010)),
        ("income", 0.0, Income(kind="amount", amount_fen=0)),
    ],
)
def test_accepted_spellings_are_stored_in_one_form(field, written, stored):
    assert getattr(judge_record(member_row(**{field: written}), members()).record, field) == stored


@pytest.mark.rule("MEM-01")
@pytest.mark.parametrize(
    ("field", "written", "code"),
    [
        ("ethnicity", "汉族人", "not_in_list"),
        ("ethnicity", "地球人", "not_in_list"),
        ("education", "小学在读", "not_in_list"),
        ("sex", "M", "not_in_list"),
        ("occupation", "明星", "not_in_list"),
        ("mobile", "1380000123", "mobile_malformed"),
        ("mobile", "12800001234", "mobile_malformed"),
        ("mobile", 1.38e15, "mobile_malformed"),
        ("email", "a@b", "email_malformed"),
        ("email", "a b@example.cn", "email_malformed"),
        ("work_or_school", "学" * 101, "too_long"),
        ("remark", "字" * 201, "too_long"),
        ("income", "-1", "income_malformed"),
        ("income", "3500.555", "income_malformed"),
        ("income", "NaN", "income_malformed"),
        ("income", float("nan"), "income_malformed"),
        ("mobile", float("inf"), "mobile_malformed"),
        ("join_date", float("nan"), "date_unreadable"),
        ("join_date", float("-inf"), "date_unreadable"),
        ("number", float("inf"), "number_malformed"),
        ("income", "Infinity", "income_malformed"),
        ("income", "1e99", "income_malformed"),
        ("income", "三千", "income_malformed"),
        ("emergency_contact", "李四", "emergency_incomplete"),
        ("emergency_phone", "13800001234", "emergency_incomplete"),
    ],
)
def test_what_is_not_in_the_list_or_malformed_is_a_fault(field, written, code):
    assert code in [found for _, found in codes(judge_record(member_row(**{field: written}), members()))]


@pytest.mark.rule("MEM-01")
def test_emergency_contact_is_a_name_and_a_phone_mobile_or_landline():
    for phone in ("13800001234", "0571-88888888", "(0571)88888888", "+85291234567"):
        judged = judge_record(member_row(emergency_contact="李四", emergency_phone=phone), members())
        assert judged.faults == (), phone
    assert codes(judge_record(member_row(emergency_contact="李四", emergency_phone="abc"), members())) == [
        ("emergency_phone", "phone_malformed")
    ]


@pytest.mark.rule("MEM-24")
def test_several_positions_stand_in_one_cell_and_each_must_be_of_the_list():
    held = member_row(positions="书记、组织委员", position_since="2025-09-01")
    assert [position.title for position in judge_record(held, members()).record.positions] == ["书记", "组织委员"]
    assert codes(judge_record(held | {"positions": "书记、常委"}, members())) == [("positions", "position_not_in_list")]
    assert codes(judge_record(held | {"positions": "书记、书记"}, members())) == [("positions", "position_twice")]
    assert codes(judge_record(member_row(positions="书记"), members())) == [("position_since", "missing")]


@pytest.mark.rule("MEM-24")
@pytest.mark.parametrize("category", [name for name in POSITIONS if name != "branch"])
def test_each_category_of_organization_has_its_own_positions(category):
    scope = cadres(own=Place("organization-own", "示例团组织", category, "浙江省"))
    for title in POSITIONS["leading_body"]:
        judged = judge_record(cadre_row(positions=title), scope)
        assert (judged.faults == ()) == (title in POSITIONS[category]), (category, title)


@pytest.mark.rule("MEM-24")
def test_a_cadre_is_entered_with_kind_and_date_of_appointment():
    record = judge_record(cadre_row(), cadres()).record
    assert [(p.title, p.kind, p.since.isoformat()) for p in record.positions] == [("副书记", "专职", "2023-09-01")]
    assert record.is_member is False
    assert ("appointment_kind", "missing") in codes(judge_record(cadre_row(appointment_kind=""), cadres()))
    assert ("appointment_kind", "not_in_list") in codes(judge_record(cadre_row(appointment_kind="全职"), cadres()))
    assert ("position_since", "missing") in codes(judge_record(cadre_row(position_since=""), cadres()))
    tomorrow = judge_record(cadre_row(position_since="2026-11-23"), cadres())
    assert codes(tomorrow) == [("position_since", "date_in_future")]
    assert judge_record(cadre_row(position_since="2026-11-22"), cadres()).faults == ()


def test_a_date_of_appointment_without_a_position_is_a_warning():
    judged = judge_record(member_row(position_since="2025-01-01"), members())
    assert [warning.code for warning in judged.warnings] == ["since_without_position"]
    assert judged.record.positions == ()


@pytest.mark.rule("MEM-01")
def test_the_lists_are_the_national_ones():
    assert len(vocabularies.ETHNIC_GROUPS) == len(set(vocabularies.ETHNIC_GROUPS)) == 56
    assert len(vocabularies.EDUCATION) == 15
    assert len(vocabularies.OCCUPATIONS) == 14
    assert set(LABELS) >= set(MARKS[Template.MEMBERS]) | set(MARKS[Template.CADRES])


@pytest.mark.rule("P11")
def test_no_fault_repeats_what_was_typed():
    """Faults are stored with an import's verdicts in clear: a value in one would be personal data for ever."""
    row = {field: f"秘密{at}canary" for at, field in enumerate(LABELS)}
    for scope in (members(), cadres()):
        judged = judge_record(row, scope)
        assert "canary" not in "".join(fault.line + str(fault.params) for fault in (*judged.faults, *judged.warnings))


def test_every_fault_text_can_be_filled():
    class Any(dict):
        def __missing__(self, key):
            return key

    for code, text in FAULTS.items():
        assert text.what.format_map(Any())
        assert text.rule
        assert not set(text.what + text.way_out) & set(",;:?"), code
    assert Fault("missing", "name").line == "[MEM-01] 姓名：未填写；请补填后重新提交"


anything = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.timedeltas(),
    st.times(),
)


@pytest.mark.rule("P13")
@settings(deadline=None)
@given(row=st.dictionaries(st.sampled_from(sorted(LABELS)), anything))
def test_nothing_that_can_stand_in_a_cell_makes_judging_fail(row):
    for scope in (members(), cadres()):
        judged = judge_record(row, scope)
        assert (judged.record is None) == bool(judged.faults)
