"""HTTP of who registers as an admin by a code: the form, and what became of it (ADM-03, ADM-04, IDN-02). Public."""

from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, Field
from starlette.requests import Request

from services.identity.api import Body, From, Id, Number, PersonKind, Secret, UseCases
from services.identity.use_cases.registering import RegistrationTry
from services.identity.use_cases.sign_in import Answered
from shared.http.commands import CommandKey
from shared.http.problem import correlation_of
from shared.http.routes import Access, Router, access

router = Router("/v1")

Short = Annotated[str, Field(min_length=1, max_length=100)]


class RegistrationBody(Body):
    registration_code: Id
    name: Short
    document_kind: PersonKind = "居民身份证"
    number: Number
    mobile: Short
    new_password: Secret
    captcha_id: Id
    captcha: Id


class RegistrationTaken(BaseModel):
    """`ticket` leads to the outcome; it says nothing else."""

    ticket: str


class RegistrationShown(BaseModel):
    """`own_password`: the account was active before, and its password stays. `reason` is the code of a refusal."""

    state: Literal["waiting", "done", "refused", "lapsed"]
    own_password: bool
    reason: str


@router.post("/admin-registrations", status_code=202)
@access(Access.PUBLIC, "registering by a code that the superior handed out; bounded by address, number and code")
async def register(
    http: Request, body: RegistrationBody, key: CommandKey, use: UseCases, where: From
) -> RegistrationTaken:
    """Answers alike whoever the number belongs to, and whether the code is right."""
    attempt = RegistrationTry(
        code=body.registration_code,
        name=body.name,
        document_kind=body.document_kind,
        number=body.number,
        mobile=body.mobile,
        password=body.new_password,
        answered=Answered(body.captcha_id, body.captcha),
    )
    return RegistrationTaken(ticket=await use.registering.register(attempt, key, correlation_of(http), where))


@router.get("/admin-registrations/{ticket}")
@access(Access.PUBLIC, "the ticket is the proof")
async def outcome(use: UseCases, ticket: Annotated[str, Path(max_length=128)]) -> RegistrationShown:
    view = await use.registrations.view(ticket)
    return RegistrationShown.model_validate(view, from_attributes=True)
