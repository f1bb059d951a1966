"""Users read words: no sentence names a rule or a province by its id."""

import pytest

from services.member.domain.faults import Fault
from services.member.reference import ages, development_numbers, districts, documents, positions, vocabularies, wording

DATED = (
    *documents.DOCUMENT_KINDS.values(),
    *ages.JOIN_AGES,
    *ages.ENTRY_AGES,
    *development_numbers.NUMBER_RULES,
    *development_numbers.LEGACY_NUMBERS,
)
VERSIONS = (
    {row.version for row in DATED}
    | {each.VERSION for each in (districts, positions, vocabularies)}
    | {documents.DOCUMENT_KINDS_VERSION}
)


def test_every_version_that_can_decide_has_its_words() -> None:
    assert wording.RULES.keys() == VERSIONS


@pytest.mark.rule("MEM-04", "MEM-06", "MEM-10")
def test_a_sentence_says_what_decided_and_keeps_the_id_for_programs() -> None:
    fault = Fault("number_length", "number", {"version": "document-identity-card-1"})
    assert fault.what == "居民身份证号码应为18位（依据：居民身份证号码规则）"
    assert fault.version == "document-identity-card-1"
    note = Fault("segment_not_checked", "development_number", {"province": "33"})
    assert (note.what, note.params) == ("尚无浙江省的号段数据，未核对号段", {"province": "33"})


@pytest.mark.rule("MEM-03", "MEM-05", "MEM-06", "MEM-09", "MEM-10", "MEM-24")
@pytest.mark.parametrize(
    ("rule", "code", "way_out"),
    [
        ("MEM-03", "branch_unknown", "不是直属下级的，由其自己的上级录入"),
        ("MEM-03", "branch_not_direct", "由该团支部或它的上级录入"),
        ("MEM-05", "too_young", "满14周岁后再录入"),
        ("MEM-05", "too_old", "如担任团内职务，请填写团内职务和任职日期"),
        ("MEM-06", "development_number_taken", "编号无误请联系上级团组织"),
        ("MEM-09", "number_in_scientific_notation", "设置为“文本”格式"),
        ("MEM-09", "number_digits_lost", "设置为“文本”格式"),
        ("MEM-09", "columns_shifted", "移回对应的列"),
        ("MEM-10", "number_registered", "联系上级团组织"),
        ("MEM-10", "number_registered_elsewhere", "发起组织关系转入"),
        ("MEM-24", "member_of_other_branch", "办理组织关系转接"),
    ],
)
def test_what_can_be_done_about_a_fault_is_said(rule: str, code: str, way_out: str) -> None:
    fault = Fault(code, None, {"minimum": "14", "below": "28"})
    assert fault.rule == rule
    assert way_out in fault.way_out


@pytest.mark.rule("MEM-10")
def test_of_two_rows_with_one_number_the_second_is_told_the_first() -> None:
    assert Fault("number_repeated", "number", {"row": "7"}).what == "身份证号重复：与本表第7行相同"


def test_a_verdict_of_long_ago_is_still_shown() -> None:
    assert Fault("too_young", "birth_date", {"minimum": "14", "version": "gone-1"}).what.endswith("（依据：gone-1）")
    assert "代码99" in Fault("segment_not_checked", "development_number", {"province": "99"}).what
