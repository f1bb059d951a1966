"""Who comes from another system: it takes its offer back, or a committee chooses the branch, or nothing comes of it here
although they left over there (TRF-17, TRF-04).
"""

from collections.abc import AsyncIterator

import pytest

from services.transfer.use_cases.waits import OPEN
from shared.privacy.vault import ERASED
from tests.member.people import card
from tests.transfer.conftest import CLASS, COMMITTEE, COMMITTEE_ADMIN, IN, IN_ADMIN, SCHOOL_ADMIN, World
from tests.transfer.exchanging import NAME, REGISTER, Exchanging, exchanging
from tests.transfer.test_arrivals import floats

NUMBER = card(sequence="902")


@pytest.fixture
async def both(world: World) -> AsyncIterator[Exchanging]:
    async with exchanging(world) as found:
        yield found


async def nobody_moves(both: Exchanging, who: str) -> None:
    """They are over there as before, and free to be transferred again."""
    assert await both.world.branch(who) == REGISTER
    assert await both.world.parts.database["claims"].count_documents({"_id": {"$regex": f"^{OPEN}:"}}) == 0
    report = await both.reconcile()
    assert (report["both"], report["neither"], report["queue"]) == (0, 0, 0)


@pytest.mark.rule("TRF-17", "BEY-08")
@pytest.mark.parametrize("silent", [False, True])
async def test_an_offer_that_they_take_back_before_anybody_looked_waits_no_longer(
    both: Exchanging, silent: bool
) -> None:
    """Where they do not say so, they are asked: after a day at the latest."""
    who, number = await both.away()
    offer = await both.offered(number)
    both.behave(silent=silent)
    [reference] = [c.transfer for c in both.there.cases.values() if c.ours]
    await both.there.end(reference, "withdrawn")
    await both.settle()
    if silent:
        await both.later(days=1, minutes=1)
    assert await both.waiting() == []
    answer = await both.world.send(f"outside-offers/{offer}/newcomer", {}, IN_ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (409, "offer_over")
    await nobody_moves(both, who)


@pytest.mark.rule("TRF-17", "TRF-11", "BEY-08")
@pytest.mark.parametrize("agreed", [False, True])
async def test_an_offer_that_they_take_back_ends_the_transfer_also_after_our_yes(
    both: Exchanging, agreed: bool
) -> None:
    who, number = await both.away()
    offer = await both.offered(number)
    transfer = await both.taken(offer, number)
    [case] = [c for c in both.there.cases.values() if c.ours]
    both.there.end = _never  # type: ignore[method-assign]
    if agreed:
        await both.done(f"transfers/{transfer}/approval", {})
        assert case.state == "accepted"
    del both.there.end
    await both.there.end(case.transfer, "withdrawn")
    await both.settle()
    assert await both.world.state(transfer) == "withdrawn"
    await nobody_moves(both, who)


async def _never(_transfer: str, _outcome: str) -> None:
    """They agreed to nothing yet."""


@pytest.mark.rule("TRF-17", "TRF-04", "TRF-22")
async def test_a_committee_chooses_the_branch_before_they_let_go(both: Exchanging) -> None:
    """Asked afterwards, who left over there would be nowhere until somebody chose."""
    who, number = await both.away()
    offer = await both.offered(number, COMMITTEE, COMMITTEE_ADMIN)
    transfer = await both.taken(offer, number, COMMITTEE, COMMITTEE_ADMIN)
    [case] = [c for c in both.there.cases.values() if c.ours]
    await both.done(f"transfers/{transfer}/approval", {}, COMMITTEE_ADMIN)
    assert (await both.world.state(transfer), case.state) == ("unassigned", "received")
    await both.later(days=4)
    assert (await both.world.branch(who), case.state) == (REGISTER, "received")
    await both.done(f"transfers/{transfer}/assignment", {"branch": CLASS}, COMMITTEE_ADMIN)
    assert case.state == "completed"
    assert (await both.world.state(transfer), await both.world.branch(who)) == ("completed", CLASS)
    report = await both.reconcile()
    assert (report["reconciled_people"], report["both"], report["neither"], report["queue"]) == (1, 0, 0, 0)


@pytest.mark.rule("TRF-17", "TRF-20")
async def test_a_floating_branch_is_chosen_after_the_employment_was_verified(both: Exchanging) -> None:
    who, number = await both.away()
    await floats(both.world, CLASS)
    offer = await both.offered(number, COMMITTEE, COMMITTEE_ADMIN)
    transfer = await both.taken(offer, number, COMMITTEE, COMMITTEE_ADMIN)
    await both.done(f"transfers/{transfer}/approval", {}, COMMITTEE_ADMIN)
    answer = await both.world.send(f"transfers/{transfer}/assignment", {"branch": CLASS}, COMMITTEE_ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (409, "employment_unverified")
    await both.done(f"transfers/{transfer}/employment", {"finding": "works_here"}, COMMITTEE_ADMIN)
    await both.done(f"transfers/{transfer}/assignment", {"branch": CLASS}, COMMITTEE_ADMIN)
    assert (await both.world.state(transfer), await both.world.branch(who)) == ("completed", CLASS)


@pytest.mark.rule("TRF-17", "TRF-04", "TRF-11")
async def test_an_offer_that_they_take_back_while_no_branch_is_chosen_ends_the_transfer(both: Exchanging) -> None:
    who, number = await both.away()
    offer = await both.offered(number, COMMITTEE, COMMITTEE_ADMIN)
    transfer = await both.taken(offer, number, COMMITTEE, COMMITTEE_ADMIN)
    [case] = [c for c in both.there.cases.values() if c.ours]
    await both.done(f"transfers/{transfer}/approval", {}, COMMITTEE_ADMIN)
    await both.there.end(case.transfer, "timed_out")
    await both.settle()
    assert await both.world.state(transfer) == "withdrawn"
    answer = await both.world.send(f"transfers/{transfer}/assignment", {"branch": CLASS}, COMMITTEE_ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_branch_to_assign")
    await nobody_moves(both, who)


@pytest.mark.rule("TRF-17", "TRF-04")
async def test_a_newcomer_of_a_committee_is_entered_in_any_branch_below_it(both: Exchanging) -> None:
    offer = await both.offered(NUMBER, COMMITTEE, COMMITTEE_ADMIN)
    await both.done(f"outside-offers/{offer}/newcomer", {}, COMMITTEE_ADMIN)
    [waiting] = await both.waiting(COMMITTEE, COMMITTEE_ADMIN)
    assert waiting["stage"] == "entering"
    await both.enter(NUMBER, CLASS, by=COMMITTEE_ADMIN)
    found = (await both.ticket(COMMITTEE, NAME, NUMBER, COMMITTEE_ADMIN)).json()["ticket"]
    await both.done(f"outside-offers/{offer}/entry", {"ticket": found}, COMMITTEE_ADMIN)
    assert await both.waiting(COMMITTEE, COMMITTEE_ADMIN) == []
    report = await both.reconcile()
    assert (report["reconciled_people"], report["both"], report["neither"]) == (1, 0, 0)


@pytest.mark.rule("TRF-17", "TRF-22", "BEY-08")
async def test_who_left_over_there_and_could_not_be_moved_here_is_brought_anew(both: Exchanging) -> None:
    """A branch that takes nobody refuses the move: the organization is told, and matches them once more."""
    who, number = await both.away()
    offer = await both.offered(number)
    transfer = await both.taken(offer, number)
    rosters = both.world.members.parts.store.database["rosters"]
    await rosters.update_one({"_id": IN}, {"$set": {"state": "closing"}}, upsert=True)
    await both.done(f"transfers/{transfer}/approval", {})
    assert (await both.world.state(transfer), await both.world.branch(who)) == ("failed", REGISTER)
    [waiting] = await both.waiting()
    assert (waiting["stage"], waiting["outcome"], waiting["person"]) == ("entering", "completed", None)
    assert waiting["said"][-1]["what"] == "return_failed"
    await rosters.update_one({"_id": IN}, {"$set": {"state": "open"}})
    again = await both.taken(offer, number)
    await both.done(f"transfers/{again}/approval", {})
    assert (await both.world.state(again), await both.world.branch(who)) == ("completed", IN)
    assert await both.waiting() == []
    report = await both.reconcile()
    assert (report["reconciled_people"], report["both"], report["neither"], report["queue"]) == (1, 0, 0, 0)


@pytest.mark.rule("TRF-17")
async def test_nobody_refuses_an_offer_that_a_transfer_brings_back_but_that_transfer(both: Exchanging) -> None:
    _, number = await both.away()
    offer = await both.offered(number)
    transfer = await both.taken(offer, number)
    answer = await both.world.send(f"outside-offers/{offer}/refusal", {"ground": "wrong_person"}, IN_ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (409, "offer_over")
    await both.done(f"transfers/{transfer}/refusal", {"ground": "wrong_person"})
    [case] = [c for c in both.there.cases.values() if c.ours]
    assert (case.state, case.ground) == ("refused", "wrong_person")


@pytest.mark.rule("TRF-17", "P11")
async def test_who_was_offered_is_forgotten_a_month_after_it_ended(both: Exchanging) -> None:
    offer = await both.offered(NUMBER)
    await both.done(f"outside-offers/{offer}/refusal", {"ground": "wrong_person"})
    shown = (await both.world.get(f"outside-offers/{offer}", IN_ADMIN)).json()
    assert shown["number"] == NUMBER
    await both.later(days=31)
    shown = (await both.world.get(f"outside-offers/{offer}", SCHOOL_ADMIN)).json()
    assert (shown["name"], shown["number"]) == ("", "")
    vault = both.world.parts.exchange._vault
    assert (await vault.keys([offer]))[offer] is ERASED
