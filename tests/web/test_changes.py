"""Migrations, mergers and explanations on the console (ORG-17, ORG-21, BEY-05)."""

from typing import Any

import orjson
import pytest

from tests.web.changes import LATE, MOVED, REFUSED, RELEASED, STREET, TOWN, WAITING, explanation, migration
from tests.web.conftest import Browser
from tests.web.county import BRANCH, COUNTY, ME, PATH, SECRETARY, branch, organization
from tests.web.stage import Stage

ASK, TO = f"/organizations/{BRANCH}/migrate", str(STREET["id"])
FILE = {"document_file": ("说明.pdf", b"%PDF-1.4", "application/pdf")}


def body_of(stage: Stage, path: str) -> dict[str, Any]:
    (sent,) = stage.sent("POST", path)
    return dict(orjson.loads(sent.content))


@pytest.mark.rule("ORG-17")
async def test_the_new_superior_is_picked_in_the_tree_of_the_province(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(ASK)).text
    assert "只能在本省级团委范围内选择" in page
    assert f"to={TO}" in page
    found = (await admin.get(f"{ASK}?q=妙高")).text
    assert stage.sent("GET", "/v1/organizations")[-1].url.params["under"] == PATH[1]["id"]
    assert "妙高街道" in found


@pytest.mark.rule("ORG-17", "BEY-05")
async def test_before_it_is_asked_for_one_sees_what_moves_along(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(f"{ASK}?to={TO}")).text
    for text in ("42", "36", "51", "17", "统计从下一个整点起计入新上级", "ORG-17"):
        assert text in page, text
    answer = await admin.post(ASK, {"to": TO, "note": "机关改革"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/migrations/{WAITING}")
    assert body_of(stage, f"/v1/organizations/{BRANCH}/migrations") == {"to": TO, "note": "机关改革"}


@pytest.mark.rule("ORG-17")
async def test_a_refusal_says_why_and_keeps_the_choice(admin: Browser, stage: Stage) -> None:
    await admin.get(f"{ASK}?to={TO}")
    problem = {"title": "这个组织已有一份迁移申请正在办理", "status": 409, "rule": "ORG-17", "code": "migration_open"}
    stage.answers[f"POST /v1/organizations/{BRANCH}/migrations"] = (409, problem)
    answer = await admin.post(ASK, {"to": TO, "note": "机关改革"})
    assert answer.status_code == 409
    assert "已有一份迁移申请" in answer.text
    assert f'value="{TO}"' in answer.text
    assert "机关改革" in answer.text


@pytest.mark.rule("ORG-17")
async def test_an_operator_moves_into_another_province_with_a_reason(admin: Browser, stage: Stage) -> None:
    stage.standings[0]["role"] = "operator"
    far = organization(TO, path=[PATH[0], {"id": "organization-far", "short_name": "江苏团省委"}])
    stage.answers[f"GET /v1/organizations/{TO}"] = (200, far)
    page = (await admin.get(f"{ASK}?to={TO}")).text
    assert "跨省级团委的迁移" in page
    assert "立即迁移" in page
    answer = await admin.post(ASK, {"to": TO, "note": "整体划转"})
    assert answer.headers["location"] == f"/organizations/{BRANCH}"
    assert body_of(stage, f"/v1/organizations/{BRANCH}/placement") == {"to": TO, "reason": "整体划转"}


@pytest.mark.rule("ORG-17")
async def test_lists_lead_to_each_with_its_state(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(f"/organizations/{COUNTY}/migrations?which=own")).text
    for text in ("办理中", "已迁移", "未同意", "已撤回", "逾期结束", f"/migrations/{LATE}"):
        assert text in page, text
    assert stage.sent("GET", f"/v1/organizations/{COUNTY}/migrations")[-1].url.params["which"] == "own"
    home = (await admin.get("/home")).text
    assert "等待审批的组织迁移" in home
    assert f'href="/migrations/{WAITING}"' in home


@pytest.mark.rule("ORG-17", "BEY-05")
async def test_one_shows_its_time_line_its_countdown_and_the_decision(admin: Browser, stage: Stage) -> None:
    page = (await admin.get(f"/migrations/{WAITING}")).text
    for text in (
        "还剩",
        "自动结束",
        "机关改革，划归妙高街道",
        "同意后，由新直属上级继续审批",
        "撤回申请",
        "42",
    ):
        assert text in page, text
    stage.answers[f"GET /v1/migrations/{RELEASED}"] = (200, migration(RELEASED, may_decide=True, steps=[
        *migration()["steps"], {**migration()["steps"][0], "what": "approved"}]))  # fmt: skip
    assert "原上级不再有权限" in (await admin.get(f"/migrations/{RELEASED}")).text
    moved = (await admin.get(f"/migrations/{MOVED}")).text
    assert "组织已在新直属上级之下" in moved
    assert ("原直属上级" in moved, "现直属上级</span>" in moved) == (True, False)
    refused = (await admin.get(f"/migrations/{REFUSED}")).text
    assert "等党组织的批复" in refused
    assert "approve" not in refused
    assert "逾期未审批，自动结束" in (await admin.get(f"/migrations/{LATE}")).text


@pytest.mark.rule("ORG-17")
@pytest.mark.parametrize(
    ("act", "sent", "body"),
    [
        ("approve", "approval", {}),
        ("withdraw", "withdrawal", {}),
        ("refuse", "refusal", {"ground": "other", "note": "等批复"}),
    ],
)
async def test_it_is_decided_on_its_page_and_what_stands_against_it_is_said_there(
    admin: Browser, stage: Stage, act: str, sent: str, body: dict[str, str]
) -> None:
    await admin.get(f"/migrations/{WAITING}/refuse")
    answer = await admin.post(f"/migrations/{WAITING}/{act}", body)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/migrations/{WAITING}")
    assert body_of(stage, f"/v1/migrations/{WAITING}/{sent}") == body
    over = {"title": "这份迁移申请已经办结", "status": 409, "rule": "ORG-17", "code": "migration_over"}
    stage.answers[f"POST /v1/migrations/{WAITING}/{sent}"] = (409, over)
    refused = await admin.post(f"/migrations/{WAITING}/{act}", body)
    assert refused.status_code == 409
    assert "已经办结" in refused.text


@pytest.mark.rule("ORG-21", "BEY-05")
async def test_merging_names_what_ends_and_goes_to_org_with_its_document(admin: Browser, stage: Stage) -> None:
    path = f"/organizations/{BRANCH}/merge"
    page = (await admin.get(path)).text
    for text in ("团员全部转入所选团支部", "流动团员支部", "林知远", "ORG-21", "42"):
        assert text in page, text
    assert STREET["full_name"] not in page.partition("<select")[2].partition("</select>")[0]
    typed = {"into": TO, "decided_on": "2026-11-20", "confirmed": f"{ME} {SECRETARY}", "seen": "on"}
    answer = await admin.post(path, typed, files=FILE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/organizations/{BRANCH}")
    body = body_of(stage, f"/v1/organizations/{BRANCH}/merger")
    assert body == {"into": TO, "decided_on": "2026-11-20", "document": "doc-2", "confirmed": [ME, SECRETARY]}
    problem = {"title": "两个组织之下都有同名的下级", "status": 422, "rule": "ORG-05", "field": "into"}
    stage.answers[f"POST /v1/organizations/{BRANCH}/merger"] = (422, problem | {"code": "names_clash"})
    refused = await admin.post(path, typed | {"document": "doc-2"})
    assert refused.status_code == 422
    assert "两个组织之下都有同名的下级" in refused.text
    assert 'value="2026-11-20"' in refused.text


@pytest.mark.rule("ORG-21")
@pytest.mark.parametrize(
    ("dissolution", "said"),
    [
        ({"state": "closing", "into": TO}, "正在合并"),
        ({"state": "refused", "cause": "name_taken_there", "members": 0}, "请先修改全称"),
        ({"state": "dissolved", "decided_on": "2026-11-20", "successor": TO, "merged": True}, "已并入的组织"),
    ],
)
async def test_the_card_says_how_a_merger_stands(
    admin: Browser, stage: Stage, dissolution: dict[str, Any], said: str
) -> None:
    stage.answers[f"GET /v1/organizations/{BRANCH}"] = (200, branch(dissolution=dissolution))
    assert said in (await admin.get(f"/organizations/{BRANCH}")).text


@pytest.mark.rule("ORG-21")
async def test_a_school_explains_and_its_superior_acts_on_it_and_settles_it(admin: Browser, stage: Stage) -> None:
    path = f"/organizations/{BRANCH}/explain"
    assert "一直保存" in (await admin.get(path)).text
    answer = await admin.post(path, {"occasion": "renamed", "note": "更名"}, files=FILE)
    assert answer.headers["location"] == f"/organizations/{BRANCH}"
    sent = body_of(stage, f"/v1/organizations/{BRANCH}/explanations")
    assert sent == {"occasion": "renamed", "note": "更名", "document": "doc-2"}
    listed = f"/organizations/{COUNTY}/explanations"
    page = (await admin.get(listed)).text
    for text in ("与湖山中学合并办学", f"/organizations/{TOWN['id']}/merge", f"/organizations/{TOWN['id']}/edit"):
        assert text in page, text
    settled = await admin.post(listed, {"of": TOWN["id"], "explanation": "explanation-1"})
    assert settled.headers["location"] == listed
    assert stage.sent("POST", f"/v1/organizations/{TOWN['id']}/explanations/explanation-1/settlement")
    stage.answers[f"GET /v1/organizations/{BRANCH}"] = (200, branch(explanations=[explanation()]))
    assert "等待上级办理" in (await admin.get(f"/organizations/{BRANCH}")).text
