"""HTTP of what is said about a transfer beside its steps (TRF-10 to TRF-12)."""

from services.transfer.api import Given
from services.transfer.domain.refusals_of_disputes import AnswerNotOffered, ExplanationNotOffered, ObjectionNotOffered
from services.transfer.reference import answers_on, codes, explanations_on, objections_on
from services.transfer.shapes import AnswerForm, DelayForm, ObjectionDecisionForm, ObjectionForm
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.consistency import Done, done
from shared.http.routes import Access, Router, access
from shared.kernel.clock import local_date

router = Router("/v1/transfers/{transfer}")


@router.post("/delay", status_code=201)
@access(Access.WRITE, "the organization that the transfer waits for, or its superior (TRF-10)")
async def explain_delay(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, transfer: str, form: DelayForm
) -> Done:
    if form.explanation not in codes(explanations_on(local_date(parts.clock.now()))):
        raise ExplanationNotOffered(field="explanation")
    return done(await parts.disputes.explain_delay(who, request, transfer, form.explanation))


@router.post("/objection", status_code=201)
@access(Access.SELF, "the member, of a transfer that others started (TRF-11)")
async def object_to(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, transfer: str, form: ObjectionForm
) -> Done:
    if form.objection not in codes(objections_on(local_date(parts.clock.now()))):
        raise ObjectionNotOffered(field="objection")
    return done(await parts.disputes.object_to(who, request, transfer, form.objection))


@router.post("/objection-decision", status_code=201)
@access(Access.DUTY, "the direct superior of the organization that started it (TRF-11)")
async def decide_objection(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, transfer: str, form: ObjectionDecisionForm
) -> Done:
    return done(await parts.disputes.decide_objection(who, request, transfer, upheld=form.upheld))


@router.post("/coordination", status_code=201)
@access(Access.WRITE, "who started it: the member, or the organization (TRF-12)")
async def request_coordination(parts: Given, who: CurrentPrincipal, request: CommandRequest, transfer: str) -> Done:
    return done(await parts.disputes.request_coordination(who, request, transfer))


@router.post("/coordination-answer", status_code=201)
@access(Access.WRITE, "the branch that the member belongs to, or its superior (TRF-12)")
async def answer_coordination(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, transfer: str, form: AnswerForm
) -> Done:
    if form.answer not in codes(answers_on(local_date(parts.clock.now()))):
        raise AnswerNotOffered(field="answer")
    return done(await parts.disputes.answer_coordination(who, request, transfer, form.answer))
