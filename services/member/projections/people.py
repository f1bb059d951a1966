"""团员列表 and 团干部列表: one document a person, with the values lists show; numbers and phones only masked."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pymongo import ASCENDING, IndexModel

from services.member.masking import mask_number, mask_phone
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.privacy.opening import open_batch
from shared.privacy.vault import KeyReader
from shared.projections.documents import Document, DocumentProjection

SHOWN = (
    "name",
    "sex",
    "birth_date",
    "ethnicity",
    "political_status",
    "education",
    "join_date",
    "document_kind",
)
LAST = "\U0010ffff"
"""Stands after every other character."""
SHOWN_OF_POSITION = ("organization", "position", "kind", "since")


class PeopleList(DocumentProjection):
    """`{name, sex, ..., number_masked, mobile_masked, branch, positions, missing, development_hash, entered_at,
    sides}`.

    `positions`: `[{organization, position, kind, since}]`, with `unstated: true` where no PostTaken was published of
    it. `excluded`: `{branch, year, kind}` of who was left out of a branch's graduates last, while a member there
    (GRD-04). `sides`: the organizations that transfers of theirs were ever between, absent for most (TRF-14). A person
    taken out again keeps an empty document.
    """

    name: ClassVar[str] = "people"
    version: ClassVar[int] = 6
    copied_with: ClassVar[str] = "lists-v3"
    topics: ClassVar[tuple[str, ...]] = ("member.log.v1",)
    per_stream: ClassVar[bool] = True
    indexes: ClassVar[Sequence[IndexModel]] = (
        IndexModel([("branch", ASCENDING), ("name", ASCENDING), ("_id", ASCENDING)]),
        IndexModel(
            [("positions.organization", ASCENDING), ("name", ASCENDING), ("_id", ASCENDING)],
            partialFilterExpression={"positions.organization": {"$exists": True}},  # most members hold no position
        ),
        IndexModel([("name", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("development_hash", ASCENDING)], sparse=True),
        IndexModel([("positions.unstated", ASCENDING)], sparse=True),
    )

    def __init__(self, database: Any, keys: KeyReader) -> None:
        super().__init__(database)
        self._keys = keys
        self._opened: dict[str, dict[str, Any]] = {}

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - every commit of a person counts
        return stream.startswith("person-")

    async def before(self, batch: Sequence[Recorded]) -> None:
        self._opened = await open_batch(self._keys, batch)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        data = event.data
        held = document or {"branch": None, "positions": [], "missing": []}
        match event.name:
            case "PersonRecorded":
                found = {"missing": list(data["missing"]), "entered_at": to_micros(event.at)}
                return held | found | _numbered(data) | self._values(event)
            case "RecordFilled":
                return held | {"missing": list(data["missing"])} | self._values(event)
            case "MembershipBegan":
                return held | {"branch": data["branch"]} | _numbered(data)
            case "MembershipEnded":
                gone = _numbered(data)
                return {name: value for name, value in _included(held).items() if name not in gone} | {"branch": None}
            case "MemberMoved" | "MemberRelocated" | "TransferHoldPlaced" | "TransferHoldRedirected":
                return _transferred(held, event)
            case "GraduationExclusionMarked":
                return held | {"excluded": {name: data[name] for name in ("branch", "year", "kind")}}
            case "GraduationExclusionRemoved":
                return _included(held)
            case "PositionGiven" | "PositionEnded" | "PostsStated":
                return held | {"positions": _positions(held["positions"], event)}
            case "NumberReleased":
                return {"branch": None, "positions": [], "missing": [], "released": True}
            case _:
                return held

    def _values(self, event: Recorded) -> Document:
        values = self._opened.get(event.event_id, {})
        shown = {name: values[name] for name in SHOWN if name in values}
        if "number" in values:
            shown["number_masked"] = mask_number(values["number"])
        if "mobile" in values:
            shown["mobile_masked"] = mask_phone(values["mobile"])
        return shown

    async def members(
        self, branches: Sequence[str], filters: Mapping[str, Any], limit: int, after: tuple[str, str] | None
    ) -> list[Document]:
        """Members of branches in the order of names; `filters` are MongoDB conditions on listed fields."""
        return await self._page({"branch": {"$in": list(branches)}, **filters}, limit, after)

    async def cadres(
        self, organizations: Sequence[str], filters: Mapping[str, Any], limit: int, after: tuple[str, str] | None
    ) -> list[Document]:
        return await self._page({"positions.organization": {"$in": list(organizations)}, **filters}, limit, after)

    async def named(self, beginning: str, limit: int) -> list[Document]:
        """`{branch, positions, sides}` of people whose name begins so, at most `limit`, in the order of names."""
        begins = {"name": {"$gte": beginning, "$lt": beginning + LAST}}
        found = (await self.current()).find(begins, {"name": 1, "branch": 1, "positions": 1, "sides": 1})
        return list(await found.sort([("name", 1), ("_id", 1)]).to_list(limit))

    async def in_branch(self, branch: str, limit: int) -> list[str]:
        """Members of a branch, at most `limit`."""
        found = (await self.current()).find({"branch": branch}, {"_id": 1}).limit(limit)
        return [document["_id"] async for document in found]

    async def in_post(self, organization: str) -> list[str]:
        """Who holds a position in an organization."""
        found = (await self.current()).find({"positions.organization": organization}, {"_id": 1})
        return [document["_id"] async for document in found]

    async def unstated(self, limit: int) -> list[str]:
        """People with a position of which no PostTaken was published, at most `limit`."""
        found = (await self.current()).find({"positions.unstated": True}, {"_id": 1}).limit(limit)
        return [document["_id"] async for document in found]

    async def count(self, query: Mapping[str, Any]) -> int:
        return int(await (await self.current()).count_documents(dict(query)))

    async def _page(self, query: Document, limit: int, after: tuple[str, str] | None) -> list[Document]:
        if after is not None:
            name, person = after
            query = query | {"$or": [{"name": {"$gt": name}}, {"name": name, "_id": {"$gt": person}}]}
        return list(await (await self.current()).find(query).sort([("name", 1), ("_id", 1)]).to_list(limit))


def _included(held: Document) -> Document:
    return {name: value for name, value in held.items() if name != "excluded"}


def _transferred(held: Document, event: Recorded) -> Document:
    """After a transfer's hold or move, or after a move because the branch is dissolved, which is no transfer."""
    data = event.data
    if event.name == "MemberRelocated":
        return _included(held) | {"branch": data["to_branch"]}
    named = [data[each] for each in ("from_branch", "to_branch", "to") if data.get(each)]
    between = held | {"sides": list(dict.fromkeys([*held.get("sides", ()), *named]))}
    return _included(between) | {"branch": data["to_branch"]} if event.name == "MemberMoved" else between


def _numbered(data: Mapping[str, Any]) -> Document:
    """What an event says of the development number, if anything."""
    return {"development_hash": data["development_hash"]} if data.get("development_hash") else {}


def _positions(held: Sequence[Document], event: Recorded) -> list[Document]:
    """The positions after an event of theirs."""
    data = event.data
    if event.name == "PositionGiven":
        unstated = {} if data.get("post_stated", False) else {"unstated": True}
        return [*held, {k: data[k] for k in SHOWN_OF_POSITION} | unstated]
    if event.name == "PositionEnded":
        gone = (data["organization"], data["position"])
        return [p for p in held if (p["organization"], p["position"]) != gone]
    return [{k: p[k] for k in SHOWN_OF_POSITION} for p in held]
