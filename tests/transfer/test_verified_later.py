"""Who comes to a floating branch whose turn it never was: employment is looked into afterwards (TRF-19, TRF-20)."""

from datetime import timedelta

import pytest

from shared.contracts.org import BranchKind
from tests.transfer.conftest import CLASS, COMMITTEE, COMMITTEE_ADMIN, IN, IN_ADMIN, OUT, OUT_ADMIN, PROVINCE, World
from tests.transfer.test_arrivals import assigning, floats, listed, moved, unassigned
from tests.transfer.test_batches import ask
from tests.transfer.test_rules import DAY, PROVINCE_ADMIN, sets
from tests.transfer.test_special_units import card, code
from tests.transfer.test_taking_in import takes, ticket, who  # noqa: F401 - `who` is a fixture

FINDING = {"finding": "no_work_yet"}


async def taken_in(world: World) -> str:
    """TRF-03: the floating branch began, the branch left agreed."""
    transfer = str((await takes(world, await ticket(world))).json()["stream"])
    await world.carry()
    assert await code(world, transfer, "approval", {}, OUT_ADMIN) == ""
    await world.carry()
    return transfer


async def by_silence(world: World) -> str:
    """TRF-09: nobody decided, which is a yes in this province."""
    await world.rights.administers(PROVINCE_ADMIN, PROVINCE)
    assert (await sets(world, 15, automatic=True)).status_code == 201
    transfer = await world.opened(await world.enter())
    world.clock.move(15 * DAY)
    await world.work()
    await world.carry()
    return transfer


@pytest.mark.rule("TRF-20", "TRF-03")
async def test_a_floating_branch_that_took_somebody_in_has_to_verify_still(world: World, who: str) -> None:  # noqa: F811
    await floats(world)
    transfer = await taken_in(world)
    [row] = await listed(world, "arrivals")
    assert (row["person"], row["duties"]) == (who, ["contact", "check_in", "verify"])
    shown = await card(world, transfer, IN_ADMIN)
    assert (shown["arrival"]["unverified"], shown["may"]["verify_employment"]) == (True, True)
    assert await code(world, transfer, "employment", FINDING, OUT_ADMIN) == "outside_authority"
    assert await code(world, transfer, "employment", FINDING, IN_ADMIN) == ""
    shown = await card(world, transfer, IN_ADMIN)
    assert (shown["employment"], shown["may"]["verify_employment"]) == ("no_work_yet", False)
    [row] = await listed(world, "arrivals")
    assert row["duties"] == ["contact", "check_in"]
    assert await code(world, transfer, "employment", FINDING, IN_ADMIN) == "nothing_to_verify"


@pytest.mark.rule("TRF-20", "TRF-09")
async def test_silence_that_is_a_yes_verifies_nothing(world: World) -> None:
    await floats(world)
    transfer = await by_silence(world)
    assert await code(world, transfer, "contact", {}, IN_ADMIN) == ""
    day = {"checked_in_on": world.clock.now().date().isoformat()}
    assert await code(world, transfer, "check-in", day, IN_ADMIN) == ""
    assert [row["duties"] for row in await listed(world, "arrivals")] == [["verify"]]
    assert await code(world, transfer, "employment", {"finding": "works_here"}, IN_ADMIN) == ""
    assert await listed(world, "arrivals") == []


@pytest.mark.rule("TRF-20", "TRF-08")
async def test_who_came_by_a_batch_is_verified_by_the_branch(world: World) -> None:
    await floats(world)
    await ask(world, await world.enter())
    await world.work()
    await world.carry()
    [row] = await listed(world, "arrivals")
    assert row["duties"] == ["contact", "check_in", "verify"]
    assert await code(world, row["transfer"], "employment", FINDING, IN_ADMIN) == ""
    [row] = await listed(world, "arrivals")
    assert row["duties"] == ["contact", "check_in"]


@pytest.mark.rule("TRF-20")
async def test_what_was_verified_before_is_no_duty_afterwards(world: World) -> None:
    await floats(world)
    transfer = await world.opened(await world.enter())
    assert await code(world, transfer, "employment", FINDING, IN_ADMIN) == ""
    assert await code(world, transfer, "approval", {}, IN_ADMIN) == ""
    await world.carry()
    assert [row["duties"] for row in await listed(world, "arrivals")] == [["contact", "check_in"]]
    assert await code(world, transfer, "employment", FINDING, IN_ADMIN) == "nothing_to_verify"


@pytest.mark.rule("TRF-20")
async def test_work_that_is_settled_was_looked_into(world: World) -> None:
    await floats(world)
    transfer = await by_silence(world)
    assert await code(world, transfer, "settled-work", {"settled_on": "2026-11-21"}, IN_ADMIN) == ""
    assert [row["duties"] for row in await listed(world, "arrivals")] == [["contact", "check_in"]]
    assert await code(world, transfer, "employment", FINDING, IN_ADMIN) == "nothing_to_verify"


@pytest.mark.rule("TRF-20", "TRF-21")
async def test_a_day_that_has_not_come_is_refused_under_the_rule_it_belongs_to(world: World) -> None:
    _, transfer = await moved(world)
    await floats(world)
    later = (world.clock.now() + timedelta(days=2)).date().isoformat()
    for what, body, rule in (
        ("check-in", {"checked_in_on": later}, "TRF-21"),
        ("settled-work", {"settled_on": later}, "TRF-20"),
        ("hand-over", {"letter": "甲字1号", "issued_on": later}, "TRF-26"),
    ):
        answer = await world.send(f"transfers/{transfer}/{what}", body, IN_ADMIN)
        assert (answer.status_code, answer.json()["rule"], answer.json()["field"]) == (400, rule, list(body)[-1])


@pytest.mark.rule("TRF-20")
async def test_the_day_on_which_work_was_settled_is_corrected_twenty_times_at_most(world: World) -> None:
    _, transfer = await moved(world)
    await floats(world)
    for day in range(1, 21):
        assert await code(world, transfer, "settled-work", {"settled_on": f"2026-11-{day:02}"}, IN_ADMIN) == ""
    assert await code(world, transfer, "settled-work", {"settled_on": "2026-11-20"}, IN_ADMIN) == ""
    assert await code(world, transfer, "settled-work", {"settled_on": "2026-11-21"}, IN_ADMIN) == "settled_too_often"


@pytest.mark.rule("TRF-19")
@pytest.mark.parametrize(
    ("said", "kind", "fits"),
    [
        (("has_work", "floating_of_work"), BranchKind.ORDINARY, False),
        (("no_work_yet", "floating_of_home"), BranchKind.ORDINARY, False),
        (("has_work", "bridging_of_park"), BranchKind.ORDINARY, False),
        (("has_work", "employer"), BranchKind.ORDINARY, True),
        (("no_work_yet", "floating_of_home"), BranchKind.FLOATING, True),
        (("has_work", "bridging_of_park"), BranchKind.BRIDGING, True),
    ],
)
async def test_the_branch_that_is_chosen_is_the_place_that_was_said(
    world: World, said: tuple[str, str], kind: BranchKind, *, fits: bool
) -> None:
    await floats(world, kind=kind)
    asked = {"person": await world.enter(), "to": IN, "reason": "leaving_after_graduation"}
    asked |= {"situation": said[0], "place": said[1]}
    answer = await world.send(f"organizations/{OUT}/transfers-out", asked, OUT_ADMIN)
    assert (answer.status_code == 201) is fits
    if not fits:
        refused = answer.json()
        assert (refused["code"], refused["field"], refused["rule"]) == ("branch_is_no_such_place", "to", "TRF-19")
        asked |= {"to": COMMITTEE}
        assert (await world.send(f"organizations/{OUT}/transfers-out", asked, OUT_ADMIN)).status_code == 201


@pytest.mark.rule("TRF-20", "TRF-21", "TRF-06")
async def test_the_branch_that_was_chosen_verifies_who_came_before_it_was_known_to_be_floating(world: World) -> None:
    person, transfer = await unassigned(world)
    assert "code" not in await assigning(world, transfer)
    await floats(world, CLASS)
    await world.carry()
    [row] = await listed(world, "arrivals", CLASS, COMMITTEE_ADMIN)
    assert (row["person"], row["duties"]) == (person, ["contact", "check_in", "verify"])
    assert await code(world, transfer, "employment", FINDING, COMMITTEE_ADMIN) == ""
    [row] = await listed(world, "arrivals", CLASS, COMMITTEE_ADMIN)
    assert row["duties"] == ["contact", "check_in"]
