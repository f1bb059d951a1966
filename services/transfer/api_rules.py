"""HTTP of what provinces and operators set: periods (TRF-09), talent centres (TRF-19), working days (OPS-05)."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, Field

from services.transfer.api import Given
from services.transfer.domain.events_of_rules import StepPeriodSet, TalentCentreSet, WorkingDaysEntered
from services.transfer.domain.working_days import EnterWorkingDays
from services.transfer.shapes import Form
from services.transfer.use_cases.rules import Entry
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.consistency import Done, done
from shared.http.parked import CentralOperator
from shared.http.routes import Access, Router, access

router = Router("/v1")

Year = Annotated[int, Path(ge=2000, le=2100)]
Days = Annotated[tuple[date, ...], Field(max_length=150)]
NOT_ENTERED = "working_days_not_entered"


class PeriodForm(Form):
    """`automatic`: a step not decided in time counts as approved. `effective_from`: the first day, in Asia/Shanghai."""

    days: Annotated[int, Field(ge=0, le=1000)]
    automatic: bool = False
    effective_from: date


class TalentCentreForm(Form):
    """TRF-19. `effective_from`: the first day, in Asia/Shanghai."""

    allowed: bool
    effective_from: date


class WorkingDaysForm(Form):
    """Of one year: weekdays that are off, weekend days that are worked."""

    off: Days
    on: Days


class Period(BaseModel):
    """`hours` of a step, and what then."""

    hours: int
    automatic: bool


class PeriodEntry(Period):
    effective_from: date
    by: str
    at: datetime


class PeriodsShown(BaseModel):
    """What applies to transfers started today, and all that the province ever set, the newest first."""

    today: Period
    history: list[PeriodEntry]


class TalentCentreEntry(BaseModel):
    allowed: bool
    effective_from: date
    by: str
    at: datetime


class TalentCentreShown(BaseModel):
    """TRF-19: whether transfers started today may go there, and all that the province ever set, the newest first."""

    today: bool
    history: list[TalentCentreEntry]


class WorkingDaysEntry(BaseModel):
    off: list[date]
    on: list[date]
    by: str
    at: datetime


class Warned(BaseModel):
    code: str
    zh: str
    en: str


class WorkingDaysShown(BaseModel):
    """`off` and `on` as they apply; `warnings` where the year is not entered. `history`: the newest first."""

    year: int
    entered: bool
    off: list[date]
    on: list[date]
    warnings: list[Warned]
    history: list[WorkingDaysEntry]


@router.post("/organizations/{organization}/transfer-periods", status_code=201)
@access(Access.WRITE, "the provincial body (TRF-09)")
async def set_period(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, organization: str, form: PeriodForm
) -> Done:
    await parts.authority.require_write(who, organization)
    answer = await parts.rules.set_period(
        request, organization, form.days, form.effective_from, automatic=form.automatic
    )
    return done(answer)


@router.get("/organizations/{organization}/transfer-periods")
@access(Access.READ, "an organization of the province (TRF-09)")
async def period(parts: Given, who: CurrentPrincipal, organization: str) -> PeriodsShown:
    await parts.authority.require_read(who, organization)
    present, entries = await parts.rules.period(organization)
    today = Period(hours=parts.rules.usual_hours, automatic=False) if present is None else _period(present)
    return PeriodsShown(today=today, history=[_period_entry(entry) for entry in reversed(entries)])


@router.post("/organizations/{organization}/talent-centre", status_code=201)
@access(Access.WRITE, "the provincial body (TRF-19)")
async def set_talent_centre(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, organization: str, form: TalentCentreForm
) -> Done:
    await parts.authority.require_write(who, organization)
    rules = parts.rules
    return done(await rules.set_talent_centre(request, organization, form.effective_from, allowed=form.allowed))


@router.get("/organizations/{organization}/talent-centre")
@access(Access.READ, "an organization of the province (TRF-19)")
async def talent_centre(parts: Given, who: CurrentPrincipal, organization: str) -> TalentCentreShown:
    await parts.authority.require_read(who, organization)
    entries = await parts.rules.talent_centre(organization)
    today = await parts.rules.allows_talent_centre(organization)
    return TalentCentreShown(today=today, history=[_talent_centre_entry(entry) for entry in reversed(entries)])


@router.put("/reference/working-days/{year}")
@access(Access.OPERATOR, "the State Council's yearly notice (OPS-05)")
async def enter_working_days(
    parts: Given, _operator: CentralOperator, request: CommandRequest, year: Year, form: WorkingDaysForm
) -> Done:
    command = EnterWorkingDays(year=year, off=form.off, on=form.on)
    return done(await parts.rules.enter_working_days(request, command))


@router.get("/reference/working-days/{year}")
@access(Access.SIGNED_IN, "reference data")
async def working_days(parts: Given, year: Year) -> WorkingDaysShown:
    entries = await parts.rules.working_days(year)
    history = [_working_days_entry(entry) for entry in reversed(entries)]
    applies = {"off": history[0].off, "on": history[0].on} if history else {"off": [], "on": []}
    warnings = [] if history else [_not_entered(year)]
    return WorkingDaysShown(year=year, entered=bool(history), **applies, warnings=warnings, history=history)


def _not_entered(year: int) -> Warned:
    return Warned(
        code=NOT_ENTERED,
        zh=f"{year} 年的放假安排还没有录入：暂按周一至周五为工作日计算，遇节假日和调休会有偏差。",
        en=f"The holidays of {year} are not entered yet: Monday to Friday count as working days.",
    )


def _period(set_: StepPeriodSet) -> Period:
    return Period(hours=set_.days * 24, automatic=set_.automatic)


def _period_entry(entry: Entry) -> PeriodEntry:
    if not isinstance(entry.event, StepPeriodSet):
        raise TypeError(f"{type(entry.event).__name__} in a stream of periods")
    period = _period(entry.event)
    return PeriodEntry(**dict(period), effective_from=entry.event.effective_from, by=entry.by, at=entry.at)


def _talent_centre_entry(entry: Entry) -> TalentCentreEntry:
    if not isinstance(entry.event, TalentCentreSet):
        raise TypeError(f"{type(entry.event).__name__} in a stream of talent-exchange centres")
    said = entry.event
    return TalentCentreEntry(allowed=said.allowed, effective_from=said.effective_from, by=entry.by, at=entry.at)


def _working_days_entry(entry: Entry) -> WorkingDaysEntry:
    if not isinstance(entry.event, WorkingDaysEntered):
        raise TypeError(f"{type(entry.event).__name__} in the calendar")
    return WorkingDaysEntry(off=list(entry.event.off), on=list(entry.event.on), by=entry.by, at=entry.at)
