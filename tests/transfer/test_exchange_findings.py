"""The other system contradicts itself, signs wrongly or is down while we have something to say to it: both agree in the
end, and whoever is concerned here sees what happened (TRF-17, BEY-08).
"""

from collections.abc import AsyncIterator

import pytest

from tests.member.people import card
from tests.transfer.conftest import IN, IN_ADMIN, OUT, OUT_ADMIN, PROVINCE, SCHOOL, SCHOOL_ADMIN, STRANGER, World
from tests.transfer.exchanging import OPERATOR, PROVINCIAL_ADMIN, Exchanging, exchanging

NUMBER = card(sequence="903")


@pytest.fixture
async def both(world: World) -> AsyncIterator[Exchanging]:
    async with exchanging(world) as found:
        yield found


async def found_by(both: Exchanging, organization: str, by: str) -> list[tuple[str, list[str]]]:
    answer = await both.world.get(f"organizations/{organization}/exchanges?which=found", by)
    assert answer.status_code == 200, answer.text
    return [(each["exchange"], each["findings"]) for each in answer.json()["items"]]


async def shown_to_who_may_act(both: Exchanging, offer: str, finding: str) -> None:
    """Central operators; the organization, its superior and the province; nobody beside (ADM-08)."""
    shown = (await both.world.get("outside-systems", OPERATOR)).json()
    [there] = [s for s in shown["systems"] if s["system"] == "beijing"]
    assert [(f["exchange"], f["findings"]) for f in there["findings"]] == [(offer, [finding])]
    for organization, by in ((IN, IN_ADMIN), (SCHOOL, SCHOOL_ADMIN), (PROVINCE, PROVINCIAL_ADMIN)):
        assert await found_by(both, organization, by) == [(offer, [finding])]
    assert await found_by(both, OUT, OUT_ADMIN) == []
    assert (await both.world.get(f"organizations/{IN}/exchanges", STRANGER)).status_code == 403


@pytest.mark.rule("TRF-17", "BEY-08", "ADM-08")
async def test_another_outcome_than_the_first_changes_nothing_and_is_shown(both: Exchanging) -> None:
    who, number = await both.away()
    offer = await both.offered(number)
    transfer = await both.taken(offer, number)
    await both.done(f"transfers/{transfer}/approval", {})
    [case] = [c for c in both.there.cases.values() if c.ours]
    await both.there.end(case.transfer, "withdrawn")
    await both.settle()
    assert (await both.world.state(transfer), await both.world.branch(who)) == ("completed", IN)
    await shown_to_who_may_act(both, offer, "other_outcome")
    await both.there.end(case.transfer, "completed")
    report = await both.reconcile()
    assert (report["both"], report["neither"], report["queue"]) == (0, 0, 0)


@pytest.mark.rule("TRF-17", "BEY-08", "ADM-08")
async def test_an_outcome_that_nobody_here_agreed_to_waits_for_our_yes(both: Exchanging) -> None:
    who, number = await both.away()
    offer = await both.offered(number)
    transfer = await both.taken(offer, number)
    [case] = [c for c in both.there.cases.values() if c.ours]
    await both.there.end(case.transfer, "completed")
    await both.settle()
    assert await both.world.state(transfer) == "pending"
    await shown_to_who_may_act(both, offer, "outcome_without_acceptance")
    await both.done(f"transfers/{transfer}/approval", {})
    assert (await both.world.state(transfer), await both.world.branch(who)) == ("completed", IN)
    report = await both.reconcile()
    assert (report["both"], report["neither"], report["queue"]) == (0, 0, 0)


@pytest.mark.rule("TRF-17", "BEY-08")
async def test_a_decision_that_is_signed_wrongly_is_none_until_they_are_asked_and_sign_it(both: Exchanging) -> None:
    both.behave(rule="wait")
    who = await both.world.enter()
    transfer = await both.start_out(who)
    both.behave(rule="wait", wrong_signature=True)
    await both.there.decide(transfer, "accept")
    await both.settle()
    assert (await both.world.state(transfer), await both.world.branch(who)) == ("pending", OUT)
    both.behave()
    await both.later(hours=7)
    assert await both.world.state(transfer) == "completed"
    report = await both.reconcile()
    assert (report["reconciled_people"], report["both"], report["neither"]) == (1, 0, 0)


@pytest.mark.rule("TRF-17", "BEY-08")
async def test_a_system_that_is_down_for_an_hour_gets_our_decision_afterwards(both: Exchanging) -> None:
    who, number = await both.away()
    offer = await both.offered(number)
    transfer = await both.taken(offer, number)
    both.behave(down=True)
    await both.done(f"transfers/{transfer}/approval", {})
    for _ in range(4):
        await both.later(minutes=15)
    failing = await both.world.get(f"organizations/{SCHOOL}/exchanges?which=failing", SCHOOL_ADMIN)
    [line] = failing.json()["items"]
    assert (line["exchange"], line["cause"], await both.world.state(transfer)) == (offer, "status_503", "pending")
    assert line["failed"] >= 3
    both.behave()
    await both.later(hours=1)
    await both.settle()
    assert (await both.world.state(transfer), await both.world.branch(who)) == ("completed", IN)
    report = await both.reconcile()
    assert (report["both"], report["neither"], report["queue"]) == (0, 0, 0)
