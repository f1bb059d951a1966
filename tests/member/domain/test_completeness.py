"""What a record lacks, filling it by a form, and whether a row says anything new (MEM-23, MEM-09)."""

import pytest

from services.member.domain.completeness import differing_fields, fill_missing
from services.member.domain.fields import COMPLETE_WITH, WANTED
from services.member.domain.person_record import missing_fields
from services.member.domain.record import judge_record
from tests.member.people import TODAY, codes, member_row, members


@pytest.mark.rule("MEM-23")
def test_what_is_wanted_but_missing_goes_in_with_a_warning_and_leaves_the_record_incomplete():
    judged = judge_record(member_row(ethnicity=None, education="", mobile=" "), members())
    assert judged.faults == ()
    assert [warning.field for warning in judged.warnings] == list(WANTED)
    assert missing_fields(judged.record) == WANTED
    assert missing_fields(judge_record(member_row(), members()).record) == ()


@pytest.mark.rule("MEM-23")
def test_a_form_fills_what_is_missing_and_nothing_else():
    record = judge_record(member_row(mobile=None), members()).record
    filled = fill_missing(record, {"mobile": "139 0000 1111", "education": "博士", "name": "别人"}, TODAY)
    assert filled.record == record.model_copy(update={"mobile": "13900001111"})
    assert missing_fields(filled.record) == ()
    wrong = fill_missing(record, {"mobile": "12"}, TODAY)
    assert wrong.record is None
    assert codes(wrong) == [("mobile", "mobile_malformed")]
    still = fill_missing(record, {}, TODAY)
    assert still.record == record
    assert [warning.field for warning in still.warnings] == ["mobile"]


@pytest.mark.rule("MEM-23")
def test_every_required_field_can_be_filled_where_it_is_missing():
    typed = member_row() | {"birth_date": "2008-03-07"}
    whole = judge_record(typed, members()).record
    for field in COMPLETE_WITH:
        lacking = whole.model_copy(update={field: None})
        assert missing_fields(lacking) == (field,)
        assert fill_missing(lacking, {field: typed[field]}, TODAY).record == whole


@pytest.mark.rule("MEM-09")
def test_a_row_differs_from_a_record_only_in_what_it_says():
    known = judge_record(member_row(), members()).record
    assert differing_fields(known, judge_record(member_row(mobile=None, remark=None), members()).record) == ()
    other = judge_record(member_row(mobile="13900009999", education="大专"), members()).record
    assert differing_fields(known, other) == ("education", "mobile")
