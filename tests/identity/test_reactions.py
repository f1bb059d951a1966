"""IDN-02, MEM-27: accounts end with the numbers they belong to, in batches, however often that is heard."""

import asyncio

import pytest

from services.identity.domain.account import account_of
from shared.contracts.member import PersonReleased
from shared.kernel.envelope import Recorded
from tests.identity.conftest import Identity, Person, uid


async def commits(identity: Identity) -> int:
    return await identity.parts.store.commits.count_documents({})


def released(identity: Identity, person: Person) -> Recorded:
    return identity.fact(PersonReleased(person=person.id, number_hash=identity.number_hash(person)), person.id)


def crowd(size: int) -> list[Person]:
    return [Person(uid("person", f"p{i}"), f"1101012002030{i:05}") for i in range(size)]


@pytest.mark.rule("IDN-02", "IDN-04")
async def test_being_entered_writes_nothing_here_and_the_first_code_does(identity: Identity) -> None:
    person, *_ = people = crowd(20)
    await identity.enter(*people)
    assert await commits(identity) == 0
    await identity.make_active(person)
    names = [e.__class__.__name__ for c in await identity.parts.store.load(account_of(person.id)) for e in c.events]
    assert names == ["AccountOpened", "ActivationCodeIssued", "AccountActivated"]


@pytest.mark.rule("MEM-27")
async def test_a_withdrawal_of_many_is_a_few_shared_writes(identity: Identity) -> None:
    people = crowd(1_200)
    facts = [released(identity, p) for p in people]
    writes = 0
    insert = identity.parts.store.commits.insert_many

    class Counting:
        def __getattr__(self, name):
            return getattr(original, name)

        async def insert_many(self, *args, **kwargs):
            nonlocal writes
            writes += 1
            return await insert(*args, **kwargs)

    original = identity.parts.store.commits
    identity.parts.store.commits = Counting()
    await identity.parts.hears.person_released(facts)
    assert await commits(identity) == 1_200
    assert writes <= 12


@pytest.mark.rule("MEM-27", "P2")
async def test_a_fact_heard_again_alone_in_another_batch_or_at_the_same_time_changes_nothing(
    identity: Identity,
) -> None:
    facts = [released(identity, p) for p in crowd(20)]
    hears = identity.parts.hears
    await asyncio.gather(*(hears.person_released(facts) for _ in range(3)))
    await hears.person_released(facts[3:7] + facts[3:7])
    assert await commits(identity) == 20


@pytest.mark.rule("MEM-27", "IDN-04")
async def test_whoever_is_released_gets_no_code_also_from_a_list_that_does_not_know_it_yet(identity: Identity) -> None:
    person = Person(uid("person", "p"), "110101200203000018")
    await identity.enter(person)
    operator = await identity.operator()
    assert (await identity.ask_code(person.id, operator)).is_success
    await identity.parts.hears.person_released([released(identity, person)])
    assert await identity.parts.people.by_id(person.id) is not None
    answer = await identity.ask_code(person.id, operator)
    assert (answer.status_code, answer.json()["code"]) == (404, "account_absent")
    assert await identity.parts.codes.take_try(person.id, identity.clock.now()) is None


@pytest.mark.rule("MEM-27", "IDN-02")
async def test_a_released_account_has_no_password_left_however_often_that_is_heard(identity: Identity) -> None:
    person = Person(uid("person", "p"), "110101200203000018")
    await identity.enter(person)
    await identity.make_active(person)
    gone = released(identity, person)
    for _ in range(2):
        await identity.parts.hears.person_released([gone])
    assert await identity.parts.credentials.find(person.id) is None
    names = [e.__class__.__name__ for c in await identity.parts.store.load(account_of(person.id)) for e in c.events]
    assert names == ["AccountOpened", "ActivationCodeIssued", "AccountActivated", "AccountReleased"]


@pytest.mark.rule("MEM-27")
async def test_a_release_that_was_interrupted_after_its_event_still_takes_the_password_away(
    identity: Identity,
) -> None:
    person = Person(uid("person", "p"), "110101200203000018")
    await identity.enter(person)
    session = await identity.make_active(person)
    gone = released(identity, person)
    credential = await identity.parts.credentials.find(person.id)
    await identity.parts.hears.person_released([gone])
    await identity.parts.credentials._rows.insert_one(
        {"_id": person.id, "version": credential.version, "hash": credential.hash}
    )
    await identity.parts.hears.person_released([gone])
    assert await identity.parts.credentials.find(person.id) is None
    assert (await identity.token(session)).status_code == 401


@pytest.mark.rule("MEM-27", "IDN-01")
async def test_a_number_that_is_free_again_signs_in_whoever_has_it_now_in_whatever_order_that_is_heard(
    identity: Identity,
) -> None:
    """The two people lie in different partitions, so the new one may be known before the old one is gone."""
    old = Person(uid("person", "old"), "110101200203000018")
    new = Person(uid("person", "new"), old.number)
    await identity.enter(old)
    gone = released(identity, old)
    from datetime import timedelta

    identity.clock.move(timedelta(seconds=1))
    await identity.enter(new)
    await identity.make_active(new)
    await identity.apply(identity.parts.people, gone)
    found = await identity.parts.people.by_number(identity.number_hash(new))
    assert found is not None
    assert found.person == new.id
    assert await identity.parts.people.by_id(old.id) is None
