from collections.abc import Mapping
from datetime import date

import pytest

from services.org.domain.campaigns import (
    CAMPAIGNS,
    Campaigns,
    CampaignsFromCentreAndProvinces,
    GraduationDayFromCentre,
    GraduationDayPassed,
    SetCampaign,
    StepInThePast,
    StepOutsideYear,
    StepsOutOfOrder,
    campaign_of,
    set_campaign,
)
from services.org.domain.events import Category
from services.org.domain.events_of_graduation import CampaignStepSet, Step
from services.org.domain.organization import ORGANIZATION, EstablishedOrganization
from services.org.reference.campaigns import USUAL
from shared.testing.scenario import Decided, given
from tests.org.samples import COUNTY, PROVINCE, ROOT, facts

TODAY = date(2026, 5, 10)
NOTHING = Campaigns({})


def body(above: tuple[str, ...]) -> EstablishedOrganization:
    state = given(ORGANIZATION, facts(Category.LEADING_BODY, above=above)).state
    assert isinstance(state, EstablishedOrganization)
    return state


CENTRE, PROVINCIAL, OF_COUNTY = body(()), body((ROOT,)), body((ROOT, PROVINCE))


def set_by(
    organization: str,
    at: EstablishedOrganization,
    days: Mapping[Step, date],
    *,
    root: Campaigns = NOTHING,
    today: date = TODAY,
) -> Decided[Campaigns, CampaignStepSet]:
    others = [] if organization == ROOT else [(ROOT, root)]
    return given(CAMPAIGNS).when(
        lambda state: set_campaign(
            SetCampaign(year=2026, days=days),
            organization,
            at,
            campaign_of(2026, USUAL, [*others, (organization, state)]),
            today,
        )
    )


@pytest.mark.rule("GRD-09")
def test_the_centre_sets_steps_and_a_province_its_own() -> None:
    start, settle = date(2026, 6, 30), date(2026, 11, 30)
    centre = set_by(ROOT, CENTRE, {Step.START: start}).then_one(CampaignStepSet, organization=ROOT, day=start).state
    province = (
        set_by(PROVINCE, PROVINCIAL, {Step.SETTLE: settle, Step.START: start}, root=centre)
        .then_one(CampaignStepSet, organization=PROVINCE, step=Step.SETTLE, day=settle)
        .state
    )
    here = campaign_of(2026, USUAL, [(ROOT, centre), (PROVINCE, province)])
    assert [(each.step, each.day, each.by) for each in here] == [
        (Step.MARK, date(2026, 5, 31), None),
        (Step.GRADUATE, date(2026, 6, 1), None),
        (Step.START, start, ROOT),
        (Step.SETTLE, settle, PROVINCE),
        (Step.FRESHMEN, date(2026, 9, 30), None),
    ]
    assert [each.day for each in campaign_of(2027, USUAL, [(ROOT, centre)])][2] == date(2027, 8, 31)
    own = Campaigns({(2026, Step.START): settle})
    both = campaign_of(2026, USUAL, [(ROOT, centre), (PROVINCE, own)])
    assert [(each.day, each.by) for each in both if each.step is Step.START] == [(settle, PROVINCE)]


@pytest.mark.rule("GRD-09")
def test_nobody_below_a_province_sets_a_step() -> None:
    set_by(COUNTY, OF_COUNTY, {Step.START: date(2026, 6, 30)}).refused(CampaignsFromCentreAndProvinces)


@pytest.mark.rule("GRD-09")
@pytest.mark.parametrize(
    ("days", "refusal"),
    [
        ({Step.START: date(2026, 5, 9)}, StepInThePast),
        ({Step.START: date(2027, 1, 1)}, StepOutsideYear),
        ({Step.START: date(2026, 10, 1)}, StepsOutOfOrder),
        ({Step.SETTLE: date(2026, 5, 20)}, StepsOutOfOrder),
        ({Step.MARK: date(2026, 10, 1)}, StepsOutOfOrder),
    ],
)
def test_steps_lie_ahead_within_their_year_and_in_order(days: Mapping[Step, date], refusal: type) -> None:
    set_by(ROOT, CENTRE, days).refused(refusal)


@pytest.mark.rule("GRD-09")
def test_today_is_early_enough_and_the_same_again_is_nothing() -> None:
    set_by(ROOT, CENTRE, {Step.MARK: TODAY}).then_one(CampaignStepSet, step=Step.MARK, day=TODAY)
    set_by(ROOT, CENTRE, {Step.MARK: date(2026, 5, 31)}).then_nothing()


@pytest.mark.rule("GRD-09")
def test_several_steps_are_set_at_once_and_may_end_on_one_day() -> None:
    day = date(2026, 9, 30)
    state = set_by(ROOT, CENTRE, {Step.START: day, Step.MARK: day}).then(
        *(CampaignStepSet(organization=ROOT, year=2026, step=step, day=day) for step in (Step.MARK, Step.START))
    )
    assert state.state.of(2026) == {Step.MARK: day, Step.START: day}
    assert state.state.of(2027) == {}


@pytest.mark.rule("GRD-03")
def test_the_day_of_graduation_is_the_centre_s_and_moves_until_it_has_come() -> None:
    later = {Step.GRADUATE: date(2026, 6, 15)}
    set_by(ROOT, CENTRE, later).then_one(CampaignStepSet, step=Step.GRADUATE)
    set_by(PROVINCE, PROVINCIAL, later).refused(GraduationDayFromCentre)
    set_by(ROOT, CENTRE, later, today=date(2026, 6, 1)).refused(GraduationDayPassed)
    set_by(ROOT, CENTRE, later, today=date(2026, 5, 31)).then_one(CampaignStepSet)
