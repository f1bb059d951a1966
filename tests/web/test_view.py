"""Formats: dates, figures, names, addresses."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.web.formats import count, day, full_moment, moment, share, split_name, yuan
from services.web.urls import Address, area_of
from services.web.view import TEMPLATES, safe_next

COUNTY = "共青团浙江省丽水市遂昌县委员会"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (date(2026, 11, 6), "2026年11月6日"),
        ("2019-05", "2019年5月"),
        ("2019-05-04", "2019年5月4日"),
        ("不详", "不详"),
        (None, ""),
        (datetime(2026, 11, 19, 16, 30, tzinfo=UTC), "2026年11月20日"),
    ],
)
def test_days_are_shown_as_people_write_them_and_in_shanghai(value: object, shown: str) -> None:
    assert day(value) == shown


def test_moments_leave_the_present_year_out() -> None:
    at = datetime(2026, 11, 20, 1, 12, tzinfo=UTC)
    assert moment(at, date(2026, 12, 1)) == "11月20日 09:12"
    assert moment(at, date(2027, 1, 1)) == "2026年11月20日 09:12"
    assert full_moment(at) == "2026年11月20日 09:12"


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 0, "—"), (0, 9, "0%"), (1, 9999, "0.1%"), (9998, 9999, "99.9%"), (9, 9, "100%"), (1, 3, "33.3%")],
)
def test_a_hundred_percent_and_none_are_said_only_when_true(part: int, whole: int, shown: str) -> None:
    assert share(part, whole) == shown


@pytest.mark.rule("OPS-04")
@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("共青团浙江省丽水市遂昌县妙高街道工作委员会", "共青团浙江省丽水市遂昌县"),
        ("共青团浙江省遂昌中学高三（6）班支部委员会", "共青团浙江省"),
        ("共青团浙江省丽江中学委员会", "共青团浙江省"),
        ("共青团遂昌县非公有制经济组织工作委员会", ""),
        (COUNTY, ""),
    ],
)
def test_a_name_is_divided_at_a_whole_place_and_nothing_of_it_is_lost(name: str, shared: str) -> None:
    halves = split_name(name, COUNTY)
    assert halves[0] == shared
    assert "".join(halves) == name


@pytest.mark.rule("OPS-04")
def test_the_offices_of_a_county_are_not_cut_in_two() -> None:
    offices = "共青团浙江省丽水市遂昌县县直机关"
    assert split_name(f"{offices}第1支部委员会", f"{offices}工作委员会") == (offices, "第1支部委员会")


def test_figures_and_money() -> None:
    assert (count(1936), count(None)) == ("1,936", "—")
    assert (yuan(320000), yuan(320050)) == ("3,200", "3,200.50")


def test_an_address_holds_what_is_filled_in_and_nothing_else() -> None:
    address = Address("/list", {"q": "包", "missing": "", "cursor": "abc"})
    assert str(address) == "/list?q=%E5%8C%85&cursor=abc"
    assert address.without("q", "cursor") == "/list"
    assert address.replace(cursor="") == "/list?q=%E5%8C%85"


def test_only_paths_of_the_console_are_gone_on_to() -> None:
    assert safe_next("/progress/members?hour=live") == "/progress/members?hour=live"
    for foreign in ("", "//evil", "https://evil", "/\\evil", "/a\nb"):
        assert safe_next(foreign) == "/home"


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("/organizations/organization-1/members/new", "members"),
        ("/imports/import-1", "members"),
        ("/people/person-1/missing", "members"),
        ("/organizations/organization-1/cadres", "cadres"),
        ("/organizations/organization-1/admins", "organizations"),
        ("/progress/cadres", "progress"),
        ("/home", "/home"),
    ],
)
def test_a_page_below_a_list_is_in_the_menu_where_the_list_is(path: str, area: str) -> None:
    assert area_of(path) == area


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.stem)
def test_a_search_listens_to_the_field_one_types_into(template: Path) -> None:
    """`from:'find input'` is the first input of the form: a hidden one before it would never be typed into."""
    for form in template.read_text().split("from:'find input'")[1:]:
        first = form[form.index("<input") :].split(">")[0]
        assert 'type="hidden"' not in first, f"{template}: what is sent along stands behind the search"
