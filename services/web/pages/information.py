"""Editing what an organization says of itself, beside others who may be editing it too (ORG-06)."""

from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.answers.org import Organization
from services.web.clients import Done, Gap, Refused
from services.web.forms import CheckedForm, Form, Sheet
from services.web.pages.organizations import TEXT_FIELDS, again, form_page, status_of, with_document
from services.web.pages.reading import organization_of
from services.web.view import go
from services.web.visit import OrganizationId, SignedIn

FIXED_FIELDS = ("category", "branch_kind")  # chosen once, when the organization is established (ORG-07)
EDITED = (*(name for name in TEXT_FIELDS if name not in FIXED_FIELDS), "approval_document")
CHANGED_MEANWHILE = "information_changed_meanwhile"
routes = APIRouter()


@dataclass(frozen=True)
class Seen:
    """The information a form was made from: it travels with the form, so that changes of others can be told apart."""

    edition: str
    values: dict[str, str]


@dataclass(frozen=True)
class Change:
    """What somebody else changed. ``typed`` is what the form will make of it, empty where it takes the change over."""

    field: str
    before: str
    after: str
    typed: str


def seen_in(card: Organization) -> Seen:
    values = {name: str(getattr(card, name, None) or "") for name in EDITED}
    if card.approval:
        values["approval_date"] = str(card.approval.date or "")
        values["approval_document"] = card.approval.document_id or ""
    return Seen(str(card.edition), values)


def seen_by(form: Form) -> Seen:
    return Seen(form.text("edition"), {name: form.text(f"was_{name}") for name in EDITED})


def changes_between(old: Seen, new: Seen, typed: dict[str, str]) -> list[Change]:
    """What is no longer as the form saw it, field by field."""
    return [
        Change(name, old.values[name], new.values[name], own if own not in (old.values[name], new.values[name]) else "")
        for name in EDITED
        if old.values[name] != new.values[name]
        for own in [typed.get(name, "")]
    ]


def merged(sheet: Sheet, changes: list[Change]) -> Sheet:
    """The form as typed, with what others changed in the fields that were left as they were."""
    taken = {change.field: change.after for change in changes if not change.typed}
    return replace(sheet, values=sheet.values | taken)


@routes.get("/organizations/{organization}/edit")
async def edit_page(request: Request, organization: OrganizationId, visit: SignedIn) -> Response:
    card = await organization_of(visit, organization)
    seen = seen_in(card)
    return await form_page(request, visit, card, Sheet(values=dict(seen.values)), is_new=False, seen=seen, changes=[])


@routes.post("/organizations/{organization}/edit")
async def edit(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    """Nothing is saved over what another admin changed: the form comes back with both, to be sent again."""
    seen = seen_by(form)
    try:
        body = await with_document(visit, form)
        body = {name: value for name, value in body.items() if name not in FIXED_FIELDS}
        body["edition"] = int(seen.edition) if seen.edition.isdecimal() else None
        path = f"/v1/organizations/{organization}/information"
        done = await visit.services.org.send(Done, path, body, key=form.key, method="PUT")
    except (Refused, Gap) as no:
        card = await organization_of(visit, organization)
        sheet, changes = again(form, no), list[Change]()
        if isinstance(no, Refused) and no.problem.code == CHANGED_MEANWHILE:
            changes = changes_between(seen, seen_in(card), sheet.values)
            sheet, seen = merged(sheet, changes), seen_in(card)
        status = status_of(no)
        return await form_page(request, visit, card, sheet, is_new=False, status=status, seen=seen, changes=changes)
    return go(request, f"/organizations/{organization}", "note.saved", after={"org": done.token})
