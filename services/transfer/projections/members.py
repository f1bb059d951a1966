"""Where each member is, from the facts of member: a person in transit is still where the last fact has them."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, ClassVar

from pymongo import IndexModel

from shared.contracts import member
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection
from shared.runtime.gathered import Gathered

_MOVED = member.MemberMoved.type_name()
_LEFT = member.MembershipEnded.type_name()
_EXCLUDED = member.GraduationExclusionMarked.type_name()
_INCLUDED = member.GraduationExclusionRemoved.type_name()
_HANDLED = {member.MemberImported.type_name(), member.MemberEntered.type_name(), _MOVED, _LEFT, _EXCLUDED, _INCLUDED}


class Members(DocumentProjection):
    """{_id: person, branch, excluded: [branch, year] or absent}; whoever is a member of no branch has no document.

    `excluded`: none of the graduates of that branch and year (GRD-04).
    """

    name: ClassVar[str] = "members"
    version: ClassVar[int] = 2
    topics: ClassVar[tuple[str, ...]] = (member.EVENTS,)
    indexes: ClassVar[Sequence[IndexModel]] = (IndexModel([("branch", 1)]),)

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self._asked: Gathered[str, str] = Gathered(self.branches)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in _HANDLED

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["person"],)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        if event.type == _LEFT:
            return document if document and document["branch"] != event.data["branch"] else None
        if event.type == _EXCLUDED:
            return document and document | {"excluded": [event.data["branch"], event.data["year"]]}
        if event.type == _INCLUDED:
            return document and {name: value for name, value in document.items() if name != "excluded"}
        return {"branch": event.data["to_branch" if event.type == _MOVED else "branch"]}

    async def branch(self, person: str) -> str | None:
        """The branch of a member; None for who is in none, or not known here yet."""
        return await self._asked.get(person)

    async def branches(self, people: Collection[str]) -> dict[str, str]:
        """The branch of each of the people who is a member of one."""
        found = (await self.current()).find({"_id": {"$in": list(people)}}, {"branch": 1})
        return {each["_id"]: each["branch"] async for each in found}

    async def graduates(self, branch: str, year: int) -> set[str]:
        """GRD-03, GRD-04: the members of a graduate branch without those excluded from its cohort."""
        members = {"branch": branch, "excluded": {"$ne": [branch, year]}}
        return {each["_id"] async for each in (await self.current()).find(members, {"_id": 1})}
