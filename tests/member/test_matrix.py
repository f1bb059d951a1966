"""member: every route x role x relation, beside the oracle (X10), and what no table says: ids of others, time (X14)."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from deploy.local.servers import Addresses
from services.member.domain.fields import Template
from services.member.domain.transfers import PlaceHold
from services.member.use_cases.imports import Import
from services.member.use_cases.transfers import TransferredPeople
from services.member.worker import ImportWorker
from shared.contracts.org import BecameGraduateBranch, RegistrationCodeRedeemed
from shared.kernel.envelope import Actor, Request
from tests.matrix import NOWHERE, Matrix, Role, Row, Rule, facts, name_of, organization, person
from tests.member.conftest import workbook
from tests.member.people import cadre_row, card, member_row
from tests.member.test_api import World, standing
from tests.parked_rows import parked_rows

_NUMBER = count(1)
TARGET, BELOW, BESIDE = (organization(place) for place in ("target", "below", "beside"))
UPLOADER = person("uploader of target")
NAME, MOBILE, NOBODY = "欧阳不露", "13900990099", person("who is not there")
REDEEMED = RegistrationCodeRedeemed(organization=TARGET, registration="registration-1")
NO_IMPORT = "import-00000000-0000-4000-8000-000000000009"


@pytest.fixture(scope="module")
async def world(servers: Addresses, module_namespace: str, secrets_dir: Path) -> AsyncIterator[World]:
    async with standing(servers, module_namespace, secrets_dir) as world:
        for stream, event in facts():
            await world.feed.hear(event, stream=stream)
        await world.rights.administers(UPLOADER, TARGET)
        await world.feed.hear(BecameGraduateBranch(branch=BELOW, year=2026, month=6), stream=BELOW)
        yield world


def a_member(**more: Any) -> Mapping[str, Any]:
    number = next(_NUMBER)
    own = {"number": card(sequence=f"{number:03d}"), "development_number": f"202233{number:06d}"}
    return member_row(name=NAME, mobile=MOBILE, branch="", **own) | more


def a_cadre(**more: Any) -> Mapping[str, Any]:
    return cadre_row(name=NAME, mobile=MOBILE, number=card("19900101", f"{next(_NUMBER):03d}"), **more)


async def upload(world: World, rows: list[Mapping[str, Any]], by: str = UPLOADER) -> str:
    data, files = {"organization": TARGET, "template": "members"}, {"file": ("名单.xlsx", workbook(rows))}
    answer = await world.send("POST", "/v1/imports", by=by, data=data, files=files)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["stream"])


async def settled(world: World, import_id: str) -> Import:
    """The import after its worker has done all there is to do."""
    [worker] = [loop for loop in world.service.loops if isinstance(loop, ImportWorker)]
    await worker._work(import_id, asyncio.Event())
    await world.feed.catch_up()
    return await worker._imports.load(import_id)


def asks(path: str, **more: Callable[[], Any]) -> Callable[[], Mapping[str, Any]]:
    return lambda: {"url": f"/v1/{path}"} | {name: made() for name, made in more.items()}


def uploads(place: str, template: Template, content: bytes) -> Callable[[], Mapping[str, Any]]:
    data = {"organization": place, "template": template.value}
    return asks("imports", data=lambda: data, files=lambda: {"file": ("名单.xlsx", content)})


def rows_of_imports(done: str, running: str) -> list[Row]:
    """`done` is settled, with a row that failed; `running` waits for its worker."""
    post, one, gone = "POST /v1/imports", "GET /v1/imports/{import_id}", {"hides": "import_not_found"}
    act = post + "/{import_id}"
    nowhere: dict[str, Any] = {"target": "nowhere", "about": "that is not there"}
    members = workbook([a_member(branch=name_of("below"))])
    cadres = workbook([a_cadre()], Template.CADRES)
    found = [
        Row(post, Rule.OWN, uploads(TARGET, Template.MEMBERS, members)),
        Row(post, Rule.OWN, uploads(TARGET, Template.CADRES, cadres)),
        Row(post, Rule.WRITE, uploads(BELOW, Template.MEMBERS, members), target="below"),
        Row(post, Rule.WRITE, uploads(NOWHERE, Template.MEMBERS, members), **nowhere),
        Row("GET /v1/imports", Rule.READ, asks(f"imports?organization={TARGET}")),
        Row("GET /v1/imports", Rule.READ, asks(f"imports?organization={NOWHERE}"), **nowhere),
        Row("GET /v1/templates/{template}.xlsx", Rule.SIGNED_IN, asks("templates/members.xlsx")),
    ]
    for import_id, target in ((done, "target"), (NO_IMPORT, "nowhere")):
        for_ = {"target": target, **gone}
        withdrawal = f"imports/{import_id}/withdrawal"
        found += [
            Row(one, Rule.READ, asks(f"imports/{import_id}"), **for_),
            Row(f"{one}/rows", Rule.READ, asks(f"imports/{import_id}/rows"), **for_),
            Row(f"{one}/reasons", Rule.READ, asks(f"imports/{import_id}/reasons"), **for_),
            Row(f"{one}/failed-rows.xlsx", Rule.WRITE, asks(f"imports/{import_id}/failed-rows.xlsx"), **for_),
            Row(f"{act}/withdrawal/cancel", Rule.SUPERIOR, asks(f"{withdrawal}/cancel"), **for_),
            Row(f"{act}/withdrawal", Rule.SUPERIOR, asks(withdrawal), **for_),
            Row(f"{act}/withdrawal/confirm", Rule.WRITE, asks(f"{withdrawal}/confirm"), **for_),
        ]
    for import_id, target in ((running, "target"), (NO_IMPORT, "nowhere")):
        found.append(Row(f"{act}/cancel", Rule.WRITE, asks(f"imports/{import_id}/cancel"), target=target, **gone))
    return found


def rows_of_people(someone: str, development_number: str, card_number: str, staying: str) -> list[Row]:
    """`someone` is a member of `below` held for a transfer, `staying` one held to stay."""
    pair = {"name": NAME, "number": card_number}
    lists, one, by_number = "GET /v1/organizations/{organization}", "GET /v1/people/{person}", "GET /v1/people"
    enter, gone = "POST /v1/organizations/{organization}", {"hides": "person_not_found"}
    ticket = f"{enter}/transfer-tickets"
    found = [
        Row(f"{enter}/members", Rule.WRITE, asks(f"organizations/{BELOW}/members", json=a_member), target="below"),
        Row(f"{enter}/members", Rule.WRITE, asks(f"organizations/{NOWHERE}/members", json=a_member), target="nowhere"),
        Row(f"{enter}/cadres", Rule.WRITE, asks(f"organizations/{TARGET}/cadres", json=a_cadre)),
        Row(f"{enter}/cadres", Rule.WRITE, asks(f"organizations/{NOWHERE}/cadres", json=a_cadre), target="nowhere"),
        Row(ticket, Rule.WRITE, asks(f"organizations/{TARGET}/transfer-tickets", json=lambda: pair)),
        Row(ticket, Rule.WRITE, asks(f"organizations/{NOWHERE}/transfer-tickets", json=lambda: pair), target="nowhere"),
        Row("GET /v1/reference/lists", Rule.SIGNED_IN, asks("reference/lists")),
    ]
    for place, target in ((TARGET, "target"), (NOWHERE, "nowhere")):
        found += [
            Row(f"{lists}/members", Rule.READ, asks(f"organizations/{place}/members"), target=target),
            Row(f"{lists}/cadres", Rule.READ, asks(f"organizations/{place}/cadres"), target=target),
            Row(f"{lists}/people", Rule.READ, asks(f"organizations/{place}/people?q={NAME}"), target=target),
        ]
    exclude = f"{enter}/graduation-exclusions"
    for place, target in ((BELOW, "below"), (NOWHERE, "nowhere")):
        marks = asks(f"organizations/{place}/graduation-exclusions", json=lambda: {"people": [someone]})
        found.append(Row(exclude, Rule.WRITE, marks, target=target))
    found.append(Row(f"{by_number}/names", Rule.SIGNED_IN, asks(f"people/names?person={someone}&person={NOBODY}")))
    for number, target in ((development_number, "below"), ("202233999999", "nowhere")):
        asked = asks(f"people?development_number={number}")
        found.append(Row(by_number, Rule.READ, asked, target=target, **gone))
    for id_, target in ((someone, "below"), (NOBODY, "nowhere"), (organization("target"), "nowhere")):
        for_ = {"target": target, **gone}
        shown = asks(f"people/{id_}/reveal", json=lambda: {"field": "number", "reason": "核对入团志愿书"})
        found += [
            Row(one, Rule.READ, asks(f"people/{id_}"), **for_),
            Row(f"{one}/history", Rule.READ, asks(f"people/{id_}/history"), **for_),
            Row("POST /v1/people/{person}/reveal", Rule.WRITE, shown, **for_),
            Row(
                "POST /v1/people/{person}/transfer-papers",
                Rule.WRITE,
                asks(f"people/{id_}/transfer-papers", json=dict),
                **for_,
            ),
            Row(
                "PUT /v1/people/{person}/missing-fields",
                Rule.WRITE,
                asks(f"people/{id_}/missing-fields", json=dict),
                **for_,
            ),
        ]
    body = {"side": BELOW, "organization": BELOW, "admins": []}
    for id_, target in ((staying, "below"), (NOBODY, "nowhere")):
        contacts = asks(f"people/{id_}/transfer-contacts", json=lambda: body)
        found.append(Row("POST /v1/people/{person}/transfer-contacts", Rule.WRITE, contacts, target=target, **gone))
    return found


async def someone_below(world: World) -> tuple[str, str, str]:
    """(person, development number, identity number) of a member of `below`."""
    row = a_member()
    answer = await world.send("POST", f"/v1/organizations/{BELOW}/members", row, by=UPLOADER)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["stream"]), str(row["development_number"]), str(row["number"])


@pytest.mark.rule("X10", "P12", "ADM-08", "MEM-03", "MEM-24", "MEM-27", "IDN-08", "ORG-22", "GRD-04")
async def test_every_route_answers_everybody_as_the_rules_say(world: World) -> None:
    async def commits() -> int:
        return int(await world.parts.store.commits.count_documents({}))

    broken = a_member(branch=name_of("below"), number="12345")
    done = (await settled(world, await upload(world, [a_member(branch=name_of("below")), broken]))).id
    running = await upload(world, [a_member(branch=name_of("beside"))])
    someone, development_number, number = await someone_below(world)
    staying, _, _ = await someone_below(world)
    for held, to in ((someone, BESIDE), (staying, BELOW)):
        await TransferredPeople(world.parts.store).hold(
            Request(Actor("service:member"), f"hold-{to}", ""),
            held,
            PlaceHold(transfer=f"transfer-{to}", from_branch=BELOW, to=to),
        )
    matrix = Matrix(
        world.service.app,
        world.issuer,
        commits,
        (NAME, MOBILE, "19900101", "20080307", development_number),
        [
            *rows_of_imports(done, running),
            *rows_of_people(someone, development_number, number, staying),
            *parked_rows(world.parts.parking, REDEEMED),
        ],
    )
    matrix.assert_complete()
    await matrix.check()
    assert matrix.asked > 1_000


@pytest.mark.rule("MEM-03", "ADM-08")
async def test_nobody_enters_a_member_two_levels_down_by_way_of_the_organization_between(world: World) -> None:
    """`county` writes to `target`, and `target` to its branch: together that would be a level too many."""
    county, own = person(f"{Role.ADMIN} of county"), person(f"{Role.ADMIN} of target")
    for kind, row in (
        ("members", a_member(branch=name_of("beside"))),
        ("cadres", a_cadre(political_status="共青团员", is_member="是", branch=name_of("beside"), join_date="2005-05")),
    ):
        path = f"/v1/organizations/{TARGET}/{kind}"
        refused = await world.send("POST", path, row, by=county)
        assert (refused.status_code, refused.json()["code"]) == (403, "outside_authority"), refused.text
        assert refused.json()["params"]["organizations"] == [BESIDE, TARGET]
        assert (await world.send("POST", path, row, by=own)).status_code == 201


@pytest.mark.rule("MEM-27")
async def test_the_uploader_withdraws_while_the_right_lasts_and_a_colleague_does_not(world: World) -> None:
    done = (await settled(world, await upload(world, [a_member(branch=name_of("below"))]))).id
    path = f"/v1/imports/{done}/withdrawal"
    colleague = await world.send("POST", path, by=person(f"{Role.ADMIN} of target"))
    assert (colleague.status_code, colleague.json()["params"]["organizations"]) == (403, [organization("county")])
    assert (await world.send("POST", path, by=UPLOADER)).status_code == 200


@pytest.mark.rule("X13")
async def test_ids_of_others_in_an_address_of_one_s_own_show_nothing(world: World) -> None:
    inside = await world.send("POST", f"/v1/organizations/{BELOW}/members", a_member(), by=UPLOADER)
    stranger = person(f"{Role.ADMIN} of sibling")
    own, hidden = f"/v1/organizations/{organization('sibling')}", str(inside.json()["stream"])
    for query in (f"branch={BELOW}", f"branch={BELOW}&scope=subordinates", "scope=subordinates&q=欧阳"):
        page = (await world.get(f"{own}/members?{query}", stranger)).json()
        assert (page["items"], page["total"]) == ([], 0), query
    mine = (await world.get(f"/v1/organizations/{TARGET}/members?scope=subordinates&limit=1", UPLOADER)).json()
    assert hidden in str((await world.get(f"/v1/organizations/{BELOW}/members", UPLOADER)).json())
    stolen = await world.get(f"{own}/members?scope=subordinates&limit=1&cursor={mine['next']}", stranger)
    assert stolen.json()["code"] == "cursor_expired"


@pytest.mark.rule("X14")
async def test_out_of_reach_and_absent_take_the_same_time(world: World) -> None:
    """Opening a sealed record takes several times as long as finding none: unpaced, the time would tell."""
    someone = await world.send("POST", f"/v1/organizations/{TARGET}/cadres", a_cadre(), by=UPLOADER)
    import_id = await upload(world, [a_member(branch=name_of("below"))])
    pairs = (
        (f"people/{someone.json()['stream']}", f"people/{NOBODY}"),
        (f"imports/{import_id}", f"imports/{NO_IMPORT}"),
    )
    stranger = person(f"{Role.ADMIN} of sibling")
    seconds: dict[str, list[float]] = {path: [] for pair in pairs for path in pair}

    async def alternating(pair: tuple[str, ...]) -> None:
        for _ in range(25):
            for path in pair:
                started = time.perf_counter()
                assert (await world.get(f"/v1/{path}", stranger)).status_code == 404
                seconds[path].append(time.perf_counter() - started)

    for pair in pairs:
        await asyncio.gather(*(alternating(order) for order in (pair, pair[::-1]) * 4))
        there, absent = (median(seconds[path]) for path in pair)
        assert len(seconds[pair[0]]) == 200
        assert abs(there - absent) < 0.25 * min(there, absent), (pair, there, absent)
