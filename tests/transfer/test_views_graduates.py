"""Of graduates who are left behind: for whom a transfer is offered, to whom, and which one is shown (GRD-06)."""

from typing import Any

import pytest

from services.transfer.views_graduates import GraduateViews
from shared.http.tokens import Principal

OUT, IN, WHO = "branch-out", "branch-in", Principal("person-admin", "session-1")
LAST = {"transfer": "transfer-1", "to": IN, "reason": "other", "ground": None}
LEFT = [
    {"_id": "waits", "stuck": "waiting", "branch": OUT, "call": IN, "since": 1, "transfer": LAST},
    {"_id": "never", "stuck": "not_started", "branch": OUT, "call": OUT, "since": 1, "transfer": LAST},
    {"_id": "no", "stuck": "refused", "branch": OUT, "call": OUT, "since": 1, "transfer": LAST},
    {"_id": "elsewhere", "stuck": "not_started", "branch": OUT, "call": OUT, "since": 1, "transfer": None},
]


class Copies:
    """All that the views read, of four people in one cohort, of whom one is in another branch by now."""

    async def require_read(self, _principal: Principal, _scope: str) -> None: ...

    async def may_write(self, _principal: Principal, scope: str) -> bool:
        return scope == OUT

    async def below(self, *_of: Any, after: str = "", **_more: Any) -> list[str]:
        return [] if after else [OUT]

    async def page(self, *_of: Any) -> list[dict[str, Any]]:
        return LEFT

    async def of(self, _people: Any) -> dict[str, dict[str, Any]]:
        return {each["_id"]: each for each in LEFT} | {"settled": {"_id": "settled", "stuck": None}}

    async def branches(self, people: list[str]) -> dict[str, str]:
        return {person: IN if person == "elsewhere" else OUT for person in people}

    async def nodes(self, _ids: Any) -> dict[str, Any]:
        return {}

    def read(self, _of: Any, _cursor: str | None) -> None: ...


def views() -> GraduateViews:
    copies: Any = Copies()
    return GraduateViews(copies, copies, copies, copies, copies, copies)


@pytest.mark.rule("GRD-06")
async def test_one_is_offered_for_who_has_none_under_way_where_one_may_write() -> None:
    page = await views().left_behind(WHO, OUT, 2026, "", 50, None)
    assert {each.person: (each.branch, each.may_start, each.transfer) for each in page.items} == {
        "waits": (OUT, False, "transfer-1"),
        "never": (OUT, True, None),
        "no": (OUT, True, "transfer-1"),
        "elsewhere": (IN, False, None),
    }


@pytest.mark.rule("GRD-06")
async def test_of_several_people_only_those_who_are_left_behind_are_started_for() -> None:
    assert await views().left(["waits", "settled", "elsewhere"]) == {
        "waits": OUT,
        "never": OUT,
        "no": OUT,
        "elsewhere": IN,
    }
