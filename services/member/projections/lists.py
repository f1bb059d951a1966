"""Both lists from one reading of member's log: each record is fetched and judged once, and its position saved once."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, ClassVar, Self

from services.member.projections.imports import ImportList
from services.member.projections.people import PeopleList
from shared.kernel.envelope import Recorded
from shared.projections.documents import DocumentProjection


class Lists:
    """PeopleList and ImportList as one read model: rebuilt, switched and stopped together.

    A new version of either is a new version of both; they name it in `copied_with`.
    """

    name: ClassVar[str] = "lists"
    version: ClassVar[int] = 3
    topics: ClassVar[tuple[str, ...]] = PeopleList.topics

    def __init__(self, people: PeopleList, imports: ImportList) -> None:
        self.parts: tuple[DocumentProjection, ...] = (people, imports)

    @property
    def collections(self) -> tuple[str, ...]:
        return tuple(name for part in self.parts for name in part.collections)

    def at(self, number: int) -> Self:
        other = copy(self)
        other.parts = tuple(part.at(number) for part in self.parts)
        return other

    def wants(self, type_: str, stream: str) -> bool:
        return any(part.wants(type_, stream) for part in self.parts)

    def compared(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        return document

    async def prepare(self) -> None:
        for part in self.parts:
            await part.prepare()

    async def apply(self, session: Any, batch: Sequence[Recorded]) -> None:
        for part in self.parts:
            await part.apply(session, batch)

    async def take_over(self, session: Any) -> None:
        """Nothing else depends on which copy is fed."""
