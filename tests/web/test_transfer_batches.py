"""Moving many members at once as pages: branch, members, branch, reason, and what became of each (TRF-08)."""

import orjson
import pytest

from tests.web.conftest import Browser
from tests.web.county import BRANCH, COUNTY, LAN, SECRETARY, organization
from tests.web.stage import Stage
from tests.web.transfer_batches import BATCH, TO, batch_card
from tests.web.transfers import BATCH_NEW, OUT, REFUSED, STREET, lines

CHOSEN = f"{BATCH_NEW}?from={BRANCH}"
PATH = f"/v1/organizations/{STREET}/transfer-batches"


@pytest.fixture(autouse=True)
def a_working_committee(stage: Stage) -> None:
    stage.answers[f"GET /v1/organizations/{STREET}"] = (200, organization(STREET, category="working_committee"))
    stage.answers[f"GET /v1/organizations/{BRANCH}/transfers"] = (200, {"items": [], "next": None})


@pytest.mark.rule("TRF-08")
async def test_the_branch_to_leave_is_chosen_from_those_below(admin: Browser, stage: Stage) -> None:
    street, below = organization(STREET, category="working_committee"), organization(BRANCH, category="branch")
    tree = street | {"children": [below | {"subordinates": 0}]}
    stage.answers[f"GET /v1/organizations/{STREET}/tree"] = (200, tree)
    page = (await admin.get(BATCH_NEW)).text
    assert "选择转出团支部" in page
    assert f"from={BRANCH}" in page


@pytest.mark.rule("TRF-08")
async def test_ticks_are_kept_from_page_to_page_and_taken_back(admin: Browser) -> None:
    page = (await admin.get(f"{CHOSEN}&who={LAN}")).text
    assert f'value="{LAN}" checked' in page
    assert "已选 1 人，最多 30 人" in page
    sent = f"{CHOSEN}&who={SECRETARY}+{LAN}&shown={LAN}&go="
    for go, person, kept, more in (
        ("find", f"&person={LAN}", [SECRETARY, LAN], ""),
        ("find", "", [SECRETARY], ""),
        ("all", "", [SECRETARY, LAN], ""),
        ("more", f"&person={LAN}", [SECRETARY, LAN], "&cursor=next-page"),
        ("next", f"&person={LAN}", [SECRETARY, LAN], "&step=to"),
    ):
        answer = await admin.get(f"{sent}{go}{person}&following=next-page")
        assert answer.status_code == 303
        location = answer.headers["location"]
        assert f"who={'+'.join(kept)}" in location
        assert location.endswith(more or f"who={'+'.join(kept)}")
    nobody = await admin.get(f"{CHOSEN}&who={LAN}&shown={LAN}&go=next")
    assert "step" not in nobody.headers["location"]


@pytest.mark.rule("TRF-08", "TRF-02")
async def test_who_is_on_the_way_already_is_shown_with_that_transfer_and_cannot_be_chosen(
    admin: Browser, stage: Stage
) -> None:
    stage.answers[f"GET /v1/organizations/{BRANCH}/transfers"] = (200, lines(OUT, REFUSED))
    page = (await admin.get(f"{CHOSEN}&who={LAN}+{SECRETARY}")).text
    assert f'value="{LAN}" disabled' in page
    for text in (f'href="/transfers/{OUT}"', "待转出方审批", "已选 1 人"):
        assert text in page
    shown = page.partition('name="shown" value="')[2].partition('"')[0].split()
    assert (LAN in shown, len(shown)) == (False, 7)
    asked = stage.sent("GET", f"/v1/organizations/{BRANCH}/transfers")[-1].url.params
    assert (asked["which"], len(asked.get_list("person"))) == ("all", 8)
    stage.silent.add("transfer")
    assert f'value="{LAN}" checked' in (await admin.get(f"{CHOSEN}&who={LAN}")).text


@pytest.mark.rule("TRF-08")
async def test_more_than_thirty_are_said_before_anything_is_sent(admin: Browser) -> None:
    who = "+".join(f"person-00000000-0000-4000-8000-{number:012d}" for number in range(31))
    page = (await admin.get(f"{CHOSEN}&who={who}")).text
    assert "一次最多转接 30 人" in page


@pytest.mark.rule("TRF-08", "TRF-15")
async def test_one_reason_goes_for_all_of_them(admin: Browser, stage: Stage) -> None:
    whole = f"{CHOSEN}&who={LAN}+{SECRETARY}&step=to&to={TO}"
    page = (await admin.get(whole)).text
    for text in ("蓝雨桐、林知远", "转接 2 名团员", 'value="other" data-note', 'name="note"'):
        assert text in page
    form = {"from": BRANCH, "to": TO, "who": f"{LAN} {SECRETARY}", "reason": "other", "note": "撤并团支部"}
    answer = await admin.post(BATCH_NEW, form)
    assert answer.headers["location"] == f"/transfer-batches/{BATCH}"
    sent = orjson.loads(stage.sent("POST", PATH)[0].content)
    people = {"people": [LAN, SECRETARY], "from_branch": BRANCH, "to": TO}
    assert sent == people | {"reason": "other", "note": "撤并团支部"}


@pytest.mark.rule("TRF-08")
async def test_a_refusal_is_told_where_it_was_asked_and_nothing_typed_is_lost(admin: Browser, stage: Stage) -> None:
    problem = {
        "title": "批量转接的两个团支部都必须在本组织下面。",
        "status": 422,
        "code": "branch_not_below",
        "rule": "TRF-08",
    }
    stage.answers[f"POST {PATH}"] = (422, problem)
    await admin.get(f"{CHOSEN}&who={LAN}&step=to&to={TO}")
    form = {"from": BRANCH, "to": TO, "who": LAN, "reason": "other", "note": "撤并团支部"}
    answer = await admin.post(BATCH_NEW, form)
    assert answer.status_code == 422
    for text in (problem["title"], "TRF-08", f'name="who" value="{LAN}"', "撤并团支部"):
        assert text in answer.text


@pytest.mark.rule("TRF-08")
async def test_the_result_names_each_and_looks_again_until_nothing_changes_any_more(
    admin: Browser, stage: Stage
) -> None:
    page = (await admin.get(f"/transfer-batches/{BATCH}")).text
    for text in ("已有业务正在办理", "不再接收团员", "已转入 1 人，办理中 0 人，未转 2 人", "蓝雨桐"):
        assert text in page
    assert "every 2s" not in page
    running = batch_card() | {"settled": False}
    stage.answers[f"GET /v1/transfer-batches/{BATCH}"] = (200, running)
    assert "every 2s" in (await admin.get(f"/transfer-batches/{BATCH}")).text


@pytest.mark.rule("TRF-08", "TRF-01")
async def test_a_leading_body_is_told_who_does_it(admin: Browser) -> None:
    page = (await admin.get(f"/organizations/{COUNTY}/transfer-batches/new")).text
    assert "本组织不能办理批量转接" in page
