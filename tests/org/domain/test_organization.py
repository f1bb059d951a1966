import pytest

from services.org.domain.events import AdminAppointed, Category, SubordinatesReordered
from services.org.domain.ordering import Direction, MoveSubordinate, in_sequence, move_subordinate
from services.org.domain.organization import (
    ORGANIZATION,
    DirectSuperiorOnly,
    OrganizationUnknown,
    SubordinateUnknown,
)
from shared.testing.scenario import History, given
from tests.org.samples import facts


def move(history: History, subordinate: str, direction: Direction, among: tuple[str, ...], by: str | None = None):
    command = MoveSubordinate(subordinate=subordinate, direction=direction)
    return history.when(lambda o: move_subordinate(command, o, among, by))


@pytest.mark.rule("ORG-08")
def test_a_direct_subordinate_moves_up_or_down_by_one() -> None:
    county = given(ORGANIZATION, facts(Category.LEADING_BODY))
    after = move(county, "c", Direction.UP, ("a", "b", "c")).then(SubordinatesReordered(subordinates=("a", "c", "b")))
    move(after, "a", Direction.DOWN, ("a", "b", "c")).then(SubordinatesReordered(subordinates=("c", "a", "b")))


@pytest.mark.rule("ORG-08")
def test_at_an_end_there_is_nothing_to_do() -> None:
    county = given(ORGANIZATION, facts(Category.LEADING_BODY))
    move(county, "a", Direction.UP, ("a", "b")).then_nothing()
    move(county, "b", Direction.DOWN, ("a", "b")).then_nothing()


@pytest.mark.rule("ORG-08")
def test_one_established_after_the_last_order_was_given_comes_last_and_can_be_moved() -> None:
    county = given(ORGANIZATION, facts(Category.LEADING_BODY), SubordinatesReordered(subordinates=("b", "a")))
    move(county, "c", Direction.UP, ("a", "b", "c")).then(SubordinatesReordered(subordinates=("b", "c", "a")))


@pytest.mark.rule("ORG-08")
def test_the_order_forgets_a_subordinate_that_is_gone() -> None:
    county = given(ORGANIZATION, facts(Category.LEADING_BODY), SubordinatesReordered(subordinates=("c", "b", "a")))
    move(county, "c", Direction.DOWN, ("a", "c")).then(SubordinatesReordered(subordinates=("a", "c")))


@pytest.mark.rule("ORG-08")
def test_another_level_is_not_reordered() -> None:
    county = given(ORGANIZATION, facts(Category.LEADING_BODY))
    (refusal,) = move(county, "grandchild", Direction.UP, ("a", "b")).refused(SubordinateUnknown)
    assert "由它的直属上级组织的管理员调整" in refusal.advice()
    move(given(ORGANIZATION), "a", Direction.UP, ()).refused(OrganizationUnknown)


@pytest.mark.rule("ORG-08")
def test_only_the_superior_s_own_admins_order_its_subordinates() -> None:
    county = given(ORGANIZATION, facts(Category.LEADING_BODY), AdminAppointed(person="person-own"))
    move(county, "b", Direction.UP, ("a", "b"), by="person-own").then_one(SubordinatesReordered)
    for by in ("person-of-the-province", ""):
        move(county, "b", Direction.UP, ("a", "b"), by=by).refused(DirectSuperiorOnly)


def test_what_no_order_names_keeps_the_order_it_comes_in() -> None:
    assert in_sequence(("b",), ("a", "b", "c")) == ["b", "a", "c"]
