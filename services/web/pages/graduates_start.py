"""Transfers started for many graduates at once: one destination, one reason, one statement (GRD-06, TRF-05, TRF-19)."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.web.answers.graduates import Outcome
from services.web.clients import Gap, Refused
from services.web.forms import CheckedForm, Sheet, mistake, refused, unanswered
from services.web.pages.naming import names_of
from services.web.pages.organizations import status_of
from services.web.pages.picker import whole_tree
from services.web.pages.progress import Organization
from services.web.pages.reading import organization_of
from services.web.pages.transfer_start import DESTINATIONS, KEPT, TYPED, destination
from services.web.pages.transfers import lists_of, until_shown
from services.web.urls import Address
from services.web.view import View
from services.web.visit import AsAdmin, Visit

AT_ONCE = 50
PERSON = "person-[0-9a-f-]{36}"
routes = APIRouter()


@routes.get("/graduates/start")
async def start_page(
    request: Request,
    visit: AsAdmin,
    who: Annotated[list[str] | None, Query()] = None,
    people: Annotated[str, Query(pattern=f"^({PERSON}(,{PERSON})*)?$")] = "",
    organization: Organization = "",
) -> Response:
    """First what they say of themselves and where to, then why; for all that were ticked."""
    ticked = list(dict.fromkeys([*(who or []), *(people.split(",") if people else [])]))
    kept = {name: request.query_params.get(name, "") for name in KEPT}
    named = {"people": ",".join(ticked), "organization": organization or visit.organization}
    return await choose(request, visit, Address("/graduates/start", named | kept), Sheet())


async def choose(request: Request, visit: Visit, address: Address, sheet: Sheet, *, status: int = 200) -> Response:
    view: View = request.app.state.view
    ticked = [person for person in address.value("people").split(",") if person]
    if len(ticked) > AT_ONCE:
        ticked = ticked[:AT_ONCE]
    organization = address.value("organization")
    chosen, names, lists = await asyncio.gather(
        destination(visit, address.value("to")), names_of(visit, ticked), lists_of(visit, organization)
    )
    picker = None
    if ticked and chosen is None:
        own = await organization_of(visit, organization)
        picker = await whole_tree(visit, address, own, DESTINATIONS, "")
    return view.page(
        request,
        "graduates/start.html",
        status=status,
        ticked=ticked,
        names=names,
        chosen=chosen,
        picker=picker,
        lists=lists,
        situation=lists.situation(address.value("situation")),
        address=address,
        sheet=sheet,
        back=Address("/graduates", {"organization": organization}),
    )


@routes.post("/graduates/start")
async def start(request: Request, visit: AsAdmin, form: CheckedForm) -> Response:
    """A usual transfer out for each (TRF-05); what came of each is shown, when it is to be seen behind its link."""
    view: View = request.app.state.view
    organization = form.text("organization") or visit.organization
    ticked = [each for each in form.text("people").split(",") if each][:AT_ONCE]
    named = {"people": ",".join(ticked), "organization": organization}
    address = Address("/graduates/start", named | {name: form.text(name) for name in KEPT})
    if not ticked:
        return await choose(request, visit, address, Sheet(faults=(mistake("people", "graduates.nobody_ticked"),)))
    said = form.filled(("note", "situation", "place"))
    body = {"people": ticked, "to": form.text("to"), "reason": form.text("reason"), **said}
    path = f"/v1/organizations/{organization}/graduates/transfers"
    try:
        outcome = await visit.services.transfer.send(Outcome, path, body, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, TYPED, no) if isinstance(no, Gap) else refused(form, TYPED, no.problem)
        return await choose(request, visit, address, sheet, status=status_of(no))
    begun = [f"{each.transfer}:1" for each in outcome.items if each.transfer]
    names, _ = await asyncio.gather(names_of(visit, ticked), until_shown(visit, organization, begun))
    back = Address("/graduates", {"organization": organization})
    return view.page(request, "graduates/started.html", outcome=outcome, names=names, back=back)
