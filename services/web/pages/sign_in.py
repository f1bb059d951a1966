"""Signing in, the first password, choosing an organization, signing out (IDN-01, IDN-04, IDN-07, IDN-09)."""

from contextlib import suppress

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.web import cookies
from services.web.answers import Nothing
from services.web.answers.identity import Captcha, SignIn
from services.web.clients import Caller, Gap, Refused, Service, SignedOut, attempt
from services.web.forms import CheckedForm, Sheet, mistake, refused, typed, unanswered
from services.web.texts import LANGUAGES
from services.web.view import View, go, safe_next
from services.web.visit import SignedIn, standing_key

DOCUMENT_KINDS = (
    "居民身份证",
    "港澳居民来往内地通行证",
    "台湾居民来往大陆通行证",
    "港澳台居民居住证",
    "外国人永久居留身份证",
    "护照",
    "操作员",
)
KEPT = ("document_kind", "number", "next", "spoken")
PASSWORDS_DIFFER = "sign_in.passwords_differ"
routes = APIRouter()


def identity(request: Request) -> Service:
    """Identity as seen by nobody yet, from wherever the browser is."""
    address = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "").encode("ascii", "ignore").decode()[:300]
    service: Service = request.app.state.clients.seen_by(Caller(address=address, agent=agent)).identity
    return service


async def show(request: Request, template: str, sheet: Sheet, *, status: int = 200) -> Response:
    view: View = request.app.state.view
    captcha = await captcha_for(request, sheet.value("spoken"))
    return view.page(request, template, status=status, sheet=sheet, captcha=captcha, document_kinds=DOCUMENT_KINDS)


async def captcha_for(request: Request, spoken: str) -> Captcha | Gap:
    """A new one: a picture, or a sound for who cannot see it."""
    return await attempt(identity(request).get(Captcha, "/v1/captchas", {"spoken": "true" if spoken else ""}))


def asked(request: Request) -> dict[str, str]:
    """What an address of these pages may ask for."""
    return {name: request.query_params.get(name, "") for name in ("next", "spoken", "ended")}


def enter(request: Request, answer: SignIn, to: str) -> Response:
    """A new session in a new browser state: whatever was chosen before belongs to nobody."""
    response = go(request, to)
    cookies.put(response, cookies.SESSION, answer.session)
    if answer.device:
        cookies.put(response, cookies.DEVICE, answer.device, seconds=cookies.DEVICE_SECONDS)
    cookies.put(response, cookies.VISIT, cookies.new_secret())
    cookies.drop(response, cookies.ACTING)
    return response


@routes.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    values = {"document_kind": DOCUMENT_KINDS[0], **asked(request)}
    return await show(request, "sign_in/sign_in.html", Sheet(values=values))


@routes.get("/captcha")
async def another_captcha(request: Request, spoken: str = "") -> Response:
    view: View = request.app.state.view
    return view.page(request, "sign_in/captcha.html", captcha=await captcha_for(request, spoken))


@routes.post("/sign-in")
async def sign_in(request: Request, form: CheckedForm) -> Response:
    body = {
        "document_kind": form.text("document_kind"),
        "number": form.text("number").upper(),
        "password": form.raw("password"),
        "captcha_id": form.text("captcha_id"),
        "captcha": form.text("captcha"),
        "device": request.cookies.get(cookies.DEVICE, "")[:128] or None,
    }
    try:
        answer = await identity(request).send(SignIn, "/v1/sign-ins", body, key=form.key)
    except Refused as refusal:
        status = refusal.problem.status
        return await show(
            request, "sign_in/sign_in.html", refused(form, KEPT, refusal.problem), status=max(status, 400)
        )
    except Gap as gap:
        return await show(request, "sign_in/sign_in.html", unanswered(form, KEPT, gap), status=503)
    return enter(request, answer, safe_next(form.text("next")))


@routes.get("/activate")
async def activation_page(request: Request) -> Response:
    values = {"document_kind": DOCUMENT_KINDS[0], **asked(request)}
    return await show(request, "sign_in/activate.html", Sheet(values=values))


@routes.post("/activate")
async def activate(request: Request, form: CheckedForm) -> Response:
    kept = (*KEPT, "code")
    if form.raw("new_password") != form.raw("repeated_password"):
        sheet = Sheet(values=typed(form, kept), faults=(mistake("repeated_password", PASSWORDS_DIFFER),))
        return await show(request, "sign_in/activate.html", sheet, status=422)
    body = {
        "document_kind": form.text("document_kind"),
        "number": form.text("number").upper(),
        "initial_password": form.raw("initial_password").strip().upper(),
        "code": form.text("code").upper().replace(" ", "").replace("-", ""),
        "new_password": form.raw("new_password"),
        "captcha_id": form.text("captcha_id"),
        "captcha": form.text("captcha"),
    }
    try:
        answer = await identity(request).send(SignIn, "/v1/activations", body, key=form.key)
    except Refused as refusal:
        sheet = refused(form, kept, refusal.problem)
        return await show(request, "sign_in/activate.html", sheet, status=max(refusal.problem.status, 400))
    except Gap as gap:
        return await show(request, "sign_in/activate.html", unanswered(form, kept, gap), status=503)
    return enter(request, answer, "/home")


@routes.post("/sign-out")
async def sign_out(request: Request, visit: SignedIn, form: CheckedForm) -> Response:
    """Ends the session here at once, even when identity does not answer; there it then ends by its time-out."""
    with suppress(SignedOut, Refused):  # it was over already
        await attempt(visit.services.identity.send(Nothing, "/v1/sessions/current", {}, key=form.key, method="DELETE"))
    return leave(request, visit.session)


def leave(request: Request, session: str) -> Response:
    request.app.state.sessions.forget(session)
    response = go(request, "/sign-in")
    for name in (cookies.SESSION, cookies.VISIT, cookies.ACTING, cookies.NOTE):
        cookies.drop(response, name)
    return response


@routes.post("/acting")
async def act_for(request: Request, visit: SignedIn, form: CheckedForm) -> Response:
    """Chooses the organization acted for (IDN-07). Only one the user has; what it allows the services decide."""
    wanted = form.text("standing")
    response = go(request, "/home")
    if any(standing_key(standing) == wanted for standing in visit.me.standings):
        cookies.put(response, cookies.ACTING, wanted)
    return response


@routes.post("/language")
async def choose_language(form: CheckedForm) -> Response:
    """For this browser, signed in or not; Chinese where nothing was chosen, whatever the browser itself prefers."""
    response = RedirectResponse(safe_next(form.text("back")), status_code=303)
    wanted = form.text("language")
    if wanted in LANGUAGES:
        cookies.put(response, cookies.LANGUAGE, wanted, seconds=cookies.LANGUAGE_SECONDS)
    return response
