"""Applying for an admin's account without having one: captcha, search, form, and the outcome by ticket (ADM-07)."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.web import cookies
from services.web.answers.applications import Applicant, Applicants, ApplicationOutcome, ApplicationSent
from services.web.answers.identity import Pass
from services.web.clients import Caller, Gap, Refused, Service, attempt
from services.web.forms import CheckedForm, Form, Sheet, mistake, refused, typed, unanswered
from services.web.pages.organizations import SEARCHED_MIN, status_of
from services.web.pages.sign_in import captcha_for, identity
from services.web.urls import Address
from services.web.view import View, go
from services.web.visit import OrganizationId, Ticket

PURPOSE = "account-application"
PASS_REFUSED = frozenset({"pass_needed", "pass_used_up"})
SEARCH = ("q", "spoken")
FIELDS = ("responsible", "phone", "full_name", "spoken")
FILE_MISSING = "apply.file_missing"
TOO_SHORT = "apply.too_short"
routes = APIRouter()


def org(request: Request, human: str) -> Service:
    """Org as seen by somebody without an account, who answered a captcha or did not."""
    service: Service = request.app.state.clients.seen_by(Caller(human=human)).org
    return service


def held(request: Request) -> str:
    return request.cookies.get(cookies.HUMAN, "")


async def pass_for(request: Request, form: Form) -> str:
    """The pass of this browser, or a new one for the captcha just answered. Raises Refused or Gap."""
    if not form.text("captcha_id"):
        return held(request)
    body = {"purpose": PURPOSE, "captcha_id": form.text("captcha_id"), "captcha": form.text("captcha")}
    return (await identity(request).send(Pass, "/v1/passes", body, key=form.key)).text


def keep_pass(response: Response, human: str) -> Response:
    """With the answer: the pass for what follows, or its end."""
    if human:
        cookies.put(response, cookies.HUMAN, human, seconds=cookies.HUMAN_SECONDS)
    else:
        cookies.drop(response, cookies.HUMAN)
    return response


async def search_page(
    request: Request, sheet: Sheet, found: Applicants | Gap | None, *, asks: bool, status: int = 200
) -> Response:
    """``asks``: whether a captcha must be answered first."""
    view: View = request.app.state.view
    captcha = await captcha_for(request, sheet.value("spoken")) if asks else None
    return view.page(request, "applying/search.html", status=status, sheet=sheet, found=found, captcha=captcha)


@routes.get("/apply")
async def search(request: Request, q: str = "", spoken: str = "") -> Response:
    """Ten organizations at most; what is looked for stands in the address, so that one can go back to it."""
    words = q.strip()[:100]
    sheet, human = Sheet(values={"q": words, "spoken": spoken}), held(request)
    if not human or len(words) < SEARCHED_MIN:
        return await search_page(request, sheet, None, asks=not human)
    try:
        found = await attempt(org(request, human).get(Applicants, "/v1/applicants", {"q": words}))
    except Refused as no:
        if no.problem.code not in PASS_REFUSED:
            raise
        sheet = Sheet(values=sheet.values, faults=tuple(no.problem.faults))
        return keep_pass(await search_page(request, sheet, None, asks=True, status=status_of(no)), "")
    return await search_page(request, sheet, found, asks=False)


@routes.post("/apply")
async def begin(request: Request, form: CheckedForm) -> Response:
    if len(form.text("q")) < SEARCHED_MIN:
        sheet = Sheet(values=typed(form, SEARCH), faults=(mistake("q", TOO_SHORT),))
        return await search_page(request, sheet, None, asks=not held(request), status=422)
    try:
        human = await pass_for(request, form)
    except Refused as no:
        return await search_page(request, refused(form, SEARCH, no.problem), None, asks=True, status=status_of(no))
    except Gap as gap:
        return await search_page(request, unanswered(form, SEARCH, gap), None, asks=True, status=503)
    return keep_pass(go(request, str(Address("/apply", {"q": form.text("q")}))), human)


async def form_page(
    request: Request, organization: str, sheet: Sheet, *, asks: bool = False, status: int = 200
) -> Response:
    view: View = request.app.state.view
    captcha = await captcha_for(request, sheet.value("spoken")) if asks else None
    return view.page(
        request, "applying/form.html", status=status, organization=organization, sheet=sheet, captcha=captcha
    )


@routes.get("/apply/organizations/{organization}")
async def form_for(request: Request, organization: OrganizationId) -> Response:
    """Without a pass to the search, which asks for a captcha. Raises Refused for what is not there."""
    try:
        found = await org(request, held(request)).get(Applicant, f"/v1/applicants/{organization}")
    except Refused as no:
        if no.problem.code not in PASS_REFUSED:
            raise
        return keep_pass(RedirectResponse("/apply", status_code=303), "")
    if not found.may_apply:
        view: View = request.app.state.view
        return view.page(request, "applying/closed.html", found=found)
    return await form_page(request, organization, Sheet(values={"full_name": found.full_name}))


@routes.post("/apply/organizations/{organization}")
async def send(request: Request, organization: OrganizationId, form: CheckedForm) -> Response:
    """A file cannot be given back by a page: after a refusal it has to be chosen again, the rest is kept."""
    file = form.file("file")
    if file is None:
        sheet = Sheet(values=typed(form, FIELDS), faults=(mistake("file", FILE_MISSING),))
        return await form_page(request, organization, sheet, asks=not held(request), status=422)
    fields = {"organization": organization, "responsible": form.text("responsible"), "phone": form.text("phone")}
    upload = (file.filename or "", file.file, file.content_type or "application/octet-stream")
    human = ""
    try:
        human = await pass_for(request, form)
        sent = await org(request, human).upload(
            ApplicationSent, "/v1/account-applications", fields, upload, key=form.key
        )
    except Refused as no:
        asks = no.problem.code in PASS_REFUSED or not human
        sheet = refused(form, FIELDS, no.problem)
        page = await form_page(request, organization, sheet, asks=asks, status=status_of(no))
        return keep_pass(page, "" if asks else human)
    except Gap as gap:
        page = await form_page(request, organization, unanswered(form, FIELDS, gap), asks=not human, status=503)
        return keep_pass(page, human)
    return keep_pass(go(request, f"/apply/outcomes/{sent.ticket}"), human)


@routes.get("/apply/outcomes/{ticket}")
async def outcome(request: Request, ticket: Ticket) -> Response:
    view: View = request.app.state.view
    found = await org(request, "").get(ApplicationOutcome, f"/v1/application-outcomes/{ticket}")
    return view.page(request, "applying/outcome.html", found=found)


@routes.get("/apply/blank")
async def blank(request: Request) -> Response:
    """The form to print, fill in and have stamped."""
    view: View = request.app.state.view
    return view.page(request, "applying/blank.html")
