"""Rows of the matrix for applications for an account (ADM-07)."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.matrix import NOWHERE, Asker, Role, Row, Rule, organization, person
from tests.org.applying import apply
from tests.org.conftest import World
from tests.org.test_documents import PDF

TARGET = organization("target")
APPLYING_ORGANIZATION = {"id": NOWHERE}
"""Established by the matrix: it stands under the county and has no admin."""


def asks(path: str, **body: Callable[[], Any]) -> Callable[[], Mapping[str, Any]]:
    return lambda: {"url": f"/v1/{path}"} | {name: made() for name, made in body.items()}


def application_rows(world: World) -> list[Row]:
    """ADM-07: an application of an organization is its direct superior's affair; to apply nobody has to sign in."""
    by, superior = person(f"{Role.ADMIN} of county"), organization("county")
    mine, one = {"id": NOWHERE}, "/v1/account-applications/{application}"
    listed, low = "/v1/organizations/{organization}/subordinates/account-applications", "superior_decides_applications"

    async def applies(_: Asker | None) -> None:
        """`applying` has no admin and stands under the county."""
        await world.feed.catch_up()
        waiting = (await world.get(f"/v1/organizations/{superior}/subordinates/account-applications", by)).json()
        if not waiting["items"]:
            answer = await apply(world, APPLYING_ORGANIZATION["id"])
            assert answer.status_code == 201, answer.text
            await applies(None)
        else:
            mine["id"] = waiting["items"][0]["application"]

    async def applies_without_a_code(_: Asker | None) -> None:
        await world.feed.catch_up()
        codes = await world.get(f"/v1/organizations/{superior}/subordinates/registration-codes", by)
        for row in codes.json()["items"]:
            if row["id"] == APPLYING_ORGANIZATION["id"] and row["state"] == "unused":
                path = f"/v1/organizations/{row['id']}/registration-codes/{row['code']}"
                assert (await world.delete(path, by)).status_code == 200
        await applies(None)

    def of_mine(leaf: str = "", **more: Any) -> Callable[[], Any]:
        return lambda: {"url": f"/v1/account-applications/{mine['id']}{leaf}"} | more

    nowhere: dict[str, Any] = {"target": "nowhere", "about": "that is not there"}
    reason, absent = {"grounds": "没有盖章"}, f"account-applications/{NOWHERE.replace('organization', 'application')}"
    decided: dict[str, Any] = {"target": "county", "low": low, "ready": applies}
    upload = {"data": {"organization": NOWHERE}, "files": {"file": ("申请表.pdf", PDF)}}
    return [
        Row("GET /v1/applicants", Rule.PUBLIC, asks("applicants?q=育才")),
        Row("GET /v1/applicants/{organization}", Rule.PUBLIC, asks(f"applicants/{TARGET}")),
        Row("POST /v1/account-applications", Rule.PUBLIC, lambda: {"url": "/v1/account-applications", **upload}),
        Row("GET /v1/application-outcomes/{ticket}", Rule.PUBLIC, asks(f"application-outcomes/{'A' * 26}")),
        Row(f"GET {listed}", Rule.WRITE, asks(f"organizations/{TARGET}/subordinates/account-applications")),
        Row(f"GET {listed}", Rule.WRITE, asks(f"organizations/{NOWHERE}/subordinates/account-applications"), **nowhere),
        Row(f"GET {one}", Rule.OWN, of_mine(), **decided),
        Row(f"GET {one}", Rule.OWN, asks(absent), **nowhere),
        Row(f"GET {one}/form", Rule.OWN, of_mine("/form"), **decided),
        Row(f"GET {one}/form", Rule.OWN, asks(f"{absent}/form"), **nowhere),
        Row(f"POST {one}/refusal", Rule.OWN, of_mine("/refusal", json=reason), **decided),
        Row(f"POST {one}/refusal", Rule.OWN, asks(f"{absent}/refusal", json=lambda: reason), **nowhere),
        Row(f"POST {one}/approval", Rule.OWN, of_mine("/approval"), **(decided | {"ready": applies_without_a_code})),
        Row(f"POST {one}/approval", Rule.OWN, asks(f"{absent}/approval"), **nowhere),
    ]
