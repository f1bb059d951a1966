"""One document an organization: its card, its place in the tree, its admins, and what a search for it needs."""

from collections.abc import Sequence
from typing import Any, ClassVar

from pymongo import IndexModel

from services.org.domain.events import (
    REGISTRY,
    AdminAppointed,
    AdminRevoked,
    Information,
    OrganizationEstablished,
    OrganizationInformationChanged,
    SubordinatesReordered,
)
from services.org.domain.fields import name_key
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

LOG = "org.log.v1"
LIST_FIELDS = {"ancestors": 0, "grams": 0, "search": 0, "sequence": 0}


def grams(*names: str) -> list[str]:
    """Each pair of neighbouring characters of the names, once: Chinese has no words to index by."""
    keys = [name_key(name) for name in names]
    return sorted({key[at : at + 2] for key in keys for at in range(len(key) - 1)})


class Organizations(DocumentProjection):
    """The document's `version` is the stream's: what a command answered with can be waited for.

    `sequence` is the order last given to the direct subordinates; `order` the place the organization was established
    in. `ancestors` serve searches below a node, nothing else.
    """

    name: ClassVar[str] = "organizations"
    version: ClassVar[int] = 1
    topics: ClassVar[tuple[str, ...]] = (LOG,)
    per_stream: ClassVar[bool] = True
    indexes: ClassVar[Sequence[IndexModel]] = (
        IndexModel([("superior", 1), ("category", 1), ("order", 1)]),
        IndexModel([("grams", 1)]),
        IndexModel([("ancestors", 1)]),
        IndexModel([("information.approval_document", 1)], sparse=True),
    )

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
                    "sequence": [],
                    **_information(fact.information, fact.missing),
                }
            case OrganizationInformationChanged() as fact, dict():
                return document | _information(fact.information, fact.missing)
            case SubordinatesReordered() as fact, dict():
                return document | {"sequence": list(fact.subordinates)}
            case AdminAppointed() as fact, dict():
                admin = {"person": fact.person, "since": to_micros(event.at), "by": event.actor.organization}
                return document | {"admins": [*document["admins"], admin]}
            case AdminRevoked() as fact, dict():
                return document | {"admins": [a for a in document["admins"] if a["person"] != fact.person]}
            case fact, _:
                raise ValueError(f"{type(fact).__name__} does not fit the document {key}")

    async def get(self, organization: str) -> Document | None:
        found: Document | None = await self.collection.find_one({"_id": organization}, {"grams": 0, "search": 0})
        return found

    async def names(self, organizations: Sequence[str]) -> dict[str, Document]:
        """Names, category and kind of several, by id."""
        wanted = {"full_name": 1, "short_name": 1, "category": 1, "branch_kind": 1, "superior": 1}
        found = self.collection.find({"_id": {"$in": list(set(organizations))}}, wanted)
        return {each["_id"]: each for each in await found.to_list(None)}

    async def direct(self, superior: str, where: Document) -> list[Document]:
        """`_id`, `order`, `missing` of the direct subordinates that match, by place; the caller applies `sequence`."""
        wanted = {"order": 1, "missing": 1}
        found = self.collection.find({"superior": superior} | where, wanted).sort([("order", 1), ("_id", 1)])
        return list(await found.to_list(None))

    async def many(self, organizations: Sequence[str]) -> dict[str, Document]:
        """The documents of a page, by id, without what only a search or a single card needs."""
        found = self.collection.find({"_id": {"$in": list(organizations)}}, LIST_FIELDS)
        return {each["_id"]: each for each in await found.to_list(None)}

    async def counts_below(self, organizations: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Per organization its direct subordinates and how many of these are branches; answered from the index."""
        counts = dict.fromkeys(organizations, (0, 0))
        where = {"superior": {"$in": list(organizations)}}
        found = self.collection.find(where, {"_id": 0, "superior": 1, "category": 1})
        async for each in found:
            total, branches = counts[each["superior"]]
            counts[each["superior"]] = (total + 1, branches + (each["category"] == "branch"))
        return counts


def name_part(part: str) -> Document:
    """What a document must match for its names to hold `part`, written in any width, case or spacing."""
    return {"search": {"$regex": _escaped(name_key(part))}}


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c.isascii() and not c.isalnum() else c for c in text)


def _information(information: Information, missing: Sequence[str]) -> dict[str, Any]:
    names = (information.full_name, information.short_name)
    return {
        "full_name": information.full_name,
        "short_name": information.short_name,
        "sector": information.sector,
        "information": information.model_dump(mode="json", exclude={"full_name", "short_name", "sector"}),
        "missing": list(missing),
        "search": "\n".join(name_key(name) for name in names),
        "grams": grams(*names),
    }
