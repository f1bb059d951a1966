"""Forms: reading one that was posted, checking where it came from, and giving it back with what was typed.

`checked_form` is the dependency of every route that changes something; a test goes through all routes and finds it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from services.web import cookies
from services.web.clients import Gap, Problem
from services.web.texts import say

FIELDS_MAX = 200


class ForgedForm(Exception):
    """The token is missing or of another browser: the form is not one of ours, or of a session that has ended."""


@dataclass(frozen=True)
class Form:
    """A posted form whose origin is proved."""

    data: FormData

    def text(self, name: str) -> str:
        """The field without surrounding white space; empty if it was not sent."""
        value = self.data.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def raw(self, name: str) -> str:
        """As typed: for passwords."""
        value = self.data.get(name, "")
        return value if isinstance(value, str) else ""

    def filled(self, names: Iterable[str]) -> dict[str, str]:
        """The fields of these names that hold something."""
        return {name: value for name in names if (value := self.text(name))}

    def file(self, name: str) -> UploadFile | None:
        """The uploaded file, or None where none was chosen."""
        value = self.data.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    @property
    def key(self) -> str:
        """The Idempotency-Key that the page gave this form."""
        return self.text("_key") or str(uuid4())


async def checked_form(request: Request) -> Form:
    """The form, if its token is of this browser. Raises ForgedForm."""
    data = await request.form(max_files=2, max_fields=FIELDS_MAX)
    token = request.headers.get("x-csrf-token") or data.get("_csrf", "")
    if not isinstance(token, str) or not cookies.is_form_token(request.cookies.get(cookies.VISIT, ""), token):
        raise ForgedForm
    return Form(data)


CheckedForm = Annotated[Form, Depends(checked_form)]


@dataclass(frozen=True)
class Again:
    """A posted form as it is given back to be sent once more. ``whole`` is False where a file must be chosen again."""

    fields: tuple[tuple[str, str], ...]
    whole: bool


def resendable(data: FormData) -> Again | None:
    """Everything that was posted, its key included; None if a password is in it: that is typed again, never shown."""
    if any("password" in name for name in data):
        return None
    kept = {"_key": str(uuid4())} if "_key" not in data else {}
    fields = [(name, value) for name, value in data.multi_items() if isinstance(value, str) and name != "_csrf"]
    files = [value for value in data.values() if isinstance(value, UploadFile) and value.filename]
    return Again((*fields, *kept.items()), whole=not files)


@dataclass(frozen=True)
class Sheet:
    """What a form shows: the values typed, the faults of the last try, and the key it will be sent with.

    After a gap the key stays, since the command may have been taken; after a refusal it is a new one.
    """

    values: dict[str, str] = field(default_factory=dict)
    faults: tuple[Problem, ...] = ()
    gap: Gap | None = None
    key: str = field(default_factory=lambda: str(uuid4()))

    def value(self, name: str) -> str:
        return self.values.get(name, "")

    def faults_of(self, name: str) -> list[Problem]:
        return [fault for fault in self.faults if fault.field == name]


def typed(form: Form, names: Iterable[str]) -> dict[str, str]:
    """What was typed into the fields of these names."""
    return {name: form.text(name) for name in names}


def refused(form: Form, names: Iterable[str], problem: Problem) -> Sheet:
    return Sheet(values=typed(form, names), faults=tuple(problem.faults))


def unanswered(form: Form, names: Iterable[str], gap: Gap) -> Sheet:
    return Sheet(values=typed(form, names), gap=gap, key=form.key)


def mistake(field_name: str, text_id: str) -> Problem:
    """A fault that the console itself sees before it asks a service."""
    return Problem(status=422, title=str(say(text_id)), field=field_name)
