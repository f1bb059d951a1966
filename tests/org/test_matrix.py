"""org: every route x role x relation, beside the oracle (X10)."""

from collections.abc import AsyncIterator, Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from services.org.domain.events import AdminAppointed, AdminRevoked, Category
from shared.contracts.identity import AdminRegistrationRequested
from shared.contracts.member import CadreAppointed, PostTaken
from shared.eventstore.commits import Commit
from shared.kernel import ids
from shared.kernel.envelope import Actor, Request
from tests.matrix import (
    BRANCHES,
    NAMES,
    NOWHERE,
    OPERATOR,
    RELATIONS,
    TREE,
    Asker,
    Matrix,
    Role,
    Row,
    Rule,
    allowed,
    askers,
    name_of,
    organization,
    person,
)
from tests.org.application_rows import APPLYING_ORGANIZATION, application_rows
from tests.org.applying import PHONE, RESPONSIBLE
from tests.org.change_rows import change_rows
from tests.org.conftest import World, unseeded
from tests.org.graduation_rows import graduation_rows
from tests.org.samples import facts
from tests.org.test_api import CLASS_1
from tests.org.test_documents import PDF
from tests.parked_rows import parked_rows

TARGET = organization("target")
CADRE = person("one more cadre of target")
REQUESTED = AdminRegistrationRequested(registration="registration-1", code_hash="0")
_NUMBER = count(1)


async def founded(world: World) -> None:
    """The tree of the matrix with its admins, as stored facts: the ids are those that the other services see."""
    for place in TREE:
        above, at = (), TREE[place]
        while at:
            above, at = (organization(at), *above), TREE[at]
        category = Category.BRANCH if place in BRANCHES else Category.COMMITTEE
        event = facts(category, above=above, full_name=name_of(place), short_name=NAMES[place], sector="5")
        events = [event.model_copy(update={"order": next(_NUMBER)})]
        if place in RELATIONS.values():
            events += [AdminAppointed(person=person(f"{r} of {place}")) for r in (Role.ADMIN, Role.REVOKED)]
            events += [AdminRevoked(person=person(f"{Role.REVOKED} of {place}"), cause="revoked")]
        for version, event in enumerate(events, start=1):
            rows = world.parts.rows.establishing(organization(place), above[-1] if above else None, version)
            await world.parts.store.append(
                Commit(
                    stream=organization(place),
                    version=version,
                    commit_id=ids.derived("matrix", place, str(version)),
                    request=Request(Actor("service:test"), f"found-{version}", ""),
                    events=(event,),
                    conditions=tuple(rows) if version == 1 else (),
                )
            )
    for place in RELATIONS.values():
        who = person(f"{Role.CADRE} of {place}")
        held = {"person": who, "organization": organization(place), "position": "委员"}
        await world.feed.hear(CadreAppointed(**held), PostTaken(**held), stream=who)
    await world.cadre(CADRE, TARGET)
    await world.feed.catch_up()


@pytest.fixture(scope="module")
async def world(servers: Any, module_namespace: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    secrets: Path = tmp_path_factory.mktemp("secrets")
    async with unseeded(servers, module_namespace, secrets) as world:
        await founded(world)
        yield world


def asks(path: str, **body: Callable[[], Any]) -> Callable[[], Mapping[str, Any]]:
    return lambda: {"url": f"/v1/{path}"} | {name: made() for name, made in body.items()}


def information(**more: str) -> Callable[[], Mapping[str, object]]:
    named = {"full_name": name_of("target"), "short_name": NAMES["target"], "sector": "5"}
    named["approval_date"] = "2026-11-02"
    return lambda: {"edition": 1} | named | {"phone": f"0578-{next(_NUMBER) + 8000000}"} | more


def branch(superior: str) -> Callable[[], Mapping[str, str]]:
    def made() -> Mapping[str, str]:
        name = f"育才中学第{next(_NUMBER)}团支部"
        return {"superior": superior, "category": "branch", "full_name": name, "short_name": name, "sector": "5"}

    return made


async def document_of_target(world: World) -> str:
    by = person(f"{Role.ADMIN} of target")
    headers = world.issuer.headers(by, key="document-of-target")
    files = {"file": ("批复.pdf", PDF)}
    answer = await world.client.post("/v1/approval-documents", files=files, headers=headers)
    document = str(answer.json()["document_id"])
    body = information(approval_document=document)()
    assert (await world.put(f"/v1/organizations/{TARGET}/information", body, by)).status_code == 200
    return document


def code_rows(world: World) -> list[Row]:
    """ADM-02: codes of an organization are its direct superior's affair."""
    by, there = person(f"{Role.ADMIN} of county"), f"organizations/{TARGET}"
    nowhere: dict[str, Any] = {"target": "nowhere", "about": "that is not there"}
    codes, code = f"/v1/organizations/{TARGET}/registration-codes", {"id": NOWHERE}

    async def a_code(_: Asker | None) -> None:
        await world.feed.catch_up()
        listed = await world.get(f"/v1/organizations/{organization('county')}/subordinates/registration-codes", by)
        held = [row for row in listed.json()["items"] if row["id"] == TARGET and row["state"] == "unused"]
        if not held:
            assert (await world.post(codes, {}, by)).status_code == 201
            await a_code(None)
        else:
            code["id"] = held[0]["code"]

    async def no_code(_: Asker | None) -> None:
        await a_code(None)
        assert (await world.delete(f"{codes}/{code['id']}", by)).status_code == 200

    def of_code() -> Any:
        return {"url": f"{codes}/{code['id']}"}

    make_code, above = "POST /v1/organizations/{organization}/registration-codes", "superior_makes_codes"
    revoke_code = "DELETE /v1/organizations/{organization}/registration-codes/{code}"
    all_codes = "/v1/organizations/{organization}/subordinates/registration-codes"
    return [
        Row(make_code, Rule.OWN, asks(f"{there}/registration-codes"), target="county", low=above, ready=no_code),
        Row(make_code, Rule.OWN, asks(f"organizations/{NOWHERE}/registration-codes"), **nowhere),
        Row(revoke_code, Rule.OWN, of_code, target="county", low=above, ready=a_code),
        Row(f"POST {all_codes}", Rule.OWN, asks(f"{there}/subordinates/registration-codes"), low=above),
        Row(f"POST {all_codes}", Rule.OWN, asks(f"organizations/{NOWHERE}/subordinates/registration-codes"), **nowhere),
        Row(f"GET {all_codes}", Rule.WRITE, asks(f"{there}/subordinates/registration-codes")),
        Row(
            f"GET {all_codes}", Rule.WRITE, asks(f"organizations/{NOWHERE}/subordinates/registration-codes"), **nowhere
        ),
    ]


def dissolution_rows(world: World) -> list[Row]:
    """ORG-09: what is dissolved is its direct superior's affair; each time another branch of the target is."""
    by, held = person(f"{Role.ADMIN} of target"), {"branch": NOWHERE, "document": NOWHERE.partition("-")[2]}
    nowhere: dict[str, Any] = {"target": "nowhere", "about": "that is not there"}

    async def a_branch(asker: Asker | None) -> None:
        made = await world.post("/v1/organizations", branch(TARGET)(), by)
        who = asker.id if asker else by
        headers = world.issuer.headers(who, key=f"document-{next(_NUMBER)}")
        uploaded = await world.client.post("/v1/approval-documents", files={"file": ("批复.pdf", PDF)}, headers=headers)
        held.update(branch=made.json()["stream"], document=uploaded.json()["document_id"])

    def decision() -> Mapping[str, str]:
        return {"decided_on": "2026-11-20", "document": held["document"]}

    def of_branch() -> Any:
        return {"url": f"/v1/organizations/{held['branch']}/dissolution", "json": decision()}

    route = "/v1/organizations/{organization}/dissolution"
    return [
        Row(f"POST {route}", Rule.OWN, of_branch, low="superior_dissolves", ready=a_branch),
        Row(f"POST {route}", Rule.OWN, asks(f"organizations/{NOWHERE}/dissolution", json=decision), **nowhere),
        Row(f"GET {route}", Rule.WRITE, asks(f"organizations/{TARGET}/dissolution")),
        Row(f"GET {route}", Rule.WRITE, asks(f"organizations/{NOWHERE}/dissolution"), **nowhere),
    ]


def rows_of(world: World, document: str) -> list[Row]:
    by, admins = person(f"{Role.ADMIN} of county"), f"/v1/organizations/{TARGET}/admins"

    async def an_admin_more(_: Asker | None) -> None:
        assert (await world.post(admins, {"person": CADRE}, by)).status_code == 201

    async def an_admin_less(_: Asker | None) -> None:
        assert (await world.delete(f"{admins}/{CADRE}", by)).status_code == 200

    def upload() -> Any:
        return {"file": ("批复.pdf", PDF)}

    def a_cadre() -> Any:
        return {"person": CADRE}

    latest: dict[str, object] = {}

    async def from_the_latest(_: Asker | None) -> None:
        await world.feed.catch_up()
        latest["edition"] = (await world.get(f"/v1/organizations/{TARGET}", by)).json()["edition"]

    def changed() -> Mapping[str, object]:
        return information(approval_document=document)() | latest

    low, up = "direct_superior_only", "POST /v1/organizations/{organization}/move-{direction}"
    change = "PUT /v1/organizations/{organization}/information"
    appoint, one = "POST /v1/organizations/{organization}/admins", "GET /v1/organizations/{organization}"
    revoke = "DELETE /v1/organizations/{organization}/admins/{person}"
    found, there = "POST /v1/organizations", f"organizations/{TARGET}"
    nowhere: dict[str, Any] = {"target": "nowhere", "about": "that is not there"}
    return [
        Row(found, Rule.OWN, asks("organizations", json=branch(TARGET)), low=low),
        Row(found, Rule.OWN, asks("organizations", json=branch(NOWHERE)), **nowhere),
        Row(found, Rule.OWN, asks("organizations", json=branch("$ne")), **nowhere),
        Row(change, Rule.WRITE, asks(f"{there}/information", json=changed), ready=from_the_latest),
        Row(change, Rule.WRITE, asks(f"organizations/{NOWHERE}/information", json=information()), **nowhere),
        Row(up, Rule.OWN, asks(f"{there}/move-down"), target="county", low=low),
        Row(up, Rule.OWN, asks(f"{there}/move-up"), target="county", low=low),
        Row(up, Rule.OWN, asks(f"organizations/{organization('county')}/move-up"), target="province", low=low),
        Row(up, Rule.OWN, asks(f"organizations/{organization('province')}/move-down"), target="root", low=low),
        Row(up, Rule.OWN, asks(f"organizations/{organization('root')}/move-up"), **nowhere),
        Row(up, Rule.OWN, asks(f"organizations/{NOWHERE}/move-up"), **nowhere),
        Row(appoint, Rule.WRITE, asks(f"{there}/admins", json=a_cadre), ready=an_admin_less),
        Row(appoint, Rule.WRITE, asks(f"organizations/{NOWHERE}/admins", json=a_cadre), **nowhere),
        Row(revoke, Rule.WRITE, asks(f"{there}/admins/{CADRE}"), ready=an_admin_more),
        Row(revoke, Rule.WRITE, asks(f"organizations/{NOWHERE}/admins/{CADRE}"), **nowhere),
        Row("GET /v1/organizations", Rule.SIGNED_IN, asks("organizations?q=育才")),
        Row(one, Rule.SIGNED_IN, asks(there)),
        Row(f"{one}/tree", Rule.SIGNED_IN, asks(f"{there}/tree")),
        Row(f"{one}/responsible", Rule.SIGNED_IN, asks(f"{there}/responsible")),
        Row(f"{one}/subordinates", Rule.READ, asks(f"{there}/subordinates")),
        Row(f"{one}/subordinates", Rule.READ, asks(f"organizations/{NOWHERE}/subordinates"), **nowhere),
        Row(f"{one}/admins", Rule.READ, asks(f"{there}/admins")),
        Row(f"{one}/admins", Rule.READ, asks(f"organizations/{NOWHERE}/admins"), **nowhere),
        Row("POST /v1/approval-documents", Rule.SIGNED_IN, asks("approval-documents", files=upload)),
        Row("GET /v1/approval-documents/{document}", Rule.READ, asks(f"approval-documents/{document}")),
        Row("GET /v1/approval-documents/{document}", Rule.READ, asks(f"approval-documents/{NOWHERE}"), **nowhere),
        Row("GET /v1/reference/systems", Rule.SIGNED_IN, asks("reference/systems")),
        Row("GET /v1/reference/{kind}", Rule.SIGNED_IN, asks("reference/sectors")),
    ]


@pytest.mark.rule("X10", "P12", "ADM-08", "ORG-03", "ORG-06", "ORG-08", "ORG-22", "ADM-02", "ADM-05", "ADM-07")
@pytest.mark.rule("IDN-08", "GRD-01", "GRD-02", "GRD-09")
async def test_every_route_answers_everybody_as_the_rules_say(world: World) -> None:
    async def commits() -> int:
        return int(await world.parts.store.commits.count_documents({}))

    people = [person(f"{role} of {place}") for role in (Role.ADMIN, Role.CADRE) for place in RELATIONS.values()]
    matrix = Matrix(
        world.service.app,
        world.issuer,
        commits,
        [*people, CADRE, RESPONSIBLE, PHONE],
        [
            *rows_of(world, await document_of_target(world)),
            *code_rows(world),
            *dissolution_rows(world),
            *change_rows(world),
            *graduation_rows(),
            *application_rows(world),
            *parked_rows(world.parts.parking, REQUESTED),
        ],
    )
    APPLYING_ORGANIZATION["id"] = await world.establish(
        organization("county"), person(f"{Role.ADMIN} of county"), **CLASS_1
    )
    matrix.assert_complete()
    await matrix.check()
    assert matrix.asked > 800


@pytest.mark.rule("X10", "ORG-22", "ORG-03", "ORG-06", "ORG-08", "ORG-09")
async def test_a_card_shows_and_offers_to_everybody_what_the_rules_say(world: World) -> None:
    for asker in (a for a in askers() if a.role is not Role.NOBODY):
        headers = asker.headers(world.issuer, "card-0001")
        card = (await world.client.get(f"/v1/organizations/{TARGET}", headers=headers)).json()
        writes, own = allowed(Rule.WRITE, asker, "target"), allowed(Rule.OWN, asker, "target")
        dissolve = allowed(Rule.READ, asker, "target") and allowed(Rule.OWN, asker, "county")
        offered = {"edit": writes, "appoint": writes, "create_subordinate": own, "reorder": own, "dissolve": dissolve}
        assert card["may"] == offered | {"migrate": writes}, str(asker)
        assert ("missing" in card) is ("admins" in card) is allowed(Rule.READ, asker, "target"), str(asker)


@pytest.mark.rule("IDN-07", "ORG-03")
async def test_who_acts_for_the_superior_s_superior_does_not_use_the_right_they_have_below(world: World) -> None:
    both = person("admin of county and target")
    for place in ("target", "county"):
        await world.admin(both, organization(place), OPERATOR if place == "root" else person("admin of county"))
    for acting, status in (("county", 403), ("target", 201), ("", 201)):
        answer = await world.post(
            "/v1/organizations", branch(TARGET)(), both, acting=organization(acting) if acting else None
        )
        assert answer.status_code == status, (acting, answer.text)
