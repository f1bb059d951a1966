"""Odd addresses, bodies, searches and texts sent to transfer: a clear no, and nothing half done."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.transfer.conftest import CLASS, IN, IN_ADMIN, OUT, OUT_ADMIN, PROVINCE, STRANGER, World, organization, person
from tests.transfer.test_batches import ask
from tests.transfer.test_tree import listed

ODD = [
    "\x00",
    "a" * 65,
    "",
    " ",
    "..",
    "%2e%2e",
    "transfer-",
    "transfer-x:000000000001",
    "batch-1",
    "\u202e",
    "{}",
    "💥",
]


@pytest.mark.rule("X14", "ADM-08", "P13")
async def test_odd_addresses_bodies_and_queries_get_a_clear_no_and_never_an_error_of_ours(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    statuses = set()
    for odd in ODD:
        safe = quote(odd, safe="") or "%20"
        for path in ("transfers/{}", "transfer-batches/{}", "people/{}/transfers", "organizations/{}/transfers"):
            statuses.add(
                (
                    await world.client.get(f"/v1/{path.format(safe)}", headers=world.issuer.headers(OUT_ADMIN))
                ).status_code
            )
        for what, body in (
            ("approval", {"organization": odd}),
            ("refusal", {"ground": odd}),
            ("assignment", {"branch": odd}),
            ("objection", {"objection": odd}),
            ("delay", {"explanation": odd}),
        ):
            statuses.add((await world.send(f"transfers/{transfer}/{what}", body, IN_ADMIN)).status_code)
            statuses.add((await world.send(f"transfers/{safe}/{what}", {}, IN_ADMIN)).status_code)
        for body in ({"person": odd, "to": IN}, {"person": who, "to": odd}, {"person": who, "to": IN, "reason": odd}):
            full = {"reason": "change_of_school"} | body
            statuses.add((await world.send(f"organizations/{OUT}/transfers-out", full, OUT_ADMIN)).status_code)
        full = {"ticket": odd, "reason": "change_of_school"}
        statuses.add((await world.send(f"organizations/{IN}/transfers-in", full, IN_ADMIN)).status_code)
    assert statuses <= {400, 403, 404, 409, 422}, statuses
    assert await world.state(transfer) == "pending"


@pytest.mark.rule("TRF-14", "P13")
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=-1", 400), ("limit=0", 400), ("limit=1e9", 400), ("limit=201", 400), ("cursor=x", 400),
        ("cursor=" + "A" * 3000, 400), ("which=everything", 400), ("state=gone", 400), ("since=2026-02-30", 400),
        ("until=9999-12-31", 200), ("since=0001-01-01", 200), ("since=9999-12-31&until=0001-01-01", 200),
        ("person=" + "&person=".join("p" * 64 for _ in range(101)), 400), ("reason=%00", 400),
    ],
)  # fmt: skip
async def test_searches_end_in_an_answer_whatever_they_ask(world: World, query: str, status: int) -> None:
    answer = await world.get(f"organizations/{OUT}/transfers?{query}", OUT_ADMIN)
    assert answer.status_code == status, answer.text


@pytest.mark.rule("P13", "TRF-15", "TRF-26")
async def test_texts_and_types_that_are_none_are_refused_before_anything_is_written(world: World) -> None:
    who = await world.enter()
    base: dict[str, Any] = {"person": who, "to": IN, "reason": "other"}
    bad: list[Any] = [
        base | {"note": "长" * 10_000}, base | {"note": "\x00\u202e\u200b"}, base | {"note": 7}, base | {"to": [IN]},
        base | {"person": None}, base | {"surplus": True}, [], "text", 1, None, {"person": who},
    ]  # fmt: skip
    for body in bad:
        answer = await world.send(f"organizations/{OUT}/transfers-out", body, OUT_ADMIN)
        assert answer.status_code == 400, (str(body)[:80], answer.text)
    transfer = await world.opened(who)
    for body in ({"letter": " \u200b ", "issued_on": "2026-11-01"}, {"letter": "x" * 61, "issued_on": "2026-11-01"},
                 {"letter": "x", "issued_on": "2026-11-31"}, {"letter": "x", "issued_on": "9999-12-31"}):  # fmt: skip
        answer = await world.send(f"transfers/{transfer}/hand-over", body, OUT_ADMIN)
        assert answer.status_code in {400, 422}, (body, answer.text)
    assert await world.parts.store.commits.count_documents({"stream": transfer}) == 2


@pytest.mark.rule("ADM-08", "X14", "P12")
async def test_what_is_absent_and_what_is_out_of_reach_look_the_same(world: World) -> None:
    """For every route with an id of a transfer, a batch or a person."""
    transfer = await world.opened(await world.enter())
    batch = await ask(world, await world.enter())
    nowhere = transfer[:-1] + ("0" if transfer[-1] != "0" else "1")

    async def told(path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        answer = await (world.get(path, STRANGER) if body is None else world.send(path, body, STRANGER))
        return answer.status_code, {k: v for k, v in answer.json().items() if k not in {"correlation", "instance"}}

    for what, body in (
        ("", None), ("/exchange", None), ("/approval", {}), ("/refusal", {"ground": "not_of_this_unit"}),
        ("/assignment", {"branch": CLASS}), ("/withdrawal", {}), ("/delay", {"explanation": "asking_member"}),
        ("/coordination", {}), ("/objection-decision", {"upheld": True}), ("/contact", {}), ("/employment", {"finding": "works_here"}),
        ("/check-in", {"checked_in_on": "2026-11-01"}), ("/settled-work", {"settled_on": "2026-11-01"}),
        ("/hand-over", {"letter": "x", "issued_on": "2026-11-01"}),
    ):  # fmt: skip
        there, absent = [await told(f"transfers/{each}{what}", body) for each in (transfer, nowhere)]
        assert there == absent, what
        assert there[0] in {400, 404}, (what, there)
    there, absent = [await told(f"transfer-batches/{each}") for each in (batch, "batch-none")]
    assert there == absent
    there, absent = [
        await told(f"people/{each}/transfers") for each in ((await listed(world, transfer))["person"], person(997))
    ]
    assert there == absent
    forbidden = {
        (await told(f"organizations/{each}/transfers"))[1]["code"] for each in (OUT, PROVINCE, organization(996))
    }
    assert forbidden == {"outside_authority"}
