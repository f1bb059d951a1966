"""Special units, where leavers go, papers and duties as pages (TRF-16, TRF-19 to TRF-21, TRF-26)."""

from typing import Any

import orjson
import pytest

from tests.web.conftest import Browser
from tests.web.county import BRANCH, COUNTY, LAN
from tests.web.stage import Stage
from tests.web.transfers import ARRIVED, ASSIGN, IN, LATE, OUT, SPECIAL, STREET, one

SPECIAL_PAGE = f"/people/{LAN}/transfer/special-unit"
START = f"/people/{LAN}/transfer"


def sent(stage: Stage, path: str) -> Any:
    return orjson.loads(stage.sent("POST", path)[-1].content)


@pytest.mark.rule("TRF-16")
async def test_a_special_unit_takes_a_reason_and_a_note_and_no_destination(admin: Browser, stage: Stage) -> None:
    assert f'href="{SPECIAL_PAGE}"' in (await admin.get(START)).text
    page = (await admin.get(SPECIAL_PAGE)).text
    assert page.count('name="reason"') == 2
    assert 'name="to"' not in page
    answer = await admin.post(SPECIAL_PAGE, {"reason": "joined_army", "note": "入伍"})
    assert answer.headers["location"] == f"/transfers/{OUT}"
    asked = sent(stage, f"/v1/organizations/{BRANCH}/transfers-to-special-unit")
    assert asked == {"person": LAN, "reason": "joined_army", "note": "入伍"}
    await admin.get("/me/transfer/special-unit")
    await admin.post("/me/transfer/special-unit", {"reason": "classified_unit", "note": "去向"})
    assert sent(stage, "/v1/me/transfers-to-special-unit") == {"reason": "classified_unit", "note": "去向"}


@pytest.mark.rule("TRF-16")
async def test_a_refused_special_unit_keeps_what_was_typed(admin: Browser, stage: Stage) -> None:
    problem = {"title": "必须简要备注去向。", "status": 400, "field": "note", "code": "x", "rule": "TRF-16"}
    stage.answers["POST /v1/me/transfers-to-special-unit"] = (400, problem)
    await admin.get("/me/transfer/special-unit")
    answer = await admin.post("/me/transfer/special-unit", {"reason": "joined_army", "note": ""})
    assert answer.status_code == 400
    for text in ("必须简要备注去向", "TRF-16", 'value="joined_army" required checked'):
        assert text in answer.text


@pytest.mark.rule("TRF-19")
async def test_a_leaver_is_told_where_to_by_rule_and_both_go_along(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(START)).text
    assert "situation=has_work" in page
    assert "situation=no_work_yet&amp;place=floating_of_home" in page, "the only place there is need not be chosen"
    page = (await admin.get(f"{START}?situation=has_work")).text
    for text in ("工作单位的团组织", "place=floating_of_work", "不能转往户籍地"):
        assert text in page
    assert "place=floating_of_home" not in page
    chosen = f"{START}?situation=has_work&place=floating_of_work&to={STREET}"
    page = (await admin.get(chosen)).text
    assert 'name="situation" value="has_work"' in page
    form = {"to": STREET, "reason": "work_without_organization", "situation": "has_work", "place": "floating_of_work"}
    await admin.post(START, form)
    asked = sent(stage, f"/v1/organizations/{BRANCH}/transfers-out")
    assert (asked["situation"], asked["place"]) == ("has_work", "floating_of_work")


@pytest.mark.rule("TRF-19", "TRF-09")
async def test_what_a_leaver_said_goes_along_when_it_is_started_anew(admin: Browser, stage: Stage) -> None:
    said = {"started_by": "out", "from_branch": BRANCH, "situation": "no_work_yet", "place": "floating_of_home"}
    stage.answers[f"GET /v1/transfers/{LATE}"] = (200, one(LATE) | said)
    anew = f"/transfer?situation=no_work_yet&amp;place=floating_of_home&amp;to={STREET}"
    assert anew in (await admin.get(f"/transfers/{LATE}")).text


@pytest.mark.rule("TRF-19")
async def test_what_the_province_of_the_branch_allows_is_asked_for(admin: Browser, stage: Stage) -> None:
    await admin.get(f"{START}?situation=no_work_yet")
    assert stage.sent("GET", "/v1/reference/transfers")[-1].url.params["organization"] == BRANCH


@pytest.mark.rule("TRF-19", "TRF-13", "TRF-14")
async def test_what_a_leaver_said_stands_before_the_approver_in_the_time_line_and_in_lists(admin: Browser) -> None:
    said = "还没有落实工作：户籍地的流动团支部"
    page = (await admin.get(f"/transfers/{IN}")).text
    assert page.count(said) == 3
    assert said in page.split('class="timeline"')[1].split("</li>")[0]
    assert said in page.split('class="card decide"')[1].split("</section>")[0]
    for path in (f"/organizations/{COUNTY}/transfers", f"/people/{LAN}/transfers"):
        assert said in (await admin.get(path)).text
    assert "本人情况" not in (await admin.get(f"/transfers/{OUT}")).text


@pytest.mark.rule("TRF-16", "TRF-09")
async def test_what_waits_without_an_end_is_not_said_to_be_returned_after_ten_days(admin: Browser) -> None:
    page = (await admin.get(f"/transfers/{SPECIAL}")).text
    assert "由省级团委审批，不限时" in page
    assert "分配团支部" not in page
    assert "分配团支部" in (await admin.get(f"/transfers/{IN}")).text
    assert "TRF-09" not in page


def papers_of(page: str) -> str:
    return page.partition('aria-labelledby="h-paper"')[2].partition("</section>")[0]


@pytest.mark.rule("TRF-16", "TRF-26")
async def test_the_form_for_papers_is_folded_but_for_the_letter_that_is_waited_for(
    admin: Browser, stage: Stage
) -> None:
    may = one(SPECIAL)["may"] | {"note_hand_over": True}
    stage.answers[f"GET /v1/transfers/{SPECIAL}"] = (200, one(SPECIAL) | {"may": may, "hand_overs": []})
    letter = papers_of((await admin.get(f"/transfers/{SPECIAL}")).text)
    assert ("<form" in letter, "<details" in letter) == (True, False)
    stage.answers[f"GET /v1/transfers/{IN}"] = (200, one(IN) | {"may": may})
    folded = papers_of((await admin.get(f"/transfers/{IN}")).text)
    assert folded.index("<details") < folded.index("<form")
    fault = {"title": "日期不能晚于今天", "field": "issued_on"}
    said = {"title": "日期不能晚于今天", "status": 422, "code": "paper_in_the_future", "errors": [fault]}
    stage.answers[f"POST /v1/transfers/{IN}/hand-over"] = (422, said)
    refused = await admin.post(f"/transfers/{IN}/hand-over", {"letter": "介3号", "issued_on": "2026-12-30"})
    assert '<details class="fold" open>' in papers_of(refused.text)


@pytest.mark.rule("TRF-16")
async def test_a_special_unit_is_agreed_to_once_the_letter_is_recorded(admin: Browser, stage: Stage) -> None:
    card = one(SPECIAL) | {"employment": "no_work_yet", "waits_for": STREET}
    agree = f'action="/transfers/{SPECIAL}/approve"'
    stage.answers[f"GET /v1/transfers/{SPECIAL}"] = (200, card)
    assert agree in (await admin.get(f"/transfers/{SPECIAL}")).text
    stage.answers[f"GET /v1/transfers/{SPECIAL}"] = (200, card | {"hand_overs": []})
    page = (await admin.get(f"/transfers/{SPECIAL}")).text
    assert agree not in page
    assert '登记纸质介绍信后，省级团委才能同意。 <a href="#h-paper">' in page


@pytest.mark.rule("TRF-26", "TRF-16")
async def test_papers_are_on_the_card_and_in_the_time_line(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(f"/transfers/{SPECIAL}")).text
    for text in ("浙团介〔2026〕18号", "已登记线下材料", "特殊单位", "纸质介绍信", "2026年9月参军入伍", "参军入伍"):
        assert text in page
    assert papers_of(page).index("<form") > papers_of(page).index("登记一份材料</summary>")
    await admin.post(f"/transfers/{SPECIAL}/hand-over", {"letter": "介2号", "issued_on": "2026-11-19"})
    assert sent(stage, f"/v1/transfers/{SPECIAL}/hand-over") == {"letter": "介2号", "issued_on": "2026-11-19"}


@pytest.mark.rule("TRF-20")
async def test_a_floating_branch_is_asked_what_it_found_of_the_work_before_it_agrees(
    admin: Browser, stage: Stage
) -> None:
    page = (await admin.get(f"/transfers/{SPECIAL}")).text
    assert page.count('type="radio" name="finding"') == 2
    assert f"/transfers/{SPECIAL}/employment" in page
    assert f"/transfers/{SPECIAL}/approve" not in page
    assert "登记核实结果后才能同意" in page
    assert page.index('id="h-work"') < page.index('id="h-decide"')
    stage.answers[f"GET /v1/transfers/{SPECIAL}"] = (200, one(SPECIAL) | {"employment": "no_work_yet"})
    assert f"/transfers/{SPECIAL}/approve" in (await admin.get(f"/transfers/{SPECIAL}")).text
    assert 'name="finding"' not in (await admin.get(f"/transfers/{OUT}")).text


@pytest.mark.rule("TRF-20", "TRF-06")
async def test_who_assigns_is_told_what_to_record_before_a_floating_branch_is_chosen(
    admin: Browser, stage: Stage
) -> None:
    page = (await admin.get(f"/transfers/{ASSIGN}")).text
    assert page.count('type="radio" name="finding"') == 2
    assert "分配到其他团支部的不需要登记" in page
    no = {"title": "还没有记录核实结果。", "status": 409, "code": "employment_unverified", "field": "branch"}
    no |= {"rule": "TRF-20", "way_out": "请先在本页“就业情况核实”处记录结果。"}
    stage.answers[f"POST /v1/transfers/{ASSIGN}/assignment"] = (409, no)
    answer = await admin.post(f"/transfers/{ASSIGN}/assign", {"branch": BRANCH, "seen": "3"})
    refusal = answer.text.split('role="alert"')[1].split("</div>")[0]
    assert all(text in refusal for text in (no["title"], no["way_out"], "TRF-20", 'href="#f-branch"'))
    assert 'id="f-branch"' in answer.text


@pytest.mark.rule("TRF-20", "TRF-21")
async def test_what_the_new_branch_did_and_has_to_do(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(f"/transfers/{ARRIVED}")).text
    for text in (
        "已联系并更新信息",
        "登记线下报到",
        "前转出",
        "转入时没有登记核实结果",
        "登记去向落实日期",
        f'href="/people/{one(ARRIVED)["person"]}/transfer"',
    ):
        assert text in page
    for leaf, body in (
        ("contact", {}),
        ("check-in", {"checked_in_on": "2026-11-19"}),
        ("settled-work", {"settled_on": "2026-11-18"}),
        ("employment", {"finding": "works_here"}),
    ):
        await admin.post(f"/transfers/{ARRIVED}/{leaf}", body)
        assert sent(stage, f"/v1/transfers/{ARRIVED}/{leaf}") == body


@pytest.mark.rule("TRF-20", "TRF-21")
async def test_who_arrived_and_who_is_overdue_are_listed(admin: Browser, stage: Stage) -> None:
    path = f"/organizations/{COUNTY}/transfers"
    came = (await admin.get(f"{path}?which=arrivals")).text
    assert f'href="/transfers/{ARRIVED}"' in came
    assert "待报到、待核实就业" in came
    page = (await admin.get(f"{path}?which=moving_on")).text
    assert "已逾期" in page
    stage.answers[f"GET /v1{path}"] = (200, {"items": []})
    assert "没有应当转出的团员" in (await admin.get(f"{path}?which=moving_on")).text


@pytest.mark.rule("TRF-20", "TRF-21")
async def test_a_branch_s_home_shows_who_came_and_who_is_to_move_on(admin: Browser, stage: Stage) -> None:
    stage.standings[0]["category"] = "branch"
    home = (await admin.get("/home")).text
    came = home.split('aria-labelledby="h-arrivals"')[1].split("</section>")[0]
    assert f'href="/transfers/{ARRIVED}"' in came
    assert "：待报到、待核实就业" in came
    moving_on = home.split('aria-labelledby="h-moving_on"')[1].split("</section>")[0]
    for text in (f'href="/transfers/{ARRIVED}"', "2026年11月15日前转出", "已逾期"):
        assert text in moving_on
    stage.answers[f"GET /v1/organizations/{COUNTY}/transfers"] = (200, {"items": []})
    assert "h-arrivals" not in (await admin.get("/home")).text


@pytest.mark.rule("TRF-20", "ADM-08")
async def test_the_home_above_shows_who_is_to_move_on_from_a_branch_below(admin: Browser, stage: Stage) -> None:
    home = (await admin.get("/home")).text
    assert ('aria-labelledby="h-moving_on"' in home, 'aria-labelledby="h-arrivals"' in home) == (True, False)


@pytest.mark.rule("TRF-03", "TRF-12")
async def test_who_took_somebody_in_in_vain_begins_there_again(admin: Browser, stage: Stage) -> None:
    """Or where they are the superior: most branches have no admin of their own (ADM-08)."""
    for to in (COUNTY, BRANCH):
        stage.answers[f"GET /v1/transfers/{LATE}"] = (200, one(LATE) | {"started_by": "in", "to": to})
        page = (await admin.get(f"/transfers/{LATE}")).text
        assert f'href="/organizations/{to}/transfers/in">' in page.split("重新发起</a>")[0][-400:]
