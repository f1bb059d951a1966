"""Entering a member or a cadre by form: the fields of the two templates, all faults at once (MEM-03, MEM-24)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.answers.member import Lists
from services.web.answers.org import Organization, Subordinates
from services.web.clients import Done, Gap, Parameters, Refused, attempt
from services.web.forms import CheckedForm, Form, Sheet, refused, unanswered
from services.web.pages.members import lists_of
from services.web.pages.reading import above, down_to, organization_of
from services.web.view import View, go
from services.web.visit import AsAdmin, OrganizationId, SignedIn, Visit

BRANCHES_SHOWN = 50
SEPARATOR = "、"
COMMON = (
    "name",
    "document_kind",
    "number",
    "sex",
    "birth_date",
    "ethnicity",
    "political_status",
    "education",
    "mobile",
    "email",
    "join_date",
    "development_number",
    "positions",
    "position_since",
    "remark",
)
MEMBER_FIELDS = (
    *COMMON,
    "join_place",
    "work_or_school",
    "occupation",
    "income",
    "emergency_contact",
    "emergency_phone",
    "hobbies",
)
CADRE_FIELDS = (*COMMON, "appointment_kind", "is_member", "branch")
routes = APIRouter()


async def show(
    request: Request, visit: Visit, card: Organization, kind: str, sheet: Sheet, *, status: int = 200
) -> Response:
    view: View = request.app.state.view
    lists: Lists = await lists_of(visit)
    return view.page(
        request,
        "members/entry.html",
        status=status,
        card=card,
        kind=kind,
        sheet=sheet,
        lists=lists,
        positions=lists.positions.get(card.category, []),
        chosen_positions=sheet.value("positions").split(SEPARATOR),
        crumbs=down_to(visit, card, kind),
    )


def read(form: Form, names: tuple[str, ...]) -> dict[str, str]:
    """The fields that were filled, in the service's words; several positions as one text, as in the workbook."""
    body = form.filled(names)
    positions = [value for value in form.data.getlist("positions") if isinstance(value, str) and value]
    if positions:
        body["positions"] = SEPARATOR.join(positions)
    return body


def again(form: Form, names: tuple[str, ...], no: Refused | Gap) -> Sheet:
    sheet = unanswered(form, names, no) if isinstance(no, Gap) else refused(form, names, no.problem)
    sheet.values["positions"] = read(form, names).get("positions", "")
    return sheet


@routes.get("/organizations/{organization}/members/new")
async def member_form(request: Request, organization: OrganizationId, visit: AsAdmin, q: str = "") -> Response:
    """The form for a branch; for an organization above branches, first the choice of the branch (MEM-02, MEM-03)."""
    card = await organization_of(visit, organization)
    if card.is_branch:
        values = {"political_status": "共青团员", "document_kind": "居民身份证"}
        return await show(request, visit, card, "members", Sheet(values=values))
    view: View = request.app.state.view
    query: Parameters = {"category": "branch", "q": q.strip(), "limit": BRANCHES_SHOWN}
    branches = await attempt(
        visit.services.org.get(Subordinates, f"/v1/organizations/{organization}/subordinates", query)
    )
    return view.page(
        request,
        "members/choose_branch.html",
        card=card,
        branches=branches,
        words=q.strip(),
        crumbs=above(visit, card, "members"),
    )


@routes.get("/organizations/{organization}/cadres/new")
async def cadre_form(request: Request, organization: OrganizationId, visit: AsAdmin) -> Response:
    card = await organization_of(visit, organization)
    return await show(request, visit, card, "cadres", Sheet(values={"document_kind": "居民身份证", "is_member": "否"}))


async def enter(
    request: Request, organization: str, visit: Visit, form: Form, kind: str, names: tuple[str, ...]
) -> Response:
    path = f"/organizations/{organization}/{kind}"
    try:
        done = await visit.services.member.send(Done, f"/v1{path}", read(form, names), key=form.key)
    except (Refused, Gap) as no:
        card = await organization_of(visit, organization)
        status = 503 if isinstance(no, Gap) else max(no.problem.status, 400)
        return await show(request, visit, card, kind, again(form, names, no), status=status)
    return go(request, path, "note.entered", after={"member": done.token}, name=form.text("name"))


@routes.post("/organizations/{organization}/members/new")
async def enter_member(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    return await enter(request, organization, visit, form, "members", MEMBER_FIELDS)


@routes.post("/organizations/{organization}/cadres/new")
async def enter_cadre(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    return await enter(request, organization, visit, form, "cadres", CADRE_FIELDS)
