"""One document an organization: its card, its place in the tree, its admins, and what a search for it needs."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from pymongo import IndexModel

from services.org.domain.events import (
    REGISTRY,
    AdminAppointed,
    AdminRevoked,
    BranchKind,
    DissolutionBegun,
    DissolutionRefused,
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
from services.org.domain.events_of_graduation import (
    BecameGraduateBranch,
    GraduateBranchRestored,
    GraduationMonthMarked,
    InstitutionCodeChanged,
)
from services.org.domain.events_of_moves import ExplanationFiled, ExplanationSettled, OrganizationMoved
from services.org.names import grams_asked, is_spelling, letter_grams, name_key
from services.org.projections import graduation
from services.org.projections.cards import changing, code_after, dissolution, established, information_of, with_admin
from services.org.projections.lines import below, lines, once_below
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

LOG = "org.log.v1"
CANDIDATES = 200
STREAMS = "organization-"
SEARCHED = {"grams": 0, "search": 0, "spelled": 0, "letters": 0}
LIST_FIELDS = {"ancestors": 0, "sequence": 0, **SEARCHED}


class Organizations(DocumentProjection):
    """The document's `version` is the stream's: what a command answered with can be waited for.

    `sequence` is the order last given to the direct subordinates; `order` the place the organization was established
    in. `edition` counts how often the information was given. `code` is the registration code made last (ADM-03).
    `ancestors` serve searches below a node, nothing else, and are as of the establishing or the organization's own last
    move, whatever moved above it since (lines.py).
    `dissolution` is the last one asked for: closing, refused (with `members` or a `cause`) or dissolved; a dissolved
    organization is under nobody and found by its id only (ORG-09). `explanations`, the newest last: [{id, occasion,
    note, document, at, settled_at or None}] (ORG-21).

    `school`: a school of its own. `graduates` {year, month} or None, `graduated` the year of which it is a graduate
    branch or None. There only of branches that need a month: `marking` marked or unmarked, and `awaits` the year.
    """

    name: ClassVar[str] = "organizations"
    version: ClassVar[int] = 7
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
        IndexModel([("explanations.document", 1)], sparse=True),
        IndexModel([("moved", 1), ("ancestors", 1)], partialFilterExpression={"moved": True}, name="moved"),
        IndexModel([("awaits", 1)], sparse=True),
        IndexModel(
            [("ancestors", 1), ("marking", 1), ("full_name", 1), ("_id", 1)],
            partialFilterExpression={"marking": {"$exists": True}},
        ),
        IndexModel([("ancestors", 1), ("_id", 1)], name="schools", partialFilterExpression={"school": True}),
    )

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the stream
        return stream.startswith(STREAMS)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:
        if not REGISTRY.knows(event.type):
            return document
        changed = self._changed(document, event, key)
        return graduation.with_marking(changed)

    def _changed(self, document: Document | None, event: Recorded, key: str) -> Document:
        match REGISTRY.load(event), document:
            case OrganizationEstablished() as fact, None:
                return established(fact)
            case OrganizationInformationChanged() as fact, dict():
                given = {"edition": document["edition"] + 1, "school": fact.school}
                return document | given | information_of(fact.information, fact.missing)
            case (
                InstitutionCodeChanged() | GraduationMonthMarked() | BecameGraduateBranch() | GraduateBranchRestored()
            ) as fact, dict():
                return document | graduation.after(document, fact)
            case AdminAppointed() as fact, dict():
                admin = {"person": fact.person, "since": to_micros(event.at), "by": event.actor.organization}
                return document | {"admins": with_admin(document["admins"], admin)}
            case AdminRevoked() as fact, dict():
                return document | {"admins": [a for a in document["admins"] if a["person"] != fact.person]}
            case DissolutionBegun() | DissolutionRefused() | OrganizationDissolved() as fact, dict():
                return document | dissolution(document, fact, to_micros(event.at))
            case (
                SubordinatesReordered() | OrganizationMoved() | ExplanationFiled() | ExplanationSettled()
            ) as fact, dict():
                return document | changing(document, fact, event)
            case (
                RegistrationCodeIssued()
                | RegistrationCodeRedeemed()
                | RegistrationCodeRevoked()
                | RegistrationCodeExpired()
                | RegistrationLapsed()
                | RegistrationFailed()
            ) as fact, dict():
                return document | {"code": code_after(document["code"], fact, to_micros(event.at))}
            case fact, _:
                raise ValueError(f"{type(fact).__name__} does not fit the document {key}")

    async def get(self, organization: str) -> Document | None:
        found: Document | None = await (await self.current()).find_one({"_id": organization}, SEARCHED)
        return found

    async def responsible(self, organization: str) -> tuple[str, list[str]] | None:
        """Whose admins decide for an organization: its own, or where it has none its superior's; and who they are."""
        found = await self.get(organization)
        if found is not None and not found["admins"] and found["superior"]:
            found = await self.get(found["superior"])
        return (found["_id"], [admin["person"] for admin in found["admins"]]) if found else None

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
        if under is not None:
            where["ancestors"] = {"$in": await once_below(await self.current(), under)}
        asked = (await self.current()).find(where, {"grams": 0, "letters": 0}).limit(max(limit, CANDIDATES))
        found = await asked.to_list(None)
        if under is not None:
            above = await self.lines(found)
            found = [each for each in found if under in above[each["_id"]]]
        return sorted(found, key=lambda each: _closeness(each, field, key))[:limit]

    async def lines(self, documents: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
        """By the id of each document the organizations above it, from the root down."""
        return await lines(await self.current(), documents)

    async def below(self, organization: str, most: int) -> tuple[int, int, int]:
        """Organizations, itself included, branches and admins, until `most` are passed."""
        return await below(await self.current(), organization, most)

    async def explaining(self, superior: str) -> list[Document]:
        """The direct subordinates with an explanation that is not settled."""
        where = {"superior": superior, "explanations": {"$elemMatch": {"settled_at": None}}}
        return list(await (await self.current()).find(where, LIST_FIELDS).sort("order", 1).to_list(None))

    async def sequence(self, superior: str | None) -> list[str]:
        """The order last given to the direct subordinates of an organization; empty for none."""
        found = await (await self.current()).find_one({"_id": superior}, {"sequence": 1}) if superior else None
        return list(found["sequence"]) if found else []

    async def with_document(self, document: str) -> str | None:
        """The organization whose approval document this is, the decision to dissolve it, or its explanation."""
        fields = ("information.approval_document", "dissolution.document", "explanations.document")
        named = [{field: document} for field in fields]
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

    async def awaiting(self, year: int, limit: int) -> list[str]:
        """GRD-03: marked branches of years up to `year` that are no graduate branches yet."""
        found = (await self.current()).find({"awaits": {"$lte": year}}, {"_id": 1}).limit(limit)
        return [each["_id"] async for each in found]

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
        names[0],
    )
