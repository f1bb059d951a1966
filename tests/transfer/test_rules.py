"""What provinces and operators set, through the routes: periods for later transfers, working days (TRF-09, OPS-05)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from services.transfer.domain.events import TransferRequested
from services.transfer.domain.working_days import EnterWorkingDays
from services.transfer.use_cases.rules import Settled, TransferRules
from shared.eventstore.store import EventStore
from shared.kernel.envelope import Actor, Request
from tests.transfer.conftest import (
    COMMITTEE,
    COMMITTEE_ADMIN,
    IN,
    IN_ADMIN,
    OUT,
    OUT_ADMIN,
    PROVINCE,
    ROOT,
    SCHOOL,
    World,
    organization,
    person,
)
from tests.transfer.test_process import approve, facts

DAY = timedelta(days=1)
TODAY = date(2026, 11, 22)
PROVINCE_ADMIN, OTHER_PROVINCE, FAR, FAR_ADMIN = person(201), organization(50), organization(51), person(202)


@pytest.fixture(autouse=True)
async def provinces(world: World) -> None:
    for rights in (world.rights, world.members.rights):
        await rights.tree({OTHER_PROVINCE: ROOT}, "leading_body")
        await rights.tree({FAR: OTHER_PROVINCE})
        await rights.administers(PROVINCE_ADMIN, PROVINCE)
        await rights.administers(FAR_ADMIN, FAR)


async def sets(
    world: World,
    days: int,
    effective_from: date = TODAY,
    *,
    automatic: bool = False,
    by: str = PROVINCE_ADMIN,
    **more: str,
) -> httpx.Response:
    body = {"days": days, "automatic": automatic, "effective_from": effective_from.isoformat()}
    return await world.send(f"organizations/{more.get('place', PROVINCE)}/transfer-periods", body, by)


async def due(world: World, transfer: str, by: str = OUT_ADMIN) -> Any:
    shown = (await world.get(f"transfers/{transfer}", by)).json()
    return shown["due_at"], shown["automatic"]


@pytest.mark.rule("TRF-09")
async def test_a_period_applies_to_transfers_started_after_it_and_those_before_keep_theirs(world: World) -> None:
    before = await world.opened(await world.enter())
    assert (await sets(world, 20)).status_code == 201
    after = await world.opened(await world.enter())
    assert [(await due(world, each))[0] for each in (before, after)] == ["2026-12-02T04:00:00Z", "2026-12-12T04:00:00Z"]
    world.clock.move(10 * DAY)
    await world.work()
    assert [await world.state(each) for each in (before, after)] == ["timed_out", "pending"]
    world.clock.move(10 * DAY)
    await world.work()
    assert await world.state(after) == "timed_out"


@pytest.mark.rule("TRF-09")
async def test_both_steps_of_a_transfer_keep_the_terms_of_its_start_even_the_second(world: World) -> None:
    """Started by the member; the province changes the period while the first step waits."""
    who = await world.enter()
    transfer = (await world.send("me/transfers", {"to": IN, "reason": "further_study"}, who)).json()["stream"]
    await world.carry()
    assert (await sets(world, 30)).status_code == 201
    world.clock.move(DAY)
    assert await approve(world, transfer, OUT_ADMIN) == 201
    assert (await due(world, transfer))[0] == "2026-12-03T04:00:00Z"


@pytest.mark.rule("TRF-09")
async def test_each_side_goes_by_its_own_province(world: World) -> None:
    assert (await sets(world, 15, automatic=True)).status_code == 201
    who = await world.enter()
    transfer = (await world.send("me/transfers", {"to": FAR, "reason": "further_study"}, who)).json()["stream"]
    await world.carry()
    assert await due(world, transfer) == ("2026-12-07T04:00:00Z", True)
    [requested] = [
        e for c in await world.parts.store.load(transfer) for e in c.events if isinstance(e, TransferRequested)
    ]
    assert [(t.side, t.hours, t.automatic) for t in requested.terms] == [("out", 360, True), ("in", 240, False)]
    world.clock.move(15 * DAY)
    await world.work()
    shown = (await world.get(f"transfers/{transfer}", OUT_ADMIN)).json()
    assert (shown["state"], shown["waits_for"], shown["automatic"]) == ("pending", FAR, False)
    assert [(step["what"], step["automatic"], step["late"]) for step in shown["steps"]] == [
        ("requested", False, False),
        ("approved", True, True),
    ]
    world.clock.move(10 * DAY)
    await world.work()
    assert await world.state(transfer) == "timed_out"


@pytest.mark.rule("TRF-09", "TRF-05")
async def test_fifteen_days_of_silence_move_a_member_where_the_province_says_so(world: World) -> None:
    assert (await sets(world, 15, automatic=True)).status_code == 201
    who = await world.enter()
    transfer = await world.opened(who)
    world.clock.move(15 * DAY - timedelta(microseconds=1))
    await world.work()
    assert await world.state(transfer) == "pending"
    world.clock.move(timedelta(microseconds=1))
    late = await world.send(f"transfers/{transfer}/approval", {}, IN_ADMIN)
    assert (late.status_code, late.json()["code"]) == (409, "transfer_over")
    shown = (await world.get(f"transfers/{transfer}", IN_ADMIN)).json()
    assert (shown["state"], shown["may"]["decide"]) == ("pending", False)
    for _ in range(2):
        await world.work()
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (IN, "completed")
    assert (await facts(world, transfer)).count("TransferStepApproved") == 1


@pytest.mark.rule("TRF-09")
async def test_a_period_is_set_for_a_later_day_and_seen_with_who_set_it(world: World) -> None:
    assert (await sets(world, 20, TODAY + 5 * DAY)).status_code == 201
    assert (await sets(world, 7)).status_code == 201
    shown = (await world.get(f"organizations/{IN}/transfer-periods", IN_ADMIN)).json()
    assert shown["today"] == {"hours": 168, "automatic": False}
    assert [(e["hours"], e["effective_from"], e["by"]) for e in shown["history"]] == [
        (168, "2026-11-22", PROVINCE_ADMIN),
        (480, "2026-11-27", PROVINCE_ADMIN),
    ]
    elsewhere = (await world.get(f"organizations/{FAR}/transfer-periods", FAR_ADMIN)).json()
    assert elsewhere == {"today": {"hours": 240, "automatic": False}, "history": []}
    world.clock.move(5 * DAY)
    assert (await due(world, await world.opened(await world.enter())))[0] == "2026-12-17T04:00:00Z"


@pytest.mark.rule("TRF-09", "ADM-08")
async def test_none_but_the_provincial_body_and_the_one_above_it_set_a_period(world: World) -> None:
    for place, by, expected in (
        (SCHOOL, PROVINCE_ADMIN, (422, "not_a_provincial_body")),
        (COMMITTEE, COMMITTEE_ADMIN, (422, "not_a_provincial_body")),
        (PROVINCE, COMMITTEE_ADMIN, (403, "outside_authority")),
        (OTHER_PROVINCE, PROVINCE_ADMIN, (403, "outside_authority")),
    ):
        answer = await sets(world, 20, by=by, place=place)
        assert (answer.status_code, answer.json()["code"]) == expected, place
    for days, automatic, day, code in (
        (2, False, TODAY, "period_out_of_bounds"),
        (10, True, TODAY, "automatic_only_after_fifteen_days"),
        (10, False, TODAY - DAY, "period_starts_in_the_past"),
    ):
        answer = await sets(world, days, day, automatic=automatic)
        assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.rule("OPS-05", "TRF-10")
async def test_working_days_are_entered_by_operators_and_a_year_without_them_says_so(world: World) -> None:
    operator = "operator-00000000-0000-4000-8000-000000000001"
    first = await world.opened(await world.enter())
    shown = (await world.get(f"transfers/{first}", IN_ADMIN)).json()
    assert (shown["late_at"], shown["by_weekdays"]) == ("2026-11-27T16:00:00Z", True)
    warned = (await world.get("reference/working-days/2026", CLASS_ADMIN)).json()
    assert (warned["entered"], [each["code"] for each in warned["warnings"]]) == (False, ["working_days_not_entered"])
    assert "2026 年的放假安排还没有录入" in warned["warnings"][0]["zh"]
    body = {"off": ["2026-11-24"], "on": ["2026-11-28"]}

    async def enters(year: int, **more: Any) -> httpx.Response:
        headers = world.issuer.headers(operator, key=f"working-days-{next(world.keys)}")
        return await world.client.put(f"/v1/reference/working-days/{year}", json=body | more, headers=headers)

    assert (await enters(2026)).status_code == 200
    entered = (await world.get("reference/working-days/2026", CLASS_ADMIN)).json()
    assert (entered["entered"], entered["off"], entered["warnings"]) == (True, ["2026-11-24"], [])
    assert [each["by"] for each in entered["history"]] == [operator]
    second = await world.opened(await world.enter())
    shown = (await world.get(f"transfers/{second}", IN_ADMIN)).json()
    assert (shown["late_at"], shown["by_weekdays"]) == ("2026-11-28T16:00:00Z", False)
    kept = (await world.get(f"transfers/{first}", IN_ADMIN)).json()
    assert kept["late_at"] == "2026-11-27T16:00:00Z"
    wrong = await enters(2027)
    assert (wrong.status_code, wrong.json()["code"]) == (400, "day_outside_year")
    refused = await world.client.put(
        "/v1/reference/working-days/2026",
        json=body,
        headers=world.issuer.headers(PROVINCE_ADMIN, key="working-days-by-others"),
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "only_central_operators")


@pytest.mark.rule("TRF-09", "OPS-05")
async def test_what_one_process_takes_in_another_decides_by_from_its_next_question_on(world: World) -> None:
    """The second process keeps what it has read; if it did not ask for news, it would go by the old period for ever."""
    tree = world.service.app.state.transfer.authority.tree
    here, there = (TransferRules(world.parts.store, Settled(world.parts.store), tree, 240) for _ in range(2))
    nothing = await there.terms(OUT, IN)
    assert ([term.hours for term in nothing], (await there.calendar()).years) == ([240, 240], {})
    for turn, days in enumerate((20, 30, 40), start=1):
        command = EnterWorkingDays(year=2026 + turn, off=(), on=())
        asked = (Request(Actor(PROVINCE_ADMIN), f"{what}-{turn}", "hash") for what in ("period", "year"))
        await here.set_period(next(asked), PROVINCE, days, TODAY, automatic=False)
        await here.enter_working_days(next(asked), command)
        for terms in await asyncio.gather(*(there.terms(OUT, IN) for _ in range(5))):
            assert [term.hours for term in terms] == [24 * days, 24 * days]
        calendars = await asyncio.gather(*(there.calendar() for _ in range(5)))
        assert all(sorted(each.years) == [2026 + i for i in range(1, turn + 1)] for each in calendars)


@pytest.mark.rule("TRF-09", "OPS-05")
async def test_what_was_set_is_read_once(world: World) -> None:
    """A query that finds nothing new by exact ids is all that a further command costs."""
    store, read = world.parts.store, list[str]()
    rules = TransferRules(store, Settled(_Counted(store, read)), world.service.app.state.transfer.authority.tree, 240)
    await rules.set_period(Request(Actor(PROVINCE_ADMIN), "period", "hash"), PROVINCE, 20, TODAY, automatic=False)
    for _ in range(3):
        assert [term.hours for term in await rules.terms(OUT, IN)] == [480, 480]
    assert len(read) == 1


class _Counted:
    """A store that notes whose commits are read from it."""

    def __init__(self, store: EventStore, read: list[str]) -> None:
        self.codec = store.codec
        self._store = store
        self._read = read

    async def documents(self, streams: Sequence[str], after: int = 0) -> AsyncIterator[dict[str, Any]]:
        async for document in self._store.documents(streams, after):
            self._read.append(document["stream"])
            yield document


CLASS_ADMIN = person(105)
