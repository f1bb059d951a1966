"""A system begun before there was a PostTaken: its cadres get theirs said once, and rights follow from it (ADR 0031)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from services.member import views
from services.member.domain.events import PersonEvent, PersonRecorded, PositionEnded, PositionGiven
from services.member.domain.fields import Template
from services.member.posts import PostStating
from services.member.projections.people import PeopleList
from shared.authority.projection import AuthorityGrants
from shared.contracts.member import CadreAppointed, PostTaken
from shared.eventstore.commits import Commit
from shared.eventstore.driver import ensure_collections
from shared.kernel import ids
from shared.kernel.envelope import Actor, Personal, Request
from shared.runtime.lease import Lease
from shared.testing.feed import Feed
from tests.member.conftest import BRANCHES, COUNTY, Member
from tests.member.people import cadre_row

OLD = "person-00000000-0000-0000-0000-000000000001"
GONE = "person-00000000-0000-0000-0000-000000000002"
BEFORE = PositionGiven(organization=BRANCHES[0], position="书记")
ENDED = PositionEnded(organization=BRANCHES[0], position="书记", cause="x")


@dataclass
class Stand:
    member: Member
    people: PeopleList
    grants: AuthorityGrants
    feed: Feed
    stating: PostStating

    async def written_before(self, person: str, *events: PersonEvent) -> None:
        """As the code of before wrote it: without `post_stated`, and nothing but the old forms published."""
        key, row = self.member.records.new_key(person)
        recorded = PersonRecorded(number_hash=person, personal=Personal(person=person, values={"name": "赵一"}))
        request, commit_id = Request(Actor("person-admin", COUNTY), "k", ""), ids.derived("before", person)
        commit = Commit(person, 1, commit_id, request, (recorded, *events), (row,), {person: key})
        await self.member.store.append(commit)
        await self.member.store.commits.update_one(
            {"stream": person}, {"$unset": {f"events.{i}.data.post_stated": "" for i in range(1, 1 + len(events))}}
        )
        await self.feed.catch_up()

    async def work(self) -> int:
        found = await self.stating.work()
        await self.feed.catch_up()
        return found

    async def told(self, kind: Any = PostTaken) -> list[tuple[str, str, int]]:
        """(person, position, version of the commit) of what was published."""
        commits = await self.member.store.commits.find({}).sort("at", 1).to_list(None)
        public = [(entry, commit["version"]) for commit in commits for entry in commit["public"]]
        return [(e["data"]["person"], e["data"]["position"], v) for e, v in public if e["type"] == kind.type_name()]

    async def rights(self, person: str) -> Sequence[dict[str, Any]]:
        document = await self.grants.collection.find_one({"_id": person})
        return document["grants"] if document else []


@pytest.fixture
async def stand(member: Member) -> Stand:
    store = member.store
    people, grants = PeopleList(store.database, member.records.vault), AuthorityGrants(store.database)
    await people.prepare()
    await grants.prepare()
    await ensure_collections(store.database, "leases")
    feed = Feed(store.driver, store, (people, grants))
    return Stand(member, people, grants, feed, PostStating(store, people))


@pytest.mark.rule("MEM-24", "P2")
async def test_a_position_of_before_is_published_as_a_post_once_and_gives_the_right_again(stand: Stand) -> None:
    await stand.written_before(OLD, BEFORE)
    assert (await stand.told(), await stand.told(CadreAppointed)) == ([], [(OLD, "书记", 1)])
    assert await stand.rights(OLD) == []
    assert await stand.work() == 1
    assert (await stand.told(), await stand.told(CadreAppointed)) == ([(OLD, "书记", 2)], [(OLD, "书记", 1)])
    held = [{"right": "holds", "scope": BRANCHES[0], "post": "书记", "version": 2}]
    assert await stand.rights(OLD) == held
    assert await stand.work() == 0
    await stand.stating._one(OLD)
    assert await stand.told() == [(OLD, "书记", 2)]


@pytest.mark.rule("MEM-24")
async def test_a_list_that_lags_behind_repeats_nothing(stand: Stand) -> None:
    await stand.written_before(OLD, BEFORE)
    assert [await stand.stating.work() for _ in range(2)] == [1, 1]
    assert await stand.told() == [(OLD, "书记", 2)]


@pytest.mark.rule("MEM-24")
async def test_who_lost_the_position_meanwhile_gets_no_post(stand: Stand) -> None:
    await stand.written_before(GONE, BEFORE, ENDED)
    await stand.written_before(OLD, BEFORE)
    request = Request(Actor("person-admin", COUNTY), "end", "")
    ended = Commit(OLD, 2, ids.derived("end"), request, (ENDED,))
    await stand.member.store.append(ended)  # the list has not heard of it
    assert await stand.work() == 1
    assert await stand.told() == []
    assert (await stand.rights(OLD), await stand.people.unstated(10)) == ([], [])


@pytest.mark.rule("MEM-24", "P6")
async def test_who_is_entered_today_is_published_at_once_and_never_looked_for(stand: Stand) -> None:
    request = Request(Actor("person-admin", COUNTY), "enter-1", "")
    answer = await stand.member.people.enter(request, COUNTY, Template.CADRES, cadre_row())
    await stand.feed.catch_up()
    assert {(person, version) for person, _, version in await stand.told()} == {(answer.stream, 1)}
    assert {grant["version"] for grant in await stand.rights(answer.stream)} == {1}
    assert await stand.work() == 0


@pytest.mark.rule("MEM-20")
async def test_neither_history_nor_list_shows_that_a_post_was_stated(stand: Stand) -> None:
    await stand.written_before(OLD, BEFORE)
    await stand.work()
    lines = views.history(await stand.member.records.history(OLD), {})
    assert len(lines) == 2
    document = await stand.people.collection.find_one({"_id": OLD})
    (position,) = document["positions"]
    assert set(position) == {"organization", "position", "kind", "since"}


async def test_one_process_at_a_time_looks_and_finds_by_an_index(stand: Stand) -> None:
    await stand.written_before(OLD, BEFORE)
    plan = await stand.people.collection.find({"positions.unstated": True}).explain()
    assert "IXSCAN" in str(plan["queryPlanner"]["winningPlan"])
    other = Lease(stand.member.store.database["leases"], stand.stating.name)
    assert await other.take()
    assert not await stand.stating._lease.take()
