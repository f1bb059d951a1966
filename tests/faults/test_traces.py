"""P11: what people typed lies nowhere in clear but in the lists that can be deleted.

Canaries go in by every door there is, rightly and wrongly; then everything the whole run left is read.
"""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from deploy.local.seeding.client import Refused, User
from deploy.local.seeding.play import workbook
from services.member.projections.imports import ImportList
from services.member.projections.people import PeopleList
from shared.eventstore.driver import OPERATION_MILLISECONDS
from tests.faults.county import County, Tree, settled, upload
from tests.faults.invariants import Invariants
from tests.faults.system import System, until
from tests.faults.traces import Found, Texts, in_databases, in_files, in_topics, in_what_is_told

NAMES = {"entered name": "钟离檬萸", "imported name": "澹台柠楸", "cadre name": "濮阳枇桐"}
REFUSED_NAMES = {"refused name": "欧阳榴莼", "failed row's name": "慕容橄荠"}
REGISTRANTS = {"registrant's name": "申屠柽柳", "name with a wrong code": "闾丘棪椤"}
PASSWORD = "溪边的第三只白鹭今天还没有飞回来"
FILE_NAME = "澹台柠楸的名单.xlsx"
REMARKS = {
    "remark": "金丝雀备注七三一九",
    "work place": "金丝雀食品厂七三一九",
    "hobby": "金丝雀爱好七三一九",
    "address of mail": "canary7319@example.cn",
    "contact": "司徒荔枫",
    "wrong value": "金丝雀学历七三一九",
}


@pytest.fixture(scope="module")
async def county(tree: Tree) -> County:
    return await tree.county("资溪县", branches=2)


def spellings(numbers: dict[str, str]) -> Texts:
    """A field that somebody left empty is nowhere, and everywhere."""
    return Texts(NAMES | REFUSED_NAMES | REGISTRANTS | REMARKS | {name: text for name, text in numbers.items() if text})


async def try_out(user: User, service: str, method: str, path: str, body: Any, county: County, **more: Any) -> None:
    """Something that may be refused: what counts is what it leaves."""
    try:
        await user.ask(service, method, path, body, acting=county.id, **more)
    except Refused as refused:
        if refused.status >= 500:
            raise


async def people_typed(tree: Tree, county: County) -> dict[str, str]:
    """Members and a cadre by form and workbook, right, wrong and twice. Answers the numbers that were typed."""
    user, organization = county.admin.user, county.id
    rows = tree.rows(county, [tree.someone() for _ in range(4)])
    entered, imported, refused, failing = (
        row | {"name": name}
        for row, name in zip(rows, [*list(NAMES.values())[:2], *REFUSED_NAMES.values()], strict=True)
    )
    entered |= {
        "remark": REMARKS["remark"],
        "work_or_school": REMARKS["work place"],
        "hobbies": REMARKS["hobby"],
        "email": REMARKS["address of mail"],
        "emergency_contact": REMARKS["contact"],
        "emergency_phone": "19907319001",
    }
    refused |= {"mobile": "1990731900", "education": REMARKS["wrong value"]}
    failing |= {"number": failing["number"][:-1] + "?", "education": REMARKS["wrong value"]}
    path = f"/v1/organizations/{organization}/members"
    await user.do("member", "POST", path, entered, acting=organization)
    for form in (entered, refused, entered | {"name": refused["name"]}, {"name": [refused["name"]]}):
        await try_out(user, "member", "POST", path, form, county)
    for book in ([imported, failing], [imported | {"name": refused["name"]}]):
        received = await upload(user, organization, workbook(book), file_name=FILE_NAME)
        assert (await settled(user, organization, received["stream"]))["state"] == "completed"
    cadre = replace(tree.someone(29, 45), name=NAMES["cadre name"])
    await tree.enter_cadre(user, organization, organization, cadre)
    typed = {"entered": entered, "imported": imported, "refused": refused, "failing": failing}
    numbers = {f"{who}'s {what}": row[what] for who, row in typed.items() for what in ("number", "mobile")}
    numbers |= {f"{who}'s development number": row["development_number"] for who, row in typed.items()}
    return numbers | {"cadre's number": cadre.number, "emergency phone": entered["emergency_phone"]}


async def people_registered(tree: Tree, county: County) -> dict[str, str]:
    """As admins, by a code that is right and by one that is not. Answers what was typed beside the names."""
    branch = next(iter(county.branches.values()))
    path = f"/v1/organizations/{branch}/registration-codes"
    made = (await county.admin.user.do("org", "POST", path, {}, acting=county.id))["registration_code"]
    typed = {"registration code": made, "password": PASSWORD}
    for (what, name), code, state in zip(REGISTRANTS.items(), (made, "ABCDEFGH2345"), ("done", "refused"), strict=True):
        who = tree.someone(29, 45)
        body = {"registration_code": code, "name": name, "number": who.number, "mobile": who.mobile}
        secret, key = (
            {"new_password": PASSWORD, **await tree.door.captcha()},
            {"Idempotency-Key": f"register-{who.mobile}"},
        )
        taken = await tree.door.ask("identity", "POST", "/v1/admin-registrations", body | secret, key)
        assert await until(partial(_registration_is, tree, taken["ticket"], state)), state
        typed |= {f"{what}: number": who.number, f"{what}: mobile": who.mobile}
    return typed


async def _registration_is(tree: Tree, ticket: str, state: str) -> bool:
    answer = await tree.door.ask("identity", "GET", f"/v1/admin-registrations/{ticket}")
    return bool(answer["state"] == state)


async def people_looked_for(system: System, tree: Tree, county: County, numbers: dict[str, str]) -> None:
    """Searching, revealing, mistyped addresses, wrong passwords."""
    user, organization = county.admin.user, county.id
    members = f"/v1/organizations/{organization}/members"
    asked = {"scope": "subordinates", "q": NAMES["imported name"]}
    found = await until(lambda: _items(user, members, county, asked))
    person = found[0]["person"]
    revealed = {"field": "number", "reason": "核对身份证"}
    await user.ask("member", "POST", f"/v1/people/{person}/reveal", revealed, acting=organization)
    await user.ask("member", "GET", f"/v1/people/{person}/history", acting=organization)
    number = numbers["imported's number"]
    developed = {"development_number": numbers["imported's development number"]}
    await try_out(user, "member", "GET", "/v1/people", None, county, params=developed)
    await try_out(user, "member", "GET", f"/v1/people/{number}", None, county)
    await try_out(user, "org", "GET", "/v1/organizations", None, county, params={"q": NAMES["imported name"]})
    await try_out(user, "member", "POST", members, {"number": number, "unknown": NAMES["imported name"]}, county)
    with pytest.raises(Refused):
        await tree.door.sign_in(number, f"wrong-{number}")
    headers = {"Content-Type": "application/json", "X-Correlation-Id": number}
    await tree.door.http.post(f"{system.stack.url('member')}{members}", content=f'{{"{number}', headers=headers)


async def _items(user: User, path: str, county: County, asked: dict[str, str]) -> list[dict[str, Any]]:
    answer = await user.ask("member", "GET", path, acting=county.id, params=asked)
    items: list[dict[str, Any]] = answer["items"]
    return items


@pytest.mark.rule("P11")
async def test_what_people_typed_lies_in_clear_in_the_deletable_lists_only(
    system: System, tree: Tree, county: County
) -> None:
    numbers = await people_typed(tree, county) | await people_registered(tree, county)
    await people_looked_for(system, tree, county, numbers)
    async with system.driver() as driver:
        assert await until(Invariants(driver, system.settings).at_rest)
    texts = spellings(numbers)
    databases = await asyncio.to_thread(in_databases, system.settings.mongo_url, texts)
    listed = {"entered name", "imported name", "cadre name", "registrant's name"}
    lists = {
        f"member.people_v{PeopleList.version}": listed,
        "identity.people_v1": listed,
        f"member.imports_v{ImportList.version}": {"imported name"},  # the name of the file, as its uploader wrote it
    }
    assert databases == lists | {f"oplog of {place}": names for place, names in lists.items()}
    assert await in_topics(system.settings, texts) == {}
    assert await asyncio.to_thread(in_what_is_told, system, texts) == {}
    files = await asyncio.to_thread(in_files, system.stack.directory, texts)
    assert {place: names for place, names in files.items() if not _mongodb_data(place)} == {}
    assert set().union(*(names for place, names in files.items() if _mongodb_data(place))) <= listed


@pytest.mark.rule("P11")
async def test_no_operation_is_slow_enough_for_the_log_of_the_server(system: System) -> None:
    """That log shows whole filters and updates, with the names in them."""
    async with system.driver() as driver:
        for name in await driver.client.list_database_names():
            profiling = await driver.database(name).command({"profile": -1})
            assert (profiling["was"], profiling["slowms"] > OPERATION_MILLISECONDS) == (0, True)


@pytest.mark.rule("P11")
async def test_the_scan_sees_what_lies_in_databases_topics_logs_spans_and_files(
    system: System, tree: Tree, county: County
) -> None:
    """Ids are no secret and must be found wherever they are, or a scan that finds nothing says nothing."""
    texts = Texts({"county": county.id, "said by a log": "relay.started"})
    found: Found = in_databases(system.settings.mongo_url, texts) | await in_topics(system.settings, texts)
    assert {place for place, names in found.items() if "county" in names} >= {"org.commits", "oplog of org.commits", "org.log.v1", "org.events.v1"}  # fmt: skip
    patterns = Texts({"route": "/v1/imports/{import_id}"})
    told = await asyncio.to_thread(in_what_is_told, system, patterns)
    assert told == {"spans": {"route"}, "metrics of member": {"route"}}
    files = await asyncio.to_thread(in_files, system.stack.directory, texts)
    assert "said by a log" in files["logs/relay.log"]
    assert any(_mongodb_data(place) and "county" in names for place, names in files.items())


def _mongodb_data(place: str) -> bool:
    """Files that hold the collections; what may stand in those is looked at collection by collection."""
    return place.startswith("mongodb/")
