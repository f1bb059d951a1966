"""What is said about a transfer beside its steps: delays, objections, refusals to be coordinated (TRF-10 to TRF-12)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.forms import CheckedForm, Sheet
from services.web.pages.transfer_one import decide, dialog
from services.web.pages.transfers import card_of, lists_of
from services.web.visit import SignedIn, TransferId

routes = APIRouter()


@routes.get("/transfers/{transfer}/delay")
async def delay_dialog(request: Request, transfer: TransferId, visit: SignedIn) -> Response:
    return await dialog(request, visit, await card_of(visit, transfer), "delay", Sheet())


@routes.get("/transfers/{transfer}/objection")
async def objection_dialog(request: Request, transfer: TransferId, visit: SignedIn) -> Response:
    return await dialog(request, visit, await card_of(visit, transfer), "objection", Sheet())


@routes.post("/transfers/{transfer}/delay")
async def explain(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-10."""
    body, kept = {"explanation": form.text("explanation")}, ("explanation",)
    return await decide(request, visit, transfer, form, "delay", body, "note.delay_explained", kept, "delay")


@routes.post("/transfers/{transfer}/objection")
async def object_to(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-11."""
    body, kept = {"objection": form.text("objection")}, ("objection",)
    note = "note.objected_and_withdrawn" if (await lists_of(visit)).objection_withdraws else "note.objected"
    return await decide(request, visit, transfer, form, "objection", body, note, kept, "objection")


@routes.post("/transfers/{transfer}/objection-decision")
async def decide_objection(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-11."""
    upheld = form.text("upheld") == "yes"
    note = "note.objection_upheld" if upheld else "note.objection_dismissed"
    return await decide(request, visit, transfer, form, "objection-decision", {"upheld": upheld}, note)


@routes.post("/transfers/{transfer}/coordination")
async def coordinate(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-12."""
    return await decide(request, visit, transfer, form, "coordination", {}, "note.coordination_asked")


@routes.post("/transfers/{transfer}/coordination-answer")
async def answer_coordination(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-12."""
    body, kept = {"answer": form.text("answer")}, ("answer",)
    return await decide(request, visit, transfer, form, "coordination-answer", body, "note.coordinated", kept)
