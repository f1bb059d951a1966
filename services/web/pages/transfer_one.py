"""One transfer: its time line, approving, refusing, withdrawing (TRF-03 to TRF-14)."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.answers.member import Record
from services.web.answers.org import Node, Organization
from services.web.answers.transfer import IN, MEMBER, OUT, Card
from services.web.clients import Done, Gap, Refused, attempt
from services.web.formats import moment
from services.web.forms import CheckedForm, Form, Sheet, refused, unanswered
from services.web.pages.naming import names_of, spoken
from services.web.pages.organizations import status_of
from services.web.pages.reading import organization_of
from services.web.pages.transfers import card_of, lists_of
from services.web.stages import events, stages
from services.web.texts import label
from services.web.urls import Address
from services.web.view import View, go
from services.web.visit import SignedIn, TransferId, Visit
from shared.kernel.clock import local_date

BRANCHES_OFFERED = 6
TAKEN = ("transfer_step_over", "transfer_over", "no_branch_to_assign", "last_approval_given")
"""Refusals that mean that somebody, or the time, was quicker."""
CAUGHT_UP_TRIES, CAUGHT_UP_PAUSE = 10, 0.2
routes = APIRouter()


async def record_of(visit: Visit, person: str) -> Record | Gap | None:
    """TRF-13: None where the record may not be seen, or not any more."""
    try:
        return await attempt(visit.services.member.get(Record, f"/v1/people/{person}"))
    except Refused:
        return None


async def directory(visit: Visit, organization: str) -> Organization | None:
    """What is open to all of an organization, its contact among it (TRF-14); None if it is not to be had."""
    try:
        return await organization_of(visit, organization)
    except (Gap, Refused):
        return None


async def branches_below(visit: Visit, card: Card) -> list[Node]:
    """The first direct branches of who has to choose one (TRF-04); the picker has all."""
    if not card.may.assign:
        return []
    tree = await attempt(visit.services.org.get(Node, f"/v1/organizations/{card.to}/tree"))
    direct = () if isinstance(tree, Gap) else tree.children
    return [node for node in direct if node.category == "branch"][:BRANCHES_OFFERED]


async def show(request: Request, visit: Visit, card: Card, sheet: Sheet, *, status: int = 200) -> Response:
    """The page of one transfer."""
    view: View = request.app.state.view
    lists, is_mine = await lists_of(visit), card.person == visit.me.principal
    line = events(card, lists)
    record, origin, destination, names, branches = await asyncio.gather(
        record_of(visit, card.person),
        directory(visit, card.from_branch),
        directory(visit, card.to),
        spoken(visit, [card.person, *(event.by for event in line), *contacted_by(card)]),
        branches_below(visit, card),
    )
    assigned = card.state == "unassigned" or any(step.what == "assigned" for step in card.steps)
    branch = card.register_of is not None or destination is None or destination.is_branch
    assigns = assigned or not branch
    return view.page(
        request,
        "transfers/one.html",
        status=status,
        card=card,
        sheet=sheet,
        record=record,
        sides=(("out", card.from_name, origin), ("in", card.to_name, destination)),
        lists=lists,
        names=names,
        branches=branches,
        assigns=assigns,
        stages=stages(card, assigns=assigns),
        events=line,
        is_mine=is_mine,
        anew=start_anew(card, record, is_mine=is_mine, receives=destination is not None and destination.may.edit),
    )


def contacted_by(card: Card) -> list[str]:
    """TRF-21."""
    return [card.arrival.contacted_by] if card.arrival and card.arrival.contacted_by else []


def start_anew(card: Card, record: Record | Gap | None, *, is_mine: bool, receives: bool) -> str:
    """Where who started what came to nothing starts the next one to the same destination; empty for all others.

    What a leaver said of themselves is said again (TRF-19).
    """
    if card.is_open or card.state == "completed":
        return ""
    if card.started_by == IN:
        return f"/organizations/{card.to}/transfers/in" if receives else ""
    if not isinstance(record, Record) or record.branch != card.from_branch:
        return ""
    if card.started_by == MEMBER:
        here = "/me/transfer" if is_mine else ""
    else:
        here = f"/people/{card.person}/transfer" if card.started_by == OUT and record.may.edit else ""
    return str(Address(here, {"situation": card.situation, "place": card.place, "to": card.to})) if here else ""


@routes.get("/transfers/{transfer}")
async def transfer_page(request: Request, transfer: TransferId, visit: SignedIn) -> Response:
    try:
        card = await card_of(visit, transfer)
    except Refused:
        started_now = visit.note.after.get("transfer", "").startswith(transfer)
        if not started_now:
            raise
        view: View = request.app.state.view
        return view.page(request, "transfers/coming.html", transfer=transfer)
    return await show(request, visit, card, Sheet())


async def dialog(request: Request, visit: Visit, card: Card, kind: str, sheet: Sheet, *, status: int = 200) -> Response:
    view: View = request.app.state.view
    lists, names = await asyncio.gather(lists_of(visit), names_of(visit, [card.person]))
    template = f"transfers/{kind}.html"
    return view.page(request, template, status=status, card=card, sheet=sheet, lists=lists, names=names)


@routes.get("/transfers/{transfer}/refuse")
async def refuse_dialog(request: Request, transfer: TransferId, visit: SignedIn) -> Response:
    return await dialog(request, visit, await card_of(visit, transfer), "refuse", Sheet())


@routes.get("/transfers/{transfer}/withdraw")
async def withdraw_dialog(request: Request, transfer: TransferId, visit: SignedIn) -> Response:
    return await dialog(request, visit, await card_of(visit, transfer), "withdraw", Sheet())


@routes.post("/transfers/{transfer}/approve")
async def approve(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    return await decide(request, visit, transfer, form, "approval", step_of(form), "note.transfer_approved")


def step_of(form: Form) -> dict[str, str]:
    """Whose step the page showed: one that was taken meanwhile is not taken for the next."""
    return {"organization": form.text("step")} if form.text("step") else {}


@routes.post("/transfers/{transfer}/refuse")
async def refuse(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-12."""
    body = step_of(form) | {"ground": form.text("ground")}
    return await decide(request, visit, transfer, form, "refusal", body, "note.transfer_refused", ("ground",), "refuse")


@routes.post("/transfers/{transfer}/withdraw")
async def withdraw(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-11."""
    return await decide(request, visit, transfer, form, "withdrawal", {}, "note.transfer_withdrawn", (), "withdraw")


@routes.post("/transfers/{transfer}/assign")
async def assign(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-04, TRF-06."""
    body = {"branch": form.text("branch")}
    return await decide(request, visit, transfer, form, "assignment", body, "note.transfer_assigned", ("branch",))


async def decide(
    request: Request,
    visit: Visit,
    transfer: str,
    form: Form,
    what: str,
    body: dict[str, Any],
    note: str,
    kept: tuple[str, ...] = (),
    kind: str = "",
) -> Response:
    """One command; what stands against it is told where it was asked: in the dialog `kind`, or on the page.

    Where somebody else was quicker, the page as it is now says who did what. `kept` are the fields of the form.
    """
    try:
        done = await visit.services.transfer.send(Done, f"/v1/transfers/{transfer}/{what}", body, key=form.key)
    except (Refused, Gap) as no:
        if isinstance(no, Refused) and no.problem.code in TAKEN:
            return await overtaken(request, visit, transfer, form)
        sheet = unanswered(form, kept, no) if isinstance(no, Gap) else refused(form, kept, no.problem)
        card = await card_of(visit, transfer)
        if kind:
            return await dialog(request, visit, card, kind, sheet, status=status_of(no))
        return await show(request, visit, card, sheet, status=status_of(no))
    return go(request, f"/transfers/{transfer}", note, after={"transfer": done.token})


async def overtaken(request: Request, visit: Visit, transfer: str, form: Form) -> Response:
    """Two at once: the second is told in one sentence what the first did, or that the time was over."""
    card = await caught_up(visit, transfer, form.text("seen"))
    seen = int(form.text("seen")) if form.text("seen").isdecimal() else -1
    new = [event for event in events(card) if event.mark in ("done", "ended")][seen:]
    if not new:
        return go(request, f"/transfers/{transfer}", "note.transfer_over", tone="warning")
    names = await spoken(visit, [new[0].by] if new[0].by else [])
    view: View = request.app.state.view
    return go(
        request,
        f"/transfers/{transfer}",
        "note.transfer_taken" if new[0].organization else "note.transfer_taken_by_none",
        tone="warning",
        what=label("transfer_event", new[0].name),
        who=names.get(new[0].by, ""),
        organization=new[0].organization,
        at=moment(new[0].at, local_date(view.now())),
    )


async def caught_up(visit: Visit, transfer: str, seen: str) -> Card:
    """The card with more steps than were `seen`; the last one after a while, for what is not written yet."""
    card = await card_of(visit, transfer)
    for _ in range(CAUGHT_UP_TRIES):
        if not seen.isdecimal() or len(card.steps) > int(seen) or card.state == "timed_out":
            break
        await asyncio.sleep(CAUGHT_UP_PAUSE)
        card = await card_of(visit, transfer)
    return card
