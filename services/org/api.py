"""The HTTP interface of org: parse, call the use case, render (ORG-03 to ORG-08, ORG-22, ADM-01 to ADM-08)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

from fastapi import Depends, Query, Response, UploadFile
from pydantic import BaseModel
from starlette.requests import Request as HttpRequest

from services.org.domain.admins import AppointAdmin, RevokeAdmin
from services.org.domain.documents import DOCUMENT_BYTES_MAX
from services.org.domain.establishing import MAY_HAVE_UNDER_IT, EstablishOrganization
from services.org.domain.events import Category
from services.org.domain.information import ApprovalDocumentUnknown, ChangeInformation
from services.org.domain.ordering import Direction, MoveSubordinate
from services.org.domain.organization import OrganizationUnknown
from services.org.projections.organizations import Organizations
from services.org.reference.provincial_bodies import provincial_bodies
from services.org.reference.shown import categories_shown, divisions_shown, sectors_shown
from services.org.shapes import Admin, Card, Found, Row, TreeNode
from services.org.use_cases.applying import Applying
from services.org.use_cases.campaigns import GraduationCampaigns
from services.org.use_cases.codes import RegistrationCodes
from services.org.use_cases.deciding import Deciding
from services.org.use_cases.dissolving import Dissolving
from services.org.use_cases.documents import Documents, upload_approval_document
from services.org.use_cases.graduation import GraduationMonths
from services.org.use_cases.merging import Merging
from services.org.use_cases.migrations import Migrations
from services.org.use_cases.moving import Moving
from services.org.use_cases.organizations import OrganizationCommands
from services.org.use_cases.schools import Schools
from services.org.views import Filters, Views
from services.org.views_applications import ApplicationViews
from services.org.views_changes import ChangeViews
from services.org.views_graduation import GraduationViews
from shared.http import answers
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest, with_content
from shared.http.consistency import AskedReadAfter, Done, Shown, done, shown
from shared.http.paging import CursorText, Limit, Page
from shared.http.routes import Access, Router, access
from shared.kernel.clock import Clock, iso, local_date

router = Router("/v1")

FORM_BYTES_MAX = DOCUMENT_BYTES_MAX + 64 * 1024
OrganizationId = str
NamePart = Annotated[str, Query(max_length=100)]


class PassUses(Protocol):
    async def take(self, pass_id: str, now: datetime) -> bool:
        """One more use of a pass; False if all are used up."""
        ...


@dataclass(frozen=True, slots=True)
class Org:
    """What the handlers work with; the composition root puts it on the application."""

    commands: OrganizationCommands
    codes: RegistrationCodes
    dissolving: Dissolving
    schools: Schools
    months: GraduationMonths
    campaigns: GraduationCampaigns
    graduation_views: GraduationViews
    views: Views
    organizations: Organizations
    documents: Documents
    applying: Applying
    deciding: Deciding
    applications: ApplicationViews
    pass_uses: PassUses
    migrations: Migrations
    merging: Merging
    moving: Moving
    changes: ChangeViews
    clock: Clock


async def _org(http: HttpRequest) -> Org:
    org: Org = http.app.state.org
    return org


Parts = Annotated[Org, Depends(_org)]


class ShownCard(Card, Shown): ...


class ShownRows(Page[Row], Shown): ...


class ShownTree(TreeNode, Shown): ...


class ShownAdmins(Page[Admin], Shown): ...


class Uploaded(BaseModel):
    document_id: str
    file_name: str


async def shown_when(org: Org, after: AskedReadAfter) -> dict[str, Any]:
    """Waits for the read model, so it comes before reading it."""
    return {"fresh": await shown(await org.organizations.current(), after), "as_of": iso(org.clock.now())}


@router.post("/organizations", status_code=201)
@access(Access.WRITE, "the superior's own admins (ORG-03)")
async def establish(org: Parts, who: CurrentPrincipal, request: CommandRequest, body: EstablishOrganization) -> Done:
    return done(await org.commands.establish_organization(who, request, body))


@router.put("/organizations/{organization}/information")
@access(Access.WRITE, "the organization (ORG-06)")
async def change(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, organization: OrganizationId, body: ChangeInformation
) -> Done:
    return done(await org.commands.change_information(who, request, organization, body))


@router.post("/organizations/{organization}/move-{direction}")
@access(Access.WRITE, "the direct superior of the organization (ORG-08)")
async def move(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, organization: OrganizationId, direction: Direction
) -> Done:
    superior = await org.commands.superior_of(organization)
    command = MoveSubordinate(subordinate=organization, direction=direction)
    return done(await org.commands.move_subordinate(who, request, superior, command))


@router.post("/organizations/{organization}/admins", status_code=201)
@access(Access.WRITE, "the organization (ADM-04)")
async def appoint(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, organization: OrganizationId, body: AppointAdmin
) -> Done:
    return done(await org.commands.appoint_admin(who, request, organization, body))


@router.delete("/organizations/{organization}/admins/{person}")
@access(Access.WRITE, "the organization (ADM-05)")
async def revoke(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, organization: OrganizationId, person: str
) -> Done:
    return done(await org.commands.revoke_admin(who, request, organization, RevokeAdmin(person=person)))


@router.get("/organizations")
@access(Access.SIGNED_IN, "directory data (ORG-22)")
async def search(
    org: Parts, q: Annotated[str, Query(min_length=2, max_length=100)], under: str | None = None, limit: Limit = 20
) -> Page[Found]:
    found = await org.views.search(q, under, limit)
    return Page[Found](items=found)


@router.get("/organizations/{organization}", response_model_exclude_none=True)
@access(Access.SIGNED_IN, "directory data; what is more only to who may read the organization (ORG-22)")
async def card(org: Parts, who: CurrentPrincipal, organization: OrganizationId, after: AskedReadAfter) -> ShownCard:
    state = await shown_when(org, after)
    return ShownCard(**dict(await org.views.card(who, organization)), **state)


class Responsible(BaseModel):
    """Who administers an organization, as opaque ids: its own admins, or where it has none its superior's."""

    organization: str
    admins: list[str]


@router.get("/organizations/{organization}/responsible")
@access(Access.SIGNED_IN, "directory data: ids alone; member gives names and phones to whom they concern (TRF-14)")
async def responsible(org: Parts, organization: OrganizationId) -> Responsible:
    found = await org.organizations.responsible(organization)
    if found is None:
        raise OrganizationUnknown
    return Responsible(organization=found[0], admins=found[1])


@router.get("/organizations/{organization}/subordinates")
@access(Access.READ, "the organization (ADM-08)")
async def subordinates(
    org: Parts,
    who: CurrentPrincipal,
    organization: OrganizationId,
    after: AskedReadAfter,
    limit: Limit = 50,
    cursor: CursorText = None,
    q: NamePart = "",
    category: Category | None = None,
    complete: bool | None = None,
) -> ShownRows:
    filters = Filters(q=q, category=category.value if category else "", complete=complete)
    state = await shown_when(org, after)
    page = await org.views.subordinates(who, organization, filters, limit, cursor)
    return ShownRows(**dict(page), **state)


@router.get("/organizations/{organization}/tree")
@access(Access.SIGNED_IN, "directory data (ORG-22)")
async def tree(org: Parts, organization: OrganizationId, after: AskedReadAfter) -> ShownTree:
    state = await shown_when(org, after)
    return ShownTree(**dict(await org.views.tree(organization)), **state)


@router.get("/organizations/{organization}/admins")
@access(Access.READ, "the organization (ADM-08)")
async def admins(org: Parts, who: CurrentPrincipal, organization: OrganizationId, after: AskedReadAfter) -> ShownAdmins:
    state = await shown_when(org, after)
    return ShownAdmins(**dict(await org.views.admins(who, organization)), **state)


@router.post("/approval-documents", status_code=201, max_body_size=FORM_BYTES_MAX)
@access(Access.SIGNED_IN, "an upload counts for nothing until a form names it, which is decided then (ORG-05)")
async def upload(org: Parts, request: CommandRequest, file: UploadFile) -> Uploaded:
    content = await file.read(DOCUMENT_BYTES_MAX + 1)
    stored = await upload_approval_document(
        org.documents, with_content(request, {"name": file.filename or ""}, content), file.filename or "", content
    )
    return Uploaded(document_id=stored.id, file_name=stored.file_name)


@router.get("/approval-documents/{document}")
@access(Access.READ, "the organization whose approval it is (ORG-05)")
async def download(org: Parts, who: CurrentPrincipal, document: str) -> Response:
    organization = await org.organizations.with_document(document)
    await org.views.require_read(who, organization or "")  # one that is not there answers like one out of reach (X14)
    found = await org.documents.get(document, content=True)
    if found is None:
        raise ApprovalDocumentUnknown
    return answers.download(found.content, found.media_type, found.file_name)


@router.get("/reference/systems")
@access(Access.SIGNED_IN, "directory data (TRF-18)")
async def systems(org: Parts) -> Page[Found]:
    """The bodies under which the units of a vertical system are found, and not by place."""
    names = [body.full_name for body in provincial_bodies(local_date(org.clock.now())) if not body.region]
    found = await asyncio.gather(*(org.views.search(name, None, 1) for name in names))
    there = [each for name, some in zip(names, found, strict=True) for each in some if each.full_name == name]
    return Page[Found](items=there)


@router.get("/reference/{kind}")
@access(Access.SIGNED_IN, "reference data")
async def reference(kind: Literal["categories", "sectors", "regions"], under: str = "") -> dict[str, Any]:
    match kind:
        case "categories":
            return categories_shown(MAY_HAVE_UNDER_IT)
        case "sectors":
            return sectors_shown()
        case "regions":
            return divisions_shown(under)
