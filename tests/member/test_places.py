"""Where people are entered and listed, from the copy of the tree."""

from datetime import UTC, datetime

import pytest

from services.member.domain.fields import Template
from services.member.use_cases import places
from services.member.use_cases.places import OrganizationNotFound, Places, RegisterBranchTakesNobody, ScopeTooWide
from shared.contracts.org import Register, register_branch
from tests.member.conftest import BRANCHES, COUNTY, Node, Pending, Rights, Tree

NOW = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)


def of_tree() -> Places:
    return Places(Tree(), Rights(), Pending())


@pytest.mark.rule("MEM-03")
async def test_an_organization_enters_into_itself_and_its_direct_branches() -> None:
    scope = await of_tree().scope(COUNTY, Template.MEMBERS, NOW)
    assert [b.id for b in scope.branches] == list(BRANCHES)
    assert await of_tree().branches(COUNTY) == {COUNTY, *BRANCHES}


@pytest.mark.rule("MEM-02", "ORG-04")
async def test_members_are_entered_into_branches_only_whatever_else_stands_below() -> None:
    scope = await of_tree().scope("organization-province", Template.MEMBERS, NOW)
    assert scope.branches == ()
    assert scope.branches_by_name == {}
    assert await of_tree().branches("organization-province") == {"organization-province"}
    branch = await of_tree().scope(BRANCHES[0], Template.MEMBERS, NOW)
    assert [place.id for places in branch.branches_by_name.values() for place in places] == [BRANCHES[0]]


@pytest.mark.rule("MEM-04", "MEM-05")
async def test_the_region_is_the_provincial_body_above_and_the_day_is_shanghai_s() -> None:
    scope = await of_tree().scope(BRANCHES[0], Template.MEMBERS, NOW)
    assert scope.own.region == "共青团浙江省委员会"
    assert scope.today.isoformat() == "2026-11-23"


async def test_an_organization_that_is_not_in_the_copy_yet_says_so() -> None:
    with pytest.raises(OrganizationNotFound):
        await of_tree().scope("organization-nowhere", Template.MEMBERS, NOW)


@pytest.mark.rule("MEM-01", "MEM-02")
async def test_a_list_of_too_many_branches_asks_to_go_further_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "BRANCHES_LISTED_MAX", 3)
    assert len(await of_tree().listed(COUNTY, "own", branches_only=True)) == 1
    with pytest.raises(ScopeTooWide):
        await of_tree().listed("organization-province", "subordinates", branches_only=True)
    monkeypatch.setattr(places, "BRANCHES_LISTED_MAX", 5)
    assert len(await of_tree().listed("organization-province", "subordinates", branches_only=True)) == 5
    with pytest.raises(ScopeTooWide):
        await of_tree().listed("organization-province", "subordinates", branches_only=False)


@pytest.mark.rule("TRF-16")
async def test_nobody_is_entered_or_imported_into_a_register_branch() -> None:
    tree, province = Tree(), "organization-province"
    register = Node(register_branch(province, Register.SPECIAL_UNITS), province, "branch", "特殊单位")
    ordinary = Node("organization-of-the-province", province, "branch", "省直团支部")
    tree._nodes |= {node.id: node for node in (register, ordinary)}
    of_the_province = Places(tree, Rights(), Pending())
    with pytest.raises(RegisterBranchTakesNobody):
        await of_the_province.scope(register.id, Template.MEMBERS, NOW)
    scope = await of_the_province.scope(province, Template.MEMBERS, NOW)
    assert [branch.id for branch in scope.branches] == [ordinary.id]
