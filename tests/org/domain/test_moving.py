"""What can move where, decided from states and ways alone (ORG-04, ORG-17)."""

from typing import Any

import pytest

from services.org.domain.dissolving import DissolutionUnderWay
from services.org.domain.establishing import TreeTooDeep
from services.org.domain.events import BranchKind, Category, DissolutionBegun, OrganizationMoved
from services.org.domain.moving import (
    AlreadyUnderSuperior,
    DoesNotFitUnder,
    MoveAcrossProvinces,
    MoveInCircle,
    MoveOrganization,
    NewSuperiorEnding,
    OtherProvince,
    PendingBranchStays,
    ProvincialBodyStays,
    RootTakesBodiesOnly,
    Ways,
    move_across_provinces,
    move_organization,
)
from services.org.domain.organization import ORGANIZATION, RegisterBranchHasNoAdmins
from shared.testing.scenario import History, given
from tests.org.samples import facts

PRESENT, NEW = ("root", "province", "east", "school"), ("root", "province", "west")
ENDING = DissolutionBegun(dissolution="d", decided_on="2026-11-20", document="x", pending=None, into="other")
MOVE = MoveOrganization(organization="school", to="west", cause="migration", by="migration-1")


def school(**more: Any) -> History[Any, Any]:
    made = facts(
        Category.COMMITTEE, above=PRESENT[:-1], full_name="育才中学团委", short_name="育才中学团委", sector="5"
    )
    return given(ORGANIZATION, made.model_copy(update=more))


def west(category: Category = Category.LEADING_BODY, *after: Any) -> Any:
    made = facts(category, above=NEW[:-1], full_name="西城团区委", short_name="西城团区委", sector="")
    return given(ORGANIZATION, made, *after).state


def moved(of: History[Any, Any], under: Any, depth: int = 1, new: tuple[str, ...] = NEW, **command: Any) -> Any:
    ways = Ways(PRESENT, new, depth, 3)
    move = MOVE.model_copy(update={"to": new[-1]} | command)
    return of.when(lambda state: move_organization(move, state, under, ways))


@pytest.mark.rule("ORG-17")
def test_it_stands_under_the_new_superior_and_knows_the_way_there() -> None:
    after = moved(school(), west()).then(
        OrganizationMoved(former="east", superior="west", ancestors=NEW, order=3, cause="migration", by="migration-1")
    )
    assert after.state.ancestors == NEW


@pytest.mark.rule("ORG-17")
def test_it_moves_anywhere_within_its_province_but_not_where_it_is_nor_under_itself() -> None:
    for new in (("root", "province"), ("root", "province", "east", "grade"), ("root", "province", "far", "farther")):
        moved(school(), west(), new=new).then_one(OrganizationMoved, superior=new[-1], ancestors=new)
    moved(school(), west(), new=("root", "province", "east")).refused(AlreadyUnderSuperior)
    for below in ((), ("class",), ("grade", "class")):
        moved(school(), west(), new=(*PRESENT, *below)).refused(MoveInCircle)
    moved(school(), west(), new=("root",)).refused(RootTakesBodiesOnly)


@pytest.mark.rule("ORG-17")
def test_into_another_province_only_an_operator_moves_it_and_the_reason_is_kept() -> None:
    new = ("root", "other", "west")
    moved(school(), west(), new=new).refused(OtherProvince)
    act = move_across_provinces(MoveAcrossProvinces(to="west", reason="整体迁入外省办学"), "school")
    across = school().when(lambda state: move_organization(act, state, west(), Ways(PRESENT, new, 1, 3)))
    across.then_one(OrganizationMoved, cause="operator", note="整体迁入外省办学", by="")
    for reason in ("", "  ", "迁出省"):
        with pytest.raises(ValueError, match="reason"):
            MoveAcrossProvinces(to="west", reason=reason)


@pytest.mark.rule("ORG-17")
def test_the_root_provincial_bodies_and_register_branches_stay() -> None:
    for above in ((), ("root",)):
        moved(school(ancestors=above), west()).refused(ProvincialBodyStays)
    moved(school(branch_kind=BranchKind.REGISTER), west()).refused(RegisterBranchHasNoAdmins)


@pytest.mark.rule("ORG-17", "ORG-10", "ORG-21")
def test_what_is_pending_or_ending_neither_moves_nor_takes_anything() -> None:
    moved(school(branch_kind=BranchKind.PENDING), west()).refused(PendingBranchStays)
    ending = ENDING.model_copy(update={"into": "another"})
    moved(given(ORGANIZATION, *school()._events, ending), west()).refused(DissolutionUnderWay)
    moved(school(), west(Category.LEADING_BODY, ENDING)).refused(NewSuperiorEnding, name="西城团区委")


@pytest.mark.rule("ORG-04", "ORG-01")
def test_categories_and_the_depth_of_the_tree_hold_where_it_goes() -> None:
    moved(school(), west(Category.GENERAL_BRANCH)).refused(DoesNotFitUnder)
    deep = ("root", "province", *(f"step-{n}" for n in range(6)))
    moved(school(), west(), depth=2, new=deep).then_one(OrganizationMoved, ancestors=deep)
    moved(school(), west(), depth=3, new=deep).refused(TreeTooDeep)
