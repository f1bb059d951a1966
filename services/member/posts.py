"""Posts of before: cadres whose positions were given before there was a PostTaken get it said, once (ADR 0031)."""

import asyncio

from services.member.domain.person_state import PERSON
from services.member.domain.posts import StatePosts, state_posts
from services.member.projections.people import PeopleList
from services.member.use_cases.registrants import SELF
from shared.eventstore.execute import execute
from shared.eventstore.store import EventStore
from shared.kernel.envelope import Actor, Request
from shared.kernel.ids import request_hash
from shared.runtime.lease import Lease
from shared.runtime.service import Health, Role

BATCH = 500
PAUSE_SECONDS = 1.0
LOOK_SECONDS = 60.0


class PostStating:
    """One process at a time looks who is left, and finds nobody from then on: new positions are published as posts.

    It goes on looking, by an index that is empty then: the list may still be filling, and an older process may still
    give positions while services are replaced one by one.
    """

    name = "member.posts"
    role = Role.WORKER

    def __init__(self, store: EventStore, people: PeopleList) -> None:
        self._store = store
        self._people = people
        self._lease = Lease(store.database["leases"], self.name)
        self._detail = "not looked yet"

    def health(self) -> Health:
        """Ready either way; the supervisor tells of one that fails."""
        return Health(ready=True, detail=self._detail)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._detail = "another process looks"
            async with self._lease.held(LOOK_SECONDS) as lost:
                while not lost.is_set():
                    found = await self.work()
                    self._detail = f"{found} people were found with posts to be told"
                    await asyncio.sleep(PAUSE_SECONDS if found else LOOK_SECONDS)

    async def work(self) -> int:
        """States the posts of up to 500 people; says how many the list shows, which may lag behind."""
        people = await self._people.unstated(BATCH)
        await asyncio.gather(*(self._one(person) for person in people))
        return len(people)

    async def _one(self, person: str) -> None:
        command = StatePosts()
        request = Request(Actor(SELF), "posts-stated", request_hash(command.model_dump(mode="json")))
        await execute(self._store, PERSON, person, request, lambda state: state_posts(command, state))
