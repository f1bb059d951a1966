"""The HTTP interface of special units, papers and arrivals (TRF-16, TRF-20, TRF-21, TRF-26)."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from services.transfer.api import Given
from services.transfer.domain.events import Side
from services.transfer.domain.events_of_arrivals import Finding
from services.transfer.domain.refusals import MemberNotInBranch, NoMembershipToTransfer
from services.transfer.domain.refusals_of_arrivals import SpecialUnitNeedsNote, SpecialUnitsOnly
from services.transfer.reference import codes
from services.transfer.reference.leavers import SPECIAL_REASONS
from services.transfer.shapes import Code, Form, Id, Note
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.consistency import Done, done
from shared.http.routes import Access, Router, access
from shared.kernel.text import clean

router = Router("/v1")


class SpecialForm(Form):
    """TRF-16: one of the two reasons, and where the member goes, in a few words."""

    reason: Code
    note: Note = ""


class SpecialOutForm(SpecialForm):
    person: Id


class HandOverForm(Form):
    """TRF-26: the paper's number or name, and its day."""

    letter: Annotated[str, Field(min_length=1, max_length=60), BeforeValidator(clean)]
    issued_on: date


class EmploymentForm(Form):
    """TRF-20."""

    finding: Finding


class CheckInForm(Form):
    """TRF-21: the day on which the member came."""

    checked_in_on: date


class SettledForm(Form):
    """TRF-20: since when work or study is settled."""

    settled_on: date


@router.post("/me/transfers-to-special-unit", status_code=201)
@access(Access.SELF, "a member goes to a special unit (TRF-16)")
async def own_to_special_unit(parts: Given, who: CurrentPrincipal, request: CommandRequest, form: SpecialForm) -> Done:
    note = _special(form)
    branch = await parts.members.branch(who.id)
    if branch is None:
        raise NoMembershipToTransfer
    return done(await parts.registers.to_special_unit(request, Side.MEMBER, who.id, branch, form.reason, note))


@router.post("/organizations/{organization}/transfers-to-special-unit", status_code=201)
@access(Access.WRITE, "the branch that lets a member go to a special unit (TRF-16)")
async def to_special_unit(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, organization: str, form: SpecialOutForm
) -> Done:
    await parts.authority.require_write(who, organization)
    note = _special(form)
    if await parts.members.branch(form.person) != organization:
        raise MemberNotInBranch(field="person")
    started = parts.registers.to_special_unit(request, Side.OUT, form.person, organization, form.reason, note)
    return done(await started)


@router.post("/transfers/{transfer}/hand-over", status_code=201)
@access(Access.WRITE, "one of the two organizations (TRF-26)")
async def note_hand_over(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, transfer: str, form: HandOverForm
) -> Done:
    return done(await parts.arrivals.note_hand_over(who, request, transfer, form.letter, form.issued_on))


@router.post("/transfers/{transfer}/employment", status_code=201)
@access(Access.WRITE, "the floating branch whose step it is (TRF-20)")
async def verify_employment(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, transfer: str, form: EmploymentForm
) -> Done:
    return done(await parts.arrivals.verify_employment(who, request, transfer, form.finding))


@router.post("/transfers/{transfer}/contact", status_code=201)
@access(Access.WRITE, "the branch where the member arrived (TRF-21)")
async def contact_member(parts: Given, who: CurrentPrincipal, request: CommandRequest, transfer: str) -> Done:
    return done(await parts.arrivals.contact_member(who, request, transfer))


@router.post("/transfers/{transfer}/check-in", status_code=201)
@access(Access.WRITE, "the branch where the member arrived (TRF-21)")
async def record_check_in(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, transfer: str, form: CheckInForm
) -> Done:
    return done(await parts.arrivals.record_check_in(who, request, transfer, form.checked_in_on))


@router.post("/transfers/{transfer}/settled-work", status_code=201)
@access(Access.WRITE, "the floating branch where the member is (TRF-20)")
async def settle_work(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, transfer: str, form: SettledForm
) -> Done:
    return done(await parts.arrivals.settle_work(who, request, transfer, form.settled_on))


def _special(form: SpecialForm) -> str:
    """TRF-16: the note, which is needed. Raises SpecialUnitsOnly, SpecialUnitNeedsNote."""
    if form.reason not in codes(SPECIAL_REASONS):
        raise SpecialUnitsOnly(field="reason")
    if not form.note:
        raise SpecialUnitNeedsNote(field="note")
    return form.note
