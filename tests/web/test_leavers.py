"""Graduates and leavers as pages: where the tree opens, which reasons, what a record says, what stays behind empty."""

from typing import Any

import pytest

from tests.web.conftest import Browser
from tests.web.county import BRANCH, COUNTY, LAN, ME, PATH, branch, figures, record, subordinate, total_of
from tests.web.graduates import ZHOU
from tests.web.stage import Stage
from tests.web.transfers import ARRIVED, LATE, MOVED, OUT, SCHOOL, STREET, lines, one

START = f"/people/{LAN}/transfer"
ROOT = PATH[0]["id"]
GRADUATE = {"graduation": "graduate", "graduated": 2026}
EMPTY = {"title": "毕业生都已转出，这个团支部没有团员了"}


def reasons(page: str) -> list[str]:
    """What can be chosen, in its order."""
    return [each.split('"')[0] for each in page.split('name="reason" value="')[1:]]


def opened_at(stage: Stage) -> str:
    """The node of the tree that was asked for last."""
    return next(each.url.path.split("/")[3] for each in reversed(stage.seen) if each.url.path.endswith("/tree"))


@pytest.mark.rule("TRF-18", "TRF-19")
async def test_the_tree_opens_at_its_root_for_who_leaves_and_near_the_branch_for_others(
    admin: Browser, stage: Stage
) -> None:
    await admin.get(START)
    assert opened_at(stage) == COUNTY
    await admin.get(f"{START}?situation=no_work_yet&place=floating_of_home")
    assert opened_at(stage) == ROOT
    stage.answers[f"GET /v1/people/{LAN}"] = (200, record() | GRADUATE)
    await admin.get(START)
    assert opened_at(stage) == ROOT
    near = f"at={PATH[1]['id']}"
    assert near in (await admin.get(START)).text.split('id="found"')[1].split("现在所属的省级团委或系统")[0]
    assert "现在所属的省级团委或系统" not in (await admin.get(f"{START}?at={STREET}")).text
    assert opened_at(stage) == STREET
    stage.answers[f"GET /v1/people/{LAN}"] = (200, record() | GRADUATE | {"graduation": "staying_on"})
    await admin.get(START)
    assert opened_at(stage) == COUNTY
    await admin.get(f"/graduates/start?people={LAN},{ZHOU}&organization={COUNTY}")
    assert opened_at(stage) == ROOT


@pytest.mark.rule("TRF-15", "TRF-19")
async def test_only_the_reasons_that_lead_where_a_leaver_goes_are_offered(admin: Browser, stage: Stage) -> None:
    assert len(reasons((await admin.get(f"{START}?to={STREET}")).text)) == 8
    page = (await admin.get(f"{START}?situation=has_work&place=employer&to={STREET}")).text
    assert reasons(page) == ["work_with_organization"]
    assert 'value="work_with_organization" required checked' in page
    assert 'name="note"' not in page
    assert "只列出与去向相符的原因" in page
    home = f"{START}?situation=no_work_yet&place=floating_of_home&to={STREET}"
    page = (await admin.get(home)).text
    assert reasons(page) == ["undecided", "return_home"]
    assert "required checked" not in page
    stage.answers[f"GET /v1/people/{LAN}"] = (200, record() | GRADUATE)
    assert 'value="undecided" required checked' in (await admin.get(home)).text
    many = f"/graduates/start?people={LAN},{ZHOU}&organization={COUNTY}&to={STREET}"
    page = (await admin.get(f"{many}&situation=no_work_yet&place=floating_of_home")).text
    assert reasons(page) == ["undecided", "return_home"]
    assert 'value="undecided" required checked' in page
    assert (len(reasons((await admin.get(many)).text)), "required checked" in (await admin.get(many)).text) == (
        8,
        False,
    )


@pytest.mark.rule("TRF-19")
async def test_a_reason_that_was_refused_stands_beside_those_that_fit(admin: Browser, stage: Stage) -> None:
    no = {"title": "所选的转接原因与去向不符。", "status": 400, "code": "reason_leads_elsewhere", "rule": "TRF-19"}
    stage.answers[f"POST /v1/organizations/{BRANCH}/transfers-out"] = (400, no | {"field": "reason"})
    form = {"to": STREET, "reason": "further_study", "situation": "has_work", "place": "employer"}
    await admin.get(START)
    answer = await admin.post(START, form)
    assert (answer.status_code, no["title"] in answer.text) == (400, True)
    assert reasons(answer.text) == ["work_with_organization"]


@pytest.mark.rule("TRF-20", "TRF-02")
async def test_who_is_to_move_on_and_is_on_the_way_is_shown_with_that_transfer_and_starts_none(
    admin: Browser, stage: Stage
) -> None:
    path = f"/organizations/{COUNTY}/transfers"
    start = f'href="/people/{one(ARRIVED)["person"]}/transfer"'
    page = (await admin.get(f"{path}?which=moving_on")).text
    assert start in page
    rows = [one(ARRIVED) | {"onward": one(OUT)}]
    stage.answers[f"GET /v1{path}"] = (200, {"items": rows, "next": None})
    page = (await admin.get(f"{path}?which=moving_on")).text
    assert start not in page
    for text in (f'href="/transfers/{OUT}"', "待转出方审批", f"转往{one(OUT)['to_name']}", "查看这项转接"):
        assert text in page
    home = (await admin.get("/home")).text.split('aria-labelledby="h-moving_on"')[1].split("</section>")[0]
    for text in (f'href="/transfers/{OUT}"', "待转出方审批"):
        assert text in home


def leaves(page: str) -> str:
    return page.partition('id="leaves"')[2].partition("</section>")[0]


@pytest.mark.rule("GRD-03", "GRD-04", "GRD-06")
async def test_a_record_says_that_somebody_graduates_when_and_how_far_it_is(admin: Browser, stage: Stage) -> None:
    assert leaves((await admin.get(f"/people/{LAN}")).text) == ""
    stage.answers[f"GET /v1/organizations/{BRANCH}"] = (200, branch(graduates="2026-06", graduated=2026))
    stage.answers[f"GET /v1/people/{LAN}"] = (200, record() | GRADUATE)

    async def said(found: Any, **changes: Any) -> str:
        stage.answers[f"GET /v1/people/{LAN}/transfers"] = (200, found)
        stage.answers[f"GET /v1/people/{LAN}"] = (200, record() | GRADUATE | changes)
        return leaves((await admin.get(f"/people/{LAN}")).text)

    text = await said({"items": []})
    for part in ("毕业生 · 2026年6月毕业", "应转出：还没有发起转接", f'href="{START}"'):
        assert part in text
    refused = one(LATE) | {"from_branch": BRANCH}
    assert "应转出：上一次转接逾期退回" in await said({"items": [refused]})
    text = await said(lines(OUT))
    assert ("转接正在办理" in text, START in text) == (True, False)
    for kind, name in (("staying_on", "延迟毕业"), ("teacher", "教师")):
        text = await said({"items": []}, graduation=kind)
        assert (f"{name} · 2026年6月毕业" in text, "留在本团支部" in text, START in text) == (True, True, False)


@pytest.mark.rule("GRD-03", "TRF-13")
async def test_who_may_not_see_the_transfers_of_a_graduate_is_not_told_that_there_are_none(
    admin: Browser, stage: Stage
) -> None:
    stage.answers[f"GET /v1/people/{LAN}"] = (200, record() | GRADUATE)
    stage.answers[f"GET /v1/people/{LAN}/transfers"] = (
        404,
        {"title": "没有找到", "status": 404, "code": "nothing_here"},
    )
    text = leaves((await admin.get(f"/people/{LAN}")).text)
    assert ("毕业生 · 2026届" in text, "应转出" in text) == (True, False)


@pytest.mark.rule("GRD-03")
async def test_a_graduate_reads_it_on_the_own_page(admin: Browser, stage: Stage) -> None:
    stage.answers[f"GET /v1/people/{ME}"] = (200, record(ME) | GRADUATE)
    stage.answers["GET /v1/me/transfers"] = (200, {"items": []})
    text = leaves((await admin.get("/me")).text)
    assert ("毕业生 · 2026届" in text, 'href="/me/transfer"' in text) == (True, True)


@pytest.mark.rule("TRF-20")
async def test_a_record_says_until_when_somebody_is_to_move_on(admin: Browser, stage: Stage) -> None:
    found = {"items": [one(ARRIVED) | {"person": LAN}]}
    stage.answers[f"GET /v1/people/{LAN}/transfers"] = (200, found)
    text = leaves((await admin.get(f"/people/{LAN}")).text)
    for part in ("去向已落实", "2026年11月15日前转出", f'href="{START}"'):
        assert part in text
    stage.answers[f"GET /v1/people/{LAN}"] = (200, record(branch=STREET))
    assert leaves((await admin.get(f"/people/{LAN}")).text) == "", "has moved on since"
    assert one(MOVED)["branch_name"] != SCHOOL


@pytest.mark.rule("GRD-05", "ORG-09", "ORG-20")
async def test_a_graduate_branch_that_everybody_left_is_asked_for_no_secretary(admin: Browser, stage: Stage) -> None:
    lacking = {"branch_kind": "graduate", "missing": ["secretary"], "complete": False, "secretary": None}
    stage.answers[f"GET /v1/organizations/{BRANCH}"] = (200, branch(**lacking))
    counted = {"branches": 1, "branches_complete": 0, "members_complete": 0}

    def members(count: int) -> None:
        own = {"own": counted | {"members": count}, "total": counted | {"members": count}, "rows": []}
        stage.answers["GET /v1/progress/members"] = (200, own)

    members(2)
    assert "去录入书记" in (await admin.get(f"/organizations/{BRANCH}")).text
    members(0)
    page = (await admin.get(f"/organizations/{BRANCH}")).text
    for text in (EMPTY["title"], "不再需要书记", f'href="/organizations/{BRANCH}/dissolve"'):
        assert text in page
    assert ("去录入书记" in page, "缺书记" in page) == (False, False)
    stage.silent.add("stats")
    assert "去录入书记" in (await admin.get(f"/organizations/{BRANCH}")).text


@pytest.mark.rule("GRD-05", "ORG-09")
async def test_the_home_of_such_a_branch_says_what_becomes_of_it(admin: Browser, stage: Stage) -> None:
    stage.standings[0]["category"] = "branch"
    lacking = {"branch_kind": "graduate", "missing": ["secretary"], "complete": False, "secretary": None}
    stage.answers[f"GET /v1/organizations/{COUNTY}"] = (200, branch(id=COUNTY, **lacking))
    nobody = dict.fromkeys(("branches", "branches_complete", "members", "members_complete"), 0)
    stage.answers["GET /v1/progress/members"] = (200, {"own": nobody, "total": nobody, "rows": []})
    page = (await admin.get("/home")).text
    assert EMPTY["title"] in page
    assert ("h-incomplete" in page, "cadres/new" in page) == (False, False)


@pytest.mark.rule("GRD-05", "ORG-09")
async def test_the_superior_reads_it_in_the_lists(admin: Browser, stage: Stage) -> None:
    left = subordinate(6) | {"branch_kind": "graduate", "missing": ["secretary"], "complete": False}
    other = subordinate(3)
    found = {"items": [left, other], "next": None, "total": 2}
    stage.answers[f"GET /v1/organizations/{COUNTY}/subordinates"] = (200, found)
    rows = [figures(6) | {"members": 0, "members_complete": 0}, figures(3)]
    stage.answers["GET /v1/progress/members"] = (200, {"rows": rows, "total": total_of(rows), "own": {}})
    for path in ("/home", f"/organizations/{COUNTY}/subordinates"):
        page = (await admin.get(path)).text
        assert (page.count("已无团员，可删除"), page.count("缺书记")) == (1, 1), path
