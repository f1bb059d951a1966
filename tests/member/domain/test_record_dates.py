"""Dates in the ways people and spreadsheets write them."""

from datetime import date, datetime

import pytest

from services.member.domain.dates import DateUnreadable, full_years, last_day, read_date
from services.member.domain.record import judge_record
from tests.member.people import codes, member_row, members


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize(
    "written",
    [
        "2019-05-04",
        "2019/5/4",
        "2019.5.4",
        "20190504",
        "2019年5月4日",
        "2019 年 5 月 4 日",
        "２０１９－０５－０４",
        "2019-05-04 00:00:00",
        "2019-05-04T00:00:00",
        "2019/5/4 0:00",
        20190504.0,
        43589.0,
        43589,
        43589.75,
        date(2019, 5, 4),
        datetime(2019, 5, 4, 12, 30),  # noqa: DTZ001 - as a spreadsheet has it
    ],
)
def test_a_day_is_read_however_it_is_written(written):
    assert read_date(written) == "2019-05-04"


@pytest.mark.rule("MEM-09")
def test_a_serial_number_counts_from_1904_where_the_workbook_does():
    assert read_date(42127.0, epoch_1904=True) == "2019-05-04"


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize(
    "written", ["2019-05", "2019/5", "2019.5", "2019.05", 2019.05, 2019.5, "201905", 201905.0, "2019年5月"]
)
def test_a_month_suffices_only_where_it_may(written):
    assert read_date(written, month_suffices=True) == "2019-05"
    with pytest.raises(DateUnreadable, match="date_without_day"):
        read_date(written)


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("19-5-4", "date_two_digit_year"),
        ("19.5", "date_two_digit_year"),
        ("19年5月4日", "date_two_digit_year"),
        ("5/4/19", "date_two_digit_year"),
        ("5/4/2019", "date_two_digit_year"),
        ("2019-02-30", "date_impossible"),
        ("2019-13", "date_impossible"),
        ("0219-05-04", "date_impossible"),
        ("20191305", "date_impossible"),
        ("2019", "date_without_month"),
        (2019.0, "date_without_month"),
        (2019.1, "date_ambiguous_month"),
        ("去年五月", "date_unreadable"),
        ("=TODAY()", "date_unreadable"),
        (True, "date_unreadable"),
        (-5.0, "date_unreadable"),
        (1e300, "date_unreadable"),
        ("", "date_unreadable"),
    ],
)
def test_what_is_no_date_is_told_why(written, code):
    with pytest.raises(DateUnreadable) as refused:
        read_date(written, month_suffices=True)
    assert refused.value.code == code


@pytest.mark.rule("MEM-04")
def test_a_missing_day_counts_as_the_last_of_the_month():
    assert last_day("2020-02") == date(2020, 2, 29)
    assert last_day("2019-05-04") == date(2019, 5, 4)


def test_who_is_born_on_a_leap_day_is_a_year_older_on_the_first_of_march():
    assert full_years(date(2004, 2, 29), date(2018, 2, 28)) == 13
    assert full_years(date(2004, 2, 29), date(2018, 3, 1)) == 14


@pytest.mark.rule("MEM-01")
def test_a_date_to_come_is_refused_but_a_month_that_has_begun_is_not():
    assert codes(judge_record(member_row(join_date="2026-11-23"), members())) == [("join_date", "date_in_future")]
    assert codes(judge_record(member_row(join_date="2026-12"), members())) == [("join_date", "date_in_future")]
    for now in ("2026-11", "2026-11-22"):
        row = member_row(join_date=now, development_number="202633000001")
        assert judge_record(row, members()).record.join_date == now
    unborn = member_row(document_kind="护照", number="E12345678", birth_date="2026-11-23")
    assert codes(judge_record(unborn, members())) == [("birth_date", "date_in_future")]
