"""GRD-09: the dated steps of a year's graduation campaign, set by the centre, and by provinces for themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.org.domain.events_of_graduation import CampaignStepSet, Step
from services.org.domain.organization import EstablishedOrganization
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command
from shared.kernel.refusals import Refusal, raise_all

_ORDER = ((Step.MARK, Step.SETTLE), (Step.START, Step.SETTLE))


class CampaignsFromCentreAndProvinces(Refusal):
    rule = "GRD-09"
    zh = "毕业季工作的时间节点由团中央统一设定，省级团委可以为本省另行设定，其他组织不能设定。"
    en = "The dates of the graduation campaign are set by the centre, and by provinces for themselves; by nobody else."
    way_out = "需要调整的，请联系省级团委。"
    way_out_en = "If they have to change, ask the provincial body."


class GraduationDayFromCentre(Refusal):
    rule = "GRD-03"
    zh = "毕业生团组织的转换日全国统一，只由团中央设定。"
    en = "The day on which branches become graduate branches is the same everywhere and set by the centre alone."
    way_out = "请只填写其他时间节点。"
    way_out_en = "Set the other dates only."


class GraduationDayPassed(Refusal):
    rule = "GRD-03"
    zh = "{year} 年的转换日 {day} 已到，团支部已经转为毕业生团组织，不能再改。"
    en = "The day of {year}, {day}, has come and branches have become graduate branches; it cannot be changed."
    way_out = "个别团支部标记有误的，请更正它的毕业时间。"
    way_out_en = "Where a single branch was marked wrongly, correct its graduation month."


class StepInThePast(Refusal):
    rule = "GRD-09"
    zh = "时间节点不能设在今天（{today}）以前。"
    en = "A date cannot be set before today ({today})."
    way_out = "请选择今天或以后的日期。"
    way_out_en = "Choose today or a later day."


class StepOutsideYear(Refusal):
    rule = "GRD-09"
    zh = "{year} 年毕业季的时间节点应在 {year} 年之内。"
    en = "The dates of the campaign of {year} lie within {year}."
    way_out = "请核对年份。"
    way_out_en = "Check the year."


class StepsOutOfOrder(Refusal):
    rule = "GRD-09"
    zh = "标记毕业时间和发起转接的截止日期不能晚于转接完成的截止日期。"
    en = "Marking and starting end no later than settling."
    way_out = "请调整这几个日期的先后。"
    way_out_en = "Put these dates in order."


class SetCampaign(Command):
    """Days of one year by step; a step that is not given stays as it is."""

    year: int
    days: Mapping[Step, date]


@dataclass(frozen=True, slots=True)
class Campaigns:
    """What one organization set, the last word for each (year, step)."""

    days: Mapping[tuple[int, Step], date]

    def of(self, year: int) -> dict[Step, date]:
        return {step: day for (when, step), day in self.days.items() if when == year}


@dataclass(frozen=True, slots=True)
class StepDay:
    """The day of a step; `by` the organization that set it, None for the usual day."""

    step: Step
    day: date
    by: str | None


def campaign_of(
    year: int, usual: Mapping[Step, tuple[int, int]], set_: Sequence[tuple[str, Campaigns]]
) -> list[StepDay]:
    """The steps of a year where `set_` applies: the root's first, then the province's, which goes before it."""
    found = {step: StepDay(step, date(year, *usual[step]), None) for step in Step}
    for organization, campaigns in set_:
        found |= {step: StepDay(step, day, organization) for step, day in campaigns.of(year).items()}
    return [found[step] for step in Step]


def set_campaign(
    command: SetCampaign,
    organization: str,
    at: EstablishedOrganization,
    present: Sequence[StepDay],
    today: date,
) -> list[CampaignStepSet]:
    """`present`: what applies to `organization` now. Raises the refusals of this module."""
    if not at.fixed:
        raise CampaignsFromCentreAndProvinces
    before = {each.step: each.day for each in present}
    changed = {step: day for step, day in command.days.items() if day != before[step]}
    faults: list[Refusal] = []
    for step, day in changed.items():
        if day.year != command.year:
            faults.append(StepOutsideYear(field=step.value, year=command.year))
        elif day < today:
            faults.append(StepInThePast(field=step.value, today=today.isoformat()))
    if Step.GRADUATE in changed:
        faults += _graduation_faults(command.year, before[Step.GRADUATE], at, today)
    after = before | changed
    if not faults and any(after[first] > after[second] for first, second in _ORDER):
        faults.append(StepsOutOfOrder(field=Step.SETTLE.value))
    raise_all(faults)
    return [
        CampaignStepSet(organization=organization, year=command.year, step=step, day=day)
        for step, day in sorted(changed.items())
    ]


def _graduation_faults(year: int, day: date, at: EstablishedOrganization, today: date) -> list[Refusal]:
    if at.ancestors:
        return [GraduationDayFromCentre(field=Step.GRADUATE.value)]
    if day <= today:
        return [GraduationDayPassed(field=Step.GRADUATE.value, year=year, day=day.isoformat())]
    return []


def _evolve(state: Campaigns, event: CampaignStepSet) -> Campaigns:
    return Campaigns({**state.days, (event.year, event.step): event.day})


CAMPAIGNS: Decider[Campaigns, CampaignStepSet] = Decider("campaign", Campaigns({}), _evolve)
