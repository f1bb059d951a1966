"""What member does for a branch that is dissolved, and for whoever held a post there, on the real store (ORG-09 to 11)."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.member.domain.fields import Template
from services.member.domain.roster import BranchNotEmpty
from services.member.reactions import HearsOfTheTree
from services.member.use_cases.places import PendingBranchTakesNobody
from services.member.use_cases.records import ROSTERS, Records
from services.member.use_cases.rosters import (
    POSTS_LOOKED_FOR_AGAIN,
    ROSTER_REOPENS,
    Rosters,
    StillInTheBranch,
)
from shared.contracts.org import BranchSealRequested, OrganizationDissolved
from shared.deadlines.rows import Deadlines
from shared.deadlines.worker import DeadlineWorker
from shared.kernel import ids
from shared.kernel.envelope import Actor, Recorded, Request
from shared.kernel.refusals import Refusal
from tests.member.conftest import BRANCHES, COUNTY, Member
from tests.member.people import cadre_row, card, member_row
from tests.member.test_transfers import Hears, TransferredPeople, requested

BRANCH, PENDING, OTHER = BRANCHES


@dataclass
class Listed:
    """The list of people, as far as it has got: `hidden` are not shown yet."""

    records: Records
    people: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)

    async def in_branch(self, branch: str, limit: int) -> list[str]:
        known = await self.records.load([p for p in self.people if p not in self.hidden])
        return [p for p, person in known.items() if person.state.branch == branch][:limit]

    async def in_post(self, organization: str) -> list[str]:
        known = await self.records.load(self.people)
        return [p for p in self.people if any(o == organization for o, _ in known[p].state.positions)]


@dataclass
class Stand:
    member: Member
    listed: Listed
    rosters: Rosters
    hears: HearsOfTheTree
    worker: DeadlineWorker

    async def enter(self, number: int, branch: str = BRANCH, template: Template = Template.MEMBERS) -> str:
        request = Request(Actor("person-admin", COUNTY), f"enter-{number:04d}", "")
        cadre = template is Template.CADRES
        other = {} if cadre else {"branch": "", "development_number": f"2022330{number:05d}"}
        row = (cadre_row if cadre else member_row)(
            number=card(sequence=f"{number:03d}", birth="19900307" if cadre else "20080307"), **other
        )
        person = (await self.member.people.enter(request, branch, template, row)).stream
        self.listed.people.append(person)
        return person

    async def roster(self, branch: str) -> tuple[int, str] | None:
        row = await self.member.store.database[ROSTERS].find_one({"_id": branch})
        return (row["members"], row["state"]) if row else None

    async def told(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async for commit in self.member.store.commits.find({}).sort("at", 1):
            found += [e["data"] for e in commit["public"] if e["type"].split(".")[1] == kind]
        return found


@pytest.fixture
async def stand(member: Member) -> Stand:
    deadlines = Deadlines(member.store.database)
    await deadlines.prepare()
    listed = Listed(member.records)
    rosters = Rosters(member.store, deadlines, listed)
    reminded = {ROSTER_REOPENS: rosters.reopen, POSTS_LOOKED_FOR_AGAIN: rosters.look_again}
    worker = DeadlineWorker("member", member.store.database, member.clock, reminded)
    return Stand(member, listed, rosters, HearsOfTheTree(rosters), worker)


def seal(dissolution: str = "dissolution-1", pending: str | None = None, branch: str = BRANCH) -> Recorded:
    event = BranchSealRequested(branch=branch, dissolution=dissolution, pending=pending)
    return _fact(event.type_name(), event.model_dump(mode="json", exclude={"personal"}), dissolution)


def dissolved(organization: str) -> Recorded:
    event = OrganizationDissolved(organization=organization, superior=COUNTY)
    return _fact(event.type_name(), event.model_dump(mode="json", exclude={"personal"}), organization)


def _fact(type_: str, data: dict[str, Any], name: str) -> Recorded:
    at = datetime(2026, 11, 28, 2, tzinfo=UTC)
    return Recorded(ids.derived(type_, name), type_, name, 1, 0, at, Actor("service:org"), "", "", data)


@pytest.mark.rule("ORG-09", "P2")
async def test_an_empty_branch_is_sealed_once_and_takes_nobody_after(stand: Stand) -> None:
    for _ in range(2):
        await asyncio.gather(*(stand.hears.branch_seal_requested([seal()]) for _ in range(3)))
    assert await stand.told("BranchSealed") == [{"branch": BRANCH, "dissolution": "dissolution-1"}]
    assert await stand.roster(BRANCH) == (0, "sealed")
    with pytest.raises(Refusal):
        await stand.enter(1)
    assert await stand.roster(BRANCH) == (0, "sealed")


@pytest.mark.rule("ORG-09")
async def test_a_branch_with_members_says_how_many_once_and_stays_open(stand: Stand) -> None:
    people = [await stand.enter(number) for number in (1, 2)]
    await stand.hears.branch_seal_requested([seal()])
    said = [{"branch": BRANCH, "dissolution": "dissolution-1", "members": 2}]
    assert (await stand.told("BranchSealRefused"), BranchNotEmpty.rule) == (said, "ORG-09")
    await stand.enter(3)
    await stand.member.store.database[ROSTERS].update_one({"_id": BRANCH}, {"$set": {"members": 0}})
    await stand.hears.branch_seal_requested([seal()])  # heard again after it was answered
    assert await stand.told("BranchSealRefused") == said
    assert await stand.told("BranchSealed") == []
    assert len(people) == 2


@pytest.mark.rule("ORG-10", "TRF-23")
async def test_everybody_goes_to_the_pending_branch_also_who_is_held_by_a_transfer(stand: Stand) -> None:
    people = [await stand.enter(number) for number in range(1, 6)]
    unaware: Any = None
    await Hears(unaware, TransferredPeople(stand.member.store)).transfer_requested([requested(people[0])])
    for _ in range(2):
        await stand.hears.branch_seal_requested([seal(pending=PENDING)])
    assert await stand.told("BranchSealed") == [{"branch": BRANCH, "dissolution": "dissolution-1"}]
    assert (await stand.roster(BRANCH), await stand.roster(PENDING)) == ((0, "sealed"), (5, "open"))
    moves = await stand.told("MemberMoved")
    assert sorted(m["person"] for m in moves) == sorted(people)
    assert {(m["from_branch"], m["to_branch"], m["transfer"]) for m in moves} == {(BRANCH, PENDING, "")}
    assert (await stand.member.records.load(people))[people[0]].state.hold == "transfer-1"


@pytest.mark.rule("ORG-10", "P5")
async def test_whom_the_list_does_not_show_yet_is_moved_when_the_fact_comes_again(stand: Stand) -> None:
    people = [await stand.enter(number) for number in (1, 2, 3)]
    stand.listed.hidden = {people[2]}
    with pytest.raises(StillInTheBranch):
        await stand.hears.branch_seal_requested([seal(pending=PENDING)])
    assert await stand.roster(BRANCH) == (1, "closing")
    with pytest.raises(Refusal):
        await stand.enter(4)
    stand.listed.hidden = set()
    await stand.hears.branch_seal_requested([seal(pending=PENDING)])
    assert (await stand.roster(BRANCH), await stand.roster(PENDING)) == ((0, "sealed"), (3, "open"))


@pytest.mark.rule("ORG-10", "ORG-11")
async def test_where_the_pending_branch_is_dissolved_meanwhile_the_branch_keeps_its_people_and_opens_again(
    stand: Stand,
) -> None:
    people = [await stand.enter(number) for number in (1, 2)]
    await stand.hears.branch_seal_requested([seal("dissolution-0", branch=PENDING)])
    assert await stand.roster(PENDING) == (0, "sealed")
    for _ in range(2):
        await stand.hears.branch_seal_requested([seal(pending=PENDING)])
    assert [each["members"] for each in await stand.told("BranchSealRefused")] == [2]
    assert await stand.roster(BRANCH) == (2, "open")
    assert sorted(await stand.listed.in_branch(BRANCH, 10)) == sorted(people)
    await stand.enter(3)


@pytest.mark.rule("ORG-10", "P8")
async def test_a_closing_that_finds_no_end_opens_the_branch_again_after_a_day(stand: Stand) -> None:
    (person,) = [await stand.enter(1)]
    stand.listed.hidden = {person}
    with pytest.raises(StillInTheBranch):
        await stand.hears.branch_seal_requested([seal(pending=PENDING)])
    stand.member.clock.move(timedelta(hours=23, minutes=59))
    await stand.worker.work()
    assert await stand.roster(BRANCH) == (1, "closing")
    stand.member.clock.move(timedelta(minutes=1))
    for _ in range(2):
        await stand.worker.work()
    assert await stand.roster(BRANCH) == (1, "open")
    assert [each["members"] for each in await stand.told("BranchSealRefused")] == [1]
    stand.listed.hidden = set()
    await stand.hears.branch_seal_requested([seal(pending=PENDING)])  # the fact comes again, too late
    assert await stand.roster(BRANCH) == (1, "open")
    await stand.hears.branch_seal_requested([seal("dissolution-2", PENDING)])
    assert await stand.roster(BRANCH) == (0, "sealed")


@pytest.mark.rule("ORG-09")
async def test_positions_end_with_the_organization_also_one_that_came_late(stand: Stand) -> None:
    people = [await stand.enter(n, template=Template.CADRES) for n in (1, 2)]
    other = await stand.enter(3, OTHER, Template.CADRES)
    late, stand.listed.people = people[1], [people[0], other]
    for _ in range(2):
        await stand.hears.organization_dissolved([dissolved(BRANCH)])
    ended = await stand.told("CadrePositionEnded")
    assert [(e["person"], e["cause"]) for e in ended] == [(people[0], "organization_dissolved")]
    assert [e["person"] for e in await stand.told("PostLeft")] == [people[0]]
    stand.listed.people.append(late)
    stand.member.clock.move(timedelta(minutes=10))
    for _ in range(2):
        await stand.worker.work()
    assert [e["person"] for e in await stand.told("PostLeft")] == people
    assert await stand.listed.in_post(OTHER) == [other]


@pytest.mark.rule("ORG-11")
async def test_nobody_is_entered_or_imported_into_a_pending_branch(stand: Stand) -> None:
    stand.member.pending.branches = {PENDING}
    with pytest.raises(PendingBranchTakesNobody):
        await stand.enter(1, PENDING)
    scope = await stand.member.people._places.scope(COUNTY, Template.MEMBERS, stand.member.clock.now())
    assert [place.id for place in scope.branches] == [BRANCH, OTHER]
