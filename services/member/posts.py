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
from shared.runtime.looking import Looking

BATCH = 500


class PostStating(Looking):
    """Looks who is left, and finds nobody from then on: new positions are published as posts.

    It goes on looking, by an index that is empty then: the list may still be filling, and an older process may still
    give positions while services are replaced one by one.
    """

    PAUSE_SECONDS, REST_SECONDS = 1.0, 60.0

    def __init__(self, store: EventStore, people: PeopleList) -> None:
        super().__init__(store.database, "member.posts")
        self._store = store
        self._people = people

    async def work(self) -> int:
        """States the posts of up to 500 people; says how many the list shows, which may lag behind."""
        people = await self._people.unstated(BATCH)
        await asyncio.gather(*(self._one(person) for person in people))
        return len(people)

    async def _one(self, person: str) -> None:
        command = StatePosts()
        request = Request(Actor(SELF), "posts-stated", request_hash(command.model_dump(mode="json")))
        await execute(self._store, PERSON, person, request, lambda state: state_posts(command, state))
