"""The rows of schools, graduation months and campaigns in org's matrix (X10)."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from tests.matrix import NOWHERE, Row, Rule, organization

TARGET = organization("target")
_NUMBER = count(1)


def asks(path: str, **body: Callable[[], Any]) -> Callable[[], Mapping[str, Any]]:
    return lambda: {"url": f"/v1/{path}"} | {name: made() for name, made in body.items()}


def graduation_rows() -> list[Row]:
    """GRD-01, GRD-02, GRD-09: own admins set codes, months below them, and steps of campaigns."""
    there, nowhere = f"organizations/{TARGET}", f"organizations/{NOWHERE}"
    absent: dict[str, Any] = {"target": "nowhere", "about": "that is not there"}

    def month() -> Mapping[str, object]:
        return {"branches": [organization("below")], "year": 2027, "month": next(_NUMBER) % 12 + 1}

    def code() -> Mapping[str, object]:
        return {"institution_code": ""}

    def step() -> Mapping[str, object]:
        return {"days": {"start": f"2027-06-{next(_NUMBER) % 30 + 1:02d}"}}

    one = "/v1/organizations/{organization}"
    set_code, mark, plan = f"PUT {one}/institution-code", f"POST {one}/graduation-months", f"{one}/campaigns/{{year}}"
    lists = ("schools", "graduation", "graduation/branches", "graduation/late")
    return [
        Row(set_code, Rule.OWN, asks(f"{there}/institution-code", json=code)),
        Row(set_code, Rule.OWN, asks(f"{nowhere}/institution-code", json=code), **absent),
        Row(mark, Rule.OWN, asks(f"{there}/graduation-months", json=month)),
        Row(mark, Rule.OWN, asks(f"{nowhere}/graduation-months", json=month), **absent),
        *(Row(f"GET {one}/{each}", Rule.READ, asks(f"{there}/{each}")) for each in lists),
        *(Row(f"GET {one}/{each}", Rule.READ, asks(f"{nowhere}/{each}"), **absent) for each in lists),
        Row(f"GET {plan}", Rule.SIGNED_IN, asks(f"{there}/campaigns/2027")),
        Row(
            f"PUT {plan}",
            Rule.OWN,
            asks(f"organizations/{organization('province')}/campaigns/2027", json=step),
            target="province",
        ),
        Row(f"PUT {plan}", Rule.OWN, asks(f"{nowhere}/campaigns/2027", json=step), **absent),
    ]
