"""Why a leaver goes where they go, and who is to move on and is on the way already (TRF-15, TRF-19, TRF-20)."""

from datetime import timedelta
from typing import Any

import pytest

from services.transfer.reference import codes, reasons_on
from services.transfer.reference.leavers import PLACES, REASONS_OF, SAYS_WHERE, SITUATIONS, situations
from services.transfer.use_cases.leaving import check_place
from shared.kernel.clock import local_date
from tests.transfer.conftest import IN, IN_ADMIN, OUT, OUT_ADMIN, SCHOOL, SCHOOL_ADMIN, World
from tests.transfer.test_arrivals import floats, listed, moved
from tests.transfer.test_special_units import code


async def refusal(world: World, who: str, **said: str) -> dict[str, Any]:
    """What stands against a start for which that was said; nothing where it would begin."""
    answer = await world.send(f"organizations/{OUT}/transfers-out", {"person": who, "to": IN} | said, OUT_ADMIN)
    return dict(answer.json()) if answer.status_code != 201 else {}


@pytest.mark.rule("TRF-15", "TRF-19")
async def test_each_place_names_the_reasons_that_lead_there_and_all_of_them_are_of_the_list(world: World) -> None:
    lists = (await world.get("reference/transfers", OUT_ADMIN)).json()
    reasons = {each["code"]: each["reasons"] for each in lists["places"]}
    assert reasons == {place: list(those) for place, those in REASONS_OF.items()}
    assert reasons.keys() == codes(PLACES) >= {place for each in SITUATIONS for place in each.places}
    assert {code for those in reasons.values() for code in those} <= codes(reasons_on(local_date(world.clock.now())))
    assert {place: reasons[place][0] for place in ("employer", "floating_of_work", "school", "floating_of_home")} == {
        "employer": "work_with_organization",
        "floating_of_work": "work_without_organization",
        "school": "further_study",
        "floating_of_home": "undecided",
    }
    assert all(SAYS_WHERE & set(those) for those in reasons.values())


@pytest.mark.rule("TRF-19", "GRD-08")
@pytest.mark.parametrize(
    ("situation", "place", "reason"),
    [
        ("accepted_by_school", "school", "work_with_organization"),
        ("accepted_by_school", "school", "undecided"),
        ("has_work", "employer", "further_study"),
        ("has_work", "employer", "work_without_organization"),
        ("has_work", "bridging_of_park", "work_with_organization"),
        ("agency_worker", "floating_of_using_unit", "work_with_organization"),
        ("no_work_yet", "floating_of_home", "change_of_school"),
        ("left_a_job", "employer", "undecided"),
        ("", "school", "change_of_work"),
    ],
)
async def test_a_reason_that_leads_elsewhere_is_refused_with_those_that_fit(
    world: World, situation: str, place: str, reason: str
) -> None:
    no = await refusal(world, await world.enter(), situation=situation, place=place, reason=reason)
    assert (no["code"], no["field"], no["rule"]) == ("reason_leads_elsewhere", "reason", "TRF-19")
    lists = (await world.get("reference/transfers", OUT_ADMIN)).json()
    names = {each["code"]: each["zh"] for each in (*lists["places"], *lists["reasons"])}
    assert names[place] in no["title"]
    assert all(names[each] in no["way_out"] for each in REASONS_OF[place])


@pytest.mark.rule("TRF-15", "TRF-19")
def test_a_reason_that_does_not_say_where_goes_with_every_place() -> None:
    for situation in situations(talent_centre=True):
        for place in situation.places:
            for reason in ("leaving_after_graduation", "other", *REASONS_OF[place]):
                check_place(situation.code, place, reason, "", talent_centre=True)


async def settled(world: World) -> tuple[str, str]:
    """Two in a floating branch with work, which is settled."""
    came = [await moved(world) for _ in range(2)]
    await floats(world)
    for _, transfer in came:
        assert await code(world, transfer, "settled-work", {"settled_on": "2026-10-31"}, IN_ADMIN) == ""
    return came[0][0], came[1][0]


async def onward(world: World, who: str) -> str:
    body = {"person": who, "to": OUT, "reason": "change_of_work"}
    answer = await world.send(f"organizations/{IN}/transfers-out", body, IN_ADMIN)
    await world.carry()
    return str(answer.json()["stream"])


@pytest.mark.rule("TRF-20", "TRF-02")
async def test_who_is_to_move_on_and_is_on_the_way_already_is_listed_with_that_transfer(world: World) -> None:
    who, still = await settled(world)
    transfer = await onward(world, who)
    for organization, by in ((IN, IN_ADMIN), (SCHOOL, SCHOOL_ADMIN)):
        rows = {row["person"]: row["onward"] for row in await listed(world, "moving_on", organization, by)}
        assert rows.keys() == {who, still}
        assert rows[still] is None
        assert (rows[who]["transfer"], rows[who]["state"], rows[who]["to"]) == (transfer, "pending", OUT)
        assert rows[who]["to_name"] == (await world.get(f"transfers/{transfer}", by)).json()["to_name"]
    assert all(row["onward"] is None for row in await listed(world, "arrivals"))


@pytest.mark.rule("TRF-20", "TRF-09", "TRF-12")
async def test_what_was_refused_or_is_over_by_its_time_is_no_way_on(world: World) -> None:
    who, late = await settled(world)
    assert await code(world, await onward(world, who), "refusal", {"ground": "wrong_person"}, OUT_ADMIN) == ""
    await world.carry()
    await onward(world, late)
    world.clock.move(timedelta(days=10, seconds=1))
    assert {row["person"]: row["onward"] for row in await listed(world, "moving_on")} == {who: None, late: None}
