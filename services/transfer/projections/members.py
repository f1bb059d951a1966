"""Where each member is, from the facts of member: a person in transit is still where the last fact has them."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from shared.contracts import member
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

_MOVED = member.MemberMoved.type_name()
_LEFT = member.MembershipEnded.type_name()
_HANDLED = {member.MemberImported.type_name(), member.MemberEntered.type_name(), _MOVED, _LEFT}


class Members(DocumentProjection):
    """{_id: person, branch}; whoever is a member of no branch has no document."""

    name: ClassVar[str] = "members"
    topics: ClassVar[tuple[str, ...]] = (member.EVENTS,)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in _HANDLED

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["person"],)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        if event.type == _LEFT:
            return document if document and document["branch"] != event.data["branch"] else None
        return {"branch": event.data["to_branch" if event.type == _MOVED else "branch"]}

    async def branches(self, people: Sequence[str]) -> dict[str, str]:
        """The same of many; whoever is in none is left out."""
        found = (await self.current()).find({"_id": {"$in": list(people)}}, {"branch": 1})
        return {each["_id"]: each["branch"] for each in await found.to_list(None)}

    async def branch(self, person: str) -> str | None:
        """The branch of a member; None for who is in none, or not known here yet."""
        found = await (await self.current()).find_one({"_id": person}, {"branch": 1})
        return str(found["branch"]) if found else None
