"""HTTP of account applications for who has no account: a pass, a search of names, the form, the ticket (ADM-07)."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Form, Path, Query, UploadFile
from pydantic import BaseModel, BeforeValidator
from starlette.requests import Request as HttpRequest

from services.org.api import FORM_BYTES_MAX, OrganizationId, Parts
from services.org.domain.documents import DOCUMENT_BYTES_MAX
from services.org.domain.fields import narrow
from services.org.shapes import Applicant, ApplicationOutcome
from services.org.use_cases.applying import Submission
from shared.contracts.identity import APPLYING
from shared.http.auth import TokenVerifier
from shared.http.commands import CommandKey
from shared.http.paging import Page
from shared.http.passes import HEADER, PassUsedUp
from shared.http.problem import correlation_of
from shared.http.routes import Access, Router, access
from shared.kernel.text import clean

router = Router("/v1")

NamePart = Annotated[str, Query(min_length=2, max_length=100)]
Organization = Annotated[str, Form(max_length=64)]
Responsible = Annotated[str, BeforeValidator(clean), Form(min_length=2, max_length=50)]
Phone = Annotated[str, BeforeValidator(narrow), Form(pattern=r"^[0-9+()\-转]{5,30}$")]
Ticket = Annotated[str, Path(pattern="^[A-Z2-7]{26}$")]


async def with_pass(http: HttpRequest, org: Parts) -> None:
    """X20: thirty uses a captcha. Raises PassNeeded, PassUsedUp."""
    verifier: TokenVerifier = http.app.state.verifier
    pass_id = await verifier.pass_of(http.headers.get(HEADER, ""), APPLYING)
    if not await org.pass_uses.take(pass_id, org.clock.now()):
        raise PassUsedUp(field="captcha")


WITH_PASS = [Depends(with_pass)]


class Sent(BaseModel):
    """`ticket` follows the application; this answer and its repeats are the only place it is in clear."""

    ticket: str
    due_at: datetime


@router.get("/applicants", dependencies=WITH_PASS)
@access(Access.PUBLIC, "who applies has no account; with a pass, names and whether each may apply (ADM-07, X14)")
async def applicants(org: Parts, q: NamePart) -> Page[Applicant]:
    return Page[Applicant](items=await org.applications.applicants(q))


@router.get("/applicants/{organization}", dependencies=WITH_PASS)
@access(Access.PUBLIC, "the same of one organization")
async def applicant(org: Parts, organization: OrganizationId) -> Applicant:
    return await org.applications.applicant(organization)


@router.post("/account-applications", status_code=201, max_body_size=FORM_BYTES_MAX, dependencies=WITH_PASS)
@access(Access.PUBLIC, "who applies has no account; with a pass (ADM-07)")
async def submit(
    org: Parts,
    http: HttpRequest,
    key: CommandKey,
    organization: Organization,
    responsible: Responsible,
    phone: Phone,
    file: UploadFile,
) -> Sent:
    content = await file.read(DOCUMENT_BYTES_MAX + 1)
    submission = Submission(organization, responsible, phone, file.filename or "")
    sent = await org.applying.submit(key, correlation_of(http), submission, content)
    return Sent(ticket=sent.ticket, due_at=sent.due_at)


@router.get("/application-outcomes/{ticket}")
@access(Access.PUBLIC, "the ticket is the proof (ADM-07)")
async def outcome(org: Parts, ticket: Ticket) -> ApplicationOutcome:
    return await org.applications.outcome(await org.applying.follow(ticket), org.clock.now())
