"""IDN-07, IDN-08: who stands where - admin, cadre, member - from the facts of org and member."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pymongo import IndexModel

from shared.contracts import member, org
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

ADMIN = "admin"
CADRE = "cadre"
MEMBER = "member"
OPERATOR = "operator"

_APPOINTED = org.AdminAppointed.type_name()
_REVOKED = org.AdminRevoked.type_name()
_JOINED = {member.MemberImported.type_name(), member.MemberEntered.type_name()}
_LEFT = member.MembershipEnded.type_name()
_POSITION = member.CadreAppointed.type_name()
_POSITION_ENDED = member.CadrePositionEnded.type_name()
_MOVED = member.MemberMoved.type_name()
_HANDLED = {_APPOINTED, _REVOKED, _LEFT, _MOVED, _POSITION, _POSITION_ENDED} | _JOINED
_ESTABLISHED = org.OrganizationEstablished.type_name()
_INFORMATION = org.OrganizationInformationChanged.type_name()


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody's role in one organization; the highest counts: `admin`, `cadre`, `member`, or `operator`."""

    organization: str
    full_name: str
    short_name: str
    category: str
    role: str


class Standings(DocumentProjection):
    """{_id: person, admin: [organization], positions: [[organization, position]], branch: organization | None}.

    Each part comes from one stream, so the order among the topics does not matter.
    """

    name = "standings"
    version = 2
    topics = (org.EVENTS, member.EVENTS)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in _HANDLED

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["person"],)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document:  # noqa: ARG002 - one document an event
        after: Document = document or {"admin": [], "positions": [], "branch": None}
        data = event.data
        if event.type == _APPOINTED:
            after["admin"] = sorted({*after["admin"], data["organization"]})
        elif event.type == _REVOKED:
            after["admin"] = [o for o in after["admin"] if o != data["organization"]]
        elif event.type in _JOINED:
            after["branch"] = data["branch"]
        elif event.type == _MOVED:
            after["branch"] = data["to_branch"]
        elif event.type == _LEFT and after["branch"] == data["branch"]:
            after["branch"] = None
        elif event.type in {_POSITION, _POSITION_ENDED}:
            held = [data["organization"], data["position"]]
            others = [p for p in after["positions"] if p != held]
            after["positions"] = others if event.type == _POSITION_ENDED else sorted([*others, held])
        return after

    async def roles(self, person: str) -> dict[str, str]:
        """Organization -> the person's highest role there; the organizations of which one is admin come first."""
        document = await (await self.current()).find_one({"_id": person})
        if document is None:
            return {}
        ranked = [(o, ADMIN) for o in document["admin"]]
        ranked += [(o, CADRE) for o, _ in document["positions"]]
        ranked += [(document["branch"], MEMBER)] if document["branch"] else []
        roles: dict[str, str] = {}
        for organization, role in ranked:
            roles.setdefault(organization, role)
        return roles

    async def is_admin(self, person: str) -> bool:
        document = await (await self.current()).find_one({"_id": person}, {"admin": 1})
        return bool(document and document["admin"])


class Organizations(DocumentProjection):
    """{_id: organization, full_name, short_name, category, root}: what the selector shows (IDN-07)."""

    name = "organizations"
    topics = (org.EVENTS,)
    indexes = (IndexModel([("root", 1)], partialFilterExpression={"root": True}),)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in {_ESTABLISHED, _INFORMATION}

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["organization"],)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document:  # noqa: ARG002 - one document an event
        data = event.data
        named: dict[str, Any] = {field: data[field] for field in ("full_name", "short_name", "category")}
        if event.type == _ESTABLISHED:
            return named | {"root": data["superior"] is None}
        return {"root": False} | (document or {}) | named

    async def named(self, roles: dict[str, str]) -> list[Standing]:
        """The organizations with their roles, in the order given; one not known here yet is left out."""
        found = {d["_id"]: d async for d in (await self.current()).find({"_id": {"$in": list(roles)}})}
        return [_standing(found[o], role) for o, role in roles.items() if o in found]

    async def root(self) -> Standing | None:
        """The root of the tree, where a central operator stands."""
        document = await (await self.current()).find_one({"root": True})
        return _standing(document, OPERATOR) if document else None


def _standing(document: Document, role: str) -> Standing:
    return Standing(
        organization=document["_id"],
        full_name=document["full_name"],
        short_name=document["short_name"],
        category=document["category"],
        role=role,
    )
