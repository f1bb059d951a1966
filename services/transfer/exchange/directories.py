"""The organizations of the other systems, taken over daily, so that full names are picked (TRF-17, BEY-08)."""

import re
from collections.abc import Sequence
from typing import Any

from pymongo import IndexModel, ReplaceOne

from services.transfer.exchange.protocol import Listed
from shared.eventstore.driver import ensure_collections

OUTSIDE_ORGANIZATIONS = "outside_organizations"


class OutsideDirectory:
    """Rows {_id: "<system>:<organization>", system, organization, name, ended}: what they said last."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._rows = database[OUTSIDE_ORGANIZATIONS]

    async def prepare(self) -> None:
        """Collection and index. Idempotent."""
        await ensure_collections(self._database, OUTSIDE_ORGANIZATIONS)
        await self._rows.create_indexes([IndexModel([("system", 1), ("name", 1)])])

    async def take(self, system: str, listed: Sequence[Listed]) -> int:
        """How many rows are other than before. Taken twice, it is the same."""
        if not listed:
            return 0
        rows = [{"_id": f"{system}:{each.organization}", "system": system} | each.model_dump() for each in listed]
        result = await self._rows.bulk_write(
            [ReplaceOne({"_id": r["_id"]}, r, upsert=True) for r in rows], ordered=False
        )
        return int(result.modified_count + result.upserted_count)

    async def exactly(self, system: str, name: str) -> str | None:
        """The organization of exactly this full name; None where there is none, or it ended, or there are two."""
        where = {"system": system, "name": name.strip(), "ended": False}
        found = await self._rows.find(where).limit(2).to_list(None)
        return str(found[0]["organization"]) if len(found) == 1 else None

    async def search(self, system: str, text: str, limit: int) -> list[Listed]:
        """Those whose name contains the text, by name."""
        where = {"system": system, "ended": False, "name": {"$regex": re.escape(text.strip())}}
        rows = await self._rows.find(where).sort("name", 1).limit(limit).to_list(None)
        return [Listed(organization=r["organization"], name=r["name"]) for r in rows]

    async def count(self, system: str) -> int:
        return int(await self._rows.count_documents({"system": system, "ended": False}))
