"""Dissolving an organization over HTTP and on the real store (ORG-09 to ORG-11, ADM-06)."""

import asyncio
from typing import Any

import pytest

from services.org.domain.dissolving import SettleDissolution
from services.org.use_cases.redeeming import SELF
from shared.contracts import org as public
from shared.kernel.envelope import Request
from tests.org.conftest import OPERATOR, World, person
from tests.org.test_api import CLASS_1, CLASS_2, OTHER, SCHOOL, SCHOOL_ADMIN, TOWN_ADMIN, school_of
from tests.org.test_documents import PDF, upload
from tests.org.test_redeeming import hear, hears, requested
from tests.org.test_registrants import admins, appointed, entered

SECRETARY = person(7)
CLASS_ADMIN = person(8)


async def asked(world: World, organization: str, by: str, **fields: Any) -> Any:
    """The answer to a dissolution, with a document of its own."""
    number = next(world.keys)
    document = (await upload(world, "批复.pdf", PDF, by, f"upload-{number:04d}")).json()["document_id"]
    body = {"decided_on": "2026-11-20", "document": document} | fields
    return await world.post(f"/v1/organizations/{organization}/dissolution", body, by)


async def settled(world: World, branch: str, members: int | None = None, dissolution: str = "") -> None:
    """Member's answer to the last dissolution of a branch."""
    request = await told(world, branch, public.BranchSealRequested)
    command = SettleDissolution(dissolution=dissolution or request[-1]["dissolution"], members=members)
    number = next(world.keys)
    await world.parts.dissolving(world.rights.authority).settle(Request(SELF, f"fact-{number}", ""), branch, command)
    await world.feed.catch_up()


async def told(world: World, stream: str, contract: Any) -> list[dict[str, Any]]:
    """What was published of a stream, of one type."""
    found = []
    async for commit in world.parts.store.commits.find({"stream": stream}).sort("version", 1):
        found += [entry["data"] for entry in commit["public"] if entry["type"] == contract.type_name()]
    return found


async def card(world: World, organization: str, by: str = TOWN_ADMIN) -> dict[str, Any]:
    answer = await world.get(f"/v1/organizations/{organization}", by)
    return dict(answer.json())


async def names_below(world: World, superior: str, by: str) -> list[str]:
    rows = (await world.get(f"/v1/organizations/{superior}/subordinates", by)).json()["items"]
    return [row["short_name"] for row in rows]


@pytest.mark.rule("ORG-09", "ADM-06")
async def test_what_is_dissolved_is_gone_with_its_rights_codes_and_places_and_its_name_is_free(world: World) -> None:
    city, school = await school_of(world)
    assert (await card(world, school))["may"]["dissolve"] is True
    await world.admin(OTHER, school, TOWN_ADMIN)
    code = await world.post(f"/v1/organizations/{school}/registration-codes", {}, TOWN_ADMIN)
    assert code.status_code == 201
    listed = (await world.get(f"/v1/organizations/{school}/dissolution", TOWN_ADMIN)).json()
    assert (listed["subordinates"], sorted(listed["admins"])) == (0, sorted([SCHOOL_ADMIN, OTHER]))
    assert sorted(listed["cadres"]) == sorted([SCHOOL_ADMIN, OTHER])
    answer = await asked(world, school, TOWN_ADMIN, confirmed=listed["admins"])
    assert answer.status_code == 202, answer.text

    gone = await told(world, school, public.OrganizationDissolved)
    assert gone == [{"organization": school, "superior": city, "successor": None, "merged": False}]
    revoked = await told(world, school, public.AdminRevoked)
    assert {(each["person"], each["cause"]) for each in revoked} == {(SCHOOL_ADMIN, "dissolved"), (OTHER, "dissolved")}
    withdrawn = {each["person"] for each in await told(world, school, public.RightWithdrawn)}
    assert withdrawn == {SCHOOL_ADMIN, OTHER}
    assert await names_below(world, city, TOWN_ADMIN) == []
    assert (await world.get(f"/v1/organizations?q={SCHOOL['short_name']}", TOWN_ADMIN)).json()["items"] == []
    shown = await card(world, school)
    assert (shown["dissolution"]["state"], shown["dissolution"]["decided_on"]) == ("dissolved", "2026-11-20")
    assert shown["may"] == dict.fromkeys(
        ("edit", "create_subordinate", "reorder", "appoint", "dissolve", "migrate"), False
    )
    document = f"/v1/approval-documents/{shown['dissolution']['document']}"
    assert (await world.get(document, TOWN_ADMIN)).status_code == 200
    refused = await world.post(f"/v1/organizations/{school}/admins", {"person": OTHER}, TOWN_ADMIN)
    assert refused.json()["code"] in {"organization_gone", "outside_authority"}  # the copy of the tree may be older
    again = await world.establish(city, TOWN_ADMIN, **SCHOOL)
    await world.admin(SCHOOL_ADMIN, again, TOWN_ADMIN)


@pytest.mark.rule("ADM-06", "ADM-03", "ADM-04")
async def test_who_was_an_admin_of_it_becomes_one_elsewhere_by_a_new_code_as_the_same_person(world: World) -> None:
    city, school = await school_of(world)
    assert (await asked(world, school, TOWN_ADMIN, confirmed=[SCHOOL_ADMIN])).status_code == 202
    elsewhere = await world.establish(city, TOWN_ADMIN, **SCHOOL)
    path = f"/v1/organizations/{elsewhere}"
    assert (await world.get(f"{path}/admins", SCHOOL_ADMIN)).status_code == 403
    code = (await world.post(f"{path}/registration-codes", {}, TOWN_ADMIN)).json()["registration_code"]
    await hear(world, await requested(world, code, "registration-1"))
    await hears(world).registrant_admitted(await entered(world, elsewhere, "registration-1", SCHOOL_ADMIN))
    assert await admins(world, elsewhere) == [SCHOOL_ADMIN]
    assert await appointed(world) == [
        {"organization": elsewhere, "person": SCHOOL_ADMIN, "registration": "registration-1"}
    ]


@pytest.mark.rule("ORG-09")
async def test_only_the_direct_superiors_own_admins_dissolve(world: World) -> None:
    _, school = await school_of(world)
    for by, code in (
        (OPERATOR, "superior_dissolves"),
        (SCHOOL_ADMIN, "outside_authority"),
        (OTHER, "outside_authority"),
    ):
        refused = await asked(world, school, by, confirmed=[SCHOOL_ADMIN])
        assert (refused.status_code, refused.json()["code"]) == (403, code)
    assert (await world.get(f"/v1/organizations/{school}/dissolution", OTHER)).status_code == 403


@pytest.mark.rule("ORG-09", "ORG-10")
async def test_what_cannot_be_dissolved_is_told_why_and_nothing_changes(world: World) -> None:
    city, school = await school_of(world)
    await world.establish(school, SCHOOL_ADMIN, **CLASS_1)
    for fields, code in (
        ({"confirmed": []}, "people_to_confirm"),
        ({"decided_on": "2026-11-23"}, "decision_date_impossible"),
        ({"relocate": True}, "branches_only_are_relocated"),
        ({"document": ""}, "invalid_field"),
        ({"document": "00000000-0000-4000-8000-000000000009"}, "approval_document_unknown"),
        ({}, "still_has_subordinates"),
    ):
        refused = await asked(world, school, TOWN_ADMIN, **{"confirmed": [SCHOOL_ADMIN]} | fields)
        assert (refused.json()["code"], refused.status_code // 100) == (code, 4), fields
    assert refused.json()["params"]["count"] == 1
    assert await told(world, school, public.AdminRevoked) == []
    assert await names_below(world, city, TOWN_ADMIN) == [SCHOOL["short_name"]]
    listed = await asked(world, city, OPERATOR)
    assert (listed.status_code, listed.json()["code"]) == (422, "listed_body_stays")


@pytest.mark.rule("ORG-09")
async def test_a_branch_waits_for_members_word_and_goes_on_if_there_are_members(world: World) -> None:
    _, school = await school_of(world)
    branch = await world.establish(school, SCHOOL_ADMIN, **CLASS_1)
    assert (await asked(world, branch, SCHOOL_ADMIN)).status_code == 202
    assert (await card(world, branch, SCHOOL_ADMIN))["dissolution"]["state"] == "closing"
    second = await asked(world, branch, SCHOOL_ADMIN)
    assert (second.status_code, second.json()["code"]) == (409, "dissolution_under_way")
    await settled(world, branch, members=3, dissolution="another one's")
    assert (await card(world, branch, SCHOOL_ADMIN))["dissolution"]["state"] == "closing"
    await settled(world, branch, members=3)
    shown = (await card(world, branch, SCHOOL_ADMIN))["dissolution"]
    assert (shown["state"], shown["members"]) == ("refused", 3)
    await settled(world, branch)  # an answer that comes after the end of what it answers
    assert await told(world, branch, public.OrganizationDissolved) == []

    assert (await asked(world, branch, SCHOOL_ADMIN)).status_code == 202
    await settled(world, branch)
    await settled(world, branch)
    assert len(await told(world, branch, public.OrganizationDissolved)) == 1
    assert await names_below(world, school, SCHOOL_ADMIN) == []
    third = await asked(world, branch, SCHOOL_ADMIN)
    assert (third.status_code, third.json()["code"]) == (404, "organization_gone")


@pytest.mark.rule("ORG-10")
async def test_one_pending_branch_a_superior_takes_the_people_of_all_and_ends_when_empty(world: World) -> None:
    _, school = await school_of(world)
    first, second = [await world.establish(school, SCHOOL_ADMIN, **each) for each in (CLASS_1, CLASS_2)]
    answers = await asyncio.gather(*(asked(world, each, SCHOOL_ADMIN, relocate=True) for each in (first, second)))
    late = [each for each in answers if each.status_code != 202]
    assert all(each.json()["code"] == "changed_meanwhile" for each in late)
    if late:
        await asked(world, first if answers[0] in late else second, SCHOOL_ADMIN, relocate=True)
    requested = [(await told(world, each, public.BranchSealRequested))[-1] for each in (first, second)]
    (pending,) = {each["pending"] for each in requested}
    shown = await card(world, pending, SCHOOL_ADMIN)
    assert (shown["branch_kind"], shown["short_name"]) == ("pending", "待接转团支部")
    await settled(world, first)
    assert (await card(world, first, SCHOOL_ADMIN))["dissolution"]["successor"] == pending

    refused = await asked(world, pending, SCHOOL_ADMIN, relocate=True)
    assert (refused.status_code, refused.json()["code"]) == (422, "pending_branch_not_emptied")
    assert refused.json()["rule"] == "ORG-11"
    assert (await asked(world, pending, SCHOOL_ADMIN)).status_code == 202
    await settled(world, pending)
    await settled(world, second)
    third = await world.establish(school, SCHOOL_ADMIN, **CLASS_1)
    assert (await asked(world, third, SCHOOL_ADMIN, relocate=True)).status_code == 202
    assert (await told(world, third, public.BranchSealRequested))[0]["pending"] not in (None, pending)


@pytest.mark.rule("ORG-09", "P1")
async def test_of_a_dissolution_and_a_new_subordinate_at_once_one_goes_in(world: World) -> None:
    city, _ = await school_of(world)
    outcomes = set()
    for number in range(6):
        name = {"full_name": f"共青团北京市第{number}试验中学委员会", "short_name": f"第{number}试验中学团委"}
        school = await world.establish(city, TOWN_ADMIN, **SCHOOL | name)
        admin = person(100 + number)
        await world.admin(admin, school, TOWN_ADMIN)
        body = CLASS_1 | {"superior": school, "full_name": f"第{number}试验中学高一（1）班团支部"}
        gone, made = await asyncio.gather(
            asked(world, school, TOWN_ADMIN, confirmed=[admin]), world.post("/v1/organizations", body, admin)
        )
        assert (gone.status_code == 202) != (made.status_code == 201), (gone.text, made.text)
        row = await world.parts.database["tree"].find_one({"_id": school})
        assert (row["state"], row["subordinates"]) == (("dissolved", 0) if gone.status_code == 202 else ("open", 1))
        outcomes.add(gone.status_code)
    counted = await world.parts.database["tree"].find_one({"_id": city})
    rows = await world.parts.database["tree"].count_documents({"superior": city, "state": {"$ne": "dissolved"}})
    assert counted["subordinates"] == rows


@pytest.mark.rule("ORG-09", "ADM-03")
async def test_a_code_and_who_redeemed_one_end_with_the_organization(world: World) -> None:
    _, school = await school_of(world)
    branch = await world.establish(school, SCHOOL_ADMIN, **CLASS_1)
    made = await world.post(f"/v1/organizations/{branch}/registration-codes", {}, SCHOOL_ADMIN)
    assert made.status_code == 201
    assert (await asked(world, branch, SCHOOL_ADMIN)).status_code == 202
    await settled(world, branch)
    stored = [e["type"] async for c in world.parts.store.commits.find({"stream": branch}) for e in c["events"]]
    assert "org.RegistrationCodeRevoked.v1" in stored
    listed = (await world.get(f"/v1/organizations/{school}/subordinates/registration-codes", SCHOOL_ADMIN)).json()
    assert listed["items"] == []
