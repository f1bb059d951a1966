from datetime import timedelta

import pytest

from services.org.domain.events import Category, OrganizationInformationChanged
from services.org.domain.information import (
    ChangeInformation,
    DateInFuture,
    InformationChangedMeanwhile,
    NamesFixed,
    OutsideLeague,
    RegionUnknown,
    SectorOfLeadingBody,
    SectorUnknown,
    change_information,
)
from services.org.domain.organization import ORGANIZATION, OrganizationUnknown
from shared.testing.scenario import given
from tests.org.samples import REFERENCE, ROOT, TODAY, facts


def change(**fields: object) -> ChangeInformation:
    values = {"full_name": "共青团遂昌县育才中学委员会", "short_name": "育才中学团委", "edition": 1}
    return ChangeInformation.model_validate(values | fields)


@pytest.mark.rule("ORG-06")
def test_an_edit_takes_effect_at_once_and_says_what_is_still_missing() -> None:
    history = given(ORGANIZATION, facts()).when(
        lambda o: change_information(change(phone="0578-8122345"), o, REFERENCE, TODAY)
    )
    after = history.then_one(OrganizationInformationChanged, category=Category.COMMITTEE, missing=("sector",))
    after.when(lambda o: change_information(change(sector="5", edition=2), o, REFERENCE, TODAY)).then_one(
        OrganizationInformationChanged, missing=()
    )


@pytest.mark.rule("ORG-06")
def test_the_same_information_again_changes_nothing() -> None:
    given(ORGANIZATION, facts()).when(lambda o: change_information(change(), o, REFERENCE, TODAY)).then_nothing()


@pytest.mark.rule("ORG-06")
def test_what_another_changed_meanwhile_is_not_overwritten() -> None:
    """Two admins open one form; without the edition the second would silently undo the first."""
    both = given(ORGANIZATION, facts())
    first = both.when(lambda o: change_information(change(phone="0578-8122345"), o, REFERENCE, TODAY)).then_one(
        OrganizationInformationChanged
    )
    first.when(lambda o: change_information(change(address="县府前街1号"), o, REFERENCE, TODAY)).refused(
        InformationChangedMeanwhile
    )
    first.when(lambda o: change_information(change(phone="0578-8122345"), o, REFERENCE, TODAY)).then_nothing()


@pytest.mark.rule("ORG-06")
def test_what_is_not_there_cannot_be_edited() -> None:
    given(ORGANIZATION).when(lambda o: change_information(change(), o, REFERENCE, TODAY)).refused(OrganizationUnknown)


@pytest.mark.rule("ORG-06")
def test_an_edit_keeps_the_category() -> None:
    assert "category" not in ChangeInformation.model_fields


@pytest.mark.rule("ORG-07")
@pytest.mark.parametrize("above", [(), (ROOT,)])
def test_the_root_and_the_provincial_bodies_keep_their_names_and_sector(above: tuple[str, ...]) -> None:
    body = facts(Category.LEADING_BODY, above=above, full_name="共青团浙江省委员会", short_name="团浙江省委")
    kept = {"full_name": "共青团浙江省委员会", "short_name": "团浙江省委"}
    for fields in ({"full_name": "共青团浙江省工作委员会"}, {"short_name": "浙江团省委"}, {"sector": "1"}):
        given(ORGANIZATION, body).when(
            lambda o, f=fields: change_information(change(**kept | f), o, REFERENCE, TODAY)
        ).refused(NamesFixed)
    given(ORGANIZATION, body).when(
        lambda o: change_information(change(**kept, phone="0571-87051234"), o, REFERENCE, TODAY)
    ).then_one(OrganizationInformationChanged, missing=("email",))


@pytest.mark.rule("ORG-02")
def test_no_organization_is_renamed_to_a_body_outside_the_league() -> None:
    given(ORGANIZATION, facts()).when(
        lambda o: change_information(change(short_name="育才中学青年部"), o, REFERENCE, TODAY)
    ).refused(OutsideLeague, field="short_name", term="青年部")


@pytest.mark.rule("ORG-05")
def test_sector_region_and_dates_are_checked_together() -> None:
    given(ORGANIZATION, facts()).when(
        lambda o: change_information(
            change(sector="77", region="339999", approval_date=TODAY + timedelta(1)),
            o,
            REFERENCE,
            TODAY,
        )
    ).refused(SectorUnknown, RegionUnknown, DateInFuture, sector="77", rule_version=REFERENCE.version)


@pytest.mark.rule("ORG-05")
def test_a_date_of_today_is_no_date_in_the_future() -> None:
    given(ORGANIZATION, facts()).when(
        lambda o: change_information(change(sector="5", founded_on=TODAY, region="331123"), o, REFERENCE, TODAY)
    ).then_one(OrganizationInformationChanged, missing=())


@pytest.mark.rule("ORG-05")
def test_a_leading_body_has_no_sector_and_needs_phone_and_mail() -> None:
    county = facts(Category.LEADING_BODY)
    given(ORGANIZATION, county).when(lambda o: change_information(change(sector="1"), o, REFERENCE, TODAY)).refused(
        SectorOfLeadingBody
    )
    given(ORGANIZATION, county).when(
        lambda o: change_information(change(address="县府前街1号"), o, REFERENCE, TODAY)
    ).then_one(OrganizationInformationChanged, missing=("phone", "email"))
