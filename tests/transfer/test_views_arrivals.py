"""What is offered beside the steps, to whom and when, and until when somebody is to move on (TRF-20, TRF-21, TRF-26)."""

from datetime import date
from typing import Any

import pytest

from services.transfer.domain.arrivals import NOTES_MAX
from services.transfer.views_arrivals import arrival_of, duties_of, may_receive, move_on_by, moved_on
from shared.http.tokens import Principal

OUT, IN, COMMITTEE = "branch-out", "branch-in", "committee"
WHO = Principal("person-1", "session-1")
WAITS: dict[str, Any] = {
    "from_branch": OUT,
    "to": IN,
    "branch": None,
    "state": "pending",
    "waits_for": IN,
    "arrival": None,
    "duties": False,
    "hand_overs": [],
}
CAME = WAITS | {"state": "completed", "branch": IN, "waits_for": None, "arrival": {"unverified": True}, "duties": True}


class Writes:
    def __init__(self, *scopes: str) -> None:
        self._scopes = scopes

    async def may_write(self, _principal: Principal, scope: str) -> bool:
        return scope in self._scopes


class Kind:
    def __init__(self, kind: str) -> None:
        self._kind = kind

    async def kind(self, _organization: str) -> str:
        return self._kind

    async def is_floating(self, _organization: str) -> bool:
        return self._kind == "floating"


async def may(
    what: str, document: dict[str, Any], by: str = IN, kind: str = "floating", *, over: bool = False, left: bool = False
) -> bool:
    offered = await may_receive(Writes(by), Kind(kind), WHO, document, undecided=not over, left=left)
    return offered[what]


@pytest.mark.rule("TRF-20")
@pytest.mark.parametrize(
    ("settled", "until"),
    [
        ("2026-11-05", date(2026, 12, 5)),
        ("2026-10-31", date(2026, 11, 30)),
        ("2026-11-30", date(2026, 12, 30)),
        ("2026-12-31", date(2027, 1, 31)),
        ("2027-01-31", date(2027, 2, 28)),
        ("2028-01-30", date(2028, 2, 29)),
    ],
)
def test_within_a_month_is_the_same_day_of_the_next_one_or_its_last(settled: str, until: date) -> None:
    assert move_on_by({"settled_on": settled}) == until
    assert move_on_by({"settled_on": None}) is None


@pytest.mark.rule("TRF-20")
async def test_a_finding_is_asked_of_a_floating_branch_whose_step_it_is_and_of_who_assigns() -> None:
    what = "verify_employment"
    assert await may(what, WAITS)
    assert not await may(what, WAITS, OUT)
    assert not await may(what, WAITS, kind="bridging")
    assert not await may(what, WAITS, over=True)
    assert not await may(what, WAITS | {"waits_for": OUT})
    assert not await may(what, WAITS | {"state": "requested", "waits_for": None})
    assigns = WAITS | {"state": "unassigned", "to": COMMITTEE, "waits_for": COMMITTEE}
    assert await may(what, assigns, COMMITTEE, kind="")
    assert not await may(what, assigns, OUT)


@pytest.mark.rule("TRF-20")
async def test_afterwards_it_is_asked_of_the_branch_until_it_was_looked_into_and_no_longer_than_they_are_there() -> (
    None
):
    what = "verify_employment"
    assert await may(what, CAME)
    assert not await may(what, CAME, OUT)
    assert not await may(what, CAME, left=True)
    assert not await may(what, CAME | {"arrival": {"unverified": False}})


@pytest.mark.rule("TRF-20", "GRD-08")
async def test_that_work_is_settled_is_said_by_branches_that_people_leave_again_of_who_is_there() -> None:
    what = "settle_work"
    assert [
        kind for kind in ("floating", "bridging", "ordinary", "pending", "") if await may(what, CAME, kind=kind)
    ] == [
        "floating",
        "bridging",
    ]
    assert not await may(what, WAITS)
    assert not await may(what, CAME, OUT)
    assert not await may(what, CAME, left=True)


@pytest.mark.rule("TRF-21")
async def test_the_duties_are_the_new_branch_s_while_one_is_left_and_the_member_is_there() -> None:
    what = "receive"
    assert await may(what, CAME, kind="ordinary")
    assert not await may(what, CAME, OUT)
    assert not await may(what, CAME, left=True)
    assert not await may(what, CAME | {"duties": False})
    assert not await may(what, WAITS)


@pytest.mark.rule("TRF-26")
async def test_papers_are_noted_by_either_side_whatever_it_waits_for_until_there_are_too_many() -> None:
    what = "note_hand_over"
    assigned = CAME | {"to": COMMITTEE}
    for document, sides in ((WAITS, {OUT, IN}), (CAME, {OUT, IN}), (assigned, {OUT, IN})):
        assert {by for by in (OUT, IN, COMMITTEE) if await may(what, document, by, over=True)} == sides
    for many in (NOTES_MAX - 1, NOTES_MAX):
        assert await may(what, WAITS | {"hand_overs": [{}] * many}) is (many < NOTES_MAX)


class Members:
    def __init__(self, **branches: str) -> None:
        self._branches = branches

    async def branches(self, _people: object) -> dict[str, str]:
        return self._branches


@pytest.mark.rule("TRF-20", "TRF-21")
@pytest.mark.parametrize(("now", "gone"), [({"person": IN}, False), ({"person": OUT}, True), ({}, True)])
async def test_whoever_is_elsewhere_by_now_has_moved_on(now: dict[str, str], *, gone: bool) -> None:
    assert await moved_on(Members(**now), CAME | {"person": "person"}) is gone
    assert await moved_on(Members(**now), WAITS | {"person": "person"}) is False


@pytest.mark.rule("TRF-20", "TRF-21")
def test_the_duties_that_are_left_are_named_in_order() -> None:
    nothing = {"contacted_at": None, "checked_in_on": None, "unverified": True}
    for done, left in (
        ({}, ["contact", "check_in", "verify"]),
        ({"unverified": False}, ["contact", "check_in"]),
        ({"contacted_at": 1}, ["check_in", "verify"]),
        ({"checked_in_on": "2026-11-03"}, ["contact", "verify"]),
    ):
        assert duties_of({"duties": True, "arrival": nothing | done}) == left
    assert duties_of({"duties": False, "arrival": None}) == []


@pytest.mark.rule("TRF-20", "TRF-21")
def test_of_who_has_left_is_shown_what_was_done_and_no_day_to_move_on_by() -> None:
    done = {"contacted_at": None, "contacted_by": None, "checked_in_on": "2026-11-03", "checked_in_by": "person-2"}
    document = {"arrival": done | {"unverified": False}, "settled_on": "2026-11-05"}
    for left, until in ((False, date(2026, 12, 5)), (True, None)):
        shown = arrival_of(document, left=left)
        assert shown is not None
        assert (shown.checked_in_on, shown.settled_on, shown.move_on_by) == (
            date(2026, 11, 3),
            date(2026, 11, 5),
            until,
        )
    assert arrival_of({"arrival": None}, left=False) is None
