import pytest

from services.org.domain.admins import (
    AdminNotCadre,
    AdminQuotaReached,
    AppointAdmin,
    NoCadreToAppoint,
    OwnAdminRight,
    RevokeAdmin,
    appoint_admin,
    revoke_admin,
)
from services.org.domain.events import AdminAppointed, AdminRevoked, Category
from services.org.domain.organization import ORGANIZATION, EstablishedOrganization, OrganizationUnknown
from shared.testing.scenario import History, given
from tests.org.samples import NOW, REFERENCE, facts

CADRES = ("person-a", "person-b", "person-c", "person-d")


def appointed(category: Category, *people: str) -> History:
    return given(ORGANIZATION, facts(category), *(AdminAppointed(person=person) for person in people))


def appoint(history: History, person: str, cadres: tuple[str, ...] = CADRES):
    return history.when(lambda o: appoint_admin(AppointAdmin(person=person), o, cadres, REFERENCE, NOW))


def revoke(history: History, person: str, by: str = "person-superior"):
    return history.when(lambda o: revoke_admin(RevokeAdmin(person=person), o, by))


@pytest.mark.rule("ADM-01")
@pytest.mark.parametrize("category", Category)
def test_a_leading_body_has_at_most_two_admins_and_every_other_organization_three(category: Category) -> None:
    allowed = 2 if category is Category.LEADING_BODY else 3
    history = appointed(category)
    for person in CADRES[:allowed]:
        history = appoint(history, person).then(AdminAppointed(person=person))
    (refusal,) = appoint(history, CADRES[allowed]).refused(AdminQuotaReached, admins_max=allowed)
    assert f"最多设 {allowed} 名管理员" in refusal.sentence()
    assert "撤销一名管理员" in refusal.advice()


@pytest.mark.rule("ADM-01")
def test_after_a_revocation_there_is_room_again() -> None:
    full = appointed(Category.LEADING_BODY, "person-a", "person-b")
    after = revoke(full, "person-a").then(AdminRevoked(person="person-a", cause="revoked"))
    appoint(after, "person-c").then(AdminAppointed(person="person-c"))


@pytest.mark.rule("ADM-04")
def test_without_a_cadre_the_refusal_says_how_to_get_one() -> None:
    (refusal,) = appoint(appointed(Category.BRANCH), "person-a", cadres=()).refused(NoCadreToAppoint)
    assert "录入或导入本级团干部" in refusal.advice()


@pytest.mark.rule("ADM-04")
def test_only_a_cadre_of_the_organization_becomes_its_admin() -> None:
    appoint(appointed(Category.BRANCH), "person-x").refused(AdminNotCadre)


@pytest.mark.rule("ADM-04")
def test_appointing_an_admin_again_changes_nothing_even_when_the_quota_is_full() -> None:
    appoint(appointed(Category.LEADING_BODY, "person-a", "person-b"), "person-b").then_nothing()


@pytest.mark.rule("ADM-05")
def test_nobody_revokes_their_own_right() -> None:
    two = appointed(Category.COMMITTEE, "person-a", "person-b")
    (refusal,) = revoke(two, "person-a", by="person-a").refused(OwnAdminRight)
    assert "另一名管理员或直属上级组织的管理员" in refusal.advice()


@pytest.mark.rule("ADM-05")
def test_another_admin_revokes_and_the_repeat_changes_nothing() -> None:
    history = appointed(Category.COMMITTEE, "person-a", "person-b")
    after = revoke(history, "person-a", by="person-b").then(AdminRevoked(person="person-a", cause="revoked"))
    assert isinstance(after.state, EstablishedOrganization)
    assert after.state.admins == ("person-b",)
    revoke(after, "person-a", by="person-b").then_nothing()


@pytest.mark.rule("ADM-04", "ADM-05")
def test_an_organization_that_is_not_there_has_no_admins() -> None:
    appoint(given(ORGANIZATION), "person-a").refused(OrganizationUnknown)
    revoke(given(ORGANIZATION), "person-a").refused(OrganizationUnknown)
