"""The user's own account: where it is signed in, signing out elsewhere, changing the password (IDN-09)."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from services.web import cookies
from services.web.answers import Nothing
from services.web.answers.identity import Sessions, SignIn
from services.web.clients import Gap, Refused, attempt
from services.web.forms import CheckedForm, Sheet, mistake, refused, unanswered
from services.web.pages.sign_in import PASSWORDS_DIFFER, leave
from services.web.view import View, go
from services.web.visit import SignedIn, Visit

SessionNumber = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,100}$")]
routes = APIRouter()


async def show(request: Request, visit: Visit, sheet: Sheet, *, status: int = 200) -> Response:
    view: View = request.app.state.view
    sessions = await attempt(visit.services.identity.get(Sessions, "/v1/sessions"))
    return view.page(request, "account/account.html", status=status, sessions=sessions, sheet=sheet)


@routes.get("/account")
async def account(request: Request, visit: SignedIn) -> Response:
    return await show(request, visit, Sheet())


@routes.post("/account/password")
async def change_password(request: Request, visit: SignedIn, form: CheckedForm) -> Response:
    if form.raw("new_password") != form.raw("repeated_password"):
        sheet = Sheet(faults=(mistake("repeated_password", PASSWORDS_DIFFER),))
        return await show(request, visit, sheet, status=422)
    body = {"old_password": form.raw("old_password"), "new_password": form.raw("new_password")}
    try:
        answer = await visit.services.identity.send(SignIn, "/v1/passwords", body, key=form.key)
    except Refused as refusal:
        return await show(request, visit, refused(form, (), refusal.problem), status=max(refusal.problem.status, 400))
    except Gap as gap:
        return await show(request, visit, unanswered(form, (), gap), status=503)
    response = go(request, "/account", "note.password_changed")
    cookies.put(response, cookies.SESSION, answer.session)  # identity has ended all that the old password opened
    return response


@routes.post("/account/sessions/{number}/end")
async def end_session(request: Request, number: SessionNumber, visit: SignedIn, form: CheckedForm) -> Response:
    path = f"/v1/sessions/{number}"
    await visit.services.identity.send(Nothing, path, {}, key=form.key, method="DELETE")
    return go(request, "/account", "note.session_ended")


@routes.post("/account/sign-out-everywhere")
async def sign_out_everywhere(request: Request, visit: SignedIn, form: CheckedForm) -> Response:
    """Ends every session of the user, this one too. Not said to be done unless identity says so."""
    await visit.services.identity.send(Nothing, "/v1/sessions", {}, key=form.key, method="DELETE")
    return leave(request, visit.session)
