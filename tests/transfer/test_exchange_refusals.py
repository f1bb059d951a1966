"""How the exchange says no, to people and to systems (TRF-17, BEY-08)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.transfer.domain.events_of_exchange import PublicKey
from services.transfer.domain.outside_systems import Agreement, AgreeWithSystem, agree_with_system
from services.transfer.domain.refusals_of_exchange import SystemAddressRefused
from services.transfer.exchange.gate import NONCES
from services.transfer.exchange.protocol import Decision, Offer, Person, Receipt
from services.transfer.exchange.signing import WINDOW, seal
from tests.transfer.conftest import IN, OUT, OUT_ADMIN, SCHOOL_ADMIN, World
from tests.transfer.exchanging import OPERATOR, THERE, Exchanging, exchanging

SOMEBODY = Person(name="欧阳不露", number="110101200701011239", document_kind="居民身份证")
KEYS = (PublicKey(kid="k1", use="sig", x="A" * 43),)


@pytest.fixture
async def both(world: World) -> AsyncIterator[Exchanging]:
    async with exchanging(world) as found:
        yield found


@pytest.mark.rule("TRF-17")
async def test_papers_are_of_one_member_for_one_asker_for_ten_minutes(both: Exchanging) -> None:
    who, other = await both.world.enter(), await both.world.enter()
    for papers, later in (
        (await both.papers(other, OUT_ADMIN), 0),
        (await both.papers(who, SCHOOL_ADMIN), 0),
        (await both.papers(who, OUT_ADMIN), 11),
    ):
        both.world.clock.move(timedelta(minutes=later))
        answer = await both.ask_out(who, papers=papers)
        assert (answer.status_code, answer.json()["code"]) == (409, "papers_not_of_this_member")


@pytest.mark.rule("TRF-17")
async def test_nothing_is_started_to_a_system_that_is_not_connected(world: World) -> None:
    who = await world.enter()
    papers = await world.members.send("POST", f"/v1/people/{who}/transfer-papers", {}, by=OUT_ADMIN)
    body = {"person": who, "system": "fujian", "organization_name": THERE, "reason": "further_study"}
    answer = await world.send(
        f"organizations/{OUT}/transfers-outside", body | {"papers": papers.json()["ticket"]}, OUT_ADMIN
    )
    assert (answer.status_code, answer.json()["code"]) == (503, "system_not_connected")
    assert answer.json()["detail_en"].startswith("The system of Fujian is")


@pytest.mark.rule("BEY-08")
@pytest.mark.parametrize(
    "address",
    ["http://exchange.example.org", "https://", "https://a:b@exchange.example.org", "https://x.org/?a=b", "x"],
)
def test_an_address_is_a_full_one_over_tls(address: str) -> None:
    command = AgreeWithSystem(system="fujian", address=address, keys=KEYS)
    with pytest.raises(SystemAddressRefused):
        agree_with_system(command, Agreement(), datetime(2026, 11, 22, tzinfo=UTC))


@pytest.mark.rule("BEY-08")
async def test_one_id_is_one_message(both: Exchanging) -> None:
    both.behave(rule="wait")
    transfer = await both.start_out(await both.world.enter())
    yes = Decision(message="m-1", transfer=transfer, decision="accepted")
    assert (await both.there._call("POST", "/decisions", yes, Receipt)).state == "accepted"
    assert (await both.there._call("POST", "/decisions", yes, Receipt)).state == "accepted"
    with pytest.raises(ValueError, match="message_id_reused"):
        await both.there._call("POST", "/decisions", yes.model_copy(update={"decision": "refused"}), Receipt)
    assert (await both.exchange(transfer))["findings"] == []


@pytest.mark.rule("BEY-08")
async def test_a_message_cannot_come_again_as_long_as_its_signature_is_good(both: Exchanging) -> None:
    """One whose sender's clock is five minutes ahead is good for ten."""
    yes = Decision(message="m-1", transfer="transfer-unknown", decision="accepted")
    await both.there._call("POST", "/decisions", yes, Receipt)
    kept = await both.world.parts.database[NONCES].find({}).to_list(None)
    assert max(row["until"].replace(tzinfo=UTC) for row in kept) >= both.world.clock.now() + 2 * WINDOW


@pytest.mark.rule("BEY-08")
async def test_who_is_offered_must_be_sealed_for_us(both: Exchanging) -> None:
    values = {"message": str(uuid4()), "transfer": "beijing-1", "organization": IN, "organization_name": IN}
    more = {"from_name": THERE, "reason": "further_study", "decide_until": both.world.clock.now() + timedelta(days=1)}
    offer = Offer.model_validate(values | more | {"person": seal(SOMEBODY, both.there.keys.public)})
    with pytest.raises(ValueError, match="offer_not_readable"):
        await both.there._call("POST", "/offers", offer, Receipt)


@pytest.mark.rule("BEY-08")
async def test_a_system_speaks_of_its_own_transfers_only(both: Exchanging) -> None:
    both.behave(rule="wait")
    who = await both.world.enter()
    transfer = await both.start_out(who)
    fujian = both.systems["fujian"]
    decision = Decision(message=str(uuid4()), transfer=transfer, decision="accepted")
    assert (await fujian._call("POST", "/decisions", decision, Receipt)).state == "unknown"
    assert (await both.world.state(transfer), await both.world.branch(who)) == ("pending", OUT)


@pytest.mark.rule("BEY-08")
async def test_what_is_agreed_with_a_system_is_entered_by_an_operator(both: Exchanging) -> None:
    keys = [key.model_dump() for key in both.there.keys.public]
    headers = both.world.issuer.headers(OPERATOR, key="agree-again-1")
    body = {"address": "ftp://exchange.example.org", "keys": keys}
    answer = await both.world.client.put("/v1/outside-systems/beijing", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "system_address_refused")
    shown = (await both.world.get("outside-systems", OPERATOR)).json()
    assert [s["system"] for s in shown["systems"]] == ["beijing", "guangdong", "fujian"]
    assert (shown["systems"][0]["connected"], shown["systems"][0]["directory"]) == (True, 5)
