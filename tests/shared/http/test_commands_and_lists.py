"""What surrounds commands and lists: keys, hashes, cursors, the consistency token."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from deploy.local.servers import Addresses
from shared.eventstore.driver import Driver
from shared.http.consistency import ReadAfter, shown
from shared.http.paging import Cursors
from shared.http.refusals import CursorExpired
from shared.testing.tokens import Issuer
from tests.shared.http.conftest import ORGANIZATION, PERSON

KEY = "key-00000001"


async def _hash(client: httpx.AsyncClient, issuer: Issuer, body: Any, organization: str | None = None) -> str:
    headers = issuer.headers(PERSON, key=KEY, organization=organization) | {"Content-Type": "application/json"}
    answer = await client.post(
        "/v1/things", content=body if isinstance(body, str) else json.dumps(body), headers=headers
    )
    return str(answer.json()["hash"])


@pytest.mark.rule("P2")
@pytest.mark.parametrize("key", [None, "", "short", "x" * 129, "with space", "mit-ümlaut", "tab\tinside"])
async def test_a_command_without_a_proper_key_is_not_taken(
    client: httpx.AsyncClient, issuer: Issuer, key: str | None
) -> None:
    headers = issuer.headers(PERSON) | ({"Idempotency-Key": key} if key is not None else {})
    raw = [(k.encode(), v.encode()) for k, v in headers.items()]
    answer = await client.post("/v1/things", json={"name": "abc"}, headers=raw)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_needed")


@pytest.mark.rule("P2")
async def test_the_hash_knows_a_repeat_from_another_request(client: httpx.AsyncClient, issuer: Issuer) -> None:
    first = await _hash(client, issuer, {"name": "abc", "count": 2})
    assert await _hash(client, issuer, '{"count":2,   "name":"\\u0061bc"}') == first
    assert await _hash(client, issuer, {"name": "abc", "count": 3}) != first
    assert await _hash(client, issuer, {"name": "abc", "count": 2}, ORGANIZATION) != first
    other = await client.post("/v1/empty", headers=issuer.headers(PERSON, key=KEY))
    assert other.json()["hash"] != first


@pytest.mark.rule("P2")
async def test_a_repeated_upload_is_known_by_its_content_whatever_its_boundary(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    async def hash_of(note: str, content: bytes, boundary: str) -> str:
        headers = issuer.headers(PERSON, key=KEY) | {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        files = {"file": ("a.xlsx", content)}
        answer = await client.post("/v1/files", data={"note": note}, files=files, headers=headers)
        return str(answer.json()["hash"])

    first = await hash_of("n", b"content", "aaaa")
    assert await hash_of("n", b"content", "bbbb") == first
    assert len({first, await hash_of("n", b"Content", "aaaa"), await hash_of("m", b"content", "aaaa")}) == 3


async def test_the_correlation_of_the_request_goes_with_the_command(client: httpx.AsyncClient, issuer: Issuer) -> None:
    headers = issuer.headers(PERSON, key=KEY) | {"X-Correlation-Id": "chain-7"}
    answer = await client.post("/v1/things", json={"name": "abc"}, headers=headers)
    assert (answer.json()["correlation"], answer.json()["key"]) == ("chain-7", KEY)


@pytest.mark.parametrize("limit", ["0", "-1", "201", "x", "1e3", "99999999999999999999"])
async def test_a_page_has_bounds(client: httpx.AsyncClient, issuer: Issuer, limit: str) -> None:
    answer = await client.get("/v1/list", params={"limit": limit}, headers=issuer.headers(PERSON))
    assert (answer.status_code, answer.json()["field"]) == (400, "limit")


def test_a_cursor_gives_back_its_values_and_shows_none_of_them() -> None:
    cursors = Cursors(bytes(32))
    cursor = cursors.write(["members", ORGANIZATION], ["张三丰", 7, None])
    assert cursors.read(["members", ORGANIZATION], cursor) == ["张三丰", 7, None]
    assert cursors.read(["members", ORGANIZATION], None) is None
    assert cursor.isascii()
    assert cursor != cursors.write(["members", ORGANIZATION], ["张三丰", 7, None])


@pytest.mark.rule("P13")
@pytest.mark.parametrize("cursor", ["", "A", "AAAA", "%%%", "é", "A" * 2_000, "eyJhIjoxfQ"])
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(CursorExpired):
        Cursors(bytes(32)).read(["members"], cursor)


def test_a_cursor_of_another_list_another_key_or_changed_is_refused() -> None:
    cursors = Cursors(bytes(32))
    cursor = cursors.write(["members", "a"], [1])
    flipped = cursor[:-2] + ("A" if cursor[-2] != "A" else "B") + cursor[-1]
    for of, text, reader in (
        (["members", "b"], cursor, cursors),
        (["members", "a"], flipped, cursors),
        (["members", "a"], cursor, Cursors(b"\x01" * 32)),
    ):
        with pytest.raises(CursorExpired):
            reader.read(of, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        f"{ORGANIZATION}",
        f"{ORGANIZATION}:",
        f"{ORGANIZATION}:-1",
        f"{ORGANIZATION}:1:2",
        "a:1",
        f"{ORGANIZATION}:99999999999",
        f"{ORGANIZATION}:1,",
        f"{ORGANIZATION}:1, {ORGANIZATION}:2",
        ",".join([f"{ORGANIZATION}:1"] * 51),
    ],
)
async def test_a_malformed_consistency_token_is_refused(client: httpx.AsyncClient, issuer: Issuer, text: str) -> None:
    answer = await client.get("/v1/list", headers=issuer.headers(PERSON) | {"X-Read-After": text})
    assert (answer.status_code, answer.json()["field"]) == (400, "X-Read-After")


async def test_consistency_tokens_are_read(client: httpx.AsyncClient, issuer: Issuer) -> None:
    for tokens in (["12"], ["12", "13"], [str(number) for number in range(50)]):
        text = ",".join(f"{ORGANIZATION}:{token}" for token in tokens)
        answer = await client.get("/v1/list", headers=issuer.headers(PERSON) | {"X-Read-After": text})
        assert answer.json()["after"] == [[ORGANIZATION, int(token)] for token in tokens]


@pytest.fixture
async def driver(servers: Addresses) -> AsyncIterator[Driver]:
    driver = Driver(servers.mongo_url)
    yield driver
    await driver.close()


async def test_a_query_waits_for_what_was_just_done_and_says_so_when_it_cannot(driver: Driver, namespace: str) -> None:
    view = driver.database(f"{namespace}org")["view"]
    await view.insert_one({"_id": ORGANIZATION, "version": 3})
    assert await shown(view, [])
    assert await shown(view, [ReadAfter(ORGANIZATION, 3)])
    assert not await shown(view, [ReadAfter(ORGANIZATION, 4)], 0.2)
    waiting = asyncio.create_task(shown(view, [ReadAfter(ORGANIZATION, 5)], 2))
    await asyncio.sleep(0.1)
    await view.update_one({"_id": ORGANIZATION}, {"$set": {"version": 6}})
    assert await waiting


async def test_a_query_waits_for_all_that_was_just_done(driver: Driver, namespace: str) -> None:
    view = driver.database(f"{namespace}org")["view"]
    await view.insert_many([{"_id": ORGANIZATION, "version": 3}, {"_id": PERSON, "version": 1}])
    assert await shown(view, [ReadAfter(ORGANIZATION, 3), ReadAfter(PERSON, 1)])
    assert not await shown(view, [ReadAfter(ORGANIZATION, 3), ReadAfter(PERSON, 2)], 0.2)
    assert not await shown(view, [ReadAfter(ORGANIZATION, 4), ReadAfter(PERSON, 1)], 0.2)
    assert not await shown(view, [ReadAfter(ORGANIZATION, 4), ReadAfter(ORGANIZATION, 3)], 0.2), "the later of two"
