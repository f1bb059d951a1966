"""The HTTP interface of schools, graduation months and campaigns (GRD-01, GRD-02, GRD-03, GRD-09)."""

from datetime import date
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from services.org.api import NamePart, Org, OrganizationId, Parts, shown_when
from services.org.domain.campaigns import SetCampaign
from services.org.domain.events_of_graduation import Step
from services.org.domain.graduation import MarkGraduationMonth
from services.org.domain.schools import SetInstitutionCode
from services.org.shapes_graduation import (
    BranchRow,
    CampaignShown,
    Late,
    MonthMarked,
    MonthsMarked,
    NotMarked,
    Progress,
    SchoolRow,
    StepShown,
)
from services.org.use_cases.graduation import MonthOf
from services.org.views_graduation import Lacking, Marking
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.consistency import AskedReadAfter, Done, Shown, done
from shared.http.paging import CursorText, Limit, Page
from shared.http.routes import Access, Router, access
from shared.kernel.clock import local_date
from shared.kernel.refusals import Refusal

router = Router("/v1")

Year = Annotated[int, Path(ge=2018, le=2099)]
BRANCHES_MAX = 500


class MonthForm(BaseModel):
    """GRD-02: the same month for several branches."""

    model_config = ConfigDict(extra="forbid")
    branches: Annotated[list[str], Field(min_length=1, max_length=BRANCHES_MAX)]
    year: int
    month: Annotated[int, Field(ge=1, le=12)]


class CampaignForm(BaseModel):
    """GRD-09: days by step; a step that is not named stays as it is."""

    model_config = ConfigDict(extra="forbid")
    days: dict[Step, date]


class ShownProgress(Progress, Shown): ...


class ShownSchools(Page[SchoolRow], Shown): ...


class ShownBranches(Page[BranchRow], Shown): ...


class ShownLate(Late, Shown): ...


@router.put("/organizations/{organization}/institution-code")
@access(Access.WRITE, "the school's own admins (GRD-01)")
async def set_code(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, organization: OrganizationId, body: SetInstitutionCode
) -> Done:
    return done(await org.schools.set_code(who, request, organization, body))


@router.get("/organizations/{organization}/schools")
@access(Access.READ, "the organization above the schools (GRD-01)")
async def schools(
    org: Parts,
    who: CurrentPrincipal,
    organization: OrganizationId,
    after: AskedReadAfter,
    lacking: Lacking = "",
    limit: Limit = 50,
    cursor: CursorText = None,
) -> ShownSchools:
    state = await shown_when(org, after)
    page = await org.graduation_views.schools(who, organization, lacking, limit, cursor)
    return ShownSchools(**dict(page), **state)


@router.get("/organizations/{organization}/graduation")
@access(Access.READ, "the organization above the branches (GRD-02)")
async def progress(
    org: Parts, who: CurrentPrincipal, organization: OrganizationId, after: AskedReadAfter
) -> ShownProgress:
    state = await shown_when(org, after)
    return ShownProgress(**dict(await org.graduation_views.progress(who, organization)), **state)


@router.get("/organizations/{organization}/graduation/branches")
@access(Access.READ, "the organization above the branches (GRD-02)")
async def branches(
    org: Parts,
    who: CurrentPrincipal,
    organization: OrganizationId,
    after: AskedReadAfter,
    marking: Marking = "",
    q: NamePart = "",
    limit: Limit = 50,
    cursor: CursorText = None,
) -> ShownBranches:
    state = await shown_when(org, after)
    page = await org.graduation_views.branches(who, organization, marking, q.strip(), _today(org), limit, cursor)
    return ShownBranches(**dict(page), **state)


@router.get("/organizations/{organization}/graduation/late")
@access(Access.READ, "the organization above those who are late (GRD-09)")
async def late(org: Parts, who: CurrentPrincipal, organization: OrganizationId, after: AskedReadAfter) -> ShownLate:
    state, today = await shown_when(org, after), _today(org)
    steps = {each.step: each.day for each in await org.campaigns.of(organization, today.year)}
    found = await org.graduation_views.late(who, organization, steps[Step.MARK], today)
    return ShownLate(**dict(found), **state)


@router.post("/organizations/{organization}/graduation-months")
@access(Access.WRITE, "own admins of an organization above the branches within their school (GRD-02)")
async def mark_months(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, organization: OrganizationId, body: MonthForm
) -> MonthsMarked:
    command = MarkGraduationMonth(year=body.year, month=body.month)
    items = [_marked(each) for each in await org.months.mark(who, request, organization, body.branches, command)]
    refused = sum(each.refused is not None for each in items)
    return MonthsMarked(marked=len(items) - refused, refused=refused, items=items)


@router.get("/organizations/{organization}/campaigns/{year}")
@access(Access.SIGNED_IN, "reference data of the organization's province (GRD-09)")
async def campaign(org: Parts, who: CurrentPrincipal, organization: OrganizationId, year: Year) -> CampaignShown:
    today = _today(org)
    steps = await org.campaigns.of(organization, year)
    shown = [StepShown(step=s.step.value, day=s.day, set_by=s.by, days_left=(s.day - today).days) for s in steps]
    return CampaignShown(year=year, today=today, steps=shown, may_set=await org.campaigns.may_set(who, organization))


@router.put("/organizations/{organization}/campaigns/{year}")
@access(Access.WRITE, "own admins of the root or of a provincial body (GRD-09)")
async def set_campaign(
    org: Parts,
    who: CurrentPrincipal,
    request: CommandRequest,
    organization: OrganizationId,
    year: Year,
    body: CampaignForm,
) -> Done:
    command = SetCampaign(year=year, days=body.days)
    return done(await org.campaigns.set(who, request, organization, command))


def _today(org: Org) -> date:
    return local_date(org.clock.now())


def _marked(each: MonthOf) -> MonthMarked:
    answer: dict[str, Any] = {"version": each.answer.version} if each.answer else {}
    return MonthMarked(branch=each.branch, **answer, refused=_not_marked(each.refused) if each.refused else None)


def _not_marked(refusal: Refusal) -> NotMarked:
    return NotMarked(
        code=refusal.code,
        rule=refusal.rule,
        zh=refusal.sentence(),
        en=refusal.sentence("en"),
        way_out=refusal.advice(),
        way_out_en=refusal.advice("en"),
    )
