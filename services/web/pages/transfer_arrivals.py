"""Special units, papers, and what the new branch does for who arrives (TRF-16, TRF-20, TRF-21, TRF-26)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.answers.member import Record
from services.web.clients import Done, Gap, Refused
from services.web.forms import CheckedForm, Form, Sheet, refused, unanswered
from services.web.pages.organizations import status_of
from services.web.pages.transfer_one import decide
from services.web.pages.transfer_start import for_others, record_of
from services.web.pages.transfers import lists_of
from services.web.view import View, go
from services.web.visit import PersonId, SignedIn, TransferId, Visit

TYPED = ("reason", "note")
PAPER = ("letter", "issued_on")
routes = APIRouter()


async def special(
    request: Request, visit: Visit, record: Record, here: str, sheet: Sheet, *, status: int = 200
) -> Response:
    view: View = request.app.state.view
    return view.page(
        request,
        "transfers/special.html",
        status=status,
        record=record,
        is_mine=record.person == visit.me.principal,
        here=here,
        lists=await lists_of(visit),
        sheet=sheet,
    )


@routes.get("/me/transfer/special-unit")
async def own_special_page(request: Request, visit: SignedIn) -> Response:
    record = await record_of(visit, visit.me.principal)
    return await special(request, visit, record, "/me/transfer/special-unit", Sheet())


@routes.get("/people/{person}/transfer/special-unit")
async def special_page(request: Request, person: PersonId, visit: SignedIn) -> Response:
    record = await for_others(visit, person)
    return await special(request, visit, record, f"/people/{person}/transfer/special-unit", Sheet())


@routes.post("/me/transfer/special-unit")
async def own_special(request: Request, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-16."""
    record = await record_of(visit, visit.me.principal)
    return await start(request, visit, record, form, "/me/transfer/special-unit", "/v1/me/transfers-to-special-unit")


@routes.post("/people/{person}/transfer/special-unit")
async def start_special(request: Request, person: PersonId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-16."""
    record = await for_others(visit, person)
    path = f"/v1/organizations/{record.branch}/transfers-to-special-unit"
    return await start(request, visit, record, form, f"/people/{person}/transfer/special-unit", path, person=person)


async def start(
    request: Request, visit: Visit, record: Record, form: Form, here: str, path: str, **whom: str
) -> Response:
    body = {**whom, "reason": form.text("reason"), "note": form.text("note")}
    try:
        done = await visit.services.transfer.send(Done, path, body, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, TYPED, no) if isinstance(no, Gap) else refused(form, TYPED, no.problem)
        return await special(request, visit, record, here, sheet, status=status_of(no))
    after = {"transfer": done.token}
    return go(request, f"/transfers/{done.stream}", "note.transfer_started", after=after, name=record.name)


@routes.post("/transfers/{transfer}/hand-over")
async def hand_over(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-26."""
    body = {name: form.text(name) for name in PAPER}
    return await decide(request, visit, transfer, form, "hand-over", body, "note.hand_over_noted", PAPER)


@routes.post("/transfers/{transfer}/employment")
async def employment(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-20."""
    body = {"finding": form.text("finding")}
    return await decide(request, visit, transfer, form, "employment", body, "note.employment_verified", ("finding",))


@routes.post("/transfers/{transfer}/contact")
async def contact(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-21."""
    return await decide(request, visit, transfer, form, "contact", {}, "note.member_contacted")


@routes.post("/transfers/{transfer}/check-in")
async def check_in(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-21."""
    kept = ("checked_in_on",)
    body = {"checked_in_on": form.text("checked_in_on")}
    return await decide(request, visit, transfer, form, "check-in", body, "note.checked_in", kept)


@routes.post("/transfers/{transfer}/settled-work")
async def settled_work(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-20."""
    body = {"settled_on": form.text("settled_on")}
    return await decide(request, visit, transfer, form, "settled-work", body, "note.work_settled", ("settled_on",))
