"""What the list of organizations keeps of schools and graduation months, and what is asked of it (GRD-01 to GRD-03)."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from services.org.domain.events import BranchKind, Category
from services.org.domain.events_of_graduation import (
    BecameGraduateBranch,
    GraduateBranchRestored,
    GraduationEvent,
    GraduationMonthMarked,
    InstitutionCodeChanged,
)
from services.org.reference.sectors import GRADUATING

UNMARKED, MARKED = "unmarked", "marked"
_KINDS = (BranchKind.ORDINARY.value, BranchKind.GRADUATE.value)

LOOKED_AT = 20_000
SHOWN = {"grams": 0, "search": 0, "sequence": 0}

Document = dict[str, Any]


class Listed(Protocol):
    async def current(self) -> Any:
        """The collection of the list of organizations that is read now."""
        ...


def after(document: Document, fact: GraduationEvent) -> Document:
    """What changes in the document of an organization."""
    match fact:
        case InstitutionCodeChanged():
            return {"information": document["information"] | {"institution_code": fact.institution_code}}
        case GraduationMonthMarked():
            return {"graduates": {"year": fact.year, "month": fact.month}}
        case BecameGraduateBranch():
            return {"branch_kind": BranchKind.GRADUATE.value, "graduated": fact.year}
        case GraduateBranchRestored():
            return {"branch_kind": BranchKind.ORDINARY.value, "graduated": None}


def with_marking(document: Document) -> Document:
    """`marking` of a branch that needs a month, `awaits` the year of its day before that has come; else absent."""
    plain = {name: value for name, value in document.items() if name not in {"marking", "awaits"}}
    graduates = document["graduates"]
    if not needs_month(document):
        return plain
    if graduates is None:
        return plain | {"marking": UNMARKED}
    waits = {} if document["graduated"] is not None else {"awaits": graduates["year"]}
    return plain | {"marking": MARKED} | waits


def needs_month(document: Document) -> bool:
    """GRD-02: an ordinary branch, or a graduate one, of a school that is no primary school, and not dissolved."""
    return (
        document["category"] == Category.BRANCH.value
        and document["branch_kind"] in _KINDS
        and document["sector"] in GRADUATING
        and document["superior"] != ""
    )


class Schools:
    """Queries on the list of organizations about schools and months below some of them."""

    def __init__(self, organizations: Listed) -> None:
        self._organizations = organizations

    async def marked(self, organizations: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Per organization the branches below it that need a month, and how many have one."""

        async def one(organization: str) -> tuple[int, int]:
            below = {"ancestors": organization}
            marked = await self._count(below | {"marking": MARKED})
            return marked + await self._count(below | {"marking": UNMARKED}), marked

        counted = await asyncio.gather(*(one(each) for each in organizations))
        return dict(zip(organizations, counted, strict=True))

    async def schools(self, organizations: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Per organization the schools below it, and how many have no admin."""

        async def one(organization: str) -> tuple[int, int]:
            below = {"ancestors": organization, "school": True}
            return await self._count(below), await self._count(below | {"admins": []})

        counted = await asyncio.gather(*(one(each) for each in organizations))
        return dict(zip(organizations, counted, strict=True))

    async def branches_below(
        self, organization: str, marking: str | None, named: Document, limit: int, after: tuple[str, str] | None
    ) -> list[Document]:
        """Those that need a month, or of one marking, and match `named`; by full name, after (full name, id)."""
        where = {"ancestors": organization, "marking": marking or {"$in": [MARKED, UNMARKED]}, **named}
        if after:
            name, last = after
            where["$or"] = [{"full_name": {"$gt": name}}, {"full_name": name, "_id": {"$gt": last}}]
        found = (await self._organizations.current()).find(where, SHOWN).sort([("full_name", 1), ("_id", 1)])
        return list(await found.limit(limit).to_list(None))

    async def schools_below(self, organization: str, limit: int, after: str | None) -> list[Document]:
        """In the order of their ids."""
        return await self._page({"ancestors": organization, "school": True}, limit, after)

    async def without_branch(self, schools: Sequence[Document]) -> set[str]:
        """Those of the schools below which there is no branch yet."""
        found = await self._organizations.current()

        async def lacks(school: Document) -> bool:
            if school["category"] == Category.BRANCH.value:
                return False
            below = {"ancestors": school["_id"], "category": Category.BRANCH.value}
            return await found.find_one(below, {"_id": 1}) is None

        lacking = await asyncio.gather(*(lacks(school) for school in schools))
        return {school["_id"] for school, none in zip(schools, lacking, strict=True) if none}

    async def placed(self, organizations: Sequence[str]) -> dict[str, Document]:
        """By id, with what is above each."""
        found = (await self._organizations.current()).find({"_id": {"$in": list(organizations)}}, SHOWN)
        return {each["_id"]: each async for each in found}

    async def superiors_of_unmarked(self, organization: str, limit: int) -> list[tuple[str, int]]:
        """(organization, its unmarked direct branches), most first; of at most LOOKED_AT branches."""
        pipeline = [
            {"$match": {"ancestors": organization, "marking": UNMARKED}},
            {"$limit": LOOKED_AT},
            {"$group": {"_id": "$superior", "count": {"$sum": 1}}},
            {"$sort": {"count": -1, "_id": 1}},
            {"$limit": limit},
        ]
        found = await (await self._organizations.current()).aggregate(pipeline)
        return [(each["_id"], each["count"]) async for each in found]

    async def _count(self, where: Document) -> int:
        return int(await (await self._organizations.current()).count_documents(where))

    async def _page(self, where: Document, limit: int, after: str | None) -> list[Document]:
        where = where | ({"_id": {"$gt": after}} if after else {})
        found = (await self._organizations.current()).find(where, SHOWN).sort("_id", 1).limit(limit)
        return list(await found.to_list(None))
