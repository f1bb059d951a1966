"""Who holds which position where, copied from member: for appointing admins (ADM-04) and for the secretary (ORG-20).

One document a person who holds a position at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pymongo import IndexModel

from shared.contracts import member
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

SECRETARY = "书记"
MOBILE = "mobile"

_APPOINTED = member.CadreAppointed.type_name()
_ENDED = member.CadrePositionEnded.type_name()
_CHANGED = member.RecordCompletenessChanged.type_name()


@dataclass(frozen=True, slots=True)
class Secretary:
    """ORG-20: whoever holds 书记 in an organization; the eldest in the position where two do."""

    person: str
    mobile_filled: bool


class Cadres(DocumentProjection):
    name: ClassVar[str] = "cadres"
    version: ClassVar[int] = 1
    topics: ClassVar[tuple[str, ...]] = (member.EVENTS,)
    indexes: ClassVar[Sequence[IndexModel]] = (IndexModel([("positions.organization", 1), ("positions.position", 1)]),)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in {_APPOINTED, _ENDED, _CHANGED}

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["person"],)

    def evolve(self, document: Document | None, event: Recorded, _key: str) -> Document | None:
        positions = document["positions"] if document else []
        if event.type == _APPOINTED:
            fact = member.CadreAppointed.model_validate(event.data)
            held = {"organization": fact.organization, "position": fact.position, "since": to_micros(event.at)}
            return {"positions": [*positions, held], "missing": list(fact.missing)}
        if document is None:
            return None
        if event.type == _CHANGED:
            return document | {"missing": list(member.RecordCompletenessChanged.model_validate(event.data).missing)}
        ended = member.CadrePositionEnded.model_validate(event.data)
        left = [p for p in positions if (p["organization"], p["position"]) != (ended.organization, ended.position)]
        return document | {"positions": left} if left else None

    async def of(self, organization: str) -> list[str]:
        """The people who hold a position in an organization."""
        found = (await self.current()).find({"positions.organization": organization}, {"_id": 1})
        return [each["_id"] for each in await found.to_list(None)]

    async def secretaries(self, organizations: Sequence[str]) -> dict[str, Secretary]:
        """The secretaries of those organizations that have one."""
        wanted = set(organizations)
        holds = {"$elemMatch": {"organization": {"$in": list(wanted)}, "position": SECRETARY}}
        eldest: dict[str, tuple[int, str, Secretary]] = {}
        async for person in (await self.current()).find({"positions": holds}):
            secretary = Secretary(person["_id"], MOBILE not in person["missing"])
            for held in person["positions"]:
                if held["position"] == SECRETARY and held["organization"] in wanted:
                    candidate = (held["since"], person["_id"], secretary)
                    standing = eldest.get(held["organization"], candidate)
                    eldest[held["organization"]] = min(candidate, standing, key=lambda each: each[:2])
        return {organization: secretary for organization, (_, _, secretary) in eldest.items()}
