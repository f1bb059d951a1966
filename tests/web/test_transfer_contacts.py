"""Whom to call about an open transfer, as a page (TRF-13, TRF-14)."""

import orjson
import pytest

from tests.web.conftest import Browser
from tests.web.county import made
from tests.web.stage import Stage
from tests.web.transfers import IN, MOVED, SCHOOL, STREET


@pytest.mark.rule("TRF-13", "TRF-14")
async def test_the_admins_of_both_sides_are_shown_on_request_and_each_look_is_its_own(
    admin: Browser, stage: Stage
) -> None:
    contacts, asked = f"/transfers/{IN}/contacts", f"/v1/people/{made('person', '周若彤')}/transfer-contacts"
    assert f'href="{contacts}"' in (await admin.get(f"/transfers/{IN}")).text
    assert f'href="/transfers/{MOVED}/contacts"' not in (await admin.get(f"/transfers/{MOVED}")).text
    before = (await admin.get(contacts)).text
    assert "13905781234" not in before
    assert "每次查看都会留下记录" in before
    assert stage.sent("POST", asked) == []
    shown = (await admin.post(contacts, {"_key": "a-look"})).text
    assert shown.count("13905781234</a>") == 2
    sent = [orjson.loads(request.content) for request in stage.sent("POST", asked)]
    assert sorted(each["side"] for each in sent) == sorted([made("organization", SCHOOL), STREET])
    assert len({request.headers["idempotency-key"] for request in stage.sent("POST", asked)}) == 2
    stage.answers[f"POST {asked}"] = (409, {"title": "没有正在办理的转接。", "status": 409, "rule": "TRF-14"})
    assert (await admin.post(contacts)).text.count("没有正在办理的转接") == 2
    stage.silent.add("member")
    assert (await admin.post(contacts)).text.count("团员服务暂时没有答复") == 2
