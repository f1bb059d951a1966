"""Register branches: made once, when a transfer needs one, and nobody's choice (TRF-16)."""

import asyncio
from datetime import UTC, datetime

import pytest

from services.org.domain.registers import REGISTER_NAMES
from services.org.reactions import HearsOfTransfers
from services.org.use_cases.registers import RegisterBranches
from shared.contracts import org as public
from shared.contracts.org import Register, register_branch, register_branches
from shared.contracts.transfer import RegisterBranchNeeded
from shared.kernel.envelope import Actor, Recorded
from tests.org.conftest import OPERATOR, World, person
from tests.org.test_api import SCHOOL
from tests.org.test_dissolving import asked, names_below, told

ADMIN = person(81)
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def needed(body: str, which: Register, number: int) -> Recorded:
    fact = RegisterBranchNeeded(body=body, which=which)
    stream = f"transfer-{number}"
    data = fact.model_dump(mode="json")
    return Recorded(f"fact-{number}", fact.type_name(), stream, 1, 0, NOW, Actor("service:transfer"), "", "", data)


def hears(world: World) -> HearsOfTransfers:
    return HearsOfTransfers(RegisterBranches(world.parts.store, world.parts.rows))


async def province(world: World) -> str:
    body = next(iter(world.tree.bodies.values()))
    await world.admin(ADMIN, body)
    return body


async def register(world: World, body: str, which: Register = Register.SPECIAL_UNITS) -> str:
    await hears(world).register_branch_needed([needed(body, which, 1)])
    await world.feed.catch_up()
    return register_branch(body, which)


@pytest.mark.rule("TRF-16", "TRF-17")
async def test_each_provincial_body_gets_one_of_each_whoever_asks_how_often(world: World) -> None:
    body = await province(world)
    facts = [needed(body, which, number) for number, which in enumerate([*Register, *Register])]
    await asyncio.gather(*(hears(world).register_branch_needed([fact]) for fact in facts))
    await world.feed.catch_up()
    assert {register_branch(body, which) for which in Register} == register_branches(body)
    assert sorted(await names_below(world, body, ADMIN)) == sorted(REGISTER_NAMES.values())
    for which in Register:
        (made,) = await told(world, register_branch(body, which), public.OrganizationEstablished)
        assert (made["superior"], made["category"], made["registers"]) == (body, "branch", which)


@pytest.mark.rule("TRF-16")
async def test_only_a_provincial_body_has_one(world: World) -> None:
    body = await province(world)
    school = await world.establish(body, ADMIN, **SCHOOL)
    for organization in (school, world.tree.root, "organization-unknown"):
        await register(world, organization)
        assert (
            await told(world, register_branch(organization, Register.SPECIAL_UNITS), public.OrganizationEstablished)
            == []
        )


@pytest.mark.rule("TRF-16", "ADM-01")
async def test_it_has_no_admins_and_is_neither_changed_nor_dissolved(world: World) -> None:
    body = await province(world)
    branch = await register(world, body)
    await world.cadre(person(82), branch)
    appointed = await world.post(f"/v1/organizations/{branch}/admins", {"person": person(82)}, ADMIN)
    assert (appointed.status_code, appointed.json()["code"]) == (422, "register_branch_has_no_admins")
    code = await world.post(f"/v1/organizations/{branch}/registration-codes", {}, ADMIN)
    assert code.json()["code"] == "register_branch_has_no_admins"
    edit = {"full_name": "别的名称", "short_name": "别的", "edition": 1}
    changed = await world.put(f"/v1/organizations/{branch}/information", edit, ADMIN)
    assert changed.json()["code"] == "register_branch_stays"
    gone = await asked(world, branch, ADMIN)
    assert gone.json()["code"] == "register_branch_stays"


@pytest.mark.rule("TRF-16", "ADM-02")
async def test_codes_for_all_leave_it_out_and_reach_the_others(world: World) -> None:
    body = await province(world)
    branch = await register(world, body)
    school = await world.establish(body, ADMIN, **SCHOOL)
    rows = (await world.post(f"/v1/organizations/{body}/subordinates/registration-codes", {}, ADMIN)).json()["items"]
    refused = {row["organization"]: row["refused"] and row["refused"]["reason"] for row in rows}
    assert refused == {school: None, branch: "register_branch_has_no_admins"}


@pytest.mark.rule("TRF-16", "TRF-18")
async def test_no_picker_and_no_search_offers_it(world: World) -> None:
    body = await province(world)
    await register(world, body)
    tree = (await world.get(f"/v1/organizations/{body}/tree", ADMIN)).json()
    assert [child["short_name"] for child in tree["children"]] == []
    found = (await world.get("/v1/organizations?q=特殊单位", OPERATOR)).json()["items"]
    assert found == []
