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
VERSIONS = {row.version for row in DATED} | {each.VERSION for each in (districts, positions, vocabularies)}


def test_every_version_that_can_decide_has_its_words() -> None:
    assert wording.RULES.keys() == VERSIONS


@pytest.mark.rule("MEM-04", "MEM-06", "MEM-10")
def test_a_sentence_says_what_decided_and_keeps_the_id_for_programs() -> None:
    fault = Fault("number_length", "number", {"version": "document-identity-card-1"})
    assert fault.what == "居民身份证号码应为18位（依据：居民身份证号码规则）"
    assert fault.version == "document-identity-card-1"
    note = Fault("segment_not_checked", "development_number", {"province": "33"})
    assert (note.what, note.params) == ("尚无浙江省的号段数据，未核对号段", {"province": "33"})


def test_a_verdict_of_long_ago_is_still_shown() -> None:
    assert Fault("too_young", "birth_date", {"minimum": "14", "version": "gone-1"}).what.endswith("（依据：gone-1）")
    assert "代码99" in Fault("segment_not_checked", "development_number", {"province": "99"}).what
