"""The other system is late, silent, down, forgetful or wrong: nothing is applied twice, and both agree (TRF-17, BEY-08)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from deploy.local.simulators.province import Behaviour
from services.transfer.exchange.protocol import PREFIX, Decision
from services.transfer.exchange.signing import OwnKeys, asked
from services.transfer.use_cases.waits import OPEN
from tests.transfer.conftest import IN, OUT, World
from tests.transfer.exchanging import OPERATOR, REGISTER, Exchanging, exchanging


@pytest.fixture
async def both(world: World) -> AsyncIterator[Exchanging]:
    async with exchanging(world) as found:
        yield found


async def agreed(both: Exchanging, who: str, transfer: str) -> None:
    """The person is there and not here, no transfer is open, and the next reconciliation finds no difference."""
    assert (await both.world.branch(who), await both.world.state(transfer)) == (REGISTER, "completed")
    assert both.there.cases[transfer].state == "completed"
    assert await both.world.parts.database["claims"].count_documents({"_id": {"$regex": f"^{OPEN}:"}}) == 0
    report = await both.reconcile()
    assert (report["both"], report["neither"], report["queue"]) == (0, 0, 0)


@pytest.mark.rule("TRF-17", "BEY-08")
async def test_a_system_that_was_down_for_an_hour_gets_the_offer_afterwards(both: Exchanging) -> None:
    both.behave(down=True)
    who = await both.world.enter()
    transfer = await both.start_out(who)
    for _ in range(12):
        await both.later(minutes=5)
    shown = await both.exchange(transfer)
    assert (shown["stage"], shown["cause"]) == ("prepared", "status_503")
    assert shown["failed"] >= 6
    assert await both.world.branch(who) == OUT
    both.behave()
    await both.later(hours=1)
    await both.settle()
    await agreed(both, who, transfer)


@pytest.mark.rule("TRF-17")
@pytest.mark.parametrize(
    ("how", "cause"),
    [
        ({"wrong_signature": True}, "answer_unknown_key"),
        ({"wrong_receipt": True}, "wrong_receipt"),
        ({"garbage": True}, "garbage"),
    ],
)
async def test_an_answer_that_proves_nothing_is_none_and_is_asked_for_again(
    both: Exchanging, how: dict[str, Any], cause: str
) -> None:
    both.there.behaviour = Behaviour(rule="wait", **how)
    who = await both.world.enter()
    transfer = await both.start_out(who)
    shown = await both.exchange(transfer)
    assert (shown["stage"], shown["cause"]) == ("prepared", cause)
    assert shown["findings"] == (["wrong_receipt"] if cause == "wrong_receipt" else [])
    both.behave()
    await both.there.decide(transfer, "accept")
    await both.later(minutes=2)
    await agreed(both, who, transfer)


@pytest.mark.rule("TRF-17")
async def test_an_answer_that_takes_too_long_is_none(both: Exchanging, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.transfer.exchange import peers

    monkeypatch.setattr(peers, "TOTAL_SECONDS", 0.2)
    both.behave(rule="wait", slow_seconds=5)
    transfer = await both.start_out(await both.world.enter())
    assert (await both.exchange(transfer))["cause"] == "slow"


@pytest.mark.rule("TRF-17")
async def test_everything_said_twice_is_done_once(both: Exchanging) -> None:
    both.behave(twice=True)
    who = await both.world.enter()
    transfer = await both.start_out(who)
    facts = [type(e).__name__ for c in await both.world.parts.store.load(transfer) for e in c.events]
    assert (facts.count("TransferStepApproved"), facts.count("TransferCompleted")) == (1, 1)
    await agreed(both, who, transfer)


@pytest.mark.rule("TRF-17", "BEY-08")
async def test_another_decision_on_replay_is_answered_by_the_first_and_is_a_finding(both: Exchanging) -> None:
    both.behave(other_decision=True)
    who = await both.world.enter()
    transfer = await both.start_out(who)
    assert (await both.exchange(transfer))["findings"] == ["other_decision"]
    assert (await both.exchange(transfer))["decision"] == "accepted"
    shown = await both.world.get("outside-systems", OPERATOR)
    [there] = [s for s in shown.json()["systems"] if s["system"] == "beijing"]
    assert [found["transfer"] for found in there["findings"]] == [transfer]
    await agreed(both, who, transfer)


@pytest.mark.rule("TRF-17")
async def test_a_system_that_never_calls_is_asked(both: Exchanging) -> None:
    both.behave(silent=True)
    who = await both.world.enter()
    transfer = await both.start_out(who)
    await both.later(hours=7)
    await agreed(both, who, transfer)


@pytest.mark.rule("TRF-17", "TRF-22")
async def test_a_worker_killed_between_any_two_writes_goes_on(both: Exchanging) -> None:
    """A worker that stops after the message went out, and before that is written, sends the same message again."""
    both.behave(rule="wait")
    who = await both.world.enter()
    answer = await both.ask_out(who)
    transfer = answer.json()["stream"]
    await both.world.carry()
    dialogue_rows = both.world.parts.database["deadlines"]
    kept = await dialogue_rows.find({"kind": {"$in": ["exchange-news", "exchange-due"]}}).to_list(None)
    await both.settle()
    for row in kept:
        await dialogue_rows.replace_one({"_id": row["_id"]}, row, upsert=True)
    await both.settle()
    assert [c.transfer for c in both.there.cases.values()] == [transfer]
    both.behave()
    await both.there.decide(transfer, "accept")
    await both.settle()
    await agreed(both, who, transfer)


@pytest.mark.rule("TRF-17", "BEY-08")
@pytest.mark.parametrize("why", ["replayed", "clock", "signature", "unknown_key", "for_somebody_else", "unsigned"])
async def test_what_is_not_proven_is_not_let_in(both: Exchanging, why: str) -> None:
    both.behave(rule="wait")
    who = await both.world.enter()
    transfer = await both.start_out(who)
    decision = Decision(message="m-1", transfer=transfer, decision="accepted")
    body, target = decision.model_dump_json().encode(), f"{PREFIX}/decisions"
    keys = OwnKeys("beijing", OwnKeys.from_directory(both.world.parts.settings.secrets_dir).pairs)
    signer = keys if why == "unknown_key" else both.there.keys
    to = "fujian" if why == "for_somebody_else" else "national"
    at = both.world.clock.now() - (timedelta(minutes=6) if why == "clock" else timedelta())
    headers = signer.sign(to, [], asked("POST", target), body, at).headers() if why != "unsigned" else {}
    sent = body + b" " if why == "signature" else body
    async with httpx.AsyncClient() as client:
        if why == "replayed":
            other = Decision(message="m-0", transfer="transfer-none", decision="accepted").model_dump_json().encode()
            headers = signer.sign(to, [], asked("POST", target), other, at).headers()
            assert (await client.post(both.there.address + target, content=other, headers=headers)).status_code == 200
            sent = other
        answer = await client.post(both.there.address + target, content=sent, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "message_not_proven")
    assert why in answer.json()["title"]
    await both.settle()
    assert (await both.world.state(transfer), await both.world.branch(who)) == ("pending", OUT)


@pytest.mark.rule("BEY-08")
async def test_keys_are_rotated_on_both_sides_without_a_pause(both: Exchanging) -> None:
    await both.there.rotate()
    shown = await both.world.parts.exchange.peers.agreement("beijing")
    assert [key.kid for key in shown.keys] == [key.kid for key in both.there.keys.public]
    from services.transfer.exchange.signing import create_keys

    create_keys(both.world.parts.settings.secrets_dir)
    both.world.parts.exchange.peers.own = OwnKeys.from_directory(both.world.parts.settings.secrets_dir)
    who = await both.world.enter()
    transfer = await both.start_out(who)
    taken = (await both.world.parts.exchange.peers.agreement("beijing")).taken
    assert taken == {key.kid for key in both.world.parts.exchange.peers.own.public}
    await agreed(both, who, transfer)


@pytest.mark.rule("BEY-08")
async def test_people_that_both_have_or_neither_are_found(both: Exchanging) -> None:
    who, lost = await both.away()
    await both.away()
    report = await both.reconcile()
    assert (report["reconciled_people"], report["both"], report["neither"]) == (2, 0, 0)
    both.there.people[both.there.tag(lost)] = False
    report = await both.reconcile()
    assert (report["both"], report["neither"]) == (0, 1)
    assert [d["kind"] for d in report["differences"]] == ["neither"]
    del both.there.people[both.there.tag(lost)]
    report = await both.reconcile()
    assert (report["both"], report["neither"]) == (0, 1), "whom they do not know they do not have"
    both.there.people[both.there.tag(lost)] = True
    assert (await both.reconcile())["differences"] == []
    back = await both.taken(await both.offered(lost), lost)
    await both.done(f"transfers/{back}/approval", {})
    assert await both.world.branch(who) == IN
    both.there.people[both.there.tag(lost)] = True
    report = await both.reconcile()
    assert (report["both"], report["neither"]) == (1, 0)
    assert [(d["kind"], d["person"]) for d in report["differences"]] == [("both", who)]


@pytest.mark.rule("BEY-08")
async def test_neither_side_s_log_nor_store_has_a_name_or_number_of_who_crossed(both: Exchanging, capfd: Any) -> None:
    who, number = await both.away()
    transfer = (await both.world.parts.exchange.exchanges.find({"person": who}, [("_id", 1)], 1))[0]
    text = repr([c async for c in both.world.parts.store.commits.find({})]) + repr(transfer)
    text += capfd.readouterr().out
    assert number not in text
    assert "欧阳不露" not in text
