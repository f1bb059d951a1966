"""Members go to another system and come from one, over real HTTP: once, whatever the other side does (TRF-17)."""

from collections.abc import AsyncIterator

import pytest

from services.transfer.exchange.protocol import Person
from tests.member.people import card
from tests.transfer.conftest import IN, IN_ADMIN, OUT, OUT_ADMIN, World
from tests.transfer.exchanging import NAME, PROVINCIAL_ADMIN, REGISTER, Exchanging, exchanging

NUMBER = card(sequence="901")


@pytest.fixture
async def both(world: World) -> AsyncIterator[Exchanging]:
    async with exchanging(world) as found:
        yield found


@pytest.mark.rule("TRF-17", "BEY-08", "TRF-22")
async def test_an_accepted_offer_moves_the_member_into_the_register_branch_and_both_sides_know(
    both: Exchanging,
) -> None:
    who = await both.world.enter()
    transfer = await both.start_out(who)
    assert await both.world.branch(who) == REGISTER
    assert await both.world.state(transfer) == "completed"
    assert both.there.cases[transfer].state == "completed"
    assert (await both.exchange(transfer))["stage"] == "closed"
    assert (await both.exchange(transfer))["findings"] == []
    report = await both.reconcile()
    assert (report["reconciled_people"], report["both"], report["neither"]) == (1, 0, 0)


@pytest.mark.rule("TRF-17", "TRF-12")
async def test_a_refusal_over_there_ends_the_transfer_and_the_member_stays(both: Exchanging) -> None:
    both.behave(rule="refuse")
    who = await both.world.enter()
    transfer = await both.start_out(who)
    assert (await both.world.branch(who), await both.world.state(transfer)) == (OUT, "refused")
    card = (await both.world.get(f"transfers/{transfer}", OUT_ADMIN)).json()
    assert card["ground"] == "not_of_this_unit"
    assert both.there.cases[transfer].state == "refused"
    assert (await both.exchange(transfer))["closed"]


@pytest.mark.rule("TRF-17")
async def test_the_full_name_must_be_exactly_one_of_the_directory(both: Exchanging) -> None:
    who = await both.world.enter()
    answer = await both.ask_out(who, name="共青团北京理工大学")
    assert (answer.status_code, answer.json()["code"]) == (400, "outside_organization_unknown")
    found = await both.world.get("outside-systems/beijing/organizations?q=理工", OUT_ADMIN)
    [listed] = found.json()["organizations"]
    answer = await both.ask_out(who, name=f" {listed['name']} ")
    assert answer.status_code == 201


@pytest.mark.rule("TRF-17")
async def test_nobody_here_decides_for_the_other_system(both: Exchanging) -> None:
    both.behave(rule="wait")
    who = await both.world.enter()
    transfer = await both.start_out(who)
    answer = await both.world.send(f"transfers/{transfer}/approval", {}, PROVINCIAL_ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (409, "decided_outside")
    assert await both.world.branch(who) == OUT


@pytest.mark.rule("TRF-17", "TRF-11")
async def test_the_starter_withdraws_before_they_decide_and_their_late_yes_changes_nothing(both: Exchanging) -> None:
    both.behave(rule="wait")
    who = await both.world.enter()
    transfer = await both.start_out(who)
    assert (await both.world.send(f"transfers/{transfer}/withdrawal", {}, OUT_ADMIN)).status_code == 201
    both.behave(rule="accept")
    await both.there.decide(transfer, "accept")
    await both.settle()
    assert (await both.world.branch(who), await both.world.state(transfer)) == (OUT, "withdrawn")
    assert both.there.cases[transfer].state == "withdrawn"
    assert (await both.world.start(who)) != transfer


@pytest.mark.rule("TRF-17", "TRF-09")
async def test_without_a_decision_the_step_times_out_and_the_answer_that_comes_later_is_a_finding(
    both: Exchanging,
) -> None:
    both.behave(rule="wait")
    who = await both.world.enter()
    transfer = await both.start_out(who)
    await both.later(days=10, minutes=1)
    assert (await both.world.branch(who), await both.world.state(transfer)) == (OUT, "timed_out")
    assert both.there.cases[transfer].state == "timed_out"
    both.there.cases[transfer].state = "accepted"
    await both.there._say_decision(transfer, "accepted", "")
    await both.settle()
    assert (await both.exchange(transfer))["findings"] == ["late_decision"]
    assert await both.world.branch(who) == OUT


@pytest.mark.rule("TRF-17", "TRF-22")
async def test_somebody_of_ours_comes_back_after_both_sides_agreed(both: Exchanging) -> None:
    who, number = await both.away()
    offer = await both.offered(number)
    card = (await both.world.get(f"outside-offers/{offer}", IN_ADMIN)).json()
    assert (card["name"], card["number"], card["stage"]) == (NAME, number, "offered")
    ticket = (await both.ticket(IN, card["name"], number, IN_ADMIN)).json()["ticket"]
    answer = await both.world.send(f"outside-offers/{offer}/match", {"ticket": ticket}, IN_ADMIN)
    assert answer.status_code == 201, answer.text
    transfer = answer.json()["stream"]
    await both.settle()
    assert (await both.world.state(transfer), await both.world.branch(who)) == ("pending", REGISTER)
    assert (await both.world.send(f"transfers/{transfer}/approval", {}, IN_ADMIN)).status_code == 201
    await both.settle()
    assert (await both.world.state(transfer), await both.world.branch(who)) == ("completed", IN)
    assert (await both.exchange(transfer))["outcome"] == "completed"
    report = await both.reconcile()
    assert (report["reconciled_people"], report["both"], report["neither"]) == (1, 0, 0)


@pytest.mark.rule("TRF-17", "BEY-08")
async def test_a_newcomer_leaves_over_there_first_and_is_then_entered_here(both: Exchanging) -> None:
    offer = await both.offered(NUMBER)
    assert (await both.ticket(IN, NAME, NUMBER, IN_ADMIN)).status_code == 404
    assert (await both.world.send(f"outside-offers/{offer}/newcomer", {}, IN_ADMIN)).status_code == 201
    await both.settle()
    [waiting] = (await both.world.get(f"organizations/{IN}/outside-offers", IN_ADMIN)).json()["items"]
    assert (waiting["stage"], waiting["outcome"]) == ("entering", "completed")
    assert (await both.reconcile())["neither"] == 0
    await both.enter(NUMBER, IN)
    ticket = (await both.ticket(IN, NAME, NUMBER, IN_ADMIN)).json()["ticket"]
    assert (await both.world.send(f"outside-offers/{offer}/entry", {"ticket": ticket}, IN_ADMIN)).status_code == 201
    await both.settle()
    assert (await both.world.get(f"organizations/{IN}/outside-offers", IN_ADMIN)).json()["items"] == []
    report = await both.reconcile()
    assert (report["reconciled_people"], report["both"], report["neither"]) == (1, 0, 0)


@pytest.mark.rule("TRF-17", "TRF-12")
async def test_an_offer_is_refused_with_a_ground_of_the_list_which_travels_back(both: Exchanging) -> None:
    offer = await both.offered(NUMBER)
    wrong = await both.world.send(f"outside-offers/{offer}/refusal", {"ground": "no_file"}, IN_ADMIN)
    assert (wrong.status_code, wrong.json()["code"]) == (400, "ground_not_allowed")
    answer = await both.world.send(f"outside-offers/{offer}/refusal", {"ground": "wrong_person"}, IN_ADMIN)
    assert answer.status_code == 201
    await both.settle()
    [case] = both.there.cases.values()
    assert (case.state, case.ground) == ("refused", "wrong_person")
    again = await both.world.send(f"outside-offers/{offer}/newcomer", {}, IN_ADMIN)
    assert (again.status_code, again.json()["code"]) == (409, "offer_over")


@pytest.mark.rule("TRF-17")
async def test_somebody_who_is_a_member_of_another_branch_here_is_not_taken_twice(both: Exchanging) -> None:
    await both.enter(NUMBER)
    offer = await both.offered(NUMBER)
    ticket = (await both.ticket(IN, NAME, NUMBER, IN_ADMIN)).json()["ticket"]
    answer = await both.world.send(f"outside-offers/{offer}/match", {"ticket": ticket}, IN_ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (422, "offered_to_somebody_else")


@pytest.mark.rule("TRF-17", "BEY-08")
async def test_an_offer_to_an_organization_that_is_not_there_is_refused_at_once(both: Exchanging) -> None:
    person = Person(name=NAME, number=NUMBER, document_kind="居民身份证")
    transfer = await both.there.offer(person, IN, "没有这个支部")
    assert (both.there.cases[transfer].state, both.there.cases[transfer].ground) == ("refused", "organization_unknown")
