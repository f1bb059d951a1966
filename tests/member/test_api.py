"""member through its routes: who may, what is refused, what lists and records show."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.servers import Addresses
from services.member.app import Parts, compose
from services.member.settings import MemberSettings
from shared.authority.projection import AuthorityGrants, AuthorityScopes
from shared.eventstore.driver import Driver
from shared.http.routes import assert_all_routes_declare_access
from shared.kernel.clock import ManualClock
from shared.runtime.service import Service
from shared.runtime.settings import Environment
from shared.testing.authority import Rights
from shared.testing.feed import Feed
from shared.testing.tokens import Issuer
from tests.member.conftest import workbook
from tests.member.people import card, member_row


def organization(number: int) -> str:
    return f"organization-00000000-0000-4000-8000-{number:012d}"


def person(number: int) -> str:
    return f"person-00000000-0000-4000-8000-{number:012d}"


ROOT, PROVINCE, COUNTY, BRANCH, OTHER, FAR = (organization(i) for i in range(1, 7))
ADMIN, SUPERIOR, STRANGER, CADRE = (person(i) for i in range(1, 5))
LEADING = {ROOT: None, PROVINCE: ROOT, COUNTY: PROVINCE, FAR: PROVINCE}


@dataclass
class World:
    service: Service
    parts: Parts
    feed: Feed
    client: httpx.AsyncClient
    issuer: Issuer
    rights: Rights
    keys: Any = field(default_factory=lambda: count(1))

    async def send(self, method: str, path: str, body: Any = None, *, by: str = ADMIN, **more: Any) -> httpx.Response:
        headers = self.issuer.headers(by, key=f"key-{next(self.keys):08d}")
        answer = await self.client.request(method, path, json=body, headers=headers, **more)
        await self.feed.catch_up()
        return answer

    async def get(self, path: str, by: str = ADMIN) -> httpx.Response:
        return await self.client.get(path, headers=self.issuer.headers(by))

    async def enter(self, by: str = ADMIN, **changes: Any) -> str:
        answer = await self.send("POST", f"/v1/organizations/{BRANCH}/members", row(**changes), by=by)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["stream"])


def row(**changes: Any) -> Mapping[str, Any]:
    return member_row(branch="") | changes


@asynccontextmanager
async def standing(servers: Addresses, namespace: str, secrets_dir: Path) -> AsyncIterator[World]:
    """The service with nothing in it: no tree, no rights."""
    settings = MemberSettings(
        environment=Environment.TEST,
        mongo_url=servers.mongo_url,
        kafka=servers.kafka,
        namespace=namespace,
        secrets_dir=secrets_dir,
    )
    driver, clock = Driver(settings.mongo_url), ManualClock(datetime(2026, 11, 22, 4, 0, tzinfo=UTC))
    parts = Parts(settings, driver, clock)
    await parts.prepare()
    rights, issuer = Rights(parts.store.database, settings), Issuer(clock)
    copies = (AuthorityScopes(parts.store.database), AuthorityGrants(parts.store.database))
    for copy in copies:
        await copy.prepare()
    service = compose(parts, rights.authority, issuer.verifier())
    feed = Feed(driver, parts.store, (*parts.projections, *copies))
    transport = httpx.ASGITransport(service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://member") as client:
        yield World(service, parts, feed, client, issuer, rights)
    await driver.close()


@asynccontextmanager
async def a_county(servers: Addresses, namespace: str, secrets_dir: Path) -> AsyncIterator[World]:
    """With a branch, and another one elsewhere."""
    async with standing(servers, namespace, secrets_dir) as world:
        await world.rights.tree(LEADING, "leading_body")
        await world.rights.tree({BRANCH: COUNTY, OTHER: FAR})
        await world.rights.administers(ADMIN, BRANCH)
        await world.rights.administers(SUPERIOR, COUNTY)
        await world.rights.administers(STRANGER, OTHER)
        await world.rights.holds(CADRE, BRANCH)
        yield world


@pytest.fixture
async def world(servers: Addresses, swept_namespace: str, secrets_dir: Path) -> AsyncIterator[World]:
    async with a_county(servers, swept_namespace, secrets_dir) as world:
        yield world


@pytest.mark.rule("P12")
async def test_every_route_says_who_may_and_none_is_open(world: World) -> None:
    assert_all_routes_declare_access(world.service.app)


@pytest.mark.rule("MEM-03")
@pytest.mark.rule("ADM-08")
async def test_the_branch_and_its_superior_enter_members_and_nobody_else_does(world: World) -> None:
    await world.enter()
    await world.enter(by=SUPERIOR, number=card(sequence="301"), development_number="202233000301")
    for by in (STRANGER, CADRE):
        answer = await world.send("POST", f"/v1/organizations/{BRANCH}/members", row(), by=by)
        assert (answer.status_code, answer.json()["code"]) == (403, "outside_authority")


@pytest.mark.rule("X11")
async def test_a_field_nobody_knows_is_refused_and_nothing_is_entered(world: World) -> None:
    answer = await world.send("POST", f"/v1/organizations/{BRANCH}/members", {**row(), "is_admin": "是"})
    assert answer.status_code == 400
    assert (await world.get(f"/v1/organizations/{BRANCH}/members")).json()["items"] == []


@pytest.mark.rule("X14")
async def test_somebody_out_of_reach_and_nobody_at_all_answer_alike(world: World) -> None:
    there = await world.enter()
    nobody = person(99)
    for path in ("", "/history"):
        answers = [await world.get(f"/v1/people/{p}{path}", STRANGER) for p in (there, nobody)]
        bodies = [a.json() | {"correlation": ""} for a in answers]
        assert bodies[0] == bodies[1]
        assert answers[0].status_code == 404


@pytest.mark.rule("IDN-08")
async def test_a_cadre_reads_and_decides_nothing_and_a_member_reads_only_themselves(world: World) -> None:
    one = await world.enter()
    read = await world.get(f"/v1/people/{one}", CADRE)
    assert (read.status_code, read.json()["may"]["edit"]) == (200, False)
    fill = await world.send("PUT", f"/v1/people/{one}/missing-fields", {"mobile": "13800001234"}, by=CADRE)
    assert fill.status_code == 403
    assert (await world.get(f"/v1/people/{one}", one)).status_code == 200
    assert (await world.get(f"/v1/organizations/{BRANCH}/members", one)).status_code == 403


@pytest.mark.rule("OPS-01")
async def test_a_masked_value_is_revealed_with_a_reason_and_only_if_there_is_one(world: World) -> None:
    one = await world.enter(mobile="")
    path = f"/v1/people/{one}/reveal"
    answer = await world.send("POST", path, {"field": "number", "reason": "核对入团志愿书"})
    assert answer.json() == {"value": card()}
    nothing = await world.send("POST", path, {"field": "mobile", "reason": "核对入团志愿书"})
    assert (nothing.status_code, nothing.json()["code"]) == (404, "nothing_to_reveal")
    for body in ({"field": "number", "reason": ""}, {"field": "name", "reason": "好奇"}):
        assert (await world.send("POST", path, body)).status_code == 400


@pytest.mark.rule("MEM-09")
async def test_an_upload_for_an_organization_out_of_reach_is_refused_before_it_is_read(world: World) -> None:
    files = {"file": ("名单.xlsx", workbook([row()]))}
    data = {"organization": BRANCH, "template": "members"}
    answer = await world.send("POST", "/v1/imports", by=STRANGER, files=files, data=data)
    assert (answer.status_code, answer.json()["code"]) == (403, "outside_authority")


@pytest.mark.rule("MEM-09")
async def test_an_upload_is_taken_in_listed_and_hidden_from_strangers(world: World) -> None:
    files = {"file": ("名单.xlsx", workbook([row()]))}
    data = {"organization": BRANCH, "template": "members"}
    answer = await world.send("POST", "/v1/imports", files=files, data=data)
    assert (answer.status_code, answer.json()["joined"]) == (202, False)
    import_id = answer.json()["stream"]
    listed = (await world.get(f"/v1/imports?organization={BRANCH}")).json()["items"]
    assert [(i["id"], i["file_name"], i["state"]) for i in listed] == [(import_id, "名单.xlsx", "received")]
    stranger = await world.get(f"/v1/imports/{import_id}", STRANGER)
    nothing = await world.get("/v1/imports/import-00000000-0000-4000-8000-000000000009", STRANGER)
    assert stranger.json() | {"correlation": ""} == nothing.json() | {"correlation": ""}
    early = await world.send("POST", f"/v1/imports/{import_id}/withdrawal", {})
    assert early.json()["code"] == "withdrawal_not_possible"


@pytest.mark.rule("MEM-09")
async def test_a_hostile_or_hurried_upload_is_told_in_one_sentence_what_to_do(world: World) -> None:
    data = {"organization": BRANCH, "template": "members"}
    for name, content, code in (
        ("名单.csv", "姓名,证件号码\n张三,1".encode(), "workbook_is_csv"),
        ("名单.xlsx", b"", "workbook_empty"),
        ("大.xlsx", b"PK" + b"0" * (5 * 1024 * 1024 + 10), "workbook_too_large"),
    ):
        answer = await world.send("POST", "/v1/imports", files={"file": (name, content)}, data=data)
        assert answer.json()["code"] == code
        assert answer.json()["title"].endswith("。")


async def test_an_organization_that_is_not_there_has_no_members(world: World) -> None:
    answer = await world.send("POST", f"/v1/organizations/{organization(77)}/members", row(), by=SUPERIOR)
    assert answer.status_code == 403


async def test_the_lists_of_a_form_are_those_that_judging_accepts(world: World) -> None:
    lists = (await world.get("/v1/reference/lists")).json()
    await world.enter(education=lists["educations"][-1], ethnicity=lists["ethnicities"][0])
    assert "书记" in str(lists)
    assert (await world.client.get("/v1/reference/lists")).status_code == 401
