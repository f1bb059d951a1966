"""HTTP of identity: entering (public), one's own sessions, and what admins do for people."""

import base64
import ipaddress
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from services.identity.settings import IdentitySettings
from services.identity.use_cases.activation import Activation, ActivationTry
from services.identity.use_cases.activation_codes import ActivationCodes
from services.identity.use_cases.captchas import MakeCaptcha
from services.identity.use_cases.me import WhoAmI
from services.identity.use_cases.passes import GivePass
from services.identity.use_cases.passwords import ChangePassword
from services.identity.use_cases.ports import Origin, SignInLog
from services.identity.use_cases.registering import Registering
from services.identity.use_cases.registrations import Registrations
from services.identity.use_cases.sessions import SessionBegun, SessionKeeper
from services.identity.use_cases.sign_in import Answered, SignIn, SignInTry
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.pace import even_pace
from shared.http.paging import Limit
from shared.http.refusals import InvalidField, NothingHere
from shared.http.routes import Access, Router, access
from shared.kernel.clock import Clock, iso

ADDRESS_HEADER = "X-Client-Address"
AGENT_HEADER = "X-Client-Agent"

PersonKind = Literal[
    "居民身份证",
    "港澳居民来往内地通行证",
    "台湾居民来往大陆通行证",
    "港澳台居民居住证",
    "外国人永久居留身份证",
    "护照",
]
Number = Annotated[str, Field(min_length=1, max_length=64)]
Secret = Annotated[str, Field(min_length=1, max_length=1024)]
Id = Annotated[str, Field(min_length=1, max_length=128)]


@dataclass(frozen=True, slots=True)
class Cases:
    """The use cases the routes call; `app.py` makes them."""

    settings: IdentitySettings
    clock: Clock
    jwks: Callable[[], dict[str, Any]]
    captchas: MakeCaptcha
    passes: GivePass
    sign_in: SignIn
    activation: Activation
    sessions: SessionKeeper
    passwords: ChangePassword
    codes: ActivationCodes
    registering: Registering
    registrations: Registrations
    me: WhoAmI
    log: SignInLog


async def cases(request: Request) -> Cases:
    found: Cases = request.app.state.cases
    return found


async def origin(request: Request) -> Origin:
    """X20: the user's address and browser as the console tells them; from anybody else, the connection's own."""
    peer = request.client.host if request.client else ""
    told = request.headers.get(ADDRESS_HEADER, "")
    if told and _trusted(peer, (await cases(request)).settings):
        return Origin(told, request.headers.get(AGENT_HEADER, ""))
    return Origin(peer, request.headers.get("User-Agent", ""))


def _trusted(peer: str, settings: IdentitySettings) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return any(address in network for network in settings.trusted_callers)


UseCases = Annotated[Cases, Depends(cases)]
From = Annotated[Origin, Depends(origin)]


class Body(BaseModel):
    """Bodies hold what is asked for and nothing else (no over-posting)."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SignInBody(Body):
    document_kind: PersonKind | Literal["操作员"] = "居民身份证"
    number: Number
    password: Secret
    captcha_id: Id
    captcha: Id
    device: Id | None = None


class ActivationBody(Body):
    document_kind: PersonKind = "居民身份证"
    number: Number
    initial_password: Secret
    code: Id
    new_password: Secret
    captcha_id: Id
    captcha: Id


class TokenBody(Body):
    session: Id


class PasswordBody(Body):
    old_password: Secret
    new_password: Secret


router = Router("/v1")


@router.get("/jwks")
@access(Access.PUBLIC, "the keys that every service checks tokens with")
async def jwks(use: UseCases) -> dict[str, Any]:
    return use.jwks()


@router.get("/captchas")
@access(Access.PUBLIC, "needed before signing in; bounded by address")
async def captcha(use: UseCases, where: From, spoken: bool = False) -> dict[str, Any]:
    """`image`, or `sound` where it is to be heard, as a data URI."""
    made = await use.captchas.make(where, spoken=spoken)
    name, kind = ("sound", "audio/wav") if spoken else ("image", "image/png")
    shown = f"data:{kind};base64,{base64.b64encode(made.shown).decode()}"
    return {"id": made.id, name: shown, "expires_at": iso(made.expires_at)}


@router.post("/sign-ins", status_code=201)
@access(Access.PUBLIC, "signing in")
async def sign_in(body: SignInBody, use: UseCases, where: From) -> dict[str, Any]:
    answered = Answered(body.captcha_id, body.captcha)
    attempt = SignInTry(body.document_kind, body.number, body.password, answered, body.device)
    signed_in = await use.sign_in.sign_in(attempt, where)
    return _begun(signed_in.session) | {"device": signed_in.device}


@router.post("/activations", status_code=201)
@access(Access.PUBLIC, "the first password")
async def activate(body: ActivationBody, use: UseCases, where: From) -> dict[str, Any]:
    attempt = ActivationTry(
        document_kind=body.document_kind,
        number=body.number,
        initial_password=body.initial_password,
        code=body.code,
        new_password=body.new_password,
        answered=Answered(body.captcha_id, body.captcha),
    )
    return _begun(await use.activation.activate(attempt, where))


@router.post("/sessions/token")
@access(Access.PUBLIC, "the session's secret is the proof")
async def token(body: TokenBody, use: UseCases) -> dict[str, Any]:
    return asdict(await use.sessions.exchange(body.session))


@router.get("/sessions")
@access(Access.SELF, "the caller's own sessions")
async def sessions(who: CurrentPrincipal, use: UseCases) -> dict[str, Any]:
    items = [
        {
            "id": session.id,
            "place": session.place,
            "agent": session.agent,
            "since": iso(session.created_at),
            "last_seen": iso(session.seen_at),
            "current": session.id == who.session,
        }
        for session in await use.sessions.mine(who)
    ]
    return {"items": items, "next": None, "total": len(items)}


@router.delete("/sessions/current")
@access(Access.SELF, "the caller's own session")
async def sign_out(who: CurrentPrincipal, use: UseCases) -> dict[str, Any]:
    await use.sessions.end(who, who.session)
    return {}


@router.delete("/sessions")
@access(Access.SELF, "all of the caller's own sessions")
async def sign_out_everywhere(who: CurrentPrincipal, use: UseCases) -> dict[str, Any]:
    return {"ended": await use.sessions.end_all(who)}


@router.delete("/sessions/{session}")
@access(Access.SELF, "one of the caller's own sessions")
async def end_session(session: Id, who: CurrentPrincipal, use: UseCases) -> dict[str, Any]:
    await use.sessions.end(who, session)
    return {}


@router.post("/passwords", status_code=201)
@access(Access.SELF, "the caller's own password")
async def change_password(body: PasswordBody, who: CurrentPrincipal, use: UseCases, where: From) -> dict[str, Any]:
    return _begun(await use.passwords.change(who, body.old_password, body.new_password, where))


@router.get("/me")
@access(Access.SELF, "the caller")
async def me(who: CurrentPrincipal, use: UseCases) -> dict[str, Any]:
    return asdict(await use.me.me(who)) | {"as_of": iso(use.clock.now())}


@router.post("/people/{person}/activation-codes", status_code=201)
@access(Access.WRITE, "an organization the person belongs to")
async def issue_code(person: Id, who: CurrentPrincipal, command: CommandRequest, use: UseCases) -> dict[str, Any]:
    await use.sessions.require(who)
    async with even_pace(use.settings.refusal_seconds):
        issued = await use.codes.issue(who, command, person)
    return asdict(issued) | {"expires_at": iso(issued.expires_at)}


@router.get("/people/{person}/account")
@access(Access.READ, "an organization the person belongs to")
async def account(person: Id, who: CurrentPrincipal, use: UseCases) -> dict[str, Any]:
    async with even_pace(use.settings.refusal_seconds):
        view = await use.codes.account(who, person)
    return {
        "state": view.state,
        "activated_at": _instant(view.activated_at),
        "last_sign_in_at": _instant(view.last_sign_in_at),
    }


@router.get("/sign-in-log")
@access(Access.SELF, "the caller's own sign-ins")
async def sign_in_log(
    who: CurrentPrincipal,
    use: UseCases,
    person: Annotated[str | None, Query(max_length=128)] = None,
    before: Annotated[datetime | None, Query()] = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """`next` is the instant to ask for as `before`: the log is in order of time."""
    if person is not None and person != who.id:
        raise NothingHere
    if before is not None and before.tzinfo is None:
        raise InvalidField(field="before", problem="时间不正确", problem_en="This is no instant")
    entries = await use.log.of(who.id, before, limit)
    items = [
        {"at": iso(e.at), "outcome": e.outcome, "place": e.place, "agent": e.agent, "session": e.session}
        for e in entries
    ]
    return {"items": items, "next": items[-1]["at"] if len(items) == limit else None, "total": None}


def _begun(session: SessionBegun) -> dict[str, Any]:
    return {"session": session.secret, "principal": session.principal, "expires_at": iso(session.expires_at)}


def _instant(at: datetime | None) -> str | None:
    return iso(at) if at else None
