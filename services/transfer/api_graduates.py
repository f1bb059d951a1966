"""The HTTP interface of the graduation cockpit: who is left behind, whom to call, and one click for many (GRD-06)."""

import asyncio
from typing import Annotated

from fastapi import Query

from services.transfer.api import Given, why_of
from services.transfer.domain.events import Side
from services.transfer.domain.refusals import NotLeftBehind
from services.transfer.shapes_graduates import (
    BatchForm,
    BatchOutcome,
    CampaignStep,
    GraduateLine,
    Late,
    Situation,
    Started,
    Stuck,
    YearsLeft,
)
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.consistency import Shown
from shared.http.paging import CursorText, Limit, Page
from shared.http.routes import Access, Router, access
from shared.kernel.clock import iso, local_date
from shared.kernel.envelope import Request
from shared.kernel.ids import request_hash
from shared.kernel.refusals import Refusal

router = Router("/v1")

Year = Annotated[int | None, Query(ge=2017, le=2100)]


class ShownGraduates(Page[GraduateLine], Shown): ...


class ShownSituation(Situation, Shown): ...


class ShownYears(YearsLeft, Shown): ...


class ShownLate(Late, Shown): ...


@router.get("/organizations/{organization}/graduates")
@access(Access.READ, "the organization (GRD-06)")
async def left_behind(
    parts: Given,
    who: CurrentPrincipal,
    organization: str,
    year: Year = None,
    stuck: Stuck | None = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> ShownGraduates:
    """Now; branch by branch."""
    now = parts.clock.now()
    asked = year or local_date(now).year
    page = await parts.graduates.left_behind(who, organization, asked, stuck or "", limit, cursor)
    return ShownGraduates(**dict(page), fresh=True, as_of=iso(now))


@router.get("/organizations/{organization}/graduates/situation")
@access(Access.READ, "the organization (BEY-09)")
async def situation(parts: Given, who: CurrentPrincipal, organization: str, year: Year = None) -> ShownSituation:
    now = parts.clock.now()
    found = await parts.graduates.situation(who, organization, year or local_date(now).year, now)
    return ShownSituation(**dict(found), fresh=True, as_of=iso(now))


@router.get("/organizations/{organization}/graduates/years")
@access(Access.READ, "the organization (GRD-06)")
async def years(parts: Given, who: CurrentPrincipal, organization: str) -> ShownYears:
    """Now; also of the years before, until nobody is left."""
    found = await parts.graduates.years(who, organization)
    return ShownYears(items=found, fresh=True, as_of=iso(parts.clock.now()))


@router.get("/organizations/{organization}/graduates/late")
@access(Access.READ, "the organization (GRD-09)")
async def late(
    parts: Given, who: CurrentPrincipal, organization: str, step: CampaignStep, year: Year = None
) -> ShownLate:
    """Who has not done a step by now, whether or not its day is over."""
    now = parts.clock.now()
    found = await parts.late.late(who, organization, year or local_date(now).year, step)
    return ShownLate(**dict(found), fresh=True, as_of=iso(now))


@router.post("/organizations/{organization}/graduates/transfers", status_code=201)
@access(Access.WRITE, "the organization, and of each of them the branch they are in (GRD-06, TRF-05)")
async def start_many(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, organization: str, form: BatchForm
) -> BatchOutcome:
    """One usual transfer out for each; what one is refused for stops no other. The same key starts none twice."""
    await parts.authority.require_write(who, organization)
    why = await why_of(parts, form, form.to, organization)
    left = await parts.graduates.left(form.people)
    below = await parts.graduates.within(organization, set(left.values()))

    async def start(person: str) -> Started:
        branch = left.get(person)
        try:
            if branch is None or branch not in below:
                raise NotLeftBehind(field="people")
            await parts.authority.require_write(who, branch)
            one = Request(
                actor=request.actor,
                key=f"{request.key}:{person}",
                body_hash=request_hash([person, form.to, *why]),
                correlation=request.correlation,
            )
            answer = await parts.commands.request(one, Side.OUT, person, branch, form.to, why)
        except Refusal as refusal:
            return _refused(person, refusal)
        return Started(person=person, transfer=answer.stream)

    items = await asyncio.gather(*(start(person) for person in dict.fromkeys(form.people)))
    started = sum(item.transfer is not None for item in items)
    return BatchOutcome(items=items, started=started, refused=len(items) - started)


def _refused(person: str, refusal: Refusal) -> Started:
    said = {language: f"{refusal.sentence(language)}{refusal.advice(language)}" for language in ("zh", "en")}
    return Started(person=person, code=refusal.code, rule=refusal.rule, **said)
