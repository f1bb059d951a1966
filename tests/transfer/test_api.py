"""transfer through its routes: who starts, decides, withdraws; what is refused; what lists and cards show."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.transfer.domain.refusals import (
    FileIsNoGround,
    GroundNotAllowed,
    LeadingBodyHasNoPart,
    MemberNotInBranch,
    NoMembershipToTransfer,
    NotTheStarter,
    ProbationIsNoGround,
    ReasonNeedsText,
    ReasonNotOffered,
    ReasonTakesNoText,
)
from services.transfer.shapes import May
from shared.http.routes import assert_all_routes_declare_access
from shared.kernel.refusals import Refusal
from tests.transfer.conftest import (
    CLASS,
    COMMITTEE,
    COMMITTEE_ADMIN,
    IN,
    IN_ADMIN,
    OUT,
    OUT_ADMIN,
    PROVINCE,
    SCHOOL_ADMIN,
    STRANGER,
    World,
    organization,
    person,
)

GROUND, REASON = {"ground": "not_of_this_unit"}, "change_of_school"


def refused(answer: httpx.Response, refusal: type[Refusal]) -> bool:
    name = "".join(part.capitalize() for part in str(answer.json().get("code")).split("_"))
    return name == refusal.__name__


async def out(world: World, who: str, to: str = IN, by: str = OUT_ADMIN, reason: str = REASON) -> httpx.Response:
    return await world.send(f"organizations/{OUT}/transfers-out", {"person": who, "to": to, "reason": reason}, by)


async def card(world: World, transfer: str, by: str) -> Any:
    answer = await world.get(f"transfers/{transfer}", by)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.rule("P12")
async def test_every_route_says_who_may_and_none_is_open(world: World) -> None:
    wire = [("POST", leaf) for leaf in ("offers", "decisions", "outcomes", "reconciliations", "keys")]
    wire += [("GET", "directory"), ("GET", "transfers/{transfer}")]
    assert_all_routes_declare_access(world.service.app, frozenset(f"{how} /exchange/v1/{leaf}" for how, leaf in wire))


@pytest.mark.rule("TRF-01")
async def test_a_leading_body_is_no_destination_and_what_is_not_there_neither(world: World) -> None:
    who = await world.enter()
    assert refused(await out(world, who, PROVINCE), LeadingBodyHasNoPart)
    unknown = await out(world, who, organization(999))
    assert (unknown.status_code, unknown.json()["code"]) == (400, "destination_unknown")
    same = await out(world, who, OUT)
    assert same.json()["code"] == "already_there"
    outside = await world.send(
        f"organizations/{OUT}/transfers-out", {"person": who, "to": IN, "reason": REASON}, STRANGER
    )
    assert (outside.status_code, outside.json()["code"]) == (403, "outside_authority")


@pytest.mark.rule("TRF-22", "X14")
async def test_a_branch_lets_go_its_own_members_only_and_hears_nothing_of_others(world: World) -> None:
    elsewhere = await world.enter(IN)
    answers = [await out(world, who) for who in (elsewhere, person(999), "nobody at all")]
    assert all(refused(answer, MemberNotInBranch) for answer in answers)
    told = [{k: v for k, v in answer.json().items() if k != "correlation"} for answer in answers]
    assert told[0] == told[1] == told[2]


@pytest.mark.rule("TRF-07")
async def test_who_is_a_member_nowhere_has_nothing_to_transfer(world: World) -> None:
    answer = await world.send("me/transfers", {"to": IN, "reason": REASON}, STRANGER)
    assert refused(answer, NoMembershipToTransfer)


@pytest.mark.rule("TRF-15", "TRF-12", "TRF-24", "TRF-25")
async def test_reasons_and_grounds_come_from_the_lists_and_nothing_else_is_taken(world: World) -> None:
    lists = (await world.get("reference/transfers", STRANGER)).json()
    assert {"升学", "转学", "工作调动"} <= {row["zh"] for row in lists["reasons"]}
    who = await world.enter()
    assert refused(await out(world, who, reason="because"), ReasonNotOffered)
    transfer = await world.opened(who)
    none = {"file_not_supplied": FileIsNoGround, "probation": ProbationIsNoGround}
    assert [(row["code"], row["rule"]) for row in lists["no_grounds"]] == [
        (code, refusal.rule) for code, refusal in none.items()
    ]
    for ground, no in (*none.items(), ("档案未到", GroundNotAllowed)):
        assert refused(await world.send(f"transfers/{transfer}/refusal", {"ground": ground}, IN_ADMIN), no)
    assert await world.state(transfer) == "pending"


@pytest.mark.rule("TRF-15", "P11", "TRF-14")
async def test_something_else_needs_a_text_which_is_sealed_and_shown_to_both_sides(world: World) -> None:
    who, text = await world.enter(), "随父母迁往外省，暂未落实单位"
    listed = (await world.get("reference/transfers", STRANGER)).json()["reasons"]
    assert [row["code"] for row in listed if row["with_text"]] == ["other"]
    path, body = f"organizations/{OUT}/transfers-out", {"person": who, "to": IN, "reason": "other"}
    for note in ("", " \t　"):
        assert refused(await world.send(path, body | {"note": note}, OUT_ADMIN), ReasonNeedsText)
    with_text = await world.send(path, body | {"reason": REASON, "note": text}, OUT_ADMIN)
    assert refused(with_text, ReasonTakesNoText)
    started = await world.send(path, body | {"note": f"  {text} "}, OUT_ADMIN)
    assert started.status_code == 201, started.text
    transfer = started.json()["stream"]
    await world.carry()
    for by in (OUT_ADMIN, IN_ADMIN, who):
        assert (await card(world, transfer, by))["note"] == text
    async for commit in world.parts.store.commits.find({}):
        assert text not in str(commit)
    assert all(text not in str(fact) for fact in await world.published())
    await world.members.parts.vault.destroy([who], world.clock.now())
    world.parts.keys._cache.forget([who])
    later = await world.send(path, body | {"note": text}, OUT_ADMIN)
    assert later.json()["code"] == "nothing_here", later.text


@pytest.mark.rule("TRF-12", "TRF-14")
async def test_the_starter_and_the_member_see_who_refused_and_on_which_ground(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    assert (await world.send(f"transfers/{transfer}/refusal", GROUND, IN_ADMIN)).status_code == 201
    await world.carry()
    for by in (OUT_ADMIN, who, IN_ADMIN, SCHOOL_ADMIN):
        shown = await card(world, transfer, by)
        assert (shown["state"], shown["ground"]) == ("refused", "not_of_this_unit")
        assert [step["what"] for step in shown["steps"]] == ["requested", "refused"]
        assert shown["steps"][1]["by"] == IN_ADMIN
    again = await world.send(f"transfers/{transfer}/approval", {}, IN_ADMIN)
    assert (again.status_code, again.json()["code"]) == (409, "transfer_over")


@pytest.mark.rule("TRF-05", "ADM-08")
async def test_the_superior_decides_for_a_branch_and_the_side_that_started_does_not(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    starter = await world.send(f"transfers/{transfer}/approval", {}, OUT_ADMIN)
    assert (starter.status_code, starter.json()["code"]) == (403, "outside_authority")
    key = "the-same-key"
    first = await world.send(f"transfers/{transfer}/approval", {}, SCHOOL_ADMIN, key)
    again = await world.send(f"transfers/{transfer}/approval", {}, SCHOOL_ADMIN, key)
    assert (first.status_code, again.json()) == (201, first.json())
    other = await world.send(f"transfers/{transfer}/approval", {}, IN_ADMIN)
    assert (other.status_code, other.json()["code"]) == (409, "transfer_step_over")


@pytest.mark.rule("TRF-11")
async def test_nobody_but_the_starter_withdraws(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    for by in (who, IN_ADMIN):
        answer = await world.send(f"transfers/{transfer}/withdrawal", {}, by)
        assert (answer.status_code, answer.json()["code"]) == (403, "outside_authority")
    assert (await world.send(f"transfers/{transfer}/withdrawal", {}, OUT_ADMIN)).status_code == 201
    await world.carry()
    mine = (await world.send("me/transfers", {"to": IN, "reason": REASON}, who)).json()["stream"]
    assert refused(await world.send(f"transfers/{mine}/withdrawal", {}, OUT_ADMIN), NotTheStarter)
    assert (await world.send(f"transfers/{mine}/withdrawal", {}, who)).status_code == 201


@pytest.mark.rule("TRF-01", "ORG-09")
async def test_what_was_dissolved_is_no_destination(world: World) -> None:
    who = await world.enter()
    await world.rights.gone(COMMITTEE)
    unknown = await out(world, who, COMMITTEE)
    assert (unknown.status_code, unknown.json()["code"]) == (400, "destination_unknown")


@pytest.mark.rule("TRF-11", "TRF-06")
async def test_after_the_last_approval_it_is_assigned_to_a_branch_and_cannot_be_withdrawn(world: World) -> None:
    transfer = await world.opened(await world.enter(), COMMITTEE)
    early = await world.send(f"transfers/{transfer}/assignment", {"branch": CLASS}, COMMITTEE_ADMIN)
    assert early.json()["code"] == "no_branch_to_assign"
    assert (await world.send(f"transfers/{transfer}/approval", {}, COMMITTEE_ADMIN)).status_code == 201
    late = await world.send(f"transfers/{transfer}/withdrawal", {}, OUT_ADMIN)
    assert (late.status_code, late.json()["code"]) == (409, "last_approval_given")
    unknown = await world.send(f"transfers/{transfer}/assignment", {"branch": COMMITTEE}, COMMITTEE_ADMIN)
    assert unknown.json()["code"] == "destination_unknown"


@pytest.mark.rule("TRF-14", "TRF-09")
async def test_an_organization_sees_what_waits_for_it_what_it_started_and_all_of_both_sides(world: World) -> None:
    transfers = [await world.opened(await world.enter()) for _ in range(3)]

    async def listed(place: str, which: str, by: str, **more: Any) -> Any:
        asked = "&".join(f"{k}={v}" for k, v in more.items())
        return (await world.get(f"organizations/{place}/transfers?which={which}&{asked}", by)).json()

    waiting = await listed(IN, "waiting", IN_ADMIN, limit=2)
    rest = await listed(IN, "waiting", IN_ADMIN, limit=2, cursor=waiting["next"])
    assert [t["transfer"] for t in (*waiting["items"], *rest["items"])] == transfers
    assert (waiting["items"][0]["waits_for_name"], waiting["items"][0]["from_name"]) == (IN, OUT)
    assert [len((await listed(OUT, w, OUT_ADMIN))["items"]) for w in ("waiting", "started", "all")] == [0, 3, 3]
    assert [len((await listed(IN, w, IN_ADMIN))["items"]) for w in ("waiting", "started", "all")] == [3, 0, 3]
    world.clock.move(timedelta(days=10))
    assert {t["state"] for t in (await listed(IN, "waiting", IN_ADMIN))["items"]} == {"timed_out"}


@pytest.mark.rule("TRF-14", "X14")
async def test_a_member_sees_the_own_transfers_and_a_stranger_none(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    for path, by in ((f"people/{who}/transfers", who), ("me/transfers", who), (f"people/{who}/transfers", OUT_ADMIN)):
        assert [t["transfer"] for t in (await world.get(path, by)).json()["items"]] == [transfer]
    for path in (f"transfers/{transfer}", f"people/{who}/transfers", "transfers/transfer-unknown", f"transfers/{who}"):
        answer = await world.get(path, STRANGER)
        assert (answer.status_code, answer.json()["code"]) == (404, "nothing_here"), path


@pytest.mark.rule("TRF-13", "TRF-11")
async def test_a_card_offers_what_the_asker_may_do_now_and_nothing_after_the_time(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who, COMMITTEE)
    nothing = dict.fromkeys(May.model_fields, False)
    decides, noting = {"decide": True, "explain": True}, {"note_hand_over": True}
    assigning = {"assign": True, "explain": True, "verify_employment": True}
    offered = {
        OUT_ADMIN: nothing | {"withdraw": True} | noting,
        COMMITTEE_ADMIN: nothing | decides | noting,
        who: nothing | {"object": True},
        SCHOOL_ADMIN: nothing | {"withdraw": True} | noting,
    }
    assert {by: (await card(world, transfer, by))["may"] for by in offered} == offered
    assert (await world.send(f"transfers/{transfer}/approval", {}, COMMITTEE_ADMIN)).status_code == 201
    assert (await card(world, transfer, COMMITTEE_ADMIN))["may"] == nothing | assigning | noting
    assert (await card(world, transfer, OUT_ADMIN))["may"] == nothing | noting
    other = await world.opened(await world.enter())
    world.clock.move(timedelta(days=10))
    assert [(await card(world, other, by))["may"] for by in (OUT_ADMIN, IN_ADMIN)] == [nothing | noting] * 2
