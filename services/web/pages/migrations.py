"""Migrations: asking for one, the lists of them, and one with its time line and the decision (ORG-17)."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.answers.changes import GROUNDS, Migration, Migrations, Reach
from services.web.answers.org import Organization
from services.web.answers.stats import MemberProgress
from services.web.answers.transfer import Touched
from services.web.clients import Done, Gap, Parameters, Problem, Refused, attempt
from services.web.forms import CheckedForm, Sheet, refused, unanswered
from services.web.pages.naming import spoken
from services.web.pages.organizations import status_of
from services.web.pages.picker import picker_of
from services.web.pages.progress import published
from services.web.pages.reading import above, down_to, organization_of
from services.web.pages.transfer_start import destination
from services.web.urls import Address
from services.web.view import View, go
from services.web.visit import MigrationId, OrganizationId, SignedIn, Visit

PAGE = 50
TABS = ("waiting", "own", "seen")
TYPED = ("to", "note")
ABOVE = {
    "leading_body": ("leading_body",),
    "committee": ("leading_body", "committee", "working_committee"),
    "working_committee": ("leading_body", "committee", "working_committee"),
    "general_branch": ("leading_body", "committee", "working_committee"),
    "branch": ("leading_body", "committee", "working_committee", "general_branch"),
}
"""ORG-04: under what an organization of a category can stand."""
routes = APIRouter()


@routes.get("/organizations/{organization}/migrations")
async def migration_list(
    request: Request, organization: OrganizationId, visit: SignedIn, which: str = "waiting", cursor: str = ""
) -> Response:
    view: View = request.app.state.view
    tab = which if which in TABS else "waiting"
    path = f"/organizations/{organization}/migrations"
    query: Parameters = {"which": tab, "limit": PAGE, "cursor": cursor}
    card, rows = await asyncio.gather(
        organization_of(visit, organization), attempt(visit.services.org.get(Migrations, f"/v1{path}", query))
    )
    return view.page(
        request,
        "changes/migrations.html",
        card=card,
        rows=rows,
        tab=tab,
        tabs=TABS,
        address=Address(path, {"which": tab, "cursor": cursor}),
        crumbs=above(visit, card, "migrations"),
    )


async def touched(visit: Visit, organization: str) -> dict[str, Any]:
    """BEY-05: what an organization takes along, as far as org, stats and transfer say; a gap or None where not."""
    path = f"/v1/organizations/{organization}"
    reach, members, transfers = await asyncio.gather(
        attempt(visit.services.org.get(Reach, f"{path}/reach")),
        published(
            visit.services.stats.get(
                MemberProgress, "/v1/progress/members", {"organization": organization, "hour": "live"}
            ),
            MemberProgress(),
        ),
        attempt(visit.services.transfer.get(Touched, f"{path}/subtree/transfers")),
    )
    return {
        "reach": None if isinstance(reach, Gap) else reach,
        "members": None if isinstance(members, Gap) else members.total,
        "transfers": None if isinstance(transfers, Gap) else transfers,
    }


async def form_page(
    request: Request, visit: Visit, organization: str, address: Address, sheet: Sheet, *, status: int = 200
) -> Response:
    """First where to, then what moves along and the request. Raises Refused for who only reads there (ADM-08)."""
    view: View = request.app.state.view
    card = await organization_of(visit, organization)
    if not card.may.migrate:
        raise Refused(Problem(status=403, rule="ADM-08"))
    chosen, picker, along = await destination(visit, address.value("to")), None, {}
    if chosen is None:
        province = "" if is_operator(visit) else card.path[1].id
        start, taken = card.superior or province, card.superior or ""
        picker = await picker_of(visit, address, start, ABOVE[card.category], taken, under=province)
    else:
        along = await touched(visit, organization)
    return view.page(
        request,
        "changes/migrate.html",
        status=status,
        card=card,
        chosen=chosen,
        picker=picker,
        across=bool(chosen and province_of(chosen) != province_of(card)),
        address=address,
        sheet=sheet,
        crumbs=down_to(visit, card, ""),
        **along,
    )


def is_operator(visit: Visit) -> bool:
    return visit.standing is not None and visit.standing.role == "operator"


def province_of(card: Organization) -> str:
    """The provincial-level body that an organization belongs to, or is."""
    return card.path[1].id if len(card.path) > 1 else card.id


@routes.get("/organizations/{organization}/migrate")
async def migrate_page(
    request: Request, organization: OrganizationId, visit: SignedIn, q: str = "", at: str = "", to: str = ""
) -> Response:
    address = Address(f"/organizations/{organization}/migrate", {"q": q, "at": at, "to": to})
    return await form_page(request, visit, organization, address, Sheet())


@routes.post("/organizations/{organization}/migrate")
async def migrate(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    """An operator moves at once, everybody else asks."""
    moves = is_operator(visit)
    body = {"to": form.text("to"), ("reason" if moves else "note"): form.text("note")}
    path = f"/v1/organizations/{organization}/{'placement' if moves else 'migrations'}"
    try:
        done = await visit.services.org.send(Done, path, body, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, TYPED, no) if isinstance(no, Gap) else refused(form, TYPED, no.problem)
        address = Address(f"/organizations/{organization}/migrate", {"to": form.text("to")})
        return await form_page(request, visit, organization, address, sheet, status=status_of(no))
    if moves:
        return go(request, f"/organizations/{organization}", "note.placed", after={"org": done.token})
    return go(request, f"/migrations/{done.stream}", "note.migration_requested", after={"org": done.token})


async def show(request: Request, visit: Visit, migration: str, sheet: Sheet, *, status: int = 200) -> Response:
    view: View = request.app.state.view
    card = await visit.services.org.get(Migration, f"/v1/migrations/{migration}")
    names, along = await asyncio.gather(
        spoken(visit, [step.by for step in card.steps if step.what != "timed_out"]),
        touched_if_seen(visit, card) if card.is_open else nothing(),
    )
    return view.page(
        request,
        "changes/migration.html",
        status=status,
        card=card,
        names=names,
        sheet=sheet,
        stages=("requested", "release", "admit", "moved"),
        **({"reach": None, "members": None, "transfers": None} | along),
    )


async def nothing() -> dict[str, Any]:
    return {}


async def touched_if_seen(visit: Visit, card: Migration) -> dict[str, Any]:
    """Nothing for who may not read the organization yet: the new superior."""
    try:
        return await touched(visit, card.organization.id)
    except Refused:
        return {}


@routes.get("/migrations/{migration}")
async def migration_page(request: Request, migration: MigrationId, visit: SignedIn) -> Response:
    return await show(request, visit, migration, Sheet())


async def dialog(request: Request, visit: Visit, migration: str, sheet: Sheet, *, status: int = 200) -> Response:
    view: View = request.app.state.view
    card = await visit.services.org.get(Migration, f"/v1/migrations/{migration}")
    return view.page(request, "changes/refuse.html", status=status, card=card, sheet=sheet, grounds=GROUNDS)


@routes.get("/migrations/{migration}/refuse")
async def refuse_dialog(request: Request, migration: MigrationId, visit: SignedIn) -> Response:
    return await dialog(request, visit, migration, Sheet())


@routes.post("/migrations/{migration}/refuse")
async def refuse(request: Request, migration: MigrationId, visit: SignedIn, form: CheckedForm) -> Response:
    fields = ("ground", "note")
    body = {"ground": form.text("ground"), "note": form.text("note")}
    try:
        done = await visit.services.org.send(Done, f"/v1/migrations/{migration}/refusal", body, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, fields, no) if isinstance(no, Gap) else refused(form, fields, no.problem)
        return await dialog(request, visit, migration, sheet, status=status_of(no))
    return go(request, f"/migrations/{migration}", "note.migration_refused", after={"org": done.token})


@routes.post("/migrations/{migration}/approve")
async def approve(request: Request, migration: MigrationId, visit: SignedIn, form: CheckedForm) -> Response:
    return await decide(request, visit, migration, form, "approval", "note.migration_approved")


@routes.post("/migrations/{migration}/withdraw")
async def withdraw(request: Request, migration: MigrationId, visit: SignedIn, form: CheckedForm) -> Response:
    return await decide(request, visit, migration, form, "withdrawal", "note.migration_withdrawn")


async def decide(request: Request, visit: Visit, migration: str, form: CheckedForm, what: str, note: str) -> Response:
    """What stands against it is told on the page, as it is now."""
    try:
        done = await visit.services.org.send(Done, f"/v1/migrations/{migration}/{what}", {}, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, (), no) if isinstance(no, Gap) else refused(form, (), no.problem)
        return await show(request, visit, migration, sheet, status=status_of(no))
    return go(request, f"/migrations/{migration}", note, after={"org": done.token})
