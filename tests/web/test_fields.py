"""Forms offer every field and mark what is required, as the services that judge them say; lists find by them."""

import re
from urllib.parse import urlencode

import orjson
import pytest

from services.member.api_people import MissingFields
from services.member.domain.fields import COMPLETE_WITH, MARKS, WANTED, Mark, Template
from services.org.domain.information import InformationFields
from services.web.pages.members import FILLED_LATER
from tests.web.conftest import Browser
from tests.web.county import BRANCH, COUNTY, LAN, organization, record
from tests.web.stage import Stage

LABELLED = re.compile(r'<label class="form-label( required)?" for="f-(\w+)">(.*?)</label>', re.DOTALL)


def fields(page: str) -> dict[str, str]:
    """The mark of each field with a label: `*`, `+` or nothing."""
    found = LABELLED.findall(page)
    return {name: "*" if required else "+" if "缺少会记为信息不完整" in text else "" for required, name, text in found}


@pytest.mark.rule("MEM-01", "MEM-23")
@pytest.mark.parametrize(("place", "kind"), [(BRANCH, Template.MEMBERS), (COUNTY, Template.CADRES)])
async def test_a_person_s_form_offers_every_field_and_marks_the_required_ones(
    admin: Browser, place: str, kind: Template
) -> None:
    marks = MARKS[kind]
    page = (await admin.get(f"/organizations/{place}/{kind.value}/new")).text
    offered = fields(page)
    assert {name for name in marks if f'name="{name}"' not in page} == (
        {"branch"} if kind is Template.MEMBERS else set()
    )
    for name, mark in marks.items():
        if mark is Mark.REQUIRED and name not in ("branch", "positions"):
            assert offered[name] == "*", name
    assert {name for name, mark in offered.items() if mark == "+"} == set(WANTED)
    assert ('<legend class="form-label required">团内职务' in page) is (marks["positions"] is Mark.REQUIRED)


@pytest.mark.rule("MEM-23")
def test_every_field_that_makes_a_record_complete_can_be_filled_later():
    assert tuple(MissingFields.model_fields) == FILLED_LATER == COMPLETE_WITH


@pytest.mark.rule("MEM-23")
async def test_what_somebody_filled_meanwhile_is_told_and_not_taken_for_saved(admin: Browser, stage: Stage) -> None:
    """The record lacks nothing any more: sent is what the form held, and the service refuses it."""
    await admin.get(f"/people/{LAN}/missing")
    nothing = await admin.post(f"/people/{LAN}/missing", {"mobile": " "})
    assert (nothing.status_code, "还没有填写任何一项。" in nothing.text) == (422, True)
    stage.answers[f"GET /v1/people/{LAN}"] = (200, record(missing=[]))
    problem = {"status": 409, "title": "“手机号”已有内容，这里只能补填空缺的项目。", "rule": "MEM-23"}
    stage.answers[f"PUT /v1/people/{LAN}/missing-fields"] = (409, problem)
    answer = await admin.post(f"/people/{LAN}/missing", {"mobile": "13812345120"})
    assert (answer.status_code, problem["title"] in answer.text) == (409, True)


@pytest.mark.rule("ORG-05")
async def test_an_organization_s_form_offers_every_field_and_says_which_are_required(admin: Browser) -> None:
    for path in (f"/organizations/{COUNTY}/edit", f"/organizations/{COUNTY}/subordinates/new"):
        page = (await admin.get(path)).text
        missing = {name for name in InformationFields.model_fields if f'name="{name}"' not in page}
        assert missing <= {"region"}, path  # chosen from a list that the stage leaves empty
        offered = fields(page)
        assert (offered["full_name"], offered["short_name"]) == ("*", "*")
        for field in ("sector", "phone", "email"):
            assert "信息不完整" in page.partition(f'id="h-{field}"')[2].partition("</span>")[0], (path, field)


@pytest.mark.rule("ORG-06")
async def test_an_edit_sends_back_what_was_left_alone(admin: Browser, stage: Stage) -> None:
    """An edit replaces the whole information: a field that the form does not offer would be emptied by any other."""
    path = f"/organizations/{COUNTY}"
    held = {
        "sector": "14",
        "region": "331123",
        "founded_on": "1950-05-04",
        "address": "凯恩路1号",
        "contact": "周书",
        "email": "tuan@example.cn",
    }
    stage.answers[f"GET /v1{path}"] = (200, organization(category="committee", **held))
    page = (await admin.get(f"{path}/edit")).text
    values = dict(re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page))
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        values[name] = next(iter(re.findall(r'value="([^"]*)" selected', options)), "")
    values |= dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)<', page))
    await admin.post(f"{path}/edit", {name: value for name, value in values.items() if name != "approval_file"})
    sent = orjson.loads(stage.sent("PUT", f"/v1{path}/information")[0].content)
    assert {name: sent[name] for name in held} == held
    assert (sent["approval_date"], sent["approval_document"]) == ("2026-11-06", "doc-1")


@pytest.mark.rule("MEM-01", "MEM-02")
async def test_the_list_asks_who_lacks_what_of_a_branch_itself_or_of_the_branches_below(
    admin: Browser, stage: Stage
) -> None:
    filters = {"missing": "mobile", "education": "本科", "status": "共青团员"}
    for place, scope in ((COUNTY, "subordinates"), (BRANCH, "own")):
        path = f"/organizations/{place}/members"
        await admin.get(f"{path}?{urlencode(filters)}")
        asked = stage.sent("GET", f"/v1{path}")[-1].url.params
        assert {name: asked[name] for name in (*filters, "scope")} == filters | {"scope": scope}


@pytest.mark.rule("MEM-02")
async def test_a_member_is_entered_into_a_branch_which_is_chosen_first(admin: Browser) -> None:
    assert 'name="number"' not in (await admin.get(f"/organizations/{COUNTY}/members/new")).text
    assert 'name="number"' in (await admin.get(f"/organizations/{BRANCH}/members/new")).text


@pytest.mark.rule("MEM-20")
async def test_a_development_number_in_the_search_leads_to_the_file(admin: Browser, stage: Stage) -> None:
    stage.answers["GET /v1/people"] = (200, {"person": LAN})
    for number in ("202133042718", "2016170000000001"):
        answer = await admin.get(f"/organizations/{COUNTY}/members?q={number}")
        assert answer.headers["location"] == f"/people/{LAN}"
