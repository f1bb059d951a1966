"""The HTTP interface of transfer: parse, call the use case, render (TRF-01 to TRF-15)."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import Depends, Query
from starlette.requests import Request as HttpRequest

from services.transfer.domain.events import Side
from services.transfer.domain.refusals import (
    FileIsNoGround,
    GroundNotAllowed,
    MemberNotInBranch,
    NoMembershipToTransfer,
    ProbationIsNoGround,
    ReasonNeedsText,
    ReasonNotOffered,
    ReasonTakesNoText,
)
from services.transfer.domain.refusals_of_arrivals import SpecialUnitNeedsNoDestination
from services.transfer.projections.batches import BatchList
from services.transfer.projections.members import Members
from services.transfer.projections.places import Places
from services.transfer.projections.transfers import Transfers
from services.transfer.reference import (
    NO_GROUNDS,
    Listed,
    answers_on,
    codes,
    explanations_on,
    grounds_on,
    objections_on,
    reasons_on,
)
from services.transfer.reference.leavers import PLACES, REASONS_OF, SPECIAL_REASONS, situations
from services.transfer.shapes import (
    AssignmentForm,
    Choice,
    InForm,
    Lists,
    NoGroundShown,
    OutForm,
    OwnForm,
    PlaceShown,
    RefusalForm,
    Search,
    StartForm,
    StepForm,
    TransferCard,
    TransferLine,
)
from services.transfer.shapes_arrivals import SituationShown
from services.transfer.use_cases.arrivals import Arrivals
from services.transfer.use_cases.batches import Batches
from services.transfer.use_cases.disputes import TransferDisputes
from services.transfer.use_cases.leaving import Why, check_place
from services.transfer.use_cases.registers import RegisterTransfers
from services.transfer.use_cases.rules import TransferRules
from services.transfer.use_cases.transfers import TransferCommands
from services.transfer.views import Views
from services.transfer.views_batches import BatchViews
from services.transfer.views_graduates import GraduateViews
from services.transfer.views_late import LateViews
from services.transfer.views_subtree import Subtrees
from services.transfer.views_which import Which
from shared.authority.authority import Authority
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.consistency import AskedReadAfter, Done, Shown, done, shown
from shared.http.paging import CursorText, Limit, Page
from shared.http.routes import Access, Router, access
from shared.kernel.clock import Clock, iso, local_date

router = Router("/v1")

NO_GROUNDS_SAID = {"file_not_supplied": FileIsNoGround, "probation": ProbationIsNoGround}
SIDES = "one of the two organizations of the transfer, or oneself (TRF-14)"


@dataclass(frozen=True, slots=True)
class Parts:
    """What the handlers work with; the composition root puts it on the application."""

    commands: TransferCommands
    disputes: TransferDisputes
    rules: TransferRules
    views: Views
    subtrees: Subtrees
    batches: Batches
    registers: RegisterTransfers
    arrivals: Arrivals
    places: Places
    batch_list: BatchList
    batch_views: BatchViews
    graduates: GraduateViews
    late: LateViews
    transfers: Transfers
    members: Members
    authority: Authority
    clock: Clock


async def _parts(http: HttpRequest) -> Parts:
    parts: Parts = http.app.state.transfer
    return parts


Given = Annotated[Parts, Depends(_parts)]
Asked = Annotated[Search, Query()]


class ShownCard(TransferCard, Shown): ...


class ShownLines(Page[TransferLine], Shown): ...


async def shown_when(parts: Parts, after: AskedReadAfter) -> dict[str, Any]:
    """Waits for the read model, so it comes before reading it."""
    return {"fresh": await shown(await parts.transfers.current(), after), "as_of": iso(parts.clock.now())}


@router.post("/me/transfers", status_code=201)
@access(Access.SELF, "a member starts the own transfer (TRF-07)")
async def start_own(parts: Given, who: CurrentPrincipal, request: CommandRequest, form: OwnForm) -> Done:
    branch = await parts.members.branch(who.id)
    if branch is None:
        raise NoMembershipToTransfer
    why = await why_of(parts, form, form.to, branch)
    return done(await parts.commands.request(request, Side.MEMBER, who.id, branch, form.to, why))


@router.post("/organizations/{organization}/transfers-out", status_code=201)
@access(Access.WRITE, "the branch that lets a member go (TRF-05, TRF-06)")
async def start_out(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, organization: str, form: OutForm
) -> Done:
    await parts.authority.require_write(who, organization)
    why = await why_of(parts, form, form.to, organization)
    if await parts.members.branch(form.person) != organization:
        raise MemberNotInBranch(field="person")
    return done(await parts.commands.request(request, Side.OUT, form.person, organization, form.to, why))


@router.post("/organizations/{organization}/transfers-in", status_code=201)
@access(Access.WRITE, "the organization that takes a member in (TRF-03, TRF-04)")
async def start_in(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, organization: str, form: InForm
) -> Done:
    await parts.authority.require_write(who, organization)
    why = await why_of(parts, form, organization, organization)
    return done(await parts.commands.request_in(request, organization, form.ticket, why))


@router.post("/transfers/{transfer}/approval", status_code=201)
@access(Access.WRITE, "the organization whose step it is, or its superior (TRF-03, TRF-05, TRF-07)")
async def approve(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, transfer: str, form: StepForm | None = None
) -> Done:
    return done(await parts.commands.approve(who, request, transfer, form.organization if form else None))


@router.post("/transfers/{transfer}/refusal", status_code=201)
@access(Access.WRITE, "the organization whose step it is, or its superior (TRF-12)")
async def refuse(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, transfer: str, form: RefusalForm
) -> Done:
    if no_ground := NO_GROUNDS_SAID.get(form.ground):
        raise no_ground(field="ground")
    if form.ground not in codes(grounds_on(local_date(parts.clock.now()))):
        raise GroundNotAllowed(field="ground")
    return done(await parts.commands.refuse(who, request, transfer, form.ground, form.organization))


@router.post("/transfers/{transfer}/assignment", status_code=201)
@access(Access.WRITE, "the organization moved into, or its superior (TRF-04, TRF-06)")
async def assign(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, transfer: str, form: AssignmentForm
) -> Done:
    return done(await parts.commands.assign(who, request, transfer, form.branch))


@router.post("/transfers/{transfer}/withdrawal", status_code=201)
@access(Access.WRITE, "who started it: the member, or the organization (TRF-11)")
async def withdraw(parts: Given, who: CurrentPrincipal, request: CommandRequest, transfer: str) -> Done:
    return done(await parts.commands.withdraw(who, request, transfer))


@router.get("/transfers/{transfer}")
@access(Access.READ, SIDES)
async def one(parts: Given, who: CurrentPrincipal, transfer: str, after: AskedReadAfter) -> ShownCard:
    fresh = await shown_when(parts, after)
    card = await parts.views.card(who, transfer, parts.clock.now())
    return ShownCard(**dict(card), **fresh)


@router.get("/organizations/{organization}/transfers")
@access(Access.READ, "the organization (TRF-14)")
async def of_organization(
    parts: Given,
    who: CurrentPrincipal,
    organization: str,
    after: AskedReadAfter,
    search: Asked,
    which: Which = Which.WAITING,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> ShownLines:
    fresh = await shown_when(parts, after)
    page = await parts.views.of_organization(who, organization, which, search, parts.clock.now(), limit, cursor)
    return ShownLines(**dict(page), **fresh)


@router.get("/me/transfers")
@access(Access.SELF, "the own transfers (TRF-14)")
async def own(
    parts: Given,
    who: CurrentPrincipal,
    after: AskedReadAfter,
    search: Asked,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> ShownLines:
    fresh = await shown_when(parts, after)
    page = await parts.views.of_person(who, who.id, search, parts.clock.now(), limit, cursor)
    return ShownLines(**dict(page), **fresh)


@router.get("/people/{person}/transfers")
@access(Access.READ, "the branch that the person is in, or oneself (TRF-14)")
async def of_person(
    parts: Given,
    who: CurrentPrincipal,
    person: str,
    after: AskedReadAfter,
    search: Asked,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> ShownLines:
    fresh = await shown_when(parts, after)
    page = await parts.views.of_person(who, person, search, parts.clock.now(), limit, cursor)
    return ShownLines(**dict(page), **fresh)


@router.get("/reference/transfers")
@access(Access.SIGNED_IN, "reference data")
async def lists(parts: Given, organization: Annotated[str, Query(max_length=64)] = "") -> Lists:
    """TRF-10 to TRF-12, TRF-15: what can be chosen today. TRF-19: where by what the province of `organization` set."""
    today = local_date(parts.clock.now())
    further = bool(organization) and await parts.rules.allows_talent_centre(organization)
    return Lists(
        reasons=_choices(reasons_on(today)),
        grounds=_choices(grounds_on(today)),
        no_grounds=[NoGroundShown(**asdict(row)) for row in NO_GROUNDS],
        explanations=_choices(explanations_on(today)),
        objections=_choices(objections_on(today)),
        objection_withdraws=parts.disputes.objection_withdraws,
        answers=_choices(answers_on(today)),
        special_reasons=_choices(SPECIAL_REASONS),
        places=[PlaceShown(code=row.code, zh=row.zh, en=row.en, reasons=REASONS_OF[row.code]) for row in PLACES],
        situations=[SituationShown(**asdict(each)) for each in situations(talent_centre=further)],
    )


def _choices(rows: tuple[Listed, ...]) -> list[Choice]:
    return [Choice(code=row.code, zh=row.zh, en=row.en, with_text=row.with_text) for row in rows]


async def why_of(parts: Parts, form: StartForm, to: str, starts: str) -> Why:
    """TRF-19: the destination goes with what was said, by what the province of who `starts` it set.

    Raises as `offered` and `check_place`.
    """
    note = offered(parts, form)
    further = bool(form.situation or form.place) and await parts.rules.allows_talent_centre(starts)
    check_place(form.situation, form.place, form.reason, await parts.places.kind(to), talent_centre=further)
    return Why(form.reason, note, form.situation, form.place)


def offered(parts: Parts, form: StartForm) -> str:
    """TRF-15: the note that goes with the reason, which is one of the list."""
    reason = next((row for row in reasons_on(local_date(parts.clock.now())) if row.code == form.reason), None)
    if form.reason in codes(SPECIAL_REASONS):
        raise SpecialUnitNeedsNoDestination(field="reason")
    if reason is None:
        raise ReasonNotOffered(field="reason")
    if reason.with_text and not form.note:
        raise ReasonNeedsText(field="note")
    if form.note and not reason.with_text:
        raise ReasonTakesNoText(field="note")
    return form.note
