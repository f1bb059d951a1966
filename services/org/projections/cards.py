"""The document of an organization after one more fact, part by part."""

from collections.abc import Sequence
from typing import Any, assert_never

from services.org.domain.events import (
    CodeEvent,
    DissolutionBegun,
    DissolutionRefused,
    Information,
    OrganizationDissolved,
    OrganizationEstablished,
    RegistrationCodeExpired,
    RegistrationCodeIssued,
    RegistrationCodeRedeemed,
    RegistrationCodeRevoked,
    RegistrationFailed,
    RegistrationLapsed,
    SubordinatesReordered,
)
from services.org.domain.events_of_moves import ExplanationFiled, ExplanationSettled, OrganizationMoved
from services.org.names import grams, letter_grams, name_key, spellings
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document

UNUSED, USED, REVOKED, EXPIRED = "unused", "used", "revoked", "expired"
CLOSING, REFUSED, DISSOLVED = "closing", "refused", "dissolved"


def established(fact: OrganizationEstablished) -> Document:
    return {
        "superior": fact.ancestors[-1] if fact.ancestors else None,
        "ancestors": list(fact.ancestors),
        "category": fact.category.value,
        "branch_kind": fact.branch_kind.value,
        "order": fact.order,
        "admins": [],
        "code": None,
        "sequence": [],
        "edition": 1,
        "graduates": None,
        "graduated": None,
        "school": fact.school,
        **information_of(fact.information, fact.missing),
    }


def with_admin(admins: Sequence[Document], admin: Document) -> list[Document]:
    """Who is one already is said once more when a registration ends so."""
    return [*admins, *([] if any(a["person"] == admin["person"] for a in admins) else [admin])]


def code_after(code: Document | None, fact: CodeEvent, at: int) -> Document | None:
    """The code issued last, after one more fact."""
    match fact:
        case RegistrationCodeIssued():
            return {"id": fact.code, "state": UNUSED, "made_at": at, "due_at": to_micros(fact.due_at)}
        case RegistrationCodeRedeemed():
            return (code or {}) | {"state": USED}
        case RegistrationLapsed() | RegistrationFailed():
            return code
        case RegistrationCodeRevoked():
            return (code or {}) | {"state": REVOKED}
        case RegistrationCodeExpired():
            return (code or {}) | {"state": EXPIRED}
        case _:
            assert_never(fact)


def changing(
    document: Document,
    fact: SubordinatesReordered | OrganizationMoved | ExplanationFiled | ExplanationSettled,
    event: Recorded,
) -> Document:
    at, held = to_micros(event.at), document.get("explanations", [])
    match fact:
        case SubordinatesReordered():
            return {"sequence": list(fact.subordinates)}
        case OrganizationMoved():
            place = {"superior": fact.superior, "ancestors": list(fact.ancestors), "order": fact.order}
            return place | {"moved": True}
        case ExplanationFiled():
            said = {"occasion": fact.occasion, "note": fact.note, "document": fact.document}
            return {"explanations": [*held, {"id": fact.explanation, **said, "at": at, "settled_at": None}]}
        case ExplanationSettled():
            settled = [each | ({"settled_at": at} if each["id"] == fact.explanation else {}) for each in held]
            return {"explanations": settled}
        case _:
            assert_never(fact)


def dissolution(
    document: Document, fact: DissolutionBegun | DissolutionRefused | OrganizationDissolved, at: int
) -> Document:
    """ORG-21: to dissolve or to merge it is the superior's answer to what it explained."""
    match fact:
        case DissolutionBegun():
            return {"dissolution": {"state": CLOSING, "at": at, "into": fact.into}}
        case DissolutionRefused():
            return {"dissolution": {"state": REFUSED, "at": at, "members": fact.members, "cause": fact.cause}}
        case OrganizationDissolved():
            decision = {"decided_on": fact.decided_on.isoformat(), "document": fact.document}
            gone = {"state": DISSOLVED, "at": at, **decision, "successor": fact.successor, "merged": fact.merged}
            answered = [each | {"settled_at": each["settled_at"] or at} for each in document.get("explanations", [])]
            explained = {"explanations": answered} if answered else {}
            nowhere = {"superior": "", "grams": [], "search": "", "letters": [], "spelled": ""}
            return {"dissolution": gone, **explained, **nowhere}
        case _:
            assert_never(fact)


def information_of(information: Information, missing: Sequence[str]) -> dict[str, Any]:
    names, spelled = (information.full_name, information.short_name), spellings(information.short_name)
    return {
        "full_name": information.full_name,
        "short_name": information.short_name,
        "sector": information.sector,
        "information": information.model_dump(mode="json", exclude={"full_name", "short_name", "sector"}),
        "missing": list(missing),
        "search": "\n".join(name_key(name) for name in names),
        "grams": grams(*names),
        "spelled": "\n".join(spelled),
        "letters": letter_grams(*spelled),
    }
