"""Where leavers go, floating branches, and what a branch does for who arrives (TRF-19, TRF-20, TRF-21)."""

from datetime import timedelta
from typing import Any

import pytest

from services.transfer.reference.leavers import SITUATIONS
from shared.contracts.org import BranchKind, Category, OrganizationInformationChanged
from tests.transfer.conftest import (
    CLASS,
    COMMITTEE,
    COMMITTEE_ADMIN,
    IN,
    IN_ADMIN,
    OUT,
    OUT_ADMIN,
    SCHOOL,
    SCHOOL_ADMIN,
    World,
)
from tests.transfer.test_special_units import card, code


async def floats(world: World, branch: str = IN, kind: BranchKind = BranchKind.FLOATING) -> None:
    names = {"full_name": branch, "short_name": branch}
    told = OrganizationInformationChanged(organization=branch, category=Category.BRANCH, branch_kind=kind, **names)
    await world.feed.hear(told, stream=branch)


async def moved(world: World) -> tuple[str, str]:
    who = await world.enter()
    transfer = await world.opened(who)
    assert await code(world, transfer, "approval", {}, IN_ADMIN) == ""
    await world.carry()
    return who, transfer


async def listed(world: World, which: str, organization: str = IN, by: str = IN_ADMIN) -> list[dict[str, Any]]:
    return list((await world.get(f"organizations/{organization}/transfers?which={which}", by)).json()["items"])


@pytest.mark.rule("TRF-19")
async def test_who_states_work_cannot_go_to_the_floating_branch_of_home(world: World) -> None:
    who = await world.enter()

    async def start(**body: str) -> tuple[int, str]:
        asked = {"person": who, "to": IN, "reason": "leaving_after_graduation"} | body
        answer = await world.send(f"organizations/{OUT}/transfers-out", asked, OUT_ADMIN)
        return answer.status_code, answer.json().get("code", "")

    home = {"place": "floating_of_home"}
    for situation in SITUATIONS:
        if situation.works:
            assert await start(situation=situation.code, **home) == (400, "works_so_not_home")
            assert await start(situation=situation.code, place=situation.places[0], reason="undecided") == (
                400,
                "works_so_not_home",
            )
    for reason in ("work_with_organization", "work_without_organization", "change_of_work"):
        assert await start(reason=reason, **home) == (400, "works_so_not_home")
    assert await start(situation="accepted_by_school", **home) == (400, "place_does_not_fit")
    assert await start(situation="has_work", place="") == (400, "place_does_not_fit")
    assert await start(situation="retired", place="employer") == (400, "place_does_not_fit")
    await floats(world)
    assert await start(situation="has_work", place="employer") == (400, "place_does_not_fit")
    assert (await start(situation="has_work", place="floating_of_work"))[0] == 201


@pytest.mark.rule("TRF-19", "TRF-13", "TRF-14")
async def test_what_a_leaver_said_is_kept_and_shown_to_both_sides_and_in_the_history(world: World) -> None:
    who, said = await world.enter(), {"situation": "has_work", "place": "employer"}
    asked = {"person": who, "to": IN, "reason": "work_with_organization"} | said
    answer = await world.send(f"organizations/{OUT}/transfers-out", asked, OUT_ADMIN)
    transfer = str(answer.json()["stream"])
    await world.carry()
    stored = await world.parts.store.commits.find_one({"stream": transfer, "version": 1})
    assert {name: stored["events"][0]["data"][name] for name in said} == said
    for by in (IN_ADMIN, OUT_ADMIN, who):
        shown = await card(world, transfer, by)
        assert {name: shown[name] for name in said} == said
    for path, by in ((f"organizations/{IN}/transfers", IN_ADMIN), ("me/transfers", who)):
        [line] = (await world.get(path, by)).json()["items"]
        assert {name: line[name] for name in said} == said


@pytest.mark.rule("TRF-19", "GRD-06")
async def test_one_who_is_no_leaver_says_nothing(world: World) -> None:
    shown = await card(world, await world.opened(await world.enter()))
    assert (shown["situation"], shown["place"]) == ("", "")


@pytest.mark.rule("TRF-19")
async def test_each_situation_names_where_it_leads_in_the_order_of_the_rule(world: World) -> None:
    lists = (await world.get("reference/transfers", OUT_ADMIN)).json()
    places = {each["code"]: each["places"] for each in lists["situations"]}
    assert places == {
        "has_work": ["employer", "floating_of_work", "bridging_of_park"],
        "agency_worker": ["using_unit", "agency", "floating_of_using_unit"],
        "accepted_by_school": ["school"],
        "no_work_yet": ["floating_of_home"],
        "left_a_job": ["employer", "floating_of_work", "town_of_household"],
    }
    offered = {code for each in places.values() for code in each}
    assert offered | {"talent_centre"} == {each["code"] for each in lists["places"]}


@pytest.mark.rule("TRF-20")
async def test_a_floating_branch_agrees_only_after_it_looked_into_the_employment(world: World) -> None:
    await floats(world)
    transfer = await world.opened(await world.enter())
    assert await code(world, transfer, "approval", {}, IN_ADMIN) == "employment_unverified"
    assert await code(world, transfer, "employment", {"finding": "no_work_yet"}, OUT_ADMIN) == "outside_authority"
    assert (await card(world, transfer, IN_ADMIN))["may"]["verify_employment"] is True
    assert await code(world, transfer, "employment", {"finding": "no_work_yet"}, IN_ADMIN) == ""
    assert (await card(world, transfer, IN_ADMIN))["employment"] == "no_work_yet"
    assert await code(world, transfer, "approval", {}, IN_ADMIN) == ""


async def unassigned(world: World, **said: str) -> tuple[str, str]:
    """A transfer for which the committee is to choose a branch, and whose it is."""
    who = await world.enter()
    transfer = await world.start(who, COMMITTEE, **said)
    await world.carry()
    assert await code(world, transfer, "approval", {}, COMMITTEE_ADMIN) == ""
    return who, transfer


async def assigning(world: World, transfer: str, branch: str = CLASS) -> dict[str, Any]:
    """The answer to the committee's choice."""
    answer = await world.send(f"transfers/{transfer}/assignment", {"branch": branch}, COMMITTEE_ADMIN)
    return dict(answer.json())


@pytest.mark.rule("TRF-20", "TRF-04", "TRF-06")
async def test_who_assigns_a_floating_branch_looked_into_the_employment_before(world: World) -> None:
    await floats(world, CLASS)
    who, transfer = await unassigned(world)
    refused = await assigning(world, transfer)
    assert (refused["code"], refused["field"], refused["rule"]) == ("employment_unverified", "branch", "TRF-20")
    assert (await card(world, transfer, COMMITTEE_ADMIN))["may"]["verify_employment"] is True
    finding = {"finding": "no_work_yet"}
    assert await code(world, transfer, "employment", finding, OUT_ADMIN) == "outside_authority"
    assert await code(world, transfer, "employment", finding, COMMITTEE_ADMIN) == ""
    shown = await card(world, transfer, COMMITTEE_ADMIN)
    assert (shown["employment"], shown["state"]) == ("no_work_yet", "unassigned")
    await assigning(world, transfer)
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (CLASS, "completed")


@pytest.mark.rule("TRF-20", "TRF-06")
async def test_what_was_verified_while_the_step_waited_holds_when_the_branch_is_assigned(world: World) -> None:
    await floats(world, CLASS)
    who = await world.enter()
    transfer = await world.opened(who, COMMITTEE)
    assert (await card(world, transfer, COMMITTEE_ADMIN))["may"]["verify_employment"] is False
    for what, body in (("employment", {"finding": "works_here"}), ("approval", {})):
        assert await code(world, transfer, what, body, COMMITTEE_ADMIN) == ""
    assert "code" not in await assigning(world, transfer)


@pytest.mark.rule("TRF-20", "TRF-06")
async def test_any_other_branch_is_assigned_without_it(world: World) -> None:
    _, transfer = await unassigned(world)
    assert "code" not in await assigning(world, transfer)
    assert await code(world, transfer, "employment", {"finding": "works_here"}, COMMITTEE_ADMIN) == "nothing_to_verify"


@pytest.mark.rule("TRF-19", "TRF-06")
@pytest.mark.parametrize(
    ("said", "kind", "fits"),
    [
        (("has_work", "employer"), BranchKind.FLOATING, False),
        (("has_work", "floating_of_work"), BranchKind.FLOATING, True),
        (("has_work", "floating_of_work"), BranchKind.BRIDGING, False),
        (("has_work", "bridging_of_park"), BranchKind.BRIDGING, True),
        (("no_work_yet", "floating_of_home"), BranchKind.BRIDGING, False),
        (("no_work_yet", "floating_of_home"), BranchKind.FLOATING, True),
        (("", ""), BranchKind.FLOATING, True),
    ],
)
async def test_a_branch_is_assigned_that_goes_with_what_the_leaver_said(
    world: World, said: tuple[str, str], kind: BranchKind, *, fits: bool
) -> None:
    await floats(world, CLASS, kind)
    _, transfer = await unassigned(world, situation=said[0], place=said[1], reason="leaving_after_graduation")
    assert await code(world, transfer, "employment", {"finding": "no_work_yet"}, COMMITTEE_ADMIN) == ""
    answer = await assigning(world, transfer)
    assert ("code" not in answer) is fits
    if not fits:
        assert (answer["code"], answer["field"]) == ("place_does_not_fit", "branch")
        places = (await world.get("reference/transfers", OUT_ADMIN)).json()["places"]
        assert next(each["zh"] for each in places if each["code"] == said[1]) in answer["way_out"]


@pytest.mark.rule("TRF-20", "TRF-12")
async def test_it_refuses_who_has_work_elsewhere(world: World) -> None:
    await floats(world)
    transfer = await world.opened(await world.enter())
    assert await code(world, transfer, "refusal", {"ground": "works_elsewhere"}, IN_ADMIN) == ""
    await world.carry()
    assert (await card(world, transfer, OUT_ADMIN))["ground"] == "works_elsewhere"


@pytest.mark.rule("TRF-20")
async def test_other_branches_verify_nothing_and_settle_nothing(world: World) -> None:
    _, transfer = await moved(world)
    assert (
        await code(world, transfer, "settled-work", {"settled_on": "2026-11-20"}, IN_ADMIN) == "floating_branches_only"
    )
    pending = await world.opened(await world.enter())
    assert await code(world, pending, "employment", {"finding": "works_here"}, IN_ADMIN) == "nothing_to_verify"


@pytest.mark.rule("TRF-20", "GRD-08")
@pytest.mark.parametrize("kind", [BranchKind.FLOATING, BranchKind.BRIDGING])
async def test_who_has_settled_work_is_to_move_on_within_a_month_and_is_listed_until_then(
    world: World, kind: BranchKind
) -> None:
    who, transfer = await moved(world)
    await floats(world, kind=kind)
    assert await listed(world, "moving_on") == []
    said = {"settled_on": "2026-10-31"}
    assert await code(world, transfer, "settled-work", said, OUT_ADMIN) == "outside_authority"
    assert await code(world, transfer, "settled-work", said, IN_ADMIN) == ""
    [row] = await listed(world, "moving_on")
    assert (row["person"], row["move_on_by"]) == (who, "2026-11-30")
    assert [r["person"] for r in await listed(world, "moving_on", SCHOOL, SCHOOL_ADMIN)] == [who]
    here = await card(world, transfer, IN_ADMIN)
    assert (here["arrival"]["move_on_by"], here["may"]["settle_work"], here["may"]["receive"]) == (
        "2026-11-30",
        True,
        True,
    )
    on = await world.send(
        f"organizations/{IN}/transfers-out", {"person": who, "to": OUT, "reason": "change_of_work"}, IN_ADMIN
    )
    await world.carry()
    assert await code(world, on.json()["stream"], "approval", {}, OUT_ADMIN) == ""
    await world.carry()
    assert await listed(world, "moving_on") == []
    left = await card(world, transfer, IN_ADMIN)
    assert (left["arrival"]["settled_on"], left["arrival"]["move_on_by"]) == ("2026-10-31", None)
    assert (left["may"]["settle_work"], left["may"]["receive"]) == (False, False)


@pytest.mark.rule("TRF-21")
async def test_the_new_branch_has_two_duties_until_both_are_done(world: World) -> None:
    who, transfer = await moved(world)
    assert [row["person"] for row in await listed(world, "arrivals")] == [who]
    assert await listed(world, "arrivals", OUT, OUT_ADMIN) == []
    assert await code(world, transfer, "contact", {}, OUT_ADMIN) == "outside_authority"
    assert await code(world, transfer, "contact", {}, IN_ADMIN) == ""
    assert [row["person"] for row in await listed(world, "arrivals")] == [who]
    later = {"checked_in_on": (world.clock.now() + timedelta(days=2)).date().isoformat()}
    assert await code(world, transfer, "check-in", later, IN_ADMIN) == "check_in_in_the_future"
    assert await code(world, transfer, "check-in", {"checked_in_on": "2026-11-21"}, IN_ADMIN) == ""
    assert await listed(world, "arrivals") == []
    arrival = (await card(world, transfer, IN_ADMIN))["arrival"]
    assert (arrival["contacted_by"], arrival["checked_in_on"]) == (IN_ADMIN, "2026-11-21")
    assert await code(world, transfer, "check-in", {"checked_in_on": "2026-11-21"}, IN_ADMIN) == ""


@pytest.mark.rule("TRF-21", "TRF-20")
async def test_who_has_moved_on_makes_no_page_short_or_empty(world: World) -> None:
    came = [(await moved(world))[0] for _ in range(5)]
    gone = came[1:4]
    for who in gone:
        on = {"person": who, "to": OUT, "reason": "change_of_work"}
        back = (await world.send(f"organizations/{IN}/transfers-out", on, IN_ADMIN)).json()["stream"]
        await world.carry()
        assert await code(world, back, "approval", {}, OUT_ADMIN) == ""
        await world.carry()
    pages, cursor = [], ""
    while cursor is not None:
        path = f"organizations/{IN}/transfers?which=arrivals&limit=1" + (f"&cursor={cursor}" if cursor else "")
        page = (await world.get(path, IN_ADMIN)).json()
        pages.append([row["person"] for row in page["items"]])
        cursor = page["next"]
    assert sorted(pages) == sorted([[came[0]], [came[4]]])


@pytest.mark.rule("TRF-21")
async def test_nobody_arrives_by_a_transfer_that_is_not_completed(world: World) -> None:
    transfer = await world.opened(await world.enter())
    assert await code(world, transfer, "contact", {}, IN_ADMIN) == "not_arrived"
    assert await listed(world, "arrivals") == []
