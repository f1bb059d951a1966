"""Transfers as pages: the lists, one with its time line, deciding at once with others (TRF-04 to TRF-14)."""

import re
from datetime import timedelta

import orjson
import pytest
from fastapi import FastAPI

from tests.web.conftest import Browser
from tests.web.county import BRANCH, COUNTY, LAN, NOW, SECRETARY, STEM, branch, made
from tests.web.stage import Stage
from tests.web.transfers import (
    ASSIGN,
    CHECKED,
    FAILED,
    IN,
    LATE,
    MINE,
    MOVED,
    OUT,
    REFUSED,
    SCHOOL,
    STREET,
    WITHDRAWN,
    lines,
    one,
    step,
    transfer,
)

LIST = f"/organizations/{COUNTY}/transfers"
START = f"/people/{LAN}/transfer"
OVER_TITLE = "这一步已经办理，或者还没有轮到这一步。"
OVER = {"title": OVER_TITLE, "status": 409, "code": "transfer_step_over", "rule": "TRF-07"}


@pytest.mark.rule("TRF-14")
async def test_the_nearest_deadline_stands_first_and_each_row_says_what_is_to_be_done(admin: Browser) -> None:
    page = (await admin.get(LIST)).text
    places = [page.index(f'href="/transfers/{each}"') for each in (IN, OUT, ASSIGN)]
    assert places == sorted(places)
    for text in ("转入审批", "转出审批", "分配团支部", "周若彤", SCHOOL, "不限时"):
        assert text in page


@pytest.mark.rule("TRF-14")
async def test_tabs_and_pages_ask_transfer_as_its_views_give_them(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(f"{LIST}?which=all")).text
    assert f"{LIST}?which=all&amp;cursor=more" in page
    for text in ("已转入", "未同意，已退回", "逾期退回", "已撤销", "没有办成", "正在核对"):
        assert text in page
    await admin.get(f"{LIST}?which=all&cursor=more")
    asked = [dict(request.url.params) for request in stage.sent("GET", f"/v1{LIST}")]
    assert {"which": "all", "limit": "50", "cursor": "more"} in asked
    await admin.get(f"{LIST}?which=everything")
    assert stage.sent("GET", f"/v1{LIST}")[-1].url.params["which"] == "waiting"


@pytest.mark.rule("TRF-14")
@pytest.mark.parametrize(
    ("which", "says"),
    [("waiting", "没有等待办理的转接"), ("started", "本组织还没有发起过转接"), ("all", "还没有与本组织有关的转接")],
)
async def test_an_empty_list_says_what_would_be_there(admin: Browser, stage: Stage, which: str, says: str) -> None:
    stage.answers[f"GET /v1{LIST}"] = (200, {"items": []})
    assert says in (await admin.get(f"{LIST}?which={which}")).text


@pytest.mark.rule("OPS-08")
async def test_a_silent_service_is_a_gap_and_the_rest_stays(admin: Browser, stage: Stage) -> None:
    stage.silent.add("transfer")
    for path in (LIST, "/home", f"/people/{LAN}", "/me/transfers"):
        answer = await admin.get(path)
        assert (path, answer.status_code) == (path, 200)
        assert "转接服务暂时没有答复" in answer.text
    assert (await admin.get(f"/transfers/{IN}")).status_code == 503


async def test_names_that_member_does_not_give_leave_the_list_whole(admin: Browser, stage: Stage) -> None:
    stage.answers["GET /v1/people/names"] = (503, {"status": 503, "code": "system_full", "title": "忙"})
    page = (await admin.get(LIST)).text
    assert "（姓名暂时无法显示）" in page
    assert SCHOOL in page


async def test_the_names_of_a_list_come_in_one_call(admin: Browser, stage: Stage) -> None:
    await admin.get(f"{LIST}?which=all")
    assert len(stage.sent("GET", "/v1/people/names")) == 1


@pytest.mark.rule("TRF-14")
async def test_the_menu_and_the_home_say_how_much_waits(admin: Browser, stage: Stage) -> None:
    async def count(of: str = "") -> str:
        part = await admin.get(f"{LIST}/count{of}", HX_Request="true", HX_Request_Type="partial")
        return re.sub(r"<[^>]+>|\s", "", part.text)

    counts = [await count(of) for of in ("", "?which=waiting", "?which=objections", "?which=coordination")]
    assert counts == ["5", "3", "1", "1"]
    home = (await admin.get("/home")).text
    assert f'hx-get="{LIST}/count"' in home
    assert home.index("周若彤") < home.index("蓝雨桐")
    stage.answers[f"GET /v1{LIST}"] = (200, lines(LATE))
    assert await count("?which=waiting") == ""
    stage.answers[f"GET /v1{LIST}"] = (200, lines())
    assert "待办的组织关系转接" not in (await admin.get("/home")).text


# ---- one transfer


@pytest.mark.rule("TRF-13")
async def test_the_approver_sees_whom_it_is_about_both_contacts_and_who_agreed(admin: Browser) -> None:
    page = (await admin.get(f"/transfers/{IN}")).text
    for text in ("周若彤的组织关系转接", "未落实去向", "150****3319", "0578-8122001", "转出方同意", "何嘉言", SCHOOL):
        assert text in page
    assert f"/people/{made('person', '周若彤')}/reveal?field=mobile" in page


@pytest.mark.rule("TRF-13", "OPS-01")
async def test_who_may_not_see_the_record_still_sees_the_transfer(admin: Browser, stage: Stage) -> None:
    absent = {"title": "没有找到这个人。", "status": 404, "code": "person_not_found"}
    stage.answers[f"GET /v1/people/{made('person', '周若彤')}"] = (404, absent)
    page = (await admin.get(f"/transfers/{MOVED}")).text
    assert "周若彤的组织关系转接" in page
    assert "团员信息" not in page


@pytest.mark.rule("TRF-09")
async def test_the_card_counts_down_and_says_what_happens_then(admin: Browser, stage: Stage, console: FastAPI) -> None:
    soon = transfer(due_at=(console.state.view.now() + timedelta(days=3, hours=4, seconds=30)).isoformat())
    stage.answers[f"GET /v1/transfers/{IN}"] = (200, soon)
    page = re.sub(r"<[^>]+>", "", (await admin.get(f"/transfers/{IN}")).text)
    assert "3天4小时0分" in page
    assert "届时自动退回发起人" in page
    assert "未办理则自动退回" in page


@pytest.mark.rule("TRF-12", "TRF-09", "TRF-11", "TRF-22", "BEY-04")
@pytest.mark.parametrize(
    ("identity", "says"),
    [
        (REFUSED, ("未同意，已退回", "本人不在本单位学习或工作")),
        (LATE, ("逾期退回", "转入方逾期未办，已退回", "转入方在办理期限内没有作出决定")),
        (WITHDRAWN, ("已撤销", "发起人撤销申请")),
        (FAILED, ("没有办成", "团员已不在转出的团支部")),
        (MOVED, ("已转入", STEM + "妙高街道平昌社区流动团员支部委员会")),
    ],
)
async def test_an_ended_one_says_how_and_why_and_offers_nothing(
    admin: Browser, identity: str, says: tuple[str, ...]
) -> None:
    page = (await admin.get(f"/transfers/{identity}")).text
    for text in says:
        assert text in page
    assert not re.search(r"/(approve|refuse|withdraw|assign)\"", page)


@pytest.mark.rule("TRF-09", "TRF-12")
@pytest.mark.parametrize(("by", "person", "leads"), [("out", "周若彤", "people"), ("member", "王舒宁", "me")])
async def test_what_came_back_is_started_anew_by_who_started_it(
    admin: Browser, stage: Stage, by: str, person: str, leads: str
) -> None:
    """Not by the other side, nor once the member is elsewhere."""
    who = made("person", person)
    late = one(LATE) | {"started_by": by, "person": who, "from_branch": BRANCH}
    stage.answers[f"GET /v1/transfers/{LATE}"] = (200, late)
    beyond = made("organization", "beyond")
    stage.answers[f"GET /v1/organizations/{beyond}"] = (200, branch(may={}))
    path = f"/people/{who}/transfer" if leads == "people" else "/me/transfer"
    assert f'href="{path}?to={STREET}"' in (await admin.get(f"/transfers/{LATE}")).text
    for elsewhere in ({"from_branch": COUNTY}, {"started_by": "in", "to": beyond}, {"state": "completed"}):
        stage.answers[f"GET /v1/transfers/{LATE}"] = (200, late | elsewhere)
        assert "重新发起</a>" not in (await admin.get(f"/transfers/{LATE}")).text


async def test_what_goes_on_by_itself_is_looked_at_again_soon(admin: Browser) -> None:
    assert 'hx-trigger="every 2s"' in (await admin.get(f"/transfers/{CHECKED}")).text
    assert 'hx-trigger="every 2s"' not in (await admin.get(f"/transfers/{IN}")).text


@pytest.mark.rule("TRF-07")
async def test_approving_asks_transfer_and_shows_the_result_of_it(admin: Browser, stage: Stage) -> None:
    assert f'name="step" value="{STREET}"' in (await admin.get(f"/transfers/{IN}")).text
    answer = await admin.post(f"/transfers/{IN}/approve", {"_key": "once", "seen": "2", "step": STREET})
    assert answer.headers["location"] == f"/transfers/{IN}"
    [sent] = stage.sent("POST", f"/v1/transfers/{IN}/approval")
    assert (sent.headers["idempotency-key"], orjson.loads(sent.content)) == ("once", {"organization": STREET})
    page = await admin.get(f"/transfers/{IN}")
    assert "已同意。" in page.text
    assert stage.sent("GET", f"/v1/transfers/{IN}")[-1].headers["x-read-after"] == f"{IN}:4"


@pytest.mark.rule("TRF-12", "TRF-24", "TRF-25")
async def test_a_refusal_takes_a_ground_of_the_list_and_nothing_typed(admin: Browser, stage: Stage) -> None:
    dialog = (await admin.get(f"/transfers/{IN}/refuse", HX_Request="true", HX_Request_Type="partial")).text
    assert dialog.count('type="radio"') == 4
    assert "textarea" not in dialog
    assert f'name="step" value="{STREET}"' in (await admin.get(f"/transfers/{IN}/refuse")).text
    await admin.post(f"/transfers/{IN}/refuse", {"ground": "wrong_person", "seen": "2", "step": STREET})
    [sent] = stage.sent("POST", f"/v1/transfers/{IN}/refusal")
    assert orjson.loads(sent.content) == {"ground": "wrong_person", "organization": STREET}
    no = {"title": "不能以此为由拒绝转接。", "status": 400, "code": "ground_not_allowed", "field": "ground"}
    stage.answers[f"POST /v1/transfers/{IN}/refusal"] = (400, no)
    again = await admin.post(f"/transfers/{IN}/refuse", {"ground": "wrong_person"})
    assert again.status_code == 400
    assert "不能以此为由拒绝转接" in again.text
    assert 'value="wrong_person" required checked' in again.text


@pytest.mark.rule("TRF-07")
@pytest.mark.parametrize("leaf", ["approve", "refuse"])
async def test_of_two_who_decide_at_once_the_second_sees_who_was_quicker(
    admin: Browser, stage: Stage, leaf: str
) -> None:
    await admin.get(f"/transfers/{IN}")
    quicker = step("approved", STREET, "妙高街道工作委员会", SECRETARY, minutes=1)
    after = transfer(state="unassigned", due_at=None, steps=[*transfer()["steps"], quicker])
    for what in ("approval", "refusal"):
        stage.answers[f"POST /v1/transfers/{IN}/{what}"] = (409, OVER)
    stage.answers[f"GET /v1/transfers/{IN}"] = (200, after)
    answer = await admin.post(f"/transfers/{IN}/{leaf}", {"seen": "2", "ground": "wrong_person"})
    assert answer.headers["location"] == f"/transfers/{IN}"
    page = (await admin.get(f"/transfers/{IN}")).text
    said = re.search(r'<div class="alert alert-warning".*?</div>', page)
    assert said
    for text in ("您的操作没有生效", "林知远已于", "以妙高街道工作委员会的名义", "转入方同意"):
        assert text in said[0]


@pytest.mark.rule("TRF-09")
async def test_who_decides_after_the_time_is_told_that_it_was_over(admin: Browser, stage: Stage) -> None:
    await admin.get(f"/transfers/{IN}")
    over = {"title": "已经超过办理期限。", "status": 409, "code": "transfer_over", "rule": "TRF-09"}
    stage.answers[f"POST /v1/transfers/{IN}/approval"] = (409, over)
    stage.answers[f"GET /v1/transfers/{IN}"] = (200, transfer(state="timed_out", due_at=NOW.isoformat()))
    await admin.post(f"/transfers/{IN}/approve", {"seen": "2"})
    assert "您的操作没有生效：转入方逾期未办，已退回（" in (await admin.get(f"/transfers/{IN}")).text


async def test_where_nothing_new_is_known_yet_it_is_still_said_that_nothing_was_done(
    admin: Browser, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.web.pages.transfer_one.CAUGHT_UP_PAUSE", 0)
    await admin.get(f"/transfers/{IN}")
    stage.answers[f"POST /v1/transfers/{IN}/approval"] = (409, OVER)
    await admin.post(f"/transfers/{IN}/approve", {"seen": "2"})
    assert "这项转接现在不等待您办理" in (await admin.get(f"/transfers/{IN}")).text


@pytest.mark.rule("OPS-08")
async def test_a_decision_into_silence_keeps_its_key(admin: Browser, stage: Stage) -> None:
    await admin.get(f"/transfers/{IN}/refuse")
    silent = (503, {"status": 503, "code": "system_full", "title": "系统繁忙"})
    stage.answers[f"POST /v1/transfers/{IN}/refusal"] = silent
    answer = await admin.post(f"/transfers/{IN}/refuse", {"_key": "same", "ground": "wrong_person"})
    assert answer.status_code == 503
    assert 'name="_key" value="same"' in answer.text


@pytest.mark.rule("TRF-11")
async def test_the_starter_is_asked_before_it_is_withdrawn_and_nobody_else_is_offered_it(
    admin: Browser, stage: Stage
) -> None:
    assert f"/transfers/{MINE}/withdraw" in (await admin.get(f"/transfers/{MINE}")).text
    assert "/withdraw" not in (await admin.get(f"/transfers/{IN}")).text
    await admin.get(f"/transfers/{MINE}/withdraw")
    answer = await admin.post(f"/transfers/{MINE}/withdraw", {"seen": "1"})
    assert answer.headers["location"] == f"/transfers/{MINE}"
    assert len(stage.sent("POST", f"/v1/transfers/{MINE}/withdrawal")) == 1


@pytest.mark.rule("TRF-04", "TRF-06")
async def test_a_branch_is_assigned_from_those_below_the_destination(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(f"/transfers/{ASSIGN}")).text
    assert f"/transfers/{ASSIGN}/assign" in page
    assert page.count('name="branch"') == 2
    picker = (await admin.get(f"/transfers/{ASSIGN}/assign")).text
    assert picker.count(">选择</a>") == 2
    await admin.get(f"/transfers/{ASSIGN}/assign?q=平昌")
    assert stage.sent("GET", "/v1/organizations")[-1].url.params["under"] == STREET
    await admin.get(f"/transfers/{ASSIGN}/assign?to={BRANCH}")
    answer = await admin.post(f"/transfers/{ASSIGN}/assign", {"branch": BRANCH, "seen": "3"})
    assert answer.headers["location"] == f"/transfers/{ASSIGN}"
    assert orjson.loads(stage.sent("POST", f"/v1/transfers/{ASSIGN}/assignment")[0].content) == {"branch": BRANCH}


@pytest.mark.rule("X14")
async def test_a_transfer_of_nobody_s_business_is_not_found(admin: Browser) -> None:
    for path in (f"/transfers/{made('transfer', 'unknown')}", "/transfers/transfer-1"):
        assert (await admin.get(path)).status_code == 404


async def test_one_just_started_is_on_its_way_and_not_lost(admin: Browser, stage: Stage) -> None:
    await admin.get(f"{START}?to={STREET}")
    await admin.post(START, {"to": STREET, "reason": "undecided"})
    stage.answers[f"GET /v1/transfers/{OUT}"] = (404, {"title": "没有找到。", "status": 404, "code": "nothing_here"})
    page = await admin.get(f"/transfers/{OUT}")
    assert (page.status_code, "已发起，正在登记" in page.text) == (200, True)
    assert (await admin.get(f"/transfers/{OUT}")).status_code == 404
