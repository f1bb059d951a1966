"""Rows of the matrix of transfer: batches, special units, papers, and what the new branch does (X10)."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.matrix import NOWHERE, Asker, Row, Rule, organization, person

TARGET, BELOW, BESIDE = (organization(place) for place in ("target", "below", "beside"))
NO_TRANSFER = "transfer-00000000-0000-4000-8000-000000000009"
WHO = person("who is transferred")


def asks(path: str, **more: Any) -> Callable[[], Mapping[str, Any]]:
    return lambda: {"url": f"/v1/{path}"} | more


def rows_of_batches(given: Any) -> list[Row]:
    route, one = "/v1/organizations/{organization}/transfer-batches", "GET /v1/transfer-batches/{batch}"
    body = {"from_branch": BELOW, "to": BESIDE, "people": [WHO], "reason": "further_study"}
    nowhere: dict[str, Any] = {"target": "nowhere", "about": "that is not there"}
    asked: dict[str, Any] = {"ready": given.asks_batch}
    return [
        Row(f"POST {route}", Rule.WRITE, asks(f"organizations/{TARGET}/transfer-batches", json=body)),
        Row(f"POST {route}", Rule.WRITE, asks(f"organizations/{NOWHERE}/transfer-batches", json=body), **nowhere),
        Row(f"GET {route}", Rule.READ, asks(f"organizations/{TARGET}/transfer-batches")),
        Row(f"GET {route}", Rule.READ, asks(f"organizations/{NOWHERE}/transfer-batches"), **nowhere),
        Row(one, Rule.READ, lambda: {"url": f"/v1/transfer-batches/{given.batch}"}, hides="nothing_here", **asked),
        Row(one, Rule.READ, asks("transfer-batches/batch-none"), hides="nothing_here", **nowhere),
    ]


def rows_of_arrivals(given: Any) -> list[Row]:
    """Special units, papers, and what the new branch does (TRF-16, TRF-20, TRF-21, TRF-26)."""

    def of_transfer(leaf: str, json: Any) -> Callable[[], Mapping[str, Any]]:
        return lambda: {"url": f"/v1/transfers/{given.transfer}/{leaf}", "json": json}

    special = "POST /v1/organizations/{organization}/transfers-to-special-unit"
    path, body = "organizations/{}/transfers-to-special-unit", {"reason": "joined_army", "note": "入伍"}
    out = body | {"person": WHO}
    nowhere: dict[str, Any] = {"target": "nowhere", "about": "that is not there"}

    async def at_below(_: Asker | None) -> None:
        await given.free(WHO, BELOW)

    rows = [
        Row(special, Rule.WRITE, asks(path.format(BELOW), json=out), target="below", ready=at_below),
        Row(special, Rule.WRITE, asks(path.format(NOWHERE), json=out), **nowhere),
        Row(
            "POST /v1/me/transfers-to-special-unit",
            Rule.SELF,
            asks("me/transfers-to-special-unit", json=body),
            ready=given.own,
        ),
    ]
    day = "2026-11-20"
    for leaf, json, ready in (
        ("hand-over", {"letter": "介字1号", "issued_on": day}, given.special(BELOW)),
        ("employment", {"finding": "no_work_yet"}, given.verifies),
        ("contact", {}, given.arrives()),
        ("check-in", {"checked_in_on": day}, given.arrives()),
        ("settled-work", {"settled_on": day}, given.arrives(floats=True)),
    ):
        route, absent = f"POST /v1/transfers/{{transfer}}/{leaf}", asks(f"transfers/{NO_TRANSFER}/{leaf}", json=json)
        rows.append(Row(route, Rule.WRITE, of_transfer(leaf, json), target="below", hides="nothing_here", ready=ready))
        rows.append(Row(route, Rule.WRITE, absent, hides="nothing_here", **nowhere))
    return rows


def rows_of_graduates() -> list[Row]:
    nowhere = {"target": "nowhere", "about": "that is not there"}
    of = "/v1/organizations/{organization}/graduates"
    many = {"people": [WHO], "to": BESIDE, "reason": "further_study"}
    rows = []
    for place, more in ((TARGET, {}), (NOWHERE, nowhere)):
        path = f"organizations/{place}/graduates"
        rows += [
            Row(f"GET {of}", Rule.READ, asks(path), **more),
            Row(f"GET {of}/late", Rule.READ, asks(f"{path}/late?step=start"), **more),
            Row(f"GET {of}/situation", Rule.READ, asks(f"{path}/situation"), **more),
            Row(f"GET {of}/years", Rule.READ, asks(f"{path}/years"), **more),
            Row(f"POST {of}/transfers", Rule.WRITE, asks(f"{path}/transfers", json=many), **more),
        ]
    return rows
