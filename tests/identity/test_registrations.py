"""ADM-04, IDN-02, P8: how registrations end, in whatever order and however often others speak, cut anywhere."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from services.identity.domain.account import account_of
from services.identity.domain.registration import REGISTRATION_LIFE
from services.identity.use_cases.registering import REGISTRATION_ENDS
from shared.contracts import member, org
from shared.deadlines.worker import DeadlineWorker
from shared.privacy.vault import ERASED, KeyReader
from tests.faults.test_every_stop import given_up
from tests.identity.conftest import PASSWORD, Identity, Person, uid
from tests.identity.registrants import Form, Waiting, hear, taken

OTHER = "copper lantern willow grammar"
BRANCH = uid("organization", "branch")
DONE = {"state": "done", "own_password": False, "reason": ""}


def deadlines(identity: Identity) -> DeadlineWorker:
    return DeadlineWorker(
        "identity", identity.database, identity.clock, {REGISTRATION_ENDS: identity.parts.registrations.expire}
    )


async def appointed(waiting: Waiting) -> None:
    await hear(waiting.identity, "admin_appointed", waiting.appointed())


async def identified(waiting: Waiting) -> None:
    """Member entered the registrant: heard by the accounts and by the read model."""
    await waiting.identity.enter(waiting.form.person)


async def code_refused(waiting: Waiting) -> None:
    facts = waiting.said(org.RegistrationCodeRefused(registration=waiting.registration))
    await hear(waiting.identity, "registration_code_refused", facts)


async def registrant_turned_away(waiting: Waiting) -> None:
    event = member.RegistrantTurnedAway(
        registration=waiting.registration, organization=BRANCH, reason="number_already_registered"
    )
    await hear(waiting.identity, "registrant_turned_away", waiting.said(event))


async def lapsed(waiting: Waiting) -> None:
    facts = waiting.said(org.RegistrationLapsed(organization=BRANCH, registration=waiting.registration))
    await hear(waiting.identity, "registration_lapsed", facts)


async def expired(waiting: Waiting) -> None:
    waiting.identity.clock.move(REGISTRATION_LIFE)
    for _ in range(2):
        await deadlines(waiting.identity).work()


async def events(waiting: Waiting) -> list[str]:
    commits = await waiting.identity.parts.store.load(waiting.registration)
    return [type(e).__name__ for c in commits for e in c.events]


@pytest.mark.rule("ADM-04", "IDN-02", "P2")
@pytest.mark.parametrize(
    "order", [(identified, appointed), (appointed, identified)], ids=["known first", "known later"]
)
async def test_an_appointed_registrant_signs_in_with_the_password_of_the_form_whoever_speaks_first(
    identity: Identity, order: tuple[Callable[[Waiting], Awaitable[None]], ...]
) -> None:
    waiting = await taken(identity)
    assert (await waiting.outcome())["state"] == "waiting"
    assert await waiting.kept() == (1, 1)
    for tell in order:
        await tell(waiting)
    assert await waiting.outcome() == DONE
    assert await waiting.kept() == (0, 0)
    assert (await identity.sign_in(waiting.form.number, PASSWORD)).status_code == 201
    assert await events(waiting) == ["RegistrationRequested", "RegistrationCompleted"]
    commits = await identity.parts.store.load(account_of(waiting.form.person.id))
    assert [type(e).__name__ for c in commits for e in c.events] == ["AccountOpened", "AccountActivated"]


@pytest.mark.rule("ADM-04", "IDN-02")
async def test_a_code_takes_no_active_account_over(identity: Identity) -> None:
    waiting = await taken(identity, Form(password=OTHER))
    await identified(waiting)
    await identity.make_active(waiting.form.person)
    await appointed(waiting)
    assert await waiting.outcome() == DONE | {"own_password": True}
    assert (await identity.sign_in(waiting.form.number, PASSWORD)).status_code == 201
    assert (await identity.sign_in(waiting.form.number, OTHER)).status_code == 401
    assert await waiting.kept() == (0, 0)


@pytest.mark.rule("ADM-06", "ADM-04")
async def test_a_former_admin_keeps_the_one_account_and_comes_back_with_a_new_code(identity: Identity) -> None:
    first = await taken(identity)
    for tell in (identified, appointed):
        await tell(first)
    who = first.form.person.id
    gone = org.AdminRevoked(organization=BRANCH, person=who, cause="dissolved")
    await identity.apply(identity.parts.standings, *first.said(gone))
    assert (await identity.sign_in(first.form.number, PASSWORD)).status_code == 201
    again = await taken(identity, Form(code="HGFEDCBA5432", password=OTHER))
    assert again.registration != first.registration
    await appointed(again)
    assert await again.outcome() == DONE | {"own_password": True}
    assert (await identity.sign_in(first.form.number, PASSWORD)).status_code == 201
    assert (await identity.sign_in(first.form.number, OTHER)).status_code == 401
    accounts = await identity.parts.store.commits.distinct("stream", {"stream": {"$regex": "^account-"}})
    assert accounts == [account_of(who)]


@pytest.mark.rule("ADM-04", "IDN-04")
async def test_who_was_given_a_code_before_and_never_used_it_is_active_then_and_that_code_is_dead(
    identity: Identity, admin: Person
) -> None:
    waiting = await taken(identity)
    await identified(waiting)
    code = await identity.code_for(waiting.form.person, admin)
    await appointed(waiting)
    assert (await identity.sign_in(waiting.form.number, PASSWORD)).status_code == 201
    again = await identity.activate(waiting.form.person, code, OTHER)
    assert again.json()["code"] == "account_already_activated"
    assert (await identity.sign_in(waiting.form.number, OTHER)).status_code == 401


@pytest.mark.rule("ADM-03", "ADM-04", "P2", "P8")
@pytest.mark.parametrize(
    ("end", "said"),
    [
        (code_refused, {"state": "refused", "reason": "registration_code_void"}),
        (registrant_turned_away, {"state": "refused", "reason": "number_already_registered"}),
        (lapsed, {"state": "lapsed", "reason": ""}),
        (expired, {"state": "lapsed", "reason": ""}),
    ],
    ids=lambda e: getattr(e, "__name__", ""),
)
async def test_at_every_other_end_hash_and_key_are_destroyed_and_nothing_said_later_changes_it(
    identity: Identity, end: Callable[[Waiting], Awaitable[None]], said: dict[str, str]
) -> None:
    waiting = await taken(identity)
    await end(waiting)
    for late in (end, code_refused, registrant_turned_away, lapsed, identified, appointed):
        await late(waiting)
        assert await waiting.outcome() == {"own_password": False} | said
    assert await waiting.kept() == (0, 0)
    settings = identity.parts.settings
    reader = KeyReader.from_directory(identity.driver, settings.database("intake"), settings.secrets_dir)
    assert await reader.keys([waiting.registration]) == {waiting.registration: ERASED}
    assert len(await events(waiting)) == 2
    assert (await identity.sign_in(waiting.form.number, PASSWORD)).status_code == 401


@pytest.mark.rule("P8")
async def test_the_deadline_takes_nothing_from_who_is_waiting_still_and_fires_once(identity: Identity) -> None:
    waiting = await taken(identity)
    identity.clock.move(REGISTRATION_LIFE - timedelta(seconds=1))
    assert await deadlines(identity).work() == 0
    assert await waiting.kept() == (1, 1)
    identity.clock.move(timedelta(seconds=1))
    workers = [deadlines(identity) for _ in range(5)]
    await asyncio.gather(*(worker.work() for worker in workers))
    assert await events(waiting) == ["RegistrationRequested", "RegistrationLapsed"]
    assert await deadlines(identity).work() == 0


@pytest.mark.rule("ADM-04", "X06")
async def test_a_good_end_forgives_the_tries_and_a_bad_one_does_not(identity: Identity) -> None:
    for end in (code_refused, identified, appointed):
        waiting = await taken(identity, Form(code="ABCDEFGH2345"))
        await end(waiting)
    wrong = await identity.parts.tries._rows.find({"_id": {"$regex": "^regist"}}).to_list()
    assert wrong == []


@pytest.mark.rule("ADM-04", "IDN-02")
async def test_who_is_released_in_between_is_no_admin_with_an_account(identity: Identity) -> None:
    waiting = await taken(identity)
    await identified(waiting)
    person = waiting.form.person
    gone = member.PersonReleased(person=person.id, number_hash=identity.number_hash(person))
    await identity.parts.hears.person_released([identity.fact(gone, person.id)])
    await appointed(waiting)
    assert (await waiting.outcome())["state"] == "lapsed"
    assert await waiting.kept() == (0, 0)
    assert await identity.parts.credentials.find(person.id) is None


@pytest.mark.rule("P2")
async def test_an_admin_without_a_registration_is_none_of_this(identity: Identity) -> None:
    waiting = await taken(identity)
    event = org.AdminAppointed(organization=BRANCH, person=waiting.form.person.id)
    await hear(identity, "admin_appointed", waiting.said(event))
    assert (await waiting.outcome())["state"] == "waiting"


async def cut_everywhere(make: Callable[[], Awaitable[Waiting]], act: Callable[[Waiting], Any]) -> int:
    """Given up at each place where it waits, and then told again, it ends as if nothing had happened."""
    for at in itertools.count(1):
        waiting = await make()
        stopped = await given_up(act(waiting), at)
        background = waiting.identity.parts.store._plain._running | waiting.identity.parts.store._conditional._running
        await asyncio.gather(*background)
        await act(waiting)
        assert await waiting.kept() == (0, 0), at
        assert len(await events(waiting)) == 2, at
        if not stopped:
            return at
    raise AssertionError


@pytest.mark.rule("P1", "P4", "ADM-04")
async def test_completing_cut_anywhere_is_completed_by_the_repeat_with_the_new_password(identity: Identity) -> None:
    """Fails if the hash were destroyed before the account has it, or the outcome said before that."""
    number = itertools.count(1)

    async def make() -> Waiting:
        n = next(number)
        form = Form(number=f"E{n:08d}", code="".join("ABCDEFGH"[int(d, 8)] for d in f"{n:012o}"))
        answer = await form.send(identity, document_kind="护照")
        waiting = Waiting(identity, form, answer.json()["ticket"])
        person = form.person
        person.kind = "护照"
        await identity.enter(person)
        return waiting

    async def act(waiting: Waiting) -> None:
        await identity.parts.hears.admin_appointed(waiting.appointed())
        assert await waiting.outcome() == DONE
        commits = await identity.parts.store.load(account_of(waiting.form.person.id))
        assert [type(e).__name__ for c in commits for e in c.events] == ["AccountOpened", "AccountActivated"]
        assert await identity.parts.credentials.find(waiting.form.person.id)

    assert await cut_everywhere(make, act) >= 8


@pytest.mark.rule("P1", "P8")
@pytest.mark.parametrize("end", [code_refused, expired], ids=["refused", "expired"])
async def test_ending_cut_anywhere_leaves_no_hash_and_no_key_after_the_repeat(
    identity: Identity, end: Callable[[Waiting], Awaitable[None]]
) -> None:
    number = itertools.count(1)

    async def make() -> Waiting:
        n = next(number)
        form = Form(number=f"E{n:08d}", code="".join("ABCDEFGH"[int(d, 8)] for d in f"{n:012o}"))
        answer = await form.send(identity, document_kind="护照")
        return Waiting(identity, form, answer.json()["ticket"])

    assert await cut_everywhere(make, end) >= 4
