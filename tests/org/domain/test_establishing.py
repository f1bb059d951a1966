import itertools
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from services.org.domain.establishing import (
    STEPS_MAX,
    BranchWithSubordinates,
    GeneralBranchHoldsBranchesOnly,
    KindMadeBySystem,
    KindOfBranchOnly,
    LeadingBodyUnderBasic,
    Place,
    ProvincialBodyUnlisted,
    TemporaryBranchWithoutEmployer,
    TreeTooDeep,
    establish_organization,
)
from services.org.domain.events import AdminAppointed, BranchKind, Category, OrganizationEstablished
from services.org.domain.information import DateInFuture, OutsideLeague, RegionUnknown, SectorOfLeadingBody
from services.org.domain.organization import (
    ORGANIZATION,
    AbsentOrganization,
    DirectSuperiorOnly,
    OrganizationUnknown,
    evolve,
)
from services.org.reference import provincial_bodies
from shared.authority import decide as authority
from shared.kernel.refusals import Refusal
from shared.testing.scenario import given
from tests.org.samples import COUNTY, PROVINCE, REFERENCE, ROOT, TODAY, establish, place

LEADING, COMMITTEE, WORKING, GENERAL, BRANCH = Category

ALLOWED = {
    (LEADING, LEADING), (LEADING, COMMITTEE), (LEADING, WORKING), (LEADING, GENERAL), (LEADING, BRANCH),
    (COMMITTEE, COMMITTEE), (COMMITTEE, WORKING), (COMMITTEE, GENERAL), (COMMITTEE, BRANCH),
    (WORKING, COMMITTEE), (WORKING, WORKING), (WORKING, GENERAL), (WORKING, BRANCH),
    (GENERAL, BRANCH),
}  # fmt: skip


def expected_refusal(superior: Category, category: Category) -> type[Refusal]:
    if superior is BRANCH:
        return BranchWithSubordinates
    return LeadingBodyUnderBasic if category is LEADING else GeneralBranchHoldsBranchesOnly


WAY_OUT = {
    BranchWithSubordinates: "在它的直属上级组织下创建",
    LeadingBodyUnderBasic: "应选团委、团工委、团总支或团支部",
    GeneralBranchHoldsBranchesOnly: "在团委、团工委下创建",
}


@pytest.mark.rule("ORG-04")
@pytest.mark.parametrize(("superior", "category"), list(itertools.product(Category, Category)))
def test_only_a_listed_category_may_stand_under_another(superior: Category, category: Category) -> None:
    decided = given(ORGANIZATION).when(
        lambda _: establish_organization(establish(category), place(superior), None, REFERENCE, TODAY)
    )
    if (superior, category) in ALLOWED:
        decided.then_one(OrganizationEstablished, category=category)
    else:
        (refusal,) = decided.refused(expected_refusal(superior, category))
        assert WAY_OUT[type(refusal)] in refusal.advice()


@pytest.mark.rule("ORG-03")
def test_a_new_organization_stands_directly_under_its_superior_in_the_place_given() -> None:
    spot = place(COMMITTEE, above=(ROOT, PROVINCE, COUNTY), order=7)
    decided = given(ORGANIZATION).when(lambda _: establish_organization(establish(), spot, None, REFERENCE, TODAY))
    decided.then_one(OrganizationEstablished, ancestors=(ROOT, PROVINCE, COUNTY), order=7)


@pytest.mark.rule("ORG-03")
def test_nothing_is_established_under_an_organization_that_is_not_there() -> None:
    nowhere = Place(superior=AbsentOrganization(), ancestors=(), order=1)
    given(ORGANIZATION).when(lambda _: establish_organization(establish(), nowhere, None, REFERENCE, TODAY)).refused(
        OrganizationUnknown
    )


@pytest.mark.rule("ORG-03")
def test_no_level_is_skipped_only_the_superior_s_own_admins_establish() -> None:
    county = evolve(place(LEADING).superior, AdminAppointed(person="person-own"))
    spot = Place(superior=county, ancestors=(ROOT, PROVINCE, COUNTY), order=1)

    def establish_by(by: str | None):
        return given(ORGANIZATION).when(lambda _: establish_organization(establish(), spot, by, REFERENCE, TODAY))

    establish_by("person-own").then_one(OrganizationEstablished, category=BRANCH)
    for by in ("person-of-the-province", ""):
        (refusal,) = establish_by(by).refused(DirectSuperiorOnly, superior="育才中学团委")
        assert "由“育才中学团委”的管理员操作" in refusal.advice()


@pytest.mark.rule("ORG-05")
@pytest.mark.parametrize("category", [COMMITTEE, WORKING, GENERAL, BRANCH])
def test_every_organization_but_a_leading_body_needs_a_sector(category: Category) -> None:
    spot = place(LEADING)
    for fields, missing in (({}, ("sector",)), ({"sector": "5"}, ())):
        given(ORGANIZATION).when(
            lambda _, f=fields: establish_organization(establish(category, **f), spot, None, REFERENCE, TODAY)
        ).then_one(OrganizationEstablished, missing=missing)


@pytest.mark.rule("ORG-05")
def test_required_fields_left_empty_are_named_in_the_fact() -> None:
    spot = place(LEADING)
    given(ORGANIZATION).when(
        lambda _: establish_organization(establish(COMMITTEE), spot, None, REFERENCE, TODAY)
    ).then_one(OrganizationEstablished, missing=("sector",))
    given(ORGANIZATION).when(
        lambda _: establish_organization(establish(LEADING, email="tuan@example.cn"), spot, None, REFERENCE, TODAY)
    ).then_one(OrganizationEstablished, missing=("phone",))


@pytest.mark.rule("ORG-01")
def test_under_the_root_stand_the_provincial_bodies_of_the_day_and_nothing_else() -> None:
    root = place(LEADING, above=(ROOT,))
    names = {"full_name": "共青团浙江省委员会", "short_name": "团浙江省委", "superior": ROOT}
    given(ORGANIZATION).when(
        lambda _: establish_organization(establish(LEADING, **names), root, None, REFERENCE, TODAY)
    ).then_one(OrganizationEstablished, ancestors=(ROOT,))
    for wrong in ("共青团杭州市委员会", "共青团中直机关工作委员会"):
        given(ORGANIZATION).when(
            lambda _, w=wrong: establish_organization(
                establish(LEADING, **names | {"full_name": w}), root, None, REFERENCE, TODAY
            )
        ).refused(ProvincialBodyUnlisted, name=wrong)
    assert "在它所属的省级团委之下创建" in ProvincialBodyUnlisted(name="", rule_version="").advice()


@pytest.mark.rule("ORG-01")
def test_the_list_of_provincial_bodies_is_dated() -> None:
    before, after = provincial_bodies(date(2018, 3, 20)), provincial_bodies(date(2018, 3, 21))
    assert (before, after) == (provincial_bodies(date(2017, 6, 1)), provincial_bodies(TODAY))
    assert (len(before), len(after)) == (38, 37)
    assert {b.short_name for b in before} - {b.short_name for b in after} == {"中直机关团工委", "中央国家机关团工委"}
    assert {b.short_name for b in after} - {b.short_name for b in before} == {"中央和国家机关团工委"}


@pytest.mark.rule("ORG-01")
def test_the_tree_goes_ten_levels_down_and_no_deeper_than_a_superior_can_reach() -> None:
    assert STEPS_MAX == authority.STEPS_MAX == 10
    deep = tuple(f"organization-{n}" for n in range(10))
    decided = given(ORGANIZATION).when(
        lambda _: establish_organization(establish(), place(COMMITTEE, above=deep), None, REFERENCE, TODAY)
    )
    decided.then_one(OrganizationEstablished, ancestors=deep)
    deeper = place(COMMITTEE, above=(*deep, "organization-more"))
    given(ORGANIZATION).when(lambda _: establish_organization(establish(), deeper, None, REFERENCE, TODAY)).refused(
        TreeTooDeep, steps_max=STEPS_MAX
    )


@pytest.mark.rule("ORG-02")
@pytest.mark.parametrize(
    ("full_name", "term"),
    [
        ("国网遂昌县供电公司青工委", "青工委"),
        ("国网遂昌县供电公司 青 工 委", "青工委"),
        ("国网遂昌县供电公司青年工作委员会", "青年工作委员会"),
        ("国网遂昌县供电公司青年部（筹）", "青年部"),
        ("国网遂昌县供电公司青年部(筹)（试点）", "青年部"),
        ("遂昌县人民医院群团部", "群团部"),
        ("遂昌县人民医院党群工作处群团工作部", "群团工作部"),
        ("遂昌\u200b县人民医院群\u200b团部", "群团部"),
        ("遂昌县人民医院青年工作部", "青年工作部"),
        ("遂昌县人民医院青工部", "青工部"),
        ("遂昌县人民医院群工部", "群工部"),
        ("遂昌县人民医院群众工作部", "群众工作部"),
    ],
)
def test_a_body_outside_the_league_is_refused_by_its_name_with_the_reason(full_name: str, term: str) -> None:
    decided = given(ORGANIZATION).when(
        lambda _: establish_organization(
            establish(COMMITTEE, full_name=full_name), place(LEADING), None, REFERENCE, TODAY
        )
    )
    (refusal,) = decided.refused(OutsideLeague, term=term, field="full_name")
    assert "不是团的组织" in refusal.sentence()


@pytest.mark.rule("ORG-02")
@pytest.mark.parametrize("name", ["共青团遂昌县供电公司青年部支部委员会", "共青团遂昌县青年创业园工作委员会"])
def test_a_league_organization_within_such_a_body_is_not_refused(name: str) -> None:
    given(ORGANIZATION).when(
        lambda _: establish_organization(establish(full_name=name), place(COMMITTEE), None, REFERENCE, TODAY)
    ).then_one(OrganizationEstablished, category=BRANCH)


@pytest.mark.rule("ORG-02")
@pytest.mark.parametrize("kind", [BranchKind.FLOATING, BranchKind.BRIDGING])
def test_floating_and_bridging_branches_are_branches(kind: BranchKind) -> None:
    given(ORGANIZATION).when(
        lambda _: establish_organization(establish(BRANCH, branch_kind=kind), place(WORKING), None, REFERENCE, TODAY)
    ).then_one(OrganizationEstablished, branch_kind=kind)
    given(ORGANIZATION).when(
        lambda _: establish_organization(establish(COMMITTEE, branch_kind=kind), place(WORKING), None, REFERENCE, TODAY)
    ).refused(KindOfBranchOnly)


@pytest.mark.rule("ORG-02")
@pytest.mark.parametrize("kind", [BranchKind.GRADUATE, BranchKind.PENDING])
def test_graduate_and_pending_branches_are_never_made_by_hand(kind: BranchKind) -> None:
    given(ORGANIZATION).when(
        lambda _: establish_organization(establish(BRANCH, branch_kind=kind), place(COMMITTEE), None, REFERENCE, TODAY)
    ).refused(KindMadeBySystem)


@pytest.mark.rule("ORG-02")
@pytest.mark.parametrize(("sector", "allowed"), [("10", True), ("8", True), ("15", False), ("14", False), ("", False)])
def test_a_temporary_branch_stands_under_an_employer(sector: str, allowed: bool) -> None:
    decided = given(ORGANIZATION).when(
        lambda _: establish_organization(
            establish(BRANCH, branch_kind=BranchKind.TEMPORARY), place(COMMITTEE, sector=sector), None, REFERENCE, TODAY
        )
    )
    if allowed:
        decided.then_one(OrganizationEstablished, branch_kind=BranchKind.TEMPORARY)
    else:
        decided.refused(TemporaryBranchWithoutEmployer)


@pytest.mark.rule("ORG-05")
def test_all_faults_of_a_form_are_told_at_once() -> None:
    command = establish(LEADING, full_name="遂昌县青年部", region="999999", founded_on=TODAY + timedelta(1), sector="1")
    decided = given(ORGANIZATION).when(
        lambda _: establish_organization(command, place(GENERAL), None, REFERENCE, TODAY)
    )
    decided.refused(LeadingBodyUnderBasic, OutsideLeague, SectorOfLeadingBody, RegionUnknown, DateInFuture)


@pytest.mark.rule("ORG-05")
@pytest.mark.parametrize(
    "fields",
    [
        {"full_name": "团"},
        {"full_name": "   \u200b  "},
        {"full_name": "共" * 101},
        {"short_name": ""},
        {"category": "党委"},
        {"email": "nobody"},
        {"email": "a@b@example.cn"},
        {"phone": "call me"},
        {"region": "33"},
        {"founded_on": "0201-01-01"},
        {"founded_on": "2019-02-30"},
        {"institution_code": "12345"},
        {"approval_document": "../../secret"},
        {"secretary": "person-1"},
        {"order": 1},
    ],
)
def test_a_form_with_a_malformed_or_unexpected_field_is_no_command(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        establish(**fields) if "category" not in fields else establish(fields["category"])  # type: ignore[arg-type]


@pytest.mark.rule("ORG-05")
def test_full_width_and_invisible_characters_of_a_form_are_mended() -> None:
    command = establish(
        full_name=" 共青团遂昌县\u3000育才中学\u200b委员会 ", phone="０５７８－８１２２３４５", email="Ｔuan@example.cn"
    )
    assert command.full_name == "共青团遂昌县 育才中学委员会"
    assert (command.phone, command.email) == ("0578-8122345", "Tuan@example.cn")


@pytest.mark.rule("ORG-05")
def test_an_empty_field_of_a_form_is_one_not_given() -> None:
    given_fields = {"founded_on": "", "approval_date": None, "branch_kind": None, "phone": "", "sector": None}
    assert establish(**given_fields) == establish()
    with pytest.raises(ValidationError, match="Field required"):
        establish(full_name="")
