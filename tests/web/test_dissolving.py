"""Dissolving an organization on the console: what stands in the way, what ends, the decision (ORG-09 to ORG-11)."""

from typing import Any

import orjson
import pytest

from tests.web.conftest import Browser
from tests.web.county import BRANCH, COUNTY, ME, SECRETARY, branch, organization
from tests.web.stage import Stage

PAGE = f"/organizations/{BRANCH}/dissolve"
SENT = f"/v1/organizations/{BRANCH}/dissolution"
FILE = {"document_file": ("批复.pdf", b"%PDF-1.4", "application/pdf")}
WHOLE = {"decided_on": "2026-11-20", "confirmed": f"{ME} {SECRETARY}", "seen": "on"}


@pytest.mark.rule("ORG-09", "ORG-10")
async def test_the_page_names_whose_rights_end_and_offers_to_move_the_members(admin: Browser) -> None:
    page = (await admin.get(PAGE)).text
    for text in ("职务和管理员权限随之结束", "林知远", "账号保留", "1284 名团员", "全部转入待接转团支部", "ORG-10"):
        assert text in page, text
    assert f'value="{ME} {SECRETARY}"' in page


@pytest.mark.rule("ORG-09", "ORG-11")
async def test_where_something_stands_in_the_way_there_is_no_form(admin: Browser, stage: Stage) -> None:
    stage.answers[f"GET {SENT}"] = (200, {"subordinates": 3, "cadres": [], "admins": []})
    page = (await admin.get(PAGE)).text
    assert "还有 3 个直属下级组织" in page
    assert 'name="decided_on"' not in page
    del stage.answers[f"GET {SENT}"]
    stage.answers[f"GET /v1/organizations/{BRANCH}"] = (200, branch(branch_kind="pending"))
    page = (await admin.get(PAGE)).text
    assert "全部转出后才能删除" in page
    assert 'name="decided_on"' not in page


@pytest.mark.rule("ORG-09")
async def test_the_decision_goes_to_org_with_its_document_and_leads_to_the_branch(admin: Browser, stage: Stage) -> None:
    await admin.get(PAGE)
    answer = await admin.post(PAGE, WHOLE | {"relocate": "on"}, files=FILE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/organizations/{BRANCH}")
    (sent,) = stage.sent("POST", SENT)
    body: dict[str, Any] = orjson.loads(sent.content)
    assert body == {
        "decided_on": "2026-11-20", "document": "doc-2", "confirmed": [ME, SECRETARY], "relocate": True
    }  # fmt: skip
    stage.answers[f"GET /v1/organizations/{BRANCH}"] = (200, branch(dissolution={"state": "closing"}))
    page = (await admin.get(f"/organizations/{BRANCH}")).text
    assert "正在核对团支部中的团员" in page


@pytest.mark.rule("ORG-09")
async def test_a_refusal_keeps_what_was_typed(admin: Browser, stage: Stage) -> None:
    await admin.get(PAGE)
    problem = {
        "title": "撤销决定的日期应在组织成立之后、今天或以前。",
        "status": 422,
        "rule": "ORG-09",
        "field": "decided_on",
    }
    stage.answers[f"POST {SENT}"] = (422, problem | {"code": "decision_date_impossible"})
    answer = await admin.post(PAGE, WHOLE | {"document": "doc-2", "relocate": "on"})
    assert answer.status_code == 422
    assert "撤销决定的日期应在组织成立之后" in answer.text
    assert 'value="2026-11-20"' in answer.text
    assert 'value="doc-2"' in answer.text
    stage.silent = {"org"}
    assert (await admin.post(PAGE, WHOLE)).status_code == 503


@pytest.mark.rule("ORG-09", "ORG-10")
@pytest.mark.parametrize(
    ("dissolution", "said"),
    [
        ({"state": "refused", "members": 3}, "团支部中还有 3 名团员"),
        ({"state": "dissolved", "decided_on": "2026-11-20", "document": "doc-2", "successor": COUNTY}, "团员已转入"),
    ],
)
async def test_the_card_says_what_became_of_it(
    admin: Browser, stage: Stage, dissolution: dict[str, Any], said: str
) -> None:
    may = organization()["may"] | {"dissolve": True}
    stage.answers[f"GET /v1/organizations/{BRANCH}"] = (200, branch(dissolution=dissolution, may=may, secretary=None))
    page = (await admin.get(f"/organizations/{BRANCH}")).text
    assert said in page
    gone = dissolution["state"] == "dissolved"
    assert (f'href="{PAGE}"' in page) is not gone
    assert ("按2026年11月20日的撤销决定" in page, "尚无书记" in page) == (gone, not gone)


@pytest.mark.rule("ORG-11")
async def test_the_list_of_a_pending_branch_offers_nobody_s_entry(admin: Browser, stage: Stage) -> None:
    path, offers = f"/organizations/{BRANCH}/members", (f'href="/organizations/{BRANCH}/members/new"', "批量导入</a>")
    for items in ({}, {f"GET /v1{path}": (200, {"items": [], "next": None, "total": 0})}):
        stage.answers = dict(items)
        page = (await admin.get(path)).text.partition("<main")[2]
        assert all(offer in page for offer in offers)
        stage.answers[f"GET /v1/organizations/{BRANCH}"] = (200, branch(branch_kind="pending"))
        page = (await admin.get(path)).text.partition("<main")[2]
        assert not any(offer in page for offer in offers)
