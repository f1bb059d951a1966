"""What the tree did to a transfer, as its page tells it (TRF-23)."""

import pytest

from tests.web.conftest import Browser
from tests.web.county import ME
from tests.web.stage import Stage
from tests.web.transfers import FAILED, IN, SCHOOL, STREET, one, step


@pytest.mark.rule("TRF-23")
@pytest.mark.parametrize(
    ("cause", "says"),
    [
        ("membership_ended", "团员的团籍关系已经结束"),
        ("destination_dissolved", "转入的组织已撤销，上级不能接续办理"),
        ("branches_merged", "转出和转入的团支部已经合并"),
    ],
)
async def test_one_that_the_tree_ended_says_why(admin: Browser, stage: Stage, cause: str, says: str) -> None:
    stage.answers[f"GET /v1/transfers/{FAILED}"] = (200, one(FAILED) | {"cause": cause})
    page = (await admin.get(f"/transfers/{FAILED}")).text
    assert says in page
    assert ("团员留在原支部" in page) is (cause == "destination_dissolved")
    assert f"/transfers/{FAILED}/approve" not in page


@pytest.mark.rule("TRF-23")
async def test_who_took_over_stands_in_the_time_line_and_the_transfer_goes_on(admin: Browser, stage: Stage) -> None:
    handed = step("redirected", STREET, SCHOOL, ME, hours=2)
    stage.answers[f"GET /v1/transfers/{IN}"] = (200, one(IN) | {"steps": [*one(IN)["steps"], handed]})
    page = (await admin.get(f"/transfers/{IN}")).text
    assert "组织已撤销或合并，由继任组织接续" in page.split('class="timeline"')[1]
    assert f"/transfers/{IN}/approve" in page
