"""团干部列表."""

import pytest

from tests.web.conftest import Browser
from tests.web.county import BRANCH, COUNTY, SECRETARY, STEM, cadre_row
from tests.web.stage import Stage


@pytest.mark.rule("MEM-24")
async def test_a_post_in_another_organization_is_listed_last_and_by_its_name(admin: Browser, stage: Stage) -> None:
    school = {"organization": BRANCH, "organization_name": f"{STEM}第一中学委员会", "position": "书记"}
    own = {"organization": COUNTY, "organization_name": f"{STEM}委员会", "position": "委员"}
    row = cadre_row("林知远", "委员", SECRETARY) | {"positions": [school, own]}
    stage.answers[f"GET /v1/organizations/{COUNTY}/cadres"] = (200, {"items": [row]})
    page = (await admin.get(f"/organizations/{COUNTY}/cadres")).text
    cell = page.split('data-label="职务"')[1].split("</td>")[0]
    assert cell.index("委员") < cell.index("第一中学委员会") < cell.index("书记")
    assert cell.count("org-own") == 1
