"""Transfers to and from other systems in the console (TRF-17, BEY-08)."""

import orjson
import pytest

from tests.web.conftest import Browser
from tests.web.county import COUNTY, LAN, record
from tests.web.exchanges import CAME, OFFERED, SYSTEMS
from tests.web.stage import Stage
from tests.web.transfers import MOVED, OUT

PAGE = f"/people/{LAN}/transfer-outside"
THERE = "共青团北京理工大学计算机学院2025级1班支部"


@pytest.mark.rule("TRF-17")
async def test_the_full_name_is_picked_from_the_directory_and_the_papers_go_along(admin: Browser, stage: Stage) -> None:
    page = await admin.get(f"/people/{LAN}/transfer-outside?system=beijing&q=大学")
    assert THERE in page.text
    form = {"system": "beijing", "organization_name": THERE, "reason": "further_study"}
    answer = await admin.post(PAGE, form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/transfers/{OUT}")
    [sent] = [r for r in stage.seen if r.method == "POST" and r.url.path.endswith("/transfers-outside")]
    assert orjson.loads(sent.content) == form | {"person": LAN, "papers": "sealed"}


@pytest.mark.rule("TRF-17")
async def test_a_refusal_is_told_where_it_was_asked_and_what_was_typed_stays(admin: Browser, stage: Stage) -> None:
    unknown = {"title": "名录里没有", "status": 400, "code": "outside_organization_unknown", "rule": "TRF-17"}
    await admin.get(PAGE)
    stage.answers[f"POST /v1/organizations/{record()['branch']}/transfers-outside"] = (400, unknown)
    form = {"system": "beijing", "organization_name": "共青团", "reason": "further_study"}
    answer = await admin.post(PAGE, form)
    assert answer.status_code == 400
    assert "名录里没有" in answer.text
    assert 'value="共青团"' in answer.text


@pytest.mark.rule("TRF-17")
async def test_of_whom_nobody_knows_it_is_asked_whether_to_take_them(admin: Browser, stage: Stage) -> None:
    absent = {"title": "没有找到", "status": 404, "code": "no_member_of_this_name_and_number", "rule": "TRF-03"}
    stage.answers[f"POST /v1/organizations/{COUNTY}/transfer-tickets"] = (404, absent)
    await admin.get(f"/outside-offers/{OFFERED}")
    answer = await admin.post(f"/outside-offers/{OFFERED}/match", {})
    assert "本系统没有登记过这个人" in answer.text
    taken = await admin.post(f"/outside-offers/{OFFERED}/newcomer", {})
    assert (taken.status_code, taken.headers["location"]) == (303, f"/outside-offers/{OFFERED}")


@pytest.mark.rule("TRF-17")
async def test_a_newcomer_who_left_over_there_is_to_be_entered(admin: Browser) -> None:
    page = await admin.get(f"/outside-offers/{CAME}")
    assert f"/organizations/{COUNTY}/members/new" in page.text
    assert f"/outside-offers/{CAME}/entry" in page.text
    listed = await admin.get(f"/organizations/{COUNTY}/outside-offers")
    assert listed.text.count('href="/outside-offers/') == 3


@pytest.mark.rule("TRF-17")
async def test_the_page_of_a_transfer_tells_what_the_two_systems_said(admin: Browser) -> None:
    assert f'hx-get="/transfers/{MOVED}/exchange"' in (await admin.get(f"/transfers/{MOVED}")).text
    said = (await admin.get(f"/transfers/{MOVED}/exchange")).text
    assert said.index("申请已送达对方系统") < said.index("办理完成")


@pytest.fixture
async def operator(stranger: Browser, stage: Stage) -> Browser:
    stage.standings = [{"organization": COUNTY, "full_name": "中央", "category": "leading_body", "role": "operator"}]
    await stranger.sign_in()
    return stranger


@pytest.mark.rule("BEY-08")
async def test_operators_see_messages_in_vain_and_who_is_in_neither_system(operator: Browser, stage: Stage) -> None:
    page = await operator.get("/operation/exchange")
    assert page.status_code == 200
    for text in (
        "已发送 3 次未获回执",
        "对方系统停机",
        "双方系统都没有",
        "蓝雨桐",
        "5d41402abc4b",
        "未接通",
        "2026年11月20日：核对",
    ):
        assert text in page.text
    stage.answers["GET /v1/outside-systems"] = (200, SYSTEMS | {"own_keys": [], "systems": []})
    assert "tuan exchange-keys" in (await operator.get("/operation/exchange")).text
    stage.silent.add("transfer")
    assert "暂时没有答复" in (await operator.get("/operation/exchange")).text
