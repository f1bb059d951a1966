"""Members: the list with its filters, one person's record with history, revealing, filling what is missing."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from services.web.answers.identity import Account, ActivationCode
from services.web.answers.member import FoundPerson, History, Lists, Members, Record, Revealed
from services.web.clients import Done, Gap, Parameters, Refused, attempt
from services.web.forms import CheckedForm, Sheet, mistake, refused, unanswered
from services.web.pages.naming import spoken
from services.web.pages.reading import above, organization_of
from services.web.pages.transfer_start import destination, history_of, open_of
from services.web.texts import SOURCE_LANGUAGE, label
from services.web.urls import Address
from services.web.view import View, go
from services.web.visit import OrganizationId, PersonId, SignedIn, Visit

PAGE = 50
TRANSFERS_SHOWN = 3
REVEALED_SECONDS = 60
REVEALABLE = ("number", "mobile", "emergency_phone")
REASONS = ("check_identity", "contact", "development_number", "spot_check")
FILLED_LATER = ("birth_date", "political_status", "ethnicity", "education", "mobile")
"""The fields of a record that may be missing."""
FILTERS = ("q", "missing", "education", "status", "branch")
MISSING_FILTERS = ("any", "mobile", "education", "ethnicity")
routes = APIRouter()


async def lists_of(visit: Visit) -> Lists:
    """The reference lists; empty where member does not answer, so that a page still opens."""
    try:
        return await visit.services.member.get(Lists, "/v1/reference/lists")
    except (Gap, Refused):
        return Lists()


def is_development_number(words: str) -> bool:
    return words.isdecimal() and len(words) in (12, 16)


async def person_of(visit: Visit, development_number: str) -> str | None:
    """Whose electronic file has this number (MEM-20); None where there is none that may be seen."""
    try:
        query: Parameters = {"development_number": development_number}
        return (await visit.services.member.get(FoundPerson, "/v1/people", query)).person
    except Refused:
        return None


@routes.get("/organizations/{organization}/members")
async def member_list(
    request: Request,
    organization: OrganizationId,
    visit: SignedIn,
    q: str = "",
    missing: str = "",
    education: str = "",
    status: str = "",
    branch: str = "",
    cursor: str = "",
) -> Response:
    view: View = request.app.state.view
    words = q.strip()[:50]
    if is_development_number(words):
        found = await person_of(visit, words)
        if found:
            return RedirectResponse(f"/people/{found}", status_code=303)
    filters = dict(zip(FILTERS, (words, missing, education, status, branch), strict=True))
    path = f"/organizations/{organization}/members"
    card, lists = await asyncio.gather(organization_of(visit, organization), lists_of(visit))
    reach = "own" if card.is_branch else "subordinates"  # members are in branches only (MEM-02)
    query: Parameters = {**filters, "scope": reach, "limit": PAGE, "cursor": cursor}
    rows = await attempt(visit.services.member.get(Members, f"/v1{path}", query))
    return view.page(
        request,
        "members/list.html",
        card=card,
        rows=rows,
        lists=lists,
        filters=filters,
        missing_labels=[(code, label("missing_filter", code)) for code in MISSING_FILTERS],
        chips=chips(filters),
        address=Address(path, {**filters, "cursor": cursor}),
        crumbs=above(visit, card, "members"),
    )


def chips(filters: dict[str, str]) -> list[tuple[str, str]]:
    words = filters | {
        "missing": label("missing_filter", filters["missing"]),
        "branch": label("chip", "one_branch"),
    }
    return [(name, words[name]) for name, value in filters.items() if value]


@routes.get("/people/{person}")
async def record_page(request: Request, person: PersonId, visit: SignedIn, cursor: str = "") -> Response:
    return await show_record(request, visit, person, cursor)


@routes.get("/me")
async def my_record(request: Request, visit: SignedIn) -> Response:
    """The user's own record; an operator has none."""
    if visit.me.kind != "person":
        return RedirectResponse("/home", status_code=303)
    return await show_record(request, visit, visit.me.principal, "")


async def show_record(request: Request, visit: Visit, person: str, cursor: str) -> Response:
    view: View = request.app.state.view
    member, identity = visit.services.member, visit.services.identity
    record, history, account, transfers = await asyncio.gather(
        member.get(Record, f"/v1/people/{person}"),
        attempt(member.get(History, f"/v1/people/{person}/history", {"limit": PAGE, "cursor": cursor})),
        account_of(identity.get(Account, f"/v1/people/{person}/account")),
        history_of(visit, person, TRANSFERS_SHOWN),
    )
    graduating = await destination(visit, record.branch or "") if record.graduation else None
    return view.page(
        request,
        "members/record.html",
        record=record,
        history=history,
        account=account,
        transfers=transfers,
        underway=open_of(transfers),
        graduates=graduating.graduates if graduating else None,
        names=await spoken(visit, [] if isinstance(history, Gap) else [item.by for item in history.items]),
        is_mine=person == visit.me.principal,
        address=Address(f"/people/{person}", {"cursor": cursor}),
    )


async def account_of(call: object) -> Account | Gap | None:
    """None where the viewer may not see the state of the account."""
    try:
        return await attempt(call)  # type: ignore[arg-type]
    except Refused:
        return None


# ---- revealing one field: a reason first, then the value for a minute


@routes.get("/people/{person}/reveal")
async def reveal_dialog(
    request: Request, person: PersonId, visit: SignedIn, field: Annotated[str, Query(pattern="^[a-z_]{1,30}$")]
) -> Response:
    view: View = request.app.state.view
    record = await visit.services.member.get(Record, f"/v1/people/{person}")
    sheet = Sheet(values={"field": field})
    return view.page(request, "members/reveal.html", record=record, sheet=sheet, reasons=REASONS, revealed=None)


@routes.post("/people/{person}/reveal")
async def reveal(request: Request, person: PersonId, visit: SignedIn, form: CheckedForm) -> Response:
    view: View = request.app.state.view
    record = await visit.services.member.get(Record, f"/v1/people/{person}")
    kept = ("field", "reason", "more")
    sheet, revealed, status = Sheet(values={name: form.text(name) for name in kept}), None, 200
    # The audit record is read by others, whatever language the page was in.
    reason = "：".join(
        part for part in (label("reason", form.text("reason"), SOURCE_LANGUAGE), form.text("more")) if part
    )
    try:
        revealed = await visit.services.member.send(
            Revealed,
            f"/v1/people/{person}/reveal",
            {"field": form.text("field"), "reason": reason},
            key=form.key,
        )
    except Refused as refusal:
        sheet, status = refused(form, kept, refusal.problem), max(refusal.problem.status, 400)
    except Gap as gap:
        sheet, status = unanswered(form, kept, gap), 503
    return view.page(
        request,
        "members/reveal.html",
        status=status,
        record=record,
        sheet=sheet,
        reasons=REASONS,
        revealed=revealed,
        seconds=REVEALED_SECONDS,
    )


# ---- filling what is missing


async def missing_page(request: Request, visit: Visit, record: Record, sheet: Sheet, *, status: int = 200) -> Response:
    view: View = request.app.state.view
    lists = await lists_of(visit)
    choices = {
        "education": lists.educations,
        "ethnicity": lists.ethnicities,
        "political_status": lists.political_statuses,
        "occupation": lists.occupations,
    }
    return view.page(request, "members/missing.html", status=status, record=record, sheet=sheet, choices=choices)


@routes.get("/people/{person}/missing")
async def missing_form(request: Request, person: PersonId, visit: SignedIn) -> Response:
    record = await visit.services.member.get(Record, f"/v1/people/{person}")
    return await missing_page(request, visit, record, Sheet())


@routes.post("/people/{person}/missing")
async def fill_missing(request: Request, person: PersonId, visit: SignedIn, form: CheckedForm) -> Response:
    """Fills fields that are empty; what somebody filled meanwhile the service refuses to change here (MEM-23)."""
    record = await visit.services.member.get(Record, f"/v1/people/{person}")
    body = form.filled(FILLED_LATER)
    if not body:
        sheet = Sheet(faults=(mistake("", "record.nothing_filled"),))
        return await missing_page(request, visit, record, sheet, status=422)
    try:
        done = await visit.services.member.send(
            Done, f"/v1/people/{person}/missing-fields", body, key=form.key, method="PUT"
        )
    except Refused as refusal:
        sheet = refused(form, FILLED_LATER, refusal.problem)
        return await missing_page(request, visit, record, sheet, status=max(refusal.problem.status, 400))
    except Gap as gap:
        return await missing_page(request, visit, record, unanswered(form, FILLED_LATER, gap), status=503)
    return go(request, f"/people/{person}", "note.filled", after={"member": done.token}, name=record.name)


# ---- the second item of a first sign-in


@routes.post("/people/{person}/activation-code")
async def activation_code(request: Request, person: PersonId, visit: SignedIn, form: CheckedForm) -> Response:
    """Makes a code and shows it once (IDN-04)."""
    view: View = request.app.state.view
    record = await visit.services.member.get(Record, f"/v1/people/{person}")
    code = await visit.services.identity.send(ActivationCode, f"/v1/people/{person}/activation-codes", {}, key=form.key)
    return view.page(request, "members/code.html", record=record, code=code)
