"""Organizations: own information, the tree and the table of direct subordinates, creating, editing, ordering."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.web.answers import Choice, Choices
from services.web.answers.org import Document, FoundList, Node, Organization, Subordinates
from services.web.clients import Done, Gap, Refused, attempt
from services.web.forms import CheckedForm, Form, Sheet, refused, unanswered
from services.web.pages.emptied import emptied_of
from services.web.pages.naming import named
from services.web.pages.reading import above, down_to, organization_of
from services.web.texts import label, say
from services.web.urls import Address
from services.web.view import View, go
from services.web.visit import OrganizationId, SignedIn, Visit

PAGE = 50
SEARCHED_MIN = 2
SCHOOLS = "学校"  # the 领域 as reference data names it
CATEGORIES = ("leading_body", "committee", "working_committee", "general_branch", "branch")
BRANCH_KINDS = ("floating", "bridging", "temporary")
TEXT_FIELDS = (
    "full_name",
    "short_name",
    "category",
    "branch_kind",
    "sector",
    "region",
    "founded_on",
    "phone",
    "email",
    "address",
    "contact",
    "approval_date",
)
FIELDS = (*TEXT_FIELDS, "approval_document", "approval_file")
routes = APIRouter()


@routes.get("/organizations/{organization}")
async def information(request: Request, organization: OrganizationId, visit: SignedIn) -> Response:
    """The card of one organization: what is filled, what is missing, and who can fill it."""
    view: View = request.app.state.view
    card = await organization_of(visit, organization)
    sectors, regions = await asyncio.gather(
        reference(visit, "sectors"), reference(visit, "regions", region_above(card.region))
    )
    secretary = await named(visit, [card.secretary.person] if card.secretary else [])
    emptied = await emptied_of(visit, organization, (card,))
    return view.page(
        request,
        "organizations/card.html",
        card=card,
        crumbs=above(visit, card, "subordinates"),
        sector=name_of(sectors, card.sector),
        region=name_of(regions, card.region),
        secretary=secretary.get(card.secretary.person) if card.secretary else None,
        is_emptied=organization in emptied,
    )


def name_of(choices: tuple[Choice, ...], code: str | None) -> str:
    """The name of a code; the code itself where the list is not to be had."""
    return next((choice.name for choice in choices if choice.code == code), code or "")


@routes.get("/organizations/{organization}/subordinates")
async def subordinates(
    request: Request,
    organization: OrganizationId,
    visit: SignedIn,
    q: str = "",
    category: str = "",
    complete: Annotated[str, Query(pattern="^(true|false)?$")] = "",
    cursor: str = "",
) -> Response:
    filters = {"q": q.strip(), "category": category if category in CATEGORIES else "", "complete": complete}
    return await subordinates_page(request, visit, organization, filters, cursor)


async def subordinates_page(
    request: Request, visit: Visit, organization: str, filters: dict[str, str], cursor: str
) -> Response:
    view: View = request.app.state.view
    org = visit.services.org
    own_root = visit.organization or organization
    card, rows, tree = await asyncio.gather(
        organization_of(visit, organization),
        attempt(
            org.get(
                Subordinates,
                f"/v1/organizations/{organization}/subordinates",
                {**filters, "limit": PAGE, "cursor": cursor},
            )
        ),
        attempt(org.get(Node, f"/v1/organizations/{own_root}/tree", {"depth": 1})),
    )
    emptied = frozenset[str]() if isinstance(rows, Gap) else await emptied_of(visit, organization, rows.items)
    address = Address(f"/organizations/{organization}/subordinates", {**filters, "cursor": cursor})
    return view.page(
        request,
        "organizations/subordinates.html",
        card=card,
        rows=rows,
        tree=tree,
        emptied=emptied,
        crumbs=above(visit, card, "subordinates"),
        address=address,
        filters=filters,
        categories=CATEGORIES,
        chips=chips(filters),
    )


def chips(filters: dict[str, str]) -> list[tuple[str, str]]:
    """The filters in force, in words."""
    words = {
        "q": filters["q"],
        "category": label("category", filters["category"]),
        "complete": label("complete_filter", filters["complete"]),
    }
    return [(name, words[name]) for name, value in filters.items() if value]


@routes.get("/organizations/{organization}/tree")
async def branches_of_tree(request: Request, organization: OrganizationId, visit: SignedIn) -> Response:
    """The direct subordinates of one node, for the tree that opens step by step."""
    view: View = request.app.state.view
    node = await visit.services.org.get(Node, f"/v1/organizations/{organization}/tree", {"depth": 1})
    return view.page(request, "organizations/tree_children.html", nodes=node.children, opened="")


def categories_under(superior: Organization) -> list[tuple[str, str]]:
    """What may be offered under a superior (ORG-04); org decides."""
    match superior.category:
        case "leading_body":
            fitting: tuple[str, ...] = CATEGORIES
        case "general_branch":
            fitting = ("branch",)
        case _:
            fitting = CATEGORIES[1:]
    return [(code, label("category", code)) for code in fitting]


def region_above(code: str | None) -> str:
    """The division that one lies in, by the digits of GB/T 2260 (two a level); empty for a province."""
    if not code or code.endswith("0000"):
        return ""
    return f"{code[:2]}0000" if code.endswith("00") else f"{code[:4]}00"


async def reference(visit: Visit, kind: str, under: str = "") -> tuple[Choice, ...]:
    """A list of org's reference data; empty where it is not to be had, so that the form still opens."""
    answer = await attempt(visit.services.org.get(Choices, f"/v1/reference/{kind}", {"under": under}))
    return () if isinstance(answer, Gap) else answer.items


def region_choices(card: Organization, regions: tuple[Choice, ...]) -> list[tuple[str, str]]:
    """The divisions to choose from; the organization's own stays choosable where it is not among them."""
    choices = [(choice.code, choice.name) for choice in regions]
    if card.region and card.region not in {code for code, _ in choices}:
        choices.insert(0, (card.region, str(say("organizations.same_region"))))
    return choices


async def form_page(
    request: Request,
    visit: Visit,
    card: Organization,
    sheet: Sheet,
    *,
    is_new: bool,
    tab: str = "",
    status: int = 200,
    **more: Any,
) -> Response:
    view: View = request.app.state.view
    under = card.region or "" if is_new else region_above(card.region)
    sectors, regions = await asyncio.gather(reference(visit, "sectors"), reference(visit, "regions", under))
    return view.page(
        request,
        "organizations/form.html",
        status=status,
        card=card,
        sheet=sheet,
        is_new=is_new,
        sectors=[(choice.code, choice.name) for choice in sectors if tab in ("", choice.tab)],
        regions=region_choices(card, regions),
        categories=categories_under(card),
        branch_kinds=[(code, label("branch_kind", code)) for code in BRANCH_KINDS],
        crumbs=down_to(visit, card, "subordinates"),
        **more,
    )


async def with_document(visit: Visit, form: Form) -> dict[str, Any]:
    """The form's fields as org wants them; a file that was chosen is handed over first and named by its id."""
    body: dict[str, Any] = {name: form.text(name) or None for name in TEXT_FIELDS}
    body["approval_document"] = form.text("approval_document") or None
    file = form.file("approval_file")
    if file is not None:
        document = await visit.services.org.upload(
            Document,
            "/v1/approval-documents",
            {},
            (file.filename or "", file.file, file.content_type or "application/octet-stream"),
            key=f"{form.key}-document",
        )
        body["approval_document"] = document.document_id
    return body


@routes.get("/organizations/{organization}/subordinates/new")
async def new_page(
    request: Request,
    organization: OrganizationId,
    visit: SignedIn,
    of: Annotated[str, Query(pattern="^(school)?$")] = "",
) -> Response:
    """`of=school`: from the zone of schools (GRD-01), with the sectors of schools only."""
    card = await organization_of(visit, organization)
    values = {
        "category": "branch" if card.category in ("general_branch", "committee") else "",
        "sector": card.sector or "",
    }
    return await form_page(request, visit, card, Sheet(values=values), is_new=True, tab=SCHOOLS if of else "")


@routes.post("/organizations/{organization}/subordinates/new")
async def establish(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    try:
        body = await with_document(visit, form) | {"superior": organization}
        done = await visit.services.org.send(Done, "/v1/organizations", body, key=form.key)
    except (Refused, Gap) as no:
        card = await organization_of(visit, organization)
        return await form_page(request, visit, card, again(form, no), is_new=True, status=status_of(no))
    return go(
        request,
        f"/organizations/{organization}/subordinates",
        "note.established",
        after={"org": done.token},
        name=form.text("full_name"),
    )


def again(form: Form, no: Refused | Gap) -> Sheet:
    """The form as it was typed, with what stood against it."""
    return unanswered(form, FIELDS, no) if isinstance(no, Gap) else refused(form, FIELDS, no.problem)


def status_of(no: Refused | Gap) -> int:
    return 503 if isinstance(no, Gap) else max(no.problem.status, 400)


@routes.post("/organizations/{organization}/order")
async def move(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    """One place up or down among the direct subordinates of its superior (ORG-08)."""
    way = "move-up" if form.text("way") == "up" else "move-down"
    done = await visit.services.org.send(Done, f"/v1/organizations/{organization}/{way}", {}, key=form.key)
    card = await organization_of(visit, organization)
    superior = card.superior or visit.organization
    if "hx-request" in request.headers:
        filters = {"q": "", "category": "", "complete": ""}
        return await subordinates_page(request, visit.after("org", done.token), superior, filters, "")
    return go(request, f"/organizations/{superior}/subordinates", "note.moved", after={"org": done.token})


@routes.get("/search")
async def search(request: Request, visit: SignedIn, q: str = "") -> Response:
    """Organizations by a part of the name; the directory is open to every signed-in user (ORG-22)."""
    view: View = request.app.state.view
    words = q.strip()[:100]
    found: FoundList | Gap = FoundList()
    if len(words) >= SEARCHED_MIN:
        found = await attempt(visit.services.org.get(FoundList, "/v1/organizations", {"q": words, "limit": PAGE}))
    return view.page(request, "organizations/search.html", found=found, words=words)
