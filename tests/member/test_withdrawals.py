"""Taking back: a running import is cancelled, a finished one withdrawn, by those who may and while they may (MEM-27)."""

from datetime import timedelta
from typing import Any

import pytest

from services.member import worker
from services.member.domain import imports as domain
from services.member.domain.events import REGISTRY, PositionGiven, WithdrawalCancelled
from services.member.domain.fields import Template
from services.member.posts import PostStating
from services.member.projections.people import PeopleList
from services.member.use_cases.records import DEVELOPMENT_CLAIM
from shared.eventstore.conditions import Claim
from shared.kernel.envelope import Actor, Request
from tests.member.conftest import BRANCHES, COUNTY, Member, workbook
from tests.member.people import cadre_row, card, member_row
from tests.member.test_imports import FIRST, finish, people, roster, verdicts


def by(who: str, key: str) -> Request:
    return Request(Actor(who, COUNTY), key, "")


@pytest.mark.rule("MEM-27")
async def test_a_cancelled_import_leaves_the_rest_unprocessed_and_gives_it_back(member: Member) -> None:
    import_id = await member.upload(workbook(people(3)))
    await member.imports.cancel(Request(Actor("person-admin", COUNTY), "cancel-1", ""), import_id)
    loaded = await member.work(import_id)
    assert verdicts(loaded) == ["unprocessed"] * 3
    assert loaded.events[-1].cancelled
    assert await roster(member) == 0
    left = await finish(member, await member.imports.failed_rows(loaded), "upload-2")
    assert verdicts(left) == ["imported"] * 3
    with pytest.raises(domain.ImportOver):
        await member.imports.cancel(Request(Actor("person-admin", COUNTY), "cancel-2", ""), import_id)


@pytest.mark.rule("MEM-27", "MEM-03")
async def test_an_uploader_who_lost_the_right_cancels_the_import(member: Member) -> None:
    import_id = await member.upload(workbook(people(3)))
    member.rights.withdrawn.add("person-admin")
    loaded = await member.work(import_id)
    assert verdicts(loaded) == ["unprocessed"] * 3


@pytest.mark.rule("MEM-27")
async def test_a_withdrawal_takes_out_whom_nobody_touched_and_frees_their_numbers(member: Member) -> None:
    content = workbook(people(3))
    loaded = await finish(member, content)
    touched = loaded.verdicts[0].person
    await member.people.enter(
        by("person-admin", "position-1"),
        COUNTY,
        Template.CADRES,
        cadre_row(name="甲乙一", number=card(sequence="000"), positions="委员", political_status="共青团员"),
    )
    await member.imports.request_withdrawal(by("person-admin", "withdraw-1"), loaded.id)
    after = await member.work(loaded.id)
    assert (after.events[-1].members_ended, after.events[-1].kept) == (2, 1)
    assert await roster(member) == 1
    assert (await member.people.load(touched)).known is not None
    again = await finish(member, content, "upload-2")
    assert verdicts(again) == ["unchanged", "imported", "imported"]


@pytest.mark.rule("MEM-27")
async def test_a_branch_that_is_being_closed_gives_back_whom_an_import_brought_in(member: Member) -> None:
    loaded = await finish(member, workbook(people(1)))
    await member.store.database["rosters"].update_one({"_id": BRANCHES[0]}, {"$set": {"state": "closing"}})
    await member.imports.request_withdrawal(by("person-admin", "withdraw-1"), loaded.id)
    after = await member.work(loaded.id)
    assert (after.events[-1].members_ended, after.events[-1].kept, await roster(member)) == (1, 0, 0)


@pytest.mark.rule("MEM-27", "MEM-03")
async def test_a_cadre_becomes_a_member_by_a_row_and_is_one_no_more_after_the_withdrawal(member: Member) -> None:
    who = {"name": "甲乙一", "number": card(sequence="000"), "political_status": "共青团员", "education": "高中在读"}
    cadre = cadre_row(mobile="13800001234", **who)
    person = (await member.people.enter(by("person-admin", "cadre-1"), COUNTY, Template.CADRES, cadre)).stream
    content = workbook([member_row(branch=FIRST, **who)])
    loaded = await finish(member, content)
    assert [(v.verdict, v.person) for v in loaded.verdicts] == [("imported", person)]
    assert await roster(member) == 1
    assert verdicts(await finish(member, content, "upload-2")) == ["unchanged"]
    await member.imports.request_withdrawal(by("person-admin", "withdraw-1"), loaded.id)
    after = await member.work(loaded.id)
    assert (after.events[-1].members_ended, after.events[-1].kept) == (1, 0)
    known = (await member.people.load(person)).known
    assert known is not None
    assert (known.branch, known.positions, known.development_hash) == (None, {(COUNTY, "副书记")}, None)
    assert await roster(member) == 0
    number = Claim(DEVELOPMENT_CLAIM, member.records.development_hash("202233000001"))
    assert await member.records.owner(number) is None
    assert verdicts(await finish(member, content, "upload-3")) == ["imported"]
    assert await member.records.owner(number) == person


@pytest.mark.rule("MEM-27")
async def test_whose_posts_were_stated_meanwhile_counts_as_untouched(member: Member) -> None:
    """Fails if an upgrade takes away the 72 hours of those who imported cadres before it (ADR 0031)."""
    loaded = await finish(member, workbook(people(2)))
    person = loaded.verdicts[0].person
    given = PositionGiven(organization=COUNTY, position="委员", import_id=loaded.id)
    await member.store.commits.update_one(
        {"stream": person},
        {"$push": {"events": {"type": REGISTRY.type_of(given), "data": given.model_dump(mode="json"), "sealed": None}}},
    )
    stating = PostStating(member.store, PeopleList(member.store.database, member.records.vault))
    await stating._one(person)
    assert (await member.people.load(person)).version == 2
    await member.imports.request_withdrawal(by("person-admin", "withdraw-1"), loaded.id)
    after = await member.work(loaded.id)
    assert (after.events[-1].members_ended, after.events[-1].kept) == (2, 0)


@pytest.mark.rule("MEM-27")
async def test_above_a_hundred_people_a_second_admin_confirms_the_withdrawal(member: Member) -> None:
    loaded = await finish(member, workbook(people(101)))
    await member.imports.request_withdrawal(by("person-admin", "withdraw-1"), loaded.id)
    waiting = await member.work(loaded.id)
    assert isinstance(waiting.state, domain.Finished)
    with pytest.raises(domain.WithdrawalNeedsAnotherAdmin):
        await member.imports.confirm_withdrawal(by("person-admin", "confirm-1"), loaded.id)
    await member.imports.confirm_withdrawal(by("person-superior", "confirm-2"), loaded.id)
    after = await member.work(loaded.id)
    assert after.events[-1].members_ended == 101
    assert await roster(member) == 0


@pytest.mark.rule("MEM-27")
async def test_a_withdrawal_is_called_off_until_it_is_confirmed_and_may_be_asked_for_again(member: Member) -> None:
    loaded = await finish(member, workbook(people(101)))
    await member.imports.request_withdrawal(by("person-admin", "withdraw-1"), loaded.id)
    await member.imports.call_off_withdrawal(by("person-admin", "call-off-1"), loaded.id)
    after = await member.work(loaded.id)
    assert (type(after.events[-1]), after.events[-1].cause) == (WithdrawalCancelled, "called_off")
    assert (after.state.requested_by, after.withdrawing, await roster(member)) == (None, [], 101)
    with pytest.raises(domain.WithdrawalNotPossible):
        await member.imports.confirm_withdrawal(by("person-superior", "confirm-1"), loaded.id)
    nothing = await member.imports.call_off_withdrawal(by("person-admin", "call-off-2"), loaded.id)
    assert nothing.version == after.version
    await member.imports.request_withdrawal(by("person-admin", "withdraw-2"), loaded.id)
    await member.imports.confirm_withdrawal(by("person-superior", "confirm-2"), loaded.id)
    with pytest.raises(domain.WithdrawalUnderWay):
        await member.imports.call_off_withdrawal(by("person-admin", "call-off-3"), loaded.id)
    assert (await member.work(loaded.id)).events[-1].members_ended == 101
    with pytest.raises(domain.WithdrawalUnderWay):
        await member.imports.call_off_withdrawal(by("person-admin", "call-off-4"), loaded.id)


@pytest.mark.rule("MEM-27")
@pytest.mark.parametrize("lost", ["person-admin", "person-superior"])
async def test_a_withdrawal_stops_at_the_next_chunk_when_who_asked_or_confirmed_has_lost_the_right(
    member: Member, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """A right withdrawn between request and work must not take people out, and the superior can ask again."""
    monkeypatch.setattr(worker, "CHUNK_ROWS_MAX", 50)
    monkeypatch.setattr(domain, "ALONE_MAX", 99)
    loaded = await finish(member, workbook(people(100)))
    await member.imports.request_withdrawal(by("person-admin", "withdraw-1"), loaded.id)
    await member.imports.confirm_withdrawal(by("person-superior", "confirm-1"), loaded.id)
    asked, may_as = [], member.rights.may_as

    async def until_the_second_chunk(actor: Actor, *more: Any) -> bool:
        asked.append(actor.principal)
        if asked.count(lost) > 1:
            member.rights.withdrawn.add(lost)
        return await may_as(actor, *more)

    monkeypatch.setattr(member.rights, "may_as", until_the_second_chunk)
    stopped = await member.work(loaded.id)
    assert (type(stopped.events[-1]), stopped.events[-1].cause) == (WithdrawalCancelled, "authority_lost")
    assert (stopped.state.requested_by, stopped.state.ended, await roster(member)) == (None, 50, 50)
    again = [by("person-province", "withdraw-2"), by("person-other", "confirm-2")]
    await member.imports.request_withdrawal(again[0], loaded.id)
    await member.imports.confirm_withdrawal(again[1], loaded.id)
    assert [a.principal for a in (await member.imports.load(loaded.id)).withdrawing] == [
        "person-province",
        "person-other",
    ]
    after = await member.work(loaded.id)
    assert (after.events[-1].members_ended, after.events[-1].kept) == (100, 0)
    assert await roster(member) == 0


@pytest.mark.rule("MEM-27")
async def test_after_72_hours_nothing_is_withdrawn(member: Member) -> None:
    loaded = await finish(member, workbook(people(1)))
    member.clock.move(timedelta(hours=72, seconds=1))
    with pytest.raises(domain.WithdrawalTooLate):
        await member.imports.request_withdrawal(by("person-admin", "withdraw-1"), loaded.id)
