"""TRF-23: who takes the place of an organization that is there no more."""

from collections.abc import Callable
from typing import cast

from services.transfer.domain.events_of_successions import OrganizationSucceeded
from services.transfer.domain.succession import SUCCESSION, NoteSuccession
from shared.authority.decide import STEPS_MAX
from shared.eventstore.store import EventStore

Gone = NoteSuccession | OrganizationSucceeded


class Successors:
    """By the streams that say what became of organizations."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    async def living(self, organization: str | None, next_: Callable[[Gone], str | None]) -> str | None:
        """The first that nobody heard the end of: facts of several organizations come in any order."""
        for _ in range(STEPS_MAX):
            stored = await self._store.load(succession_of(organization)) if organization else ()
            if not stored:
                break
            organization = next_(cast("OrganizationSucceeded", stored[0].events[0]))
        return organization

    async def heir(self, organization: str) -> str:
        """Itself while it is there."""
        return await self.living(organization, heir) or organization


def took_members(gone: Gone) -> str | None:
    return gone.successor


def heir(gone: Gone) -> str:
    """What it was merged into, or else its superior."""
    return gone.successor if gone.merged and gone.successor else gone.superior


def succession_of(organization: str) -> str:
    """The stream that says what became of an organization."""
    return f"{SUCCESSION.kind}-{organization.partition('-')[2]}"
