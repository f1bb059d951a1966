"""P5 through identity: what its reactions cannot handle is parked sealed, and central operators decide over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from services.identity.domain.account import account_of
from shared.contracts.member import IDENTITY, PersonReleased
from shared.kernel.clock import iso
from shared.kernel.envelope import Recorded
from shared.messaging import handling
from shared.messaging.handling import Handling, Heard
from shared.messaging.parked import RECORDS, NotParked
from shared.messaging.unparking import Unparking
from shared.messaging.wire import Position, headers_of, value_of
from tests.faults.traces import Texts, in_databases
from tests.identity.conftest import START, Identity, Person, uid

PERSON = Person(uid("person", "parked"), "110101200203000018", name="司空杏栎", mobile="13900007319")
OTHER = Person(uid("person", "other"), "110101200203000026", name="司空杏枫")


@dataclass
class Stand:
    """Identity with one released person whose account the store refuses, so that the fact about them stands still."""

    identity: Identity
    unparking: Unparking
    head: str

    async def mend(self) -> None:
        await self.identity.database.command({"collMod": "commits", "validator": {}})

    async def ask(self, method: str, path: str, headers: dict[str, str], **more: Any) -> Any:
        keyed = {**headers, "Idempotency-Key": f"{method}-{path}"[-40:].replace("/", "-").ljust(8, "-")}
        return await self.identity.http.request(method, f"/v1/parked{path}", headers=keyed, **more)


@pytest.fixture
async def stand(identity: Identity, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stand]:
    monkeypatch.setattr(handling, "PAUSE_SECONDS", 0.001)
    await identity.enter(PERSON, OTHER)
    facts = [
        identity.fact(PersonReleased(person=p.id, number_hash=identity.number_hash(p)), p.id) for p in (PERSON, OTHER)
    ]
    handle = Handling({(IDENTITY, facts[0].type): identity.parts.hears.person_released})
    refused = {"stream": {"$ne": account_of(PERSON.id)}}
    await identity.database.command({"collMod": "commits", "validator": refused})
    await hear(identity, handle, facts)
    stand = Stand(identity, Unparking("identity-test", handle, identity.parts.parking), facts[0].event_id)
    yield stand
    await stand.mend()


async def hear(identity: Identity, handle: Handling, facts: Sequence[Recorded]) -> None:
    """As the wrapper does it: what cannot be handled is parked."""
    batch = [
        Heard(IDENTITY, f.stream, 0, n, value_of(f), headers_of("member", f, Position(1, n + 1, 0), None), f)
        for n, f in enumerate(facts)
    ]
    parking = identity.parts.parking
    await parking.park(await handle.handle(await parking.put_behind(batch)), batch)


@pytest.mark.rule("P5", "MEM-27")
async def test_a_retry_over_http_ends_the_account_that_could_not_be_ended(stand: Stand) -> None:
    operator = await stand.identity.operator()
    store = stand.identity.parts.store
    assert await store.load(account_of(OTHER.id)), "the others' are ended"
    [line] = (await stand.ask("GET", "", operator)).json()["items"]
    assert (line["record"], line["stream"], line["waiting"]) == (stand.head, PERSON.id, 0)
    assert line["since"] == iso(START)
    assert (await stand.ask("POST", f"/{stand.head}/retry", operator)).status_code == 202
    await stand.unparking.round()
    assert not await store.load(account_of(PERSON.id))
    await stand.mend()
    assert (await stand.ask("POST", f"/{stand.head}/retry", operator)).status_code == 202
    await stand.unparking.round()
    assert len(await store.load(account_of(PERSON.id))) == 1
    assert (await stand.ask("GET", "", operator)).json()["items"] == []
    late = await stand.ask("POST", f"/{stand.head}/retry", operator)
    assert (late.status_code, late.json()["code"]) == (404, "not_parked")


@pytest.mark.rule("P5")
async def test_a_drop_over_http_needs_a_reason_and_says_who(stand: Stand) -> None:
    operator = await stand.identity.operator()
    short = await stand.ask("POST", f"/{stand.head}/drop", operator, json={"reason": "x"})
    assert short.status_code == 400
    await stand.ask("POST", f"/{stand.head}/retry", operator)
    busy = await stand.ask("POST", f"/{stand.head}/drop", operator, json={"reason": "entered by hand"})
    assert (busy.status_code, busy.json()["code"]) == (409, "retry_under_way")
    await stand.unparking.round()
    for _ in range(2):
        done = await stand.ask("POST", f"/{stand.head}/drop", operator, json={"reason": "entered by hand"})
        assert done.status_code == 200, done.text
    [kept] = await stand.identity.database.parked_drops.find({}).to_list(None)
    assert kept["by"].startswith("operator-")
    assert kept["reason"] == "entered by hand"
    with pytest.raises(NotParked):
        await stand.identity.parts.parking.parked.ask_retry(stand.head, kept["by"])


@pytest.mark.rule("P5", "IDN-08")
async def test_only_central_operators_see_or_decide(stand: Stand, admin: Person) -> None:
    headers = await stand.identity.headers(admin)
    for method, path, body in (
        ("GET", "", None),
        ("POST", f"/{stand.head}/retry", None),
        ("POST", f"/{stand.head}/drop", {"reason": "entered by hand"}),
    ):
        answer = await stand.ask(method, path, headers, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "only_central_operators")
    assert len(await stand.identity.parts.parking.parked.lines()) == 1


@pytest.mark.rule("P11", "P5")
async def test_a_parked_record_is_as_sealed_as_on_the_topic(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handling, "PAUSE_SECONDS", 0.001)

    async def fails(_batch: Sequence[Recorded]) -> None:
        raise RuntimeError(PERSON.number)

    [fact] = await identity.identified([PERSON])
    await hear(identity, Handling({(IDENTITY, fact.type): fails}), [fact])
    settings = identity.parts.settings
    texts = Texts({"name": PERSON.name, "number": PERSON.number, "mobile": PERSON.mobile, "id": PERSON.id})
    found = await asyncio.to_thread(in_databases, settings.mongo_url, texts)
    place = f"{settings.database('identity')}.{RECORDS}"
    assert found[place] == {"id"}, "the scan sees the record, and nothing of the person in it"
    assert found.get(f"oplog of {place}", {"id"}) == {"id"}
