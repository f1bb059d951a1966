"""The HTTP interface of stats: figures of an organization and its direct subordinates, at an hour or live."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Response
from pydantic import AwareDatetime
from starlette.requests import Request as HttpRequest

from services.stats import figures, rates, shapes, workbook
from services.stats.counting.vectors import Totals
from services.stats.projections.below import LOOKED_AT, Below, GraduatesBelow
from services.stats.projections.progress import Moment, Progress, Standing
from services.stats.projections.trend import Trend
from services.stats.reference.sectors import TABS
from shared.authority.authority import Authority
from shared.http.answers import XLSX, download
from shared.http.auth import CurrentPrincipal
from shared.http.consistency import AskedReadAfter
from shared.http.paging import Limit
from shared.http.routes import Access, Router, access
from shared.kernel.clock import iso

router = Router("/v1/progress")


OrganizationId = Annotated[str, Query(min_length=1, max_length=64)]
Hour = Annotated[AwareDatetime | Literal["live", ""] | None, Query()]
"""An instant within a published hour, `live`, or nothing for the newest published hour."""

Sector = Annotated[str | None, Query(max_length=32)]
Year = Annotated[int | None, Query(ge=2017, le=2100)]
Region = Annotated[str, Query(pattern="^([0-9]{6})?$", description="A code of GB/T 2260, as a row by region has it")]
Offset = Annotated[int, Query(ge=0, le=LOOKED_AT, description="How many schools to pass over")]
By = Literal["organization", "school", "region"]


@dataclass(frozen=True, slots=True)
class Stats:
    """What the handlers work with; the composition root puts it on the application."""

    progress: Progress
    trend: Trend
    below: GraduatesBelow
    authority: Authority


@dataclass(frozen=True, slots=True)
class Question:
    """Whose figures, of when. Answered only after the asker's right to read the organization was checked."""

    stats: Stats
    who: CurrentPrincipal
    organization: str
    hour: Hour

    async def moment(self) -> Moment:
        """Raises OutsideAuthority, NothingPublishedYet, HourNotPublished."""
        await self.stats.authority.require_read(self.who, self.organization)
        return await self.stats.progress.moment(self.hour or None)

    async def standing(self) -> Standing:
        """Raises as `moment`."""
        return await self.stats.progress.standing(self.organization, await self.moment())

    async def schools(self, year: int | None, region: str) -> Below:
        """Raises as `moment`, TooManySchools, NotCountedThen."""
        return await self.stats.below.schools(self.organization, await self.moment(), year, region)

    async def divisions(self, year: int | None) -> Below:
        """Raises as `schools`."""
        return await self.stats.below.divisions(self.organization, await self.moment(), year)


async def _stats(http: HttpRequest) -> Stats:
    stats: Stats = http.app.state.stats
    return stats


async def _question(
    stats: Annotated[Stats, Depends(_stats)], who: CurrentPrincipal, organization: OrganizationId, hour: Hour = None
) -> Question:
    return Question(stats, who, organization, hour)


async def _series(
    stats: Annotated[Stats, Depends(_stats)], who: CurrentPrincipal, organization: OrganizationId
) -> list[tuple[int, Totals]]:
    """Raises OutsideAuthority."""
    await stats.authority.require_read(who, organization)
    return await stats.trend.series(organization)


Asked = Annotated[Question, Depends(_question)]
Series = Annotated[list[tuple[int, Totals]], Depends(_series)]


@router.get("/members")
@access(Access.READ, "the organization (STA-03)")
async def members(asked: Asked, after: AskedReadAfter, sector: Sector = None) -> shapes.MemberProgress:
    answer = figures.tree_figures(await asked.standing(), figures.member_figures, sector or None)
    return shapes.MemberProgress(**answer, fresh=not after)


@router.get("/members/sectors")
@access(Access.READ, "the organization (STA-03)")
async def member_sectors(asked: Asked, after: AskedReadAfter) -> shapes.MemberSectors:
    answer = figures.sector_figures(await asked.standing(), figures.member_figures)
    return shapes.MemberSectors(**answer, fresh=not after)


@router.get("/cadres")
@access(Access.READ, "the organization (STA-08)")
async def cadres(asked: Asked, after: AskedReadAfter, sector: Sector = None) -> shapes.CadreProgress:
    answer = figures.tree_figures(await asked.standing(), figures.cadre_figures, sector or None)
    return shapes.CadreProgress(**answer, fresh=not after)


@router.get("/cadres/sectors")
@access(Access.READ, "the organization (STA-08)")
async def cadre_sectors(asked: Asked, after: AskedReadAfter) -> shapes.CadreSectors:
    answer = figures.sector_figures(await asked.standing(), figures.cadre_figures)
    return shapes.CadreSectors(**answer, fresh=not after)


@router.get("/members/trend")
@access(Access.READ, "the organization (STA-05)")
async def member_trend(series: Series, sector: Sector = None) -> shapes.MemberTrend:
    points = figures.trend_figures(series, figures.member_figures, sector or None)
    return shapes.MemberTrend(**points)


@router.get("/cadres/trend")
@access(Access.READ, "the organization (STA-05)")
async def cadre_trend(series: Series, sector: Sector = None) -> shapes.CadreTrend:
    points = figures.trend_figures(series, figures.cadre_figures, sector or None)
    return shapes.CadreTrend(**points)


@router.get("/members.xlsx")
@access(Access.READ, "the organization (STA-03)")
async def members_workbook(asked: Asked, sector: Sector = None) -> Response:
    return await _workbook(workbook.MEMBERS, figures.member_figures, asked, sector)


@router.get("/cadres.xlsx")
@access(Access.READ, "the organization (STA-08)")
async def cadres_workbook(asked: Asked, sector: Sector = None) -> Response:
    return await _workbook(workbook.CADRES, figures.cadre_figures, asked, sector)


@router.get("/information")
@access(Access.READ, "the organization (STA-04)")
async def information(asked: Asked, after: AskedReadAfter) -> shapes.Information:
    return shapes.Information(**figures.information_figures(await asked.standing()), fresh=not after)


@router.get("/timeliness")
@access(Access.READ, "the organization (STA-05)")
async def timeliness(asked: Asked, after: AskedReadAfter, sector: Sector = None) -> shapes.Timeliness:
    return shapes.Timeliness(**rates.timeliness(await asked.standing(), sector or None), fresh=not after)


@router.get("/timeliness/trend")
@access(Access.READ, "the organization (STA-05)")
async def timeliness_trend(series: Series, sector: Sector = None) -> shapes.TimelinessTrend:
    return shapes.TimelinessTrend(**rates.timeliness_trend(series, sector or None))


@router.get("/graduates")
@access(Access.READ, "the organization (GRD-06)")
async def graduates(asked: Asked, after: AskedReadAfter, year: Year = None) -> shapes.GraduateProgress:
    return shapes.GraduateProgress(**rates.graduates(await asked.standing(), year), fresh=not after)


@router.get("/graduates/schools")
@access(Access.READ, "the organization (GRD-06)")
async def graduate_schools(
    asked: Asked, after: AskedReadAfter, year: Year = None, region: Region = "", limit: Limit = 50, offset: Offset = 0
) -> shapes.GraduateSchools:
    answer = rates.by_school(await asked.schools(year, region), region)
    page = {"schools": len(answer["rows"]), "rows": answer["rows"][offset : offset + limit]}
    return shapes.GraduateSchools(**answer | page, fresh=not after)


@router.get("/graduates/regions")
@access(Access.READ, "the organization (GRD-06)")
async def graduate_regions(asked: Asked, after: AskedReadAfter, year: Year = None) -> shapes.GraduateRegions:
    return shapes.GraduateRegions(**rates.by_region(await asked.divisions(year)), fresh=not after)


@router.get("/graduates.xlsx")
@access(Access.READ, "the organization (GRD-06)")
async def graduates_workbook(asked: Asked, by: By = "organization", year: Year = None, region: Region = "") -> Response:
    match by:
        case "organization":
            standing = await asked.standing()
            kind, moment, answer = workbook.GRADUATES, standing.moment, rates.graduates(standing, year)
        case "school":
            below = await asked.schools(year, region)
            kind, moment, answer = workbook.BY_SCHOOL, below.moment, rates.by_school(below, region)
        case "region":
            below = await asked.divisions(year)
            kind, moment, answer = workbook.BY_REGION, below.moment, rates.by_region(below)
    return await _written(kind, answer, moment, answer.get("region_name", "") if region else "")


@router.get("/graduates/trend")
@access(Access.READ, "the organization (GRD-06)")
async def graduates_trend(
    stats: Annotated[Stats, Depends(_stats)], who: CurrentPrincipal, organization: OrganizationId, year: Year = None
) -> shapes.GraduateTrend:
    await stats.authority.require_read(who, organization)
    return shapes.GraduateTrend(**rates.graduates_trend(await stats.trend.cohorts(organization), year))


@router.get("/hours")
@access(Access.SIGNED_IN, "which hours there are says nothing of anybody (STA-01)")
async def hours(stats: Annotated[Stats, Depends(_stats)], limit: Limit = 48) -> shapes.Hours:
    published = [(iso(moment.as_of), moment.late) for moment in await stats.progress.hours(limit)]
    return shapes.Hours(items=[hour for hour, _ in published], late=[hour for hour, late in published if late])


async def _workbook(kind: str, measure: figures.Measure, asked: Question, sector: str | None) -> Response:
    standing = await asked.standing()
    answer = figures.tree_figures(standing, measure, sector or None)
    named = TABS[sector] if sector else ""
    return await _written(kind, answer, standing.moment, named)


async def _written(kind: str, answer: dict[str, Any], moment: Moment, named: str) -> Response:
    content = await asyncio.to_thread(workbook.write, kind, answer, moment, named)
    return download(content, XLSX, f"{workbook.TITLES[kind]}{named}.xlsx")
