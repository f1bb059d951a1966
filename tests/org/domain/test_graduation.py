from datetime import date
from typing import Any

import pytest

from services.org.domain.events import BranchKind, Category, OrganizationDissolved, OrganizationEstablished
from services.org.domain.events_of_graduation import (
    BecameGraduateBranch,
    GraduateBranchRestored,
    GraduationMonthMarked,
)
from services.org.domain.graduation import (
    GraduationYearOutOfRange,
    MarkedFromAbove,
    Marker,
    MarkGraduationMonth,
    NoClassOfStudents,
    NotABranch,
    NotASchool,
    PrimarySchool,
    SectorMissing,
    check_marking,
    graduate_branch,
    mark_graduation_month,
    who_marks,
)
from services.org.domain.organization import ORGANIZATION, Organization
from shared.testing.scenario import given
from tests.org.samples import COUNTY, REFERENCE, UNIT, facts

SPRING, SUMMER = date(2026, 4, 1), date(2026, 6, 20)
DAY = {year: date(year, 6, 1) for year in range(2025, 2040)}
GRADE = "organization-grade"
SCHOOL = Marker(UNIT, "育才中学团委", "5", school=True)
GENERAL = Marker(GRADE, "高三年级团总支", "5", school=False)
OFFICE = Marker(COUNTY, "团遂昌县委", "", school=False)


def a_class(kind: BranchKind = BranchKind.ORDINARY, sector: str = "5", **fields: Any) -> OrganizationEstablished:
    found = facts(Category.BRANCH, sector=sector, short_name="高三（1）班团支部", **fields)
    return found.model_copy(update={"branch_kind": kind})


def mark(
    state: Organization,
    year: int,
    month: int = 6,
    *,
    today: date = SPRING,
    by: str = UNIT,
    above: Any = (SCHOOL, OFFICE),
) -> Any:
    command = MarkGraduationMonth(year=year, month=month)
    held = check_marking(command, state, by, above, REFERENCE, today)
    return mark_graduation_month(command, held, today, DAY[year])


@pytest.mark.rule("GRD-02")
def test_a_month_is_marked_and_can_be_changed_and_the_same_again_is_nothing() -> None:
    marked = given(ORGANIZATION, a_class()).when(lambda o: mark(o, 2027))
    history = marked.then(GraduationMonthMarked(year=2027, month=6))
    history.when(lambda o: mark(o, 2027)).then_nothing()
    history.when(lambda o: mark(o, 2028, 7)).then(GraduationMonthMarked(year=2028, month=7))


@pytest.mark.rule("GRD-02")
@pytest.mark.parametrize(
    ("organization", "refusal"),
    [
        (facts(Category.COMMITTEE, sector="5"), NotABranch),
        (a_class(sector=""), SectorMissing),
        (a_class(sector="7"), PrimarySchool),
        (a_class(sector="10"), NotASchool),
        (a_class(BranchKind.FLOATING), NoClassOfStudents),
        (a_class(BranchKind.PENDING), NoClassOfStudents),
        (a_class(BranchKind.BRIDGING), NoClassOfStudents),
        (a_class(BranchKind.TEMPORARY), NoClassOfStudents),
        (a_class(BranchKind.REGISTER), NoClassOfStudents),
    ],
)
def test_a_refusal_names_which_condition_fails(organization: OrganizationEstablished, refusal: Any) -> None:
    given(ORGANIZATION, organization).when(lambda o: mark(o, 2027)).refused(refusal)


@pytest.mark.rule("GRD-02", "ADM-08")
def test_whoever_is_above_within_the_school_marks_and_nobody_else() -> None:
    """Neither the branch itself, nor the county above the school, nor another school."""
    above = (GENERAL, SCHOOL, OFFICE)
    for by in (GRADE, UNIT):
        given(ORGANIZATION, a_class()).when(lambda o, by=by: mark(o, 2027, by=by, above=above)).then_one(
            GraduationMonthMarked
        )
    for by in (COUNTY, "organization-class", "organization-other-school"):
        (refusal,) = (
            given(ORGANIZATION, a_class())
            .when(lambda o, by=by: mark(o, 2027, by=by, above=above))
            .refused(MarkedFromAbove)
        )
        assert "高三年级团总支、育才中学团委" in refusal.sentence()


@pytest.mark.rule("GRD-02", "ADM-08")
def test_where_the_whole_school_is_one_branch_its_superior_marks() -> None:
    above = (OFFICE, Marker("organization-city", "团丽水市委", "", school=False))
    for by in (COUNTY, "organization-city"):
        decided = given(ORGANIZATION, a_class()).when(lambda o, by=by: mark(o, 2027, by=by, above=above))
        if by == COUNTY:
            decided.then_one(GraduationMonthMarked)
        else:
            decided.refused(MarkedFromAbove)
    assert who_marks("5", [], REFERENCE) == []


@pytest.mark.rule("GRD-02", "ADM-08")
def test_the_reach_ends_with_the_school_itself() -> None:
    """An affiliated school's classes are not marked by the university."""
    university = Marker("organization-university", "示范大学团委", "3", school=True)
    assert who_marks("5", [GENERAL, SCHOOL, university, OFFICE], REFERENCE) == [GENERAL, SCHOOL]
    assert who_marks("3", [Marker("college", "学院团委", "3", school=False), university], REFERENCE)[-1] == university
    assert who_marks("7", [SCHOOL], REFERENCE) == who_marks("", [SCHOOL], REFERENCE) == []


@pytest.mark.rule("GRD-02")
@pytest.mark.parametrize(("year", "allowed"), [(2025, False), (2026, True), (2035, True), (2036, False)])
def test_the_year_is_the_present_one_or_one_of_the_nine_after(year: int, allowed: bool) -> None:
    decided = given(ORGANIZATION, a_class()).when(lambda o: mark(o, year))
    if allowed:
        decided.then_one(GraduationMonthMarked, year=year)
    else:
        decided.refused(GraduationYearOutOfRange, least=2026, most=2035)


@pytest.mark.rule("GRD-02")
@pytest.mark.parametrize(("month", "allowed"), [(0, False), (1, True), (12, True), (13, False)])
def test_the_month_is_one_of_the_twelve(month: int, allowed: bool) -> None:
    if allowed:
        assert MarkGraduationMonth(year=2027, month=month).month == month
    else:
        with pytest.raises(ValueError, match="month"):
            MarkGraduationMonth(year=2027, month=month)


@pytest.mark.rule("GRD-03")
def test_a_branch_becomes_a_graduate_branch_on_the_day_of_its_year_and_once() -> None:
    marked = given(ORGANIZATION, a_class(), GraduationMonthMarked(year=2026, month=7))
    assert marked.state.branch_kind is BranchKind.ORDINARY  # type: ignore[union-attr]
    marked.when(lambda o: graduate_branch(o, 2025, REFERENCE)).then_nothing()
    graduated = marked.when(lambda o: graduate_branch(o, 2026, REFERENCE)).then(
        BecameGraduateBranch(year=2026, month=7)
    )
    assert graduated.state.branch_kind is BranchKind.GRADUATE  # type: ignore[union-attr]
    graduated.when(lambda o: graduate_branch(o, 2026, REFERENCE)).then_nothing()
    graduated.when(lambda o: graduate_branch(o, 2027, REFERENCE)).then_nothing()


@pytest.mark.rule("GRD-03")
def test_whoever_was_away_for_a_year_still_graduates_the_branch_of_that_year() -> None:
    marked = given(ORGANIZATION, a_class(), GraduationMonthMarked(year=2025, month=6))
    marked.when(lambda o: graduate_branch(o, 2026, REFERENCE)).then(BecameGraduateBranch(year=2025, month=6))


@pytest.mark.rule("GRD-03")
@pytest.mark.parametrize(
    "history",
    [
        (a_class(),),
        (a_class(sector="10"), GraduationMonthMarked(year=2026, month=6)),
        (a_class(sector="7"), GraduationMonthMarked(year=2026, month=6)),
        (
            a_class(),
            GraduationMonthMarked(year=2026, month=6),
            OrganizationDissolved(superior=UNIT, decided_on=SPRING, document="d"),
        ),
        (),
    ],
)
def test_nothing_graduates_without_a_month_outside_schools_or_after_its_end(history: Any) -> None:
    given(ORGANIZATION, *history).when(lambda o: graduate_branch(o, 2026, REFERENCE)).then_nothing()


@pytest.mark.rule("GRD-03")
def test_a_month_of_the_present_year_set_after_the_day_makes_a_graduate_branch_at_once() -> None:
    given(ORGANIZATION, a_class()).when(lambda o: mark(o, 2026, today=SUMMER)).then(
        GraduationMonthMarked(year=2026, month=6), BecameGraduateBranch(year=2026, month=6)
    )
    given(ORGANIZATION, a_class()).when(lambda o: mark(o, 2026, today=DAY[2026])).then(
        GraduationMonthMarked(year=2026, month=6), BecameGraduateBranch(year=2026, month=6)
    )
    given(ORGANIZATION, a_class()).when(lambda o: mark(o, 2026, today=SPRING)).then_one(GraduationMonthMarked)


@pytest.mark.rule("GRD-03", "GRD-02")
def test_corrected_to_a_later_year_it_is_an_ordinary_branch_again_and_back_once_more() -> None:
    graduate = given(
        ORGANIZATION,
        a_class(),
        GraduationMonthMarked(year=2026, month=6),
        BecameGraduateBranch(year=2026, month=6),
    )
    graduate.when(lambda o: mark(o, 2026, 7, today=SUMMER)).then(GraduationMonthMarked(year=2026, month=7))
    restored = graduate.when(lambda o: mark(o, 2027, today=SUMMER)).then(
        GraduationMonthMarked(year=2027, month=6), GraduateBranchRestored(year=2026)
    )
    assert restored.state.branch_kind is BranchKind.ORDINARY  # type: ignore[union-attr]
    restored.when(lambda o: mark(o, 2026, today=SUMMER)).then(
        GraduationMonthMarked(year=2026, month=6), BecameGraduateBranch(year=2026, month=6)
    )


@pytest.mark.rule("GRD-03")
def test_last_year_s_graduate_branch_that_graduates_this_year_leaves_the_one_cohort_and_joins_the_other() -> None:
    graduate = given(
        ORGANIZATION,
        a_class(),
        GraduationMonthMarked(year=2025, month=6),
        BecameGraduateBranch(year=2025, month=6),
    )
    graduate.when(lambda o: mark(o, 2026, today=SUMMER)).then(
        GraduationMonthMarked(year=2026, month=6),
        GraduateBranchRestored(year=2025),
        BecameGraduateBranch(year=2026, month=6),
    )
