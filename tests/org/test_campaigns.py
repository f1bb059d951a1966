"""Campaigns over HTTP: what applies where, who sets it, and who is late (GRD-09)."""

import pytest

from tests.org.conftest import OPERATOR, World
from tests.org.test_api import OTHER, SCHOOL_ADMIN, TOWN_ADMIN, school_of
from tests.org.test_graduation import at, classes_of, read


@pytest.mark.rule("GRD-09")
async def test_a_campaign_counts_down_and_names_who_is_late(world: World) -> None:
    city, school = await school_of(world)
    await classes_of(world, school)
    at(world, 2027, 5, 20)
    path = f"/v1/organizations/{city}/campaigns/2027"
    assert (await world.put(path, {"days": {"mark": "2027-05-25"}}, TOWN_ADMIN)).status_code == 200
    shown = await read(world, f"{school}/campaigns/2027")
    assert shown["steps"][0] == {"step": "mark", "day": "2027-05-25", "set_by": city, "days_left": 5}
    assert (shown["may_set"], shown["today"]) == ([], "2027-05-20")
    assert (await read(world, f"{city}/campaigns/2027", TOWN_ADMIN))["may_set"] == [
        "mark",
        "start",
        "settle",
        "freshmen",
    ]
    assert await read(world, f"{city}/graduation/late", TOWN_ADMIN) | {"as_of": ""} == {
        "day": "2027-05-25",
        "over": False,
        "items": [],
        "fresh": True,
        "as_of": "",
    }
    at(world, 2027, 5, 26)
    late = await read(world, f"{city}/graduation/late", TOWN_ADMIN)
    assert [(each["id"], each["branches"]) for each in late["items"]] == [(school, 2)]
    refused = await world.put(f"/v1/organizations/{school}/campaigns/2027", {"days": {}}, SCHOOL_ADMIN)
    assert refused.json()["code"] == "campaigns_from_centre_and_provinces"


@pytest.mark.rule("GRD-09")
async def test_a_province_sets_its_days_among_those_that_the_centre_set(world: World) -> None:
    city, _ = await school_of(world)
    later, start = {"days": {"settle": "2027-10-31"}}, {"days": {"start": "2027-10-15"}}
    path = f"/v1/organizations/{city}/campaigns/2027"
    refused = await world.put(path, start, TOWN_ADMIN)
    assert (refused.status_code, refused.json()["code"]) == (422, "steps_out_of_order")
    assert (await world.put(f"/v1/organizations/{world.tree.root}/campaigns/2027", later, OPERATOR)).status_code == 200
    assert (await world.put(path, start, OTHER)).status_code == 403
    assert (await world.put(path, start, TOWN_ADMIN)).status_code == 200
