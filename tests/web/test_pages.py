"""Every page in its states: filled, empty, refused, behind a silent service, and after a command."""

import re

import orjson
import pytest

from tests.web.applications import APPLICATION_PAGES
from tests.web.changes import CHANGE_PAGES
from tests.web.conftest import Browser
from tests.web.county import BRANCH, COUNTY, IMPORT, LAN, SECRETARY, organization, record
from tests.web.exchanges import EXCHANGE_PAGES
from tests.web.graduates import GRADUATE_PAGES
from tests.web.schools import SCHOOL_PAGES
from tests.web.stage import TICKET, Stage
from tests.web.transfers import TRANSFER_PAGES

TAKEN = {"title": "发展团员编号被占用", "rule": "MEM-06", "code": "number_taken", "way_out": "请与入团志愿书核对。"}
YOUNG = {"title": "入团时 13 周岁", "rule": "MEM-04", "code": "too_young", "way_out": "请核对日期。"}
PAGES = [
    "/home",
    f"/organizations/{COUNTY}",
    f"/organizations/{COUNTY}/edit",
    f"/organizations/{COUNTY}/subordinates",
    f"/organizations/{COUNTY}/subordinates/new",
    f"/organizations/{COUNTY}/members",
    f"/organizations/{COUNTY}/members/new",
    f"/organizations/{BRANCH}/members/new",
    f"/organizations/{COUNTY}/cadres",
    f"/organizations/{COUNTY}/cadres/new",
    f"/organizations/{COUNTY}/admins",
    f"/organizations/{COUNTY}/admins/{SECRETARY}/revoke",
    f"/organizations/{COUNTY}/codes",
    f"/organizations/{BRANCH}/dissolve",
    *(*CHANGE_PAGES, *APPLICATION_PAGES),
    *TRANSFER_PAGES,
    *GRADUATE_PAGES,
    *SCHOOL_PAGES,
    *EXCHANGE_PAGES,
    f"/organizations/{COUNTY}/imports",
    f"/imports/{IMPORT}",
    f"/imports/{IMPORT}/withdrawal",
    f"/people/{LAN}",
    f"/people/{LAN}/missing",
    f"/people/{LAN}/reveal?field=mobile",
    "/me",
    "/search?q=妙高",
    *("/progress/members", "/progress/cadres", "/account"),
    *("/register", f"/register/{TICKET}"),
]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_opens_with_its_heading(admin: Browser, path: str) -> None:
    answer = await admin.get(path)
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert "gap-note" not in answer.text, "the stage has no answer, or one of another shape"


@pytest.mark.parametrize(
    "path", ["/home", f"/organizations/{COUNTY}/subordinates", f"/people/{LAN}", "/progress/members"]
)
@pytest.mark.parametrize("service", ["org", "member", "stats"])
async def test_a_silent_service_is_said_and_never_a_fault(
    admin: Browser, stage: Stage, path: str, service: str
) -> None:
    """One service's failure is a gap in the page, or the page says which service is missing."""
    stage.silent.add(service)
    answer = await admin.get(path)
    assert answer.status_code in (200, 503)
    asked = any(request.url.port == {"org": 18001, "member": 18003, "stats": 18004}[service] for request in stage.seen)
    if asked:
        assert "暂时没有答复" in answer.text


async def test_the_home_stays_whole_when_stats_is_silent(admin: Browser, stage: Stage) -> None:
    stage.silent.add("stats")
    answer = await admin.get("/home")
    assert answer.status_code == 200
    assert "统计服务暂时没有答复" in answer.text
    assert "缺电子邮箱" in answer.text


async def test_an_answer_of_another_shape_is_a_gap_and_not_a_fault(admin: Browser, stage: Stage) -> None:
    stage.answers["GET /v1/progress/members"] = (200, {"rows": "none"})
    answer = await admin.get("/home")
    assert answer.status_code == 200
    assert "统计服务暂时没有答复" in answer.text


@pytest.mark.rule("IDN-08")
async def test_no_right_is_said_with_the_rule_and_the_way_out(admin: Browser, stage: Stage) -> None:
    stage.answers[f"GET /v1/people/{LAN}"] = (
        403,
        {
            "title": "不在您的管理范围内",
            "status": 403,
            "code": "out_of_scope",
            "rule": "ADM-08",
            "way_out": "可由遂昌中学团委办理。",
        },
    )
    answer = await admin.get(f"/people/{LAN}")
    assert answer.status_code == 403
    for text in ("不在您的管理范围内", "ADM-08", "可由遂昌中学团委办理。"):
        assert text in answer.text


@pytest.mark.rule("MEM-01")
async def test_a_refused_entry_keeps_what_was_typed_and_lists_every_fault(admin: Browser, stage: Stage) -> None:
    path = f"/organizations/{BRANCH}/members"
    faults = [{**TAKEN, "field": "development_number"}, {**YOUNG, "field": "join_date"}]
    stage.answers[f"POST /v1{path}"] = (
        422,
        {"title": "有 2 处不符合规则", "status": 422, "code": "faults", "errors": faults},
    )
    await admin.get(f"{path}/new")
    typed = {
        "name": "华雨晴",
        "number": "331123200803125427",
        "join_date": "2021-05",
        "development_number": "202133042718",
    }
    answer = await admin.post(f"{path}/new", typed | {"positions": "书记"})
    assert answer.status_code == 422
    for text in (*typed.values(), "MEM-06", "MEM-04", TAKEN["way_out"], 'href="#f-join_date"', "没有保存：2 处"):
        assert text in answer.text
    assert 'value="书记" checked' in answer.text


@pytest.mark.rule("OPS-08")
async def test_a_form_sent_into_silence_keeps_its_key_so_that_it_acts_once(admin: Browser, stage: Stage) -> None:
    path = f"/organizations/{BRANCH}/members/new"
    await admin.get(path)
    stage.silent.add("member")
    answer = await admin.post(path, {"_key": "form-key", "name": "华雨晴"})
    assert answer.status_code == 503
    assert 'name="_key" value="form-key"' in answer.text
    assert "华雨晴" in answer.text
    stage.silent.clear()
    await admin.post(path, {"_key": "form-key", "name": "华雨晴"})
    assert stage.sent("POST", f"/v1/organizations/{BRANCH}/members")[-1].headers["idempotency-key"] == "form-key"


async def test_after_a_command_the_next_page_says_it_and_waits_for_its_result(admin: Browser, stage: Stage) -> None:
    path = f"/organizations/{COUNTY}/subordinates"
    await admin.get(f"{path}/new")
    answer = await admin.post(f"{path}/new", {"full_name": "共青团<b>遂昌县</b>金竹镇委员会", "category": "committee"})
    assert answer.headers["location"] == path
    page = await admin.get(path)
    assert "已建立“共青团&lt;b&gt;遂昌县&lt;/b&gt;金竹镇委员会”。" in page.text
    assert stage.sent("GET", f"/v1{path}")[-1].headers["x-read-after"] == f"{COUNTY}:4"
    assert "已建立" not in (await admin.get(path)).text


async def test_a_list_that_has_not_reached_the_command_says_it_is_on_its_way(admin: Browser, stage: Stage) -> None:
    path = f"/organizations/{COUNTY}/subordinates"
    stage.answers[f"GET /v1{path}"] = (200, {"items": [], "total": 0, "fresh": False})
    assert "列表正在更新" in (await admin.get(path)).text


async def test_htmx_gets_the_form_alone_and_is_led_on_after_saving(admin: Browser) -> None:
    path = f"/organizations/{COUNTY}/subordinates/new"
    part = await admin.get(path, HX_Request="true", HX_Request_Type="partial")
    assert "<html" not in part.text
    assert "新建直属下级" in part.text
    answer = await admin.post(path, {"full_name": "甲"}, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert answer.headers["hx-redirect"] == f"/organizations/{COUNTY}/subordinates"


@pytest.mark.rule("ORG-05")
async def test_an_approval_document_is_handed_over_first_and_named_in_the_command(admin: Browser, stage: Stage) -> None:
    path = f"/organizations/{COUNTY}/subordinates/new"
    await admin.get(path)
    await admin.post(
        path, {"full_name": "甲", "_key": "k"}, files={"approval_file": ("批复.pdf", b"%PDF-", "application/pdf")}
    )
    assert b"%PDF-" in stage.sent("POST", "/v1/approval-documents")[0].content
    sent = orjson.loads(stage.sent("POST", "/v1/organizations")[0].content)
    assert (sent["approval_document"], sent["superior"]) == ("doc-2", COUNTY)


@pytest.mark.rule("ORG-08")
async def test_moving_up_asks_org_and_shows_the_list_of_the_superior(admin: Browser, stage: Stage) -> None:
    stage.answers[f"GET /v1/organizations/{BRANCH}"] = (200, organization(BRANCH, superior=COUNTY))
    await admin.get(f"/organizations/{COUNTY}/subordinates")
    answer = await admin.post(f"/organizations/{BRANCH}/order", {"way": "up"})
    assert answer.headers["location"] == f"/organizations/{COUNTY}/subordinates"
    assert len(stage.sent("POST", f"/v1/organizations/{BRANCH}/move-up")) == 1


@pytest.mark.rule("OPS-01")
async def test_a_number_is_revealed_only_with_a_reason_and_the_page_never_holds_it(
    admin: Browser, stage: Stage
) -> None:
    page = await admin.get(f"/people/{LAN}")
    assert "331123200603125427" not in page.text
    assert "3311************27" in page.text
    answer = await admin.post(f"/people/{LAN}/reveal", {"field": "number", "reason": "check_identity", "more": "当面"})
    assert "331123200603125427" in answer.text
    assert 'data-cover-after="60"' in answer.text
    sent = orjson.loads(stage.sent("POST", f"/v1/people/{LAN}/reveal")[0].content)
    assert sent == {"field": "number", "reason": "核对团员身份：当面"}


@pytest.mark.rule("MEM-23")
async def test_only_missing_fields_can_be_filled(admin: Browser, stage: Stage) -> None:
    page = await admin.get(f"/people/{LAN}/missing")
    assert 'name="mobile"' in page.text
    assert 'name="education"' not in page.text
    await admin.post(f"/people/{LAN}/missing", {"mobile": "13812345120", "name": "别人"})
    sent = orjson.loads(stage.sent("PUT", f"/v1/people/{LAN}/missing-fields")[0].content)
    assert sent == {"mobile": "13812345120"}


@pytest.mark.rule("IDN-04")
async def test_an_activation_code_is_shown_once(admin: Browser) -> None:
    await admin.get(f"/people/{LAN}")
    assert "K7QM3XTR" in (await admin.post(f"/people/{LAN}/activation-code")).text
    assert "K7QM3XTR" not in (await admin.get(f"/people/{LAN}")).text


@pytest.mark.rule("ADM-05")
async def test_nobody_is_offered_to_revoke_oneself(admin: Browser) -> None:
    page = await admin.get(f"/organizations/{COUNTY}/admins")
    assert page.text.count(">撤销</a>") == 1
    assert f"/admins/{SECRETARY}/revoke" in page.text


@pytest.mark.rule("ADM-04")
async def test_without_a_cadre_the_page_says_how_to_get_one(admin: Browser, stage: Stage) -> None:
    stage.answers[f"GET /v1/organizations/{COUNTY}"] = (200, organization(admins=0))
    stage.answers[f"GET /v1/organizations/{COUNTY}/admins"] = (200, {"items": []})
    stage.answers[f"GET /v1/organizations/{COUNTY}/cadres"] = (200, {"items": []})
    page = await admin.get(f"/organizations/{COUNTY}/admins")
    assert "先录入本组织的团干部" in page.text
    assert f"/organizations/{COUNTY}/cadres/new" in page.text


@pytest.mark.rule("OPS-04")
async def test_a_long_name_is_never_cut(admin: Browser, stage: Stage) -> None:
    name = "共青团浙江省丽水市遂昌县非公有制经济组织和社会组织工作委员会凯恩特种材料股份有限公司联合支部委员会"
    stage.answers[f"GET /v1/people/{LAN}"] = (200, record(branch_name=name))
    assert name in (await admin.get(f"/people/{LAN}")).text


@pytest.mark.rule("OPS-03")
async def test_old_browsers_get_a_notice(stranger: Browser) -> None:
    page = await stranger.get("/sign-in")
    assert "极速模式" in page.text
    css = await stranger.get(page.text.split('rel="stylesheet" href="')[1].split('"')[0])
    assert "@supports selector(:has(a)){.old-browser{display:none}}" in css.text


@pytest.mark.rule("ORG-06")
async def test_of_two_admins_editing_one_form_the_second_sees_what_the_first_changed(
    admin: Browser, stage: Stage
) -> None:
    """What was typed stays, what was left alone takes the other's value, and the next try is made from that."""
    path = f"/organizations/{COUNTY}"
    page = (await admin.get(f"{path}/edit")).text
    fields = dict(re.findall(r'name="((?:was_\w+)|edition)" value="([^"]*)"', page))
    assert (fields["edition"], fields["was_phone"]) == ("3", "0578-8122001")
    typed = {name.removeprefix("was_"): value for name, value in fields.items()}
    typed |= fields | {"address": "凯恩路1号", "contact": "周书"}
    now = organization(edition=4, phone="0578-8129999", contact="郑云", region=None)
    stage.answers[f"GET /v1{path}"] = (200, now)
    stage.answers[f"PUT /v1{path}/information"] = (
        409,
        {"title": "已被修改。", "status": 409, "code": "information_changed_meanwhile", "rule": "ORG-06"},
    )
    answer = await admin.post(f"{path}/edit", typed)
    assert answer.status_code == 409
    back = dict(re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', answer.text))
    assert (back["edition"], back["was_phone"]) == ("4", "0578-8129999")
    assert (back["phone"], back["address"], back["contact"]) == ("0578-8129999", "凯恩路1号", "周书")
    for text in ("<del>0578-8122001</del>", "<ins>0578-8129999</ins>", "<ins>郑云</ins>", "您填的是“周书”"):
        assert text in answer.text
    sent = orjson.loads(stage.sent("PUT", f"/v1{path}/information")[0].content)
    assert (sent["edition"], sent["address"]) == (3, "凯恩路1号")


@pytest.mark.rule("ORG-06")
async def test_a_form_refused_for_another_reason_keeps_the_edition_it_was_made_from(
    admin: Browser, stage: Stage
) -> None:
    path = f"/organizations/{COUNTY}"
    await admin.get(f"{path}/edit")
    stage.answers[f"GET /v1{path}"] = (200, organization(edition=9))
    stage.answers[f"PUT /v1{path}/information"] = (422, {"title": "不行。", "status": 422, "code": "name_taken"})
    page = (await admin.post(f"{path}/edit", {"edition": "3", "was_phone": "1", "full_name": "名"})).text
    assert 'name="edition" value="3"' in page
    assert 'name="was_phone" value="1"' in page


async def test_nothing_empty_is_shown_as_a_word_of_the_program(admin: Browser) -> None:
    for path in PAGES:
        page = (await admin.get(path)).text
        assert (path, re.findall(r">\s*(None|True|False|\[\])\s*<", page)) == (path, [])
