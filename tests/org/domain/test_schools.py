import pytest

from services.org.domain.establishing import (
    BridgingBranchElsewhere,
    KindOfBranchOnly,
    establish_organization,
)
from services.org.domain.events import BranchKind, Category, OrganizationEstablished, OrganizationInformationChanged
from services.org.domain.events_of_graduation import InstitutionCodeChanged
from services.org.domain.information import InstitutionCodeOutsideSchools, change_information
from services.org.domain.organization import ORGANIZATION, EstablishedOrganization
from services.org.domain.schools import (
    NoSchoolOfItsOwn,
    RecheckSchool,
    SetInstitutionCode,
    recheck_school,
    set_institution_code,
)
from shared.testing.scenario import given
from tests.org.domain.test_information import change
from tests.org.samples import REFERENCE, TODAY, establish, facts, place

CODE = SetInstitutionCode(institution_code="3111004567")
CLEARED = SetInstitutionCode()
BRANCH, COMMITTEE, LEADING = Category.BRANCH, Category.COMMITTEE, Category.LEADING_BODY
GENERAL, WORKING = Category.GENERAL_BRANCH, Category.WORKING_COMMITTEE


def school(**fields: object) -> OrganizationEstablished:
    return facts(COMMITTEE, sector="5", **fields).model_copy(update={"school": True})


@pytest.mark.rule("GRD-01")
def test_a_school_s_code_is_set_changed_and_cleared() -> None:
    history = given(ORGANIZATION, school()).when(lambda o: set_institution_code(CODE, o))
    coded = history.then(InstitutionCodeChanged(institution_code="3111004567"))
    coded.when(lambda o: set_institution_code(CODE, o)).then_nothing()
    other = SetInstitutionCode(institution_code="３１１１ ００４５６８")
    coded.when(lambda o: set_institution_code(other, o)).then(InstitutionCodeChanged(institution_code="3111004568"))
    cleared = coded.when(lambda o: set_institution_code(CLEARED, o)).then(InstitutionCodeChanged(institution_code=""))
    cleared.when(lambda o: set_institution_code(CLEARED, o)).then_nothing()


@pytest.mark.rule("GRD-01")
@pytest.mark.parametrize("organization", [facts(COMMITTEE, sector="5"), facts(LEADING), facts(BRANCH, sector="5")])
def test_colleges_classes_and_leading_bodies_have_no_code(organization: OrganizationEstablished) -> None:
    given(ORGANIZATION, organization).when(lambda o: set_institution_code(CODE, o)).refused(NoSchoolOfItsOwn)


@pytest.mark.rule("GRD-01")
@pytest.mark.parametrize(
    ("category", "sector", "superior", "above", "is_school"),
    [
        (COMMITTEE, "5", LEADING, "", True),
        (BRANCH, "6", LEADING, "", True),
        (GENERAL, "7", COMMITTEE, "15", True),
        (COMMITTEE, "3", COMMITTEE, "3", False),
        (BRANCH, "5", GENERAL, "5", False),
        (COMMITTEE, "5", COMMITTEE, "3", True),
        (BRANCH, "6", COMMITTEE, "052", False),
        (COMMITTEE, "10", LEADING, "", False),
        (COMMITTEE, "", LEADING, "", False),
    ],
)
def test_a_school_of_its_own_is_no_part_of_another_one(
    category: Category, sector: str, superior: Category, above: str, is_school: bool
) -> None:
    command = establish(category, sector=sector)
    given(ORGANIZATION).when(
        lambda _: establish_organization(command, place(superior, sector=above), None, REFERENCE, TODAY)
    ).then_one(OrganizationEstablished, school=is_school)


@pytest.mark.rule("GRD-01")
def test_an_edit_of_the_sector_makes_a_school_of_it_and_keeps_its_code() -> None:
    county = given(ORGANIZATION, facts(LEADING)).state
    assert isinstance(county, EstablishedOrganization)
    filled = given(ORGANIZATION, facts(sector="10")).when(
        lambda o: change_information(change(sector="5"), o, REFERENCE, TODAY, county)
    )
    coded = filled.then_one(OrganizationInformationChanged, school=True).when(lambda o: set_institution_code(CODE, o))
    edited = coded.then_one(InstitutionCodeChanged).when(
        lambda o: change_information(change(sector="6", edition=2), o, REFERENCE, TODAY, county)
    )
    state = edited.then_one(OrganizationInformationChanged, school=True).state
    assert isinstance(state, EstablishedOrganization)
    assert state.information.institution_code == "3111004567"


@pytest.mark.rule("GRD-01")
def test_who_has_a_code_stays_a_school_until_it_is_cleared() -> None:
    coded = given(ORGANIZATION, school(), InstitutionCodeChanged(institution_code="3111004567"))
    coded.when(lambda o: change_information(change(sector="10"), o, REFERENCE, TODAY)).refused(
        InstitutionCodeOutsideSchools
    )


@pytest.mark.rule("GRD-01")
def test_a_code_that_is_there_is_cleared_by_who_is_no_school_and_kept_by_who_becomes_one() -> None:
    firm = given(ORGANIZATION, facts(COMMITTEE, sector="15")).state
    assert isinstance(firm, EstablishedOrganization)
    coded = given(ORGANIZATION, facts(COMMITTEE, sector="5"), InstitutionCodeChanged(institution_code="3111004567"))
    coded.when(lambda o: set_institution_code(CLEARED, o)).then(InstitutionCodeChanged(institution_code=""))
    again = coded.when(lambda o: recheck_school(RecheckSchool(), o, firm, REFERENCE))
    assert again.then_one(OrganizationInformationChanged, school=True).state.information.institution_code  # type: ignore[union-attr]


@pytest.mark.rule("GRD-08", "ORG-02")
@pytest.mark.parametrize(
    ("superior", "sector", "allowed"),
    [
        (WORKING, "10", True),
        (WORKING, "", True),
        (WORKING, "14", True),
        (COMMITTEE, "14", True),
        (COMMITTEE, "15", True),
        (COMMITTEE, "10", False),
        (COMMITTEE, "", False),
        (WORKING, "3", False),
        (WORKING, "1", False),
        (GENERAL, "14", False),
        (LEADING, "", False),
    ],
)
def test_bridging_branches_are_set_up_by_parks_towns_and_streets(
    superior: Category, sector: str, allowed: bool
) -> None:
    command = establish(BRANCH, branch_kind=BranchKind.BRIDGING)
    decided = given(ORGANIZATION).when(
        lambda _: establish_organization(command, place(superior, sector=sector), None, REFERENCE, TODAY)
    )
    if allowed:
        decided.then_one(OrganizationEstablished, branch_kind=BranchKind.BRIDGING)
    else:
        decided.refused(BridgingBranchElsewhere)


@pytest.mark.rule("GRD-08", "ORG-02")
def test_a_bridging_one_is_a_branch() -> None:
    command = establish(COMMITTEE, branch_kind=BranchKind.BRIDGING)
    given(ORGANIZATION).when(
        lambda _: establish_organization(command, place(WORKING, sector="10"), None, REFERENCE, TODAY)
    ).refused(KindOfBranchOnly)


@pytest.mark.rule("GRD-01")
def test_looked_at_again_it_is_what_its_superior_s_sector_makes_of_it_once() -> None:
    committees = [given(ORGANIZATION, facts(COMMITTEE, sector=sector)).state for sector in ("5", "15")]
    other_school, firm = (state for state in committees if isinstance(state, EstablishedOrganization))
    coded = given(ORGANIZATION, school(), InstitutionCodeChanged(institution_code="3111004567"))
    coded.when(lambda o: recheck_school(RecheckSchool(), o, firm, REFERENCE)).then_nothing()
    was = coded.state
    assert isinstance(was, EstablishedOrganization)
    same = {each: getattr(was, each) for each in ("category", "branch_kind", "information", "missing")}
    part = coded.when(lambda o: recheck_school(RecheckSchool(), o, other_school, REFERENCE)).then(
        OrganizationInformationChanged(**same, school=False), InstitutionCodeChanged(institution_code="")
    )
    part.when(lambda o: recheck_school(RecheckSchool(), o, other_school, REFERENCE)).then_nothing()
    part.when(lambda o: recheck_school(RecheckSchool(), o, firm, REFERENCE)).then_one(
        OrganizationInformationChanged, school=True
    )


@pytest.mark.rule("GRD-01")
def test_what_is_not_there_is_not_looked_at() -> None:
    given(ORGANIZATION).when(lambda o: recheck_school(RecheckSchool(), o, None, REFERENCE)).then_nothing()
