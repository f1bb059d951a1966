"""One document an organization: its card, its place in the tree, its admins, and what a search for it needs."""

import re
from collections.abc import Sequence
from typing import Any, ClassVar, assert_never

from pymongo import IndexModel

from services.org.domain.events import (
    REGISTRY,
    AdminAppointed,
    AdminRevoked,
    BranchKind,
    CodeEvent,
    DissolutionBegun,
    DissolutionRefused,
    Information,
    OrganizationDissolved,
    OrganizationEstablished,
    OrganizationInformationChanged,
    RegistrationCodeExpired,
    RegistrationCodeIssued,
    RegistrationCodeRedeemed,
    RegistrationCodeRevoked,
    RegistrationFailed,
    RegistrationLapsed,
    SubordinatesReordered,
)
from services.org.names import grams, grams_asked, is_spelling, letter_grams, name_key, spellings
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

LOG = "org.log.v1"
CANDIDATES = 200
UNUSED, USED, REVOKED, EXPIRED = "unused", "used", "revoked", "expired"
CLOSING, REFUSED, DISSOLVED = "closing", "refused", "dissolved"
STREAMS = "organization-"
SEARCHED = {"grams": 0, "search": 0, "spelled": 0, "letters": 0}
LIST_FIELDS = {"ancestors": 0, "sequence": 0, **SEARCHED}


class Organizations(DocumentProjection):
    """The document's `version` is the stream's: what a command answered with can be waited for.

    `sequence` is the order last given to the direct subordinates; `order` the place the organization was established
    in. `edition` counts how often the information was given. `code` is the registration code made last (ADM-03).
    `ancestors` serve searches below a node, nothing else. `dissolution` is the last one asked for: closing, refused
    (with `members`) or dissolved; a dissolved organization is under nobody and found by its id only (ORG-09).
    """

    name: ClassVar[str] = "organizations"
    version: ClassVar[int] = 4
    topics: ClassVar[tuple[str, ...]] = (LOG,)
    per_stream: ClassVar[bool] = True
    indexes: ClassVar[Sequence[IndexModel]] = (
        IndexModel([("superior", 1), ("category", 1), ("order", 1)]),
        IndexModel([("grams", 1)]),
        IndexModel([("letters", 1)]),
        IndexModel([("ancestors", 1)]),
        IndexModel(
            [("information.approval_document", 1)],
            partialFilterExpression={"information.approval_document": {"$gt": ""}},
        ),
        IndexModel([("dissolution.document", 1)], sparse=True),
    )

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the stream
        return stream.startswith(STREAMS)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:
        if not REGISTRY.knows(event.type):
            return document
        match REGISTRY.load(event), document:
            case OrganizationEstablished() as fact, None:
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
                    **_information(fact.information, fact.missing),
                }
            case OrganizationInformationChanged() as fact, dict():
                changed = {"edition": document["edition"] + 1, **_information(fact.information, fact.missing)}
                return document | changed
            case SubordinatesReordered() as fact, dict():
                return document | {"sequence": list(fact.subordinates)}
            case AdminAppointed() as fact, dict():
                admin = {"person": fact.person, "since": to_micros(event.at), "by": event.actor.organization}
                return document | {"admins": _with_admin(document["admins"], admin)}
            case AdminRevoked() as fact, dict():
                return document | {"admins": [a for a in document["admins"] if a["person"] != fact.person]}
            case DissolutionBegun() | DissolutionRefused() | OrganizationDissolved() as fact, dict():
                return document | _dissolution(fact, to_micros(event.at))
            case (
                RegistrationCodeIssued()
                | RegistrationCodeRedeemed()
                | RegistrationCodeRevoked()
                | RegistrationCodeExpired()
                | RegistrationLapsed()
                | RegistrationFailed()
            ) as fact, dict():
                return document | {"code": _code(document["code"], fact, to_micros(event.at))}
            case fact, _:
                raise ValueError(f"{type(fact).__name__} does not fit the document {key}")

    async def get(self, organization: str) -> Document | None:
        found: Document | None = await (await self.current()).find_one({"_id": organization}, SEARCHED)
        return found

    async def names(self, organizations: Sequence[str]) -> dict[str, Document]:
        """Names, category and kind of several, by id."""
        wanted = {"full_name": 1, "short_name": 1, "category": 1, "branch_kind": 1}
        found = (await self.current()).find({"_id": {"$in": list(set(organizations))}}, wanted)
        return {each["_id"]: each for each in await found.to_list(None)}

    async def search(self, part: str, under: str | None, limit: int) -> list[Document]:
        """Organizations whose names hold `part`, the closest first; below `under` if given. At least two characters.

        Register branches are nobody's choice and are not found (TRF-16).
        Letters are also looked up in the pinyin of short names, whole or by initials (TRF-18): after those whose names
        hold them.
        """
        named: list[Document] = [*({"grams": gram} for gram in grams_asked(part)), name_part(part)]
        found = await self._found("search", named, name_key(part), under, limit)
        if not is_spelling(part):
            return found
        key, known = name_key(part), {each["_id"] for each in found}
        spelled: list[Document] = [
            *({"letters": each} for each in letter_grams(key)),
            {"spelled": {"$regex": re.escape(key)}},
        ]
        more = await self._found("spelled", spelled, key, under, limit)
        return [*found, *(each for each in more if each["_id"] not in known)][:limit]

    async def _found(
        self, field: str, conditions: list[Document], key: str, under: str | None, limit: int
    ) -> list[Document]:
        """MongoDB races an index scan for each condition (and the subtree's) and goes on with the shortest."""
        where: Document = {"$and": conditions, "branch_kind": {"$ne": BranchKind.REGISTER.value}}
        where |= {} if under is None else {"ancestors": under}
        asked = (await self.current()).find(where, {"grams": 0, "letters": 0}).limit(max(limit, CANDIDATES))
        return sorted(await asked.to_list(None), key=lambda each: _closeness(each, field, key))[:limit]

    async def sequence(self, superior: str | None) -> list[str]:
        """The order last given to the direct subordinates of an organization; empty for none."""
        found = await (await self.current()).find_one({"_id": superior}, {"sequence": 1}) if superior else None
        return list(found["sequence"]) if found else []

    async def with_document(self, document: str) -> str | None:
        """The organization whose approval document this is, or the decision to dissolve it."""
        named = [{"information.approval_document": document}, {"dissolution.document": document}]
        found = await (await self.current()).find_one({"$or": named}, {"_id": 1})
        return found["_id"] if found else None

    async def direct(self, superior: str, where: Document) -> list[Document]:
        """`_id`, `order`, `missing` of the direct subordinates that match, by place; the caller applies `sequence`."""
        wanted = {"order": 1, "missing": 1}
        found = (await self.current()).find({"superior": superior} | where, wanted).sort("order", 1)
        return list(await found.to_list(None))

    async def many(self, organizations: Sequence[str]) -> dict[str, Document]:
        """The documents of a page, by id, without what only a search or a single card needs."""
        found = (await self.current()).find({"_id": {"$in": list(organizations)}}, LIST_FIELDS)
        return {each["_id"]: each for each in await found.to_list(None)}

    async def counts_below(self, organizations: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Per organization its direct subordinates and how many of these are branches; answered from the index."""
        counts = dict.fromkeys(organizations, (0, 0))
        where = {"superior": {"$in": list(organizations)}}
        found = (await self.current()).find(where, {"_id": 0, "superior": 1, "category": 1})
        async for each in found:
            total, branches = counts[each["superior"]]
            counts[each["superior"]] = (total + 1, branches + (each["category"] == "branch"))
        return counts


def name_part(part: str) -> Document:
    """What a document must match for its names to hold `part`, written in any width, case or spacing."""
    return {"search": {"$regex": re.escape(name_key(part))}}


def _closeness(document: Document, field: str, key: str) -> tuple[bool, bool, int, str]:
    names: list[str] = document[field].split("\n")
    return (
        key not in names,
        not any(name.startswith(key) or name.endswith(key) for name in names),
        len(names[0]),
        document["_id"],
    )


def _with_admin(admins: Sequence[Document], admin: Document) -> list[Document]:
    """Who is one already is said once more when a registration ends so."""
    return [*admins, *([] if any(a["person"] == admin["person"] for a in admins) else [admin])]


def _code(code: Document | None, fact: CodeEvent, at: int) -> Document | None:
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


def _dissolution(fact: DissolutionBegun | DissolutionRefused | OrganizationDissolved, at: int) -> Document:
    match fact:
        case DissolutionBegun():
            return {"dissolution": {"state": CLOSING, "at": at}}
        case DissolutionRefused():
            return {"dissolution": {"state": REFUSED, "at": at, "members": fact.members}}
        case OrganizationDissolved():
            decision = {"decided_on": fact.decided_on.isoformat(), "document": fact.document}
            gone = {"state": DISSOLVED, "at": at, **decision, "successor": fact.successor}
            return {"dissolution": gone, "superior": "", "grams": [], "search": "", "letters": [], "spelled": ""}
        case _:
            assert_never(fact)


def _information(information: Information, missing: Sequence[str]) -> dict[str, Any]:
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
