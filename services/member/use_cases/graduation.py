"""GRD-04: those who stay on or teach are marked, several people of a branch at once."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.member.domain.events_of_graduation import ExclusionKind
from services.member.domain.graduation import MarkExclusion, NoGraduateBranch, mark_exclusion
from services.member.domain.person import PersonNotFound
from services.member.domain.person_state import PERSON
from shared.eventstore.execute import Answer, execute
from shared.eventstore.store import EventStore
from shared.kernel.envelope import Request
from shared.kernel.refusals import Refusal


class Graduating(Protocol):
    async def years(self, branches: Collection[str]) -> Mapping[str, int]:
        """The year of those that are graduate branches; may be a moment behind."""
        ...


@dataclass(frozen=True, slots=True)
class ExclusionOf:
    """What came of one person."""

    person: str
    answer: Answer | None = None
    refused: Refusal | None = None


class Exclusions:
    """The use case. Authority over the branch is checked by the caller before."""

    def __init__(self, store: EventStore, graduating: Graduating) -> None:
        self._store = store
        self._graduating = graduating

    async def mark(
        self, request: Request, branch: str, people: Sequence[str], kind: ExclusionKind | None
    ) -> list[ExclusionOf]:
        """Each person by themselves. Raises NoGraduateBranch."""
        year = (await self._graduating.years([branch])).get(branch)
        if year is None:
            raise NoGraduateBranch
        command = MarkExclusion(branch=branch, year=year, kind=kind)

        async def one(person: str) -> ExclusionOf:
            try:
                if not person.startswith("person-"):
                    raise PersonNotFound
                decided = execute(self._store, PERSON, person, request, lambda state: mark_exclusion(command, state))
                return ExclusionOf(person, await decided)
            except Refusal as refusal:
                return ExclusionOf(person, refused=refusal)

        return await asyncio.gather(*(one(person) for person in dict.fromkeys(people)))
