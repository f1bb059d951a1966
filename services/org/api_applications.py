"""HTTP of account applications for the direct superior: listed, opened, approved with a code, refused (ADM-07)."""

from typing import Annotated

from fastapi import Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.org.api import OrganizationId, Parts
from services.org.api_codes import CodeShown, code_shown
from services.org.shapes import ApplicationRecord, ApplicationRow
from shared.http.answers import download
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.consistency import AskedReadAfter, Done, Shown, done, shown
from shared.http.paging import CursorText, Limit, Page
from shared.http.routes import Access, Router, access
from shared.kernel.clock import iso
from shared.kernel.text import clean

router = Router("/v1")

SUPERIOR = "the own admins of the direct superior of the organization (ADM-07)"


class ShownApplications(Page[ApplicationRow], Shown): ...


class RefusalBody(BaseModel):
    """`grounds` are told to who applied."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    grounds: Annotated[str, Field(min_length=1, max_length=500), BeforeValidator(clean)]


@router.get("/organizations/{organization}/subordinates/account-applications")
@access(Access.WRITE, "the organization (ADM-07)")
async def applications(
    org: Parts,
    who: CurrentPrincipal,
    organization: OrganizationId,
    after: AskedReadAfter,
    ended: bool = False,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> ShownApplications:
    fresh, now = await shown(org.applications.collection, after), org.clock.now()
    page = await org.applications.page(who, organization, now, ended=ended, limit=limit, cursor=cursor)
    return ShownApplications(**dict(page), fresh=fresh, as_of=iso(now))


@router.get("/account-applications/{application}")
@access(Access.WRITE, SUPERIOR)
async def application_record(org: Parts, who: CurrentPrincipal, application: str) -> ApplicationRecord:
    return await org.applications.record(await org.deciding.dossier(who, application), org.clock.now())


@router.get("/account-applications/{application}/form")
@access(Access.WRITE, SUPERIOR)
async def application_form(org: Parts, who: CurrentPrincipal, application: str) -> Response:
    found = await org.deciding.form(who, application)
    return download(found.content, found.media_type, found.file_name)


@router.post("/account-applications/{application}/approval", status_code=201)
@access(Access.WRITE, SUPERIOR)
async def approve_application(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, application: str
) -> CodeShown:
    return code_shown(await org.deciding.approve(who, request, application))


@router.post("/account-applications/{application}/refusal", status_code=201)
@access(Access.WRITE, SUPERIOR)
async def refuse_application(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, application: str, body: RefusalBody
) -> Done:
    return done(await org.deciding.refuse(who, request, application, body.grounds))
