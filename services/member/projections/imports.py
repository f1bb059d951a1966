"""导入记录: one document an import, and the list of those that wait for the worker."""

from collections.abc import Sequence
from typing import Any, ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.privacy.opening import open_batch
from shared.privacy.vault import KeyReader
from shared.projections.documents import Document, DocumentProjection

WAITING = ("received", "running", "withdrawing")


class ImportList(DocumentProjection):
    """`{organization, template, state, file_name, counts..., uploaded_at, uploaded_by, finished_at, withdrawal}`.

    Instants are microseconds. `state`: received, running, refused, completed, cancelled, withdrawing, withdrawn.
    """

    name: ClassVar[str] = "imports"
    version: ClassVar[int] = 4
    copied_with: ClassVar[str] = "lists-v3"
    topics: ClassVar[tuple[str, ...]] = ("member.log.v1",)
    per_stream: ClassVar[bool] = True
    indexes: ClassVar[Sequence[IndexModel]] = (
        IndexModel([("organization", ASCENDING), ("uploaded_at", DESCENDING)]),
        IndexModel([("state", ASCENDING), ("uploaded_at", ASCENDING)]),
    )

    def __init__(self, database: Any, keys: KeyReader) -> None:
        super().__init__(database)
        self._keys = keys
        self._opened: dict[str, dict[str, Any]] = {}

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - every commit of an import counts
        return stream.startswith("import-")

    async def before(self, batch: Sequence[Recorded]) -> None:
        self._opened = await open_batch(self._keys, [e for e in batch if e.name == "ImportReceived"])

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        if event.name == "ImportReceived":
            return self._received(event)
        if document is None:
            return None
        return document | _changes(document, event)

    def _received(self, event: Recorded) -> Document:
        return {
            "organization": event.data["organization"],
            "template": event.data["template"],
            "file_name": self._opened.get(event.event_id, {}).get("file_name", ""),
            "state": "received",
            "rows": None,
            "counts": {},
            "uploaded_at": to_micros(event.at),
            "uploaded_by": event.actor.principal,
            "finished_at": None,
            "withdrawal": None,
            "refused": None,
            "notes": [],
        }

    async def waiting(self) -> list[Document]:
        """Imports the worker has something to do for, oldest first."""
        found = (await self.current()).find({"state": {"$in": list(WAITING)}}, {"organization": 1, "version": 1})
        return list(await found.sort("uploaded_at", 1).to_list(200))

    async def of(self, organizations: Sequence[str], limit: int, before: int | None = None) -> list[Document]:
        """Imports of organizations, newest first."""
        query: Document = {"organization": {"$in": list(organizations)}}
        if before is not None:
            query["uploaded_at"] = {"$lt": before}
        return list(await (await self.current()).find(query).sort("uploaded_at", -1).to_list(limit))


def _changes(document: Document, event: Recorded) -> Document:
    data = event.data
    match event.name:
        case "ImportRead":
            return {"state": "running", "rows": data["rows"], "notes": list(data["notes"])}
        case "ImportRefused":
            return {"state": "refused", "refused": dict(data), "finished_at": to_micros(event.at)}
        case "RowsSettled":
            counts = dict(document["counts"])
            for verdict in data["verdicts"]:
                counts[verdict["verdict"]] = counts.get(verdict["verdict"], 0) + 1
            return {"counts": counts}
        case "ImportFinished":
            state = "cancelled" if data["cancelled"] else "completed"
            return {"state": state, "finished_at": to_micros(event.at)}
        case "WithdrawalRequested":
            asked = {"requested_by": data["requested_by"], "at": to_micros(event.at), "people": data["people"]}
            confirmed = not data["needs_confirmation"]
            going_on = {"state": "withdrawing"} if confirmed else {}
            return {"withdrawal": asked | {"needs_confirmation": data["needs_confirmation"]}} | going_on
        case "WithdrawalConfirmed":
            return {
                "state": "withdrawing",
                "withdrawal": document["withdrawal"] | {"confirmed_by": data["confirmed_by"]},
            }
        case "WithdrawalCancelled":
            state = "cancelled" if document["counts"].get("unprocessed") else "completed"
            return {"state": state, "withdrawal": None}
        case "WithdrawalFinished":
            result = {"members_ended": data["members_ended"], "kept": data["kept"]}
            return {"state": "withdrawn", "withdrawal": document["withdrawal"] | result}
        case _:
            return {}
