"""MEM-10: who somebody is."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

from services.member.domain import names
from services.member.domain.identity_number import take_apart
from services.member.domain.record import judge_record
from shared.kernel.check_digit import check_digit
from tests.member.people import card, codes, member_row, members


def judged_number(number, **changes):
    return judge_record(member_row(number=number, **changes), members())


@pytest.mark.rule("MEM-10")
@settings(deadline=None)
@given(
    birth=st.dates(date(1930, 1, 1), date(2026, 1, 1)),
    sequence=st.integers(1, 999),
    last=st.sampled_from("0123456789X"),
)
def test_check_digit_agrees_with_an_independent_checker(birth, sequence, last):
    number = f"330102{birth:%Y%m%d}{sequence:03}{last}"
    assert take_apart(number).check_digit_right == (ric.calc_check_digit(number) == last)
    assert take_apart(number).birth_date == birth
    assert take_apart(number).sex == ("男" if sequence % 2 else "女")


@pytest.mark.rule("MEM-10")
@settings(deadline=None)
@given(number=st.from_regex(r"3301022008030712[1-9]", fullmatch=True), place=st.integers(0, 16), step=st.integers(1, 9))
def test_every_single_wrong_digit_is_found(number, place, step):
    whole = number + check_digit(number)
    wrong = whole[:place] + str((int(whole[place]) + step) % 10) + whole[place + 1 :]
    assert not take_apart(wrong).check_digit_right


@pytest.mark.rule("MEM-10", "MEM-09")
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (card()[:17] + "０", "number_check_digit"),
        (card()[:17], "number_length"),
        (card() + "1", "number_length"),
        ("330102080307123", "number_old_15_digits"),
        ("33010220080307A234", "number_malformed"),
        (card(birth="20080230"), "number_birth_date"),
        (card(district="990102"), "number_province"),
        (card(birth="20080307", sequence="123")[:15] + "000", "number_digits_lost"),
        ("3.30102E+17", "number_in_scientific_notation"),
        (330102200803071234.0, "number_in_scientific_notation"),
        (330102200803071234, "number_in_scientific_notation"),
        ("11010120050701000X", "number_of_example"),
        ("", "missing"),
    ],
)
def test_each_fault_of_a_number_has_its_own_message(number, code):
    judged = judged_number(number)
    assert ("number", code) in codes(judged)
    assert judged.record is None
    assert judged.document is None


@pytest.mark.rule("MEM-09", "MEM-10")
def test_a_rounded_number_is_never_guessed_even_if_what_is_left_would_check():
    """Somebody else's number could come out right after rounding: one in eleven does."""
    rounded = next(number for day in range(1, 29) if (number := card(f"200803{day:02}", "100")).endswith("0"))
    assert judged_number(rounded).record is not None
    assert codes(judged_number(float(rounded))) == [("number", "number_in_scientific_notation")]


@pytest.mark.rule("MEM-10")
@pytest.mark.parametrize(
    "written",
    [
        "{lower}",
        " {number} ",
        "{number}\u200b",
        "\ufeff{number}",
        "{full}",
        "{number[0]}{number[1]} {rest}",
        "'{number}",
    ],
)
def test_spaces_width_case_and_invisible_characters_do_not_matter(written):
    number = next(found for s in range(1, 999, 2) if (found := card(sequence=f"{s:03}")).endswith("X"))
    full = "".join(chr(ord(character) + 0xFEE0) for character in number)
    text = written.format(number=number, lower=number.lower(), full=full, rest=number[2:])
    judged = judged_number(text)
    if text.startswith("'"):
        assert codes(judged) == [("number", "number_malformed")]
    else:
        assert judged.record is not None
        assert judged.record.number == number


@pytest.mark.rule("MEM-10")
def test_birth_date_and_sex_are_taken_from_the_number_and_must_agree_with_it():
    assert judged_number(card()).record.birth_date == date(2008, 3, 7)
    assert judged_number(card()).record.sex == "男"
    judged = judged_number(card(), birth_date="2008-03-08", sex="女")
    assert codes(judged) == [("sex", "sex_differs"), ("birth_date", "birth_date_differs")]


@pytest.mark.rule("MEM-10")
def test_an_unknown_district_is_a_warning_for_the_reviewer_and_no_fault():
    judged = judged_number(card(district="330199"))
    assert judged.faults == ()
    assert [(w.field, w.code, w.version) for w in judged.warnings] == [
        ("number", "number_district_unknown", "districts-2023")
    ]
    assert judged_number(card(district="710000")).warnings == ()


@pytest.mark.rule("MEM-10")
@pytest.mark.parametrize(
    ("kind", "number", "right"),
    [
        ("港澳居民来往内地通行证", "H12345678", True),
        ("港澳居民来往内地通行证", "m1234567890", True),
        ("港澳居民来往内地通行证", "H123456789", False),
        ("台湾居民来往大陆通行证", "12345678", True),
        ("台湾居民来往大陆通行证", 12345678.0, True),
        ("台湾居民来往大陆通行证", "1234567", False),
        ("港澳台居民居住证", card(district="810000"), True),
        ("港澳台居民居住证", card(district="830000"), True),
        ("港澳台居民居住证", card(district="820000"), True),
        ("港澳台居民居住证", card(district="330102"), False),
        ("港澳台居民居住证", card(district="840000"), False),
        ("港澳台居民居住证", card(district="800000"), False),
        ("外国人永久居留身份证", "ABC123456789012", True),
        ("外国人永久居留身份证", "911124200803071234", True),
        ("外国人永久居留身份证", "AB1234567890123", False),
        ("护照", "E12345678", True),
        ("护照", "E1234", True),
        ("护照", "E123", False),
        ("护照", "E" + "1" * 16, True),
        ("护照", "E" + "1" * 17, False),
        ("护照", "E1234-5678", False),
    ],
)
def test_other_documents_have_their_own_checks(kind, number, right):
    judged = judge_record(member_row(document_kind=kind, number=number, birth_date="2008-03-07"), members())
    if right:
        assert judged.faults == ()
        assert judged.document == (kind, judged.record.number)
    else:
        assert codes(judged) == [("number", "number_malformed")]
        assert judged.faults[0].params["kind"] == kind
        assert judged.faults[0].version


@pytest.mark.rule("MEM-10")
def test_birth_date_is_required_where_the_number_does_not_hold_it():
    judged = judge_record(member_row(document_kind="护照", number="E12345678"), members())
    assert codes(judged) == [("birth_date", "missing")]
    held = judge_record(member_row(document_kind="港澳台居民居住证", number=card(district="810000")), members())
    assert held.record.birth_date == date(2008, 3, 7)


@pytest.mark.rule("MEM-10")
def test_an_unknown_kind_of_document_is_told_with_the_kinds_there_are():
    judged = judge_record(member_row(document_kind="军官证"), members())
    assert codes(judged) == [("document_kind", "not_in_list")]
    assert "护照" in judged.faults[0].way_out


@pytest.mark.rule("MEM-01")
@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("张三", "张三"),
        ("张　三", "张三"),
        (" 张 三 ", "张三"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉.买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉 · 买买提", "阿卜杜拉·买买提"),
        ("ＪＯＨＮ  Smith", "JOHN Smith"),
        ("José Müller", "José Müller"),
        ("㐂田", "㐂田"),
        ("𠮷田", "𠮷田"),
        ("张\u200b三\ufeff", "张三"),
    ],
)
def test_a_name_is_stored_in_one_form(written, stored):
    assert names.read_name(written) == stored
    assert names.fault_of(stored) is None


@pytest.mark.rule("MEM-01")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("张", "name_length"),
        ("张" * 51, "name_length"),
        ("张三1", "name_with_digits"),
        ("张三①", "name_with_digits"),
        ("张三(男)", "name_characters"),
        ("张三、李四", "name_characters"),
        ("=cmd|' /C calc'!A0", "name_with_digits"),
        ("张三<b>", "name_characters"),
        ("やまだ", "name_characters"),
    ],
)
def test_a_name_that_is_none_is_told_why(name, code):
    assert codes(judge_record(member_row(name=name), members())) == [("name", code)]
