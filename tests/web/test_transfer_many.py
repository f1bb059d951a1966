"""Assigning a branch to many at once, and what is decided in the place of who has no admin (TRF-04, ADM-08)."""

from typing import Any

import orjson
import pytest

from tests.web.conftest import ORIGIN, Browser
from tests.web.county import BRANCH, COUNTY, made, organization
from tests.web.stage import Stage
from tests.web.test_transfer_desk import LIST, TAKEN, many
from tests.web.transfers import ASSIGN, IN, OUT, SLOW, STREET, one

OTHER = made("transfer", "other")
ASSIGNING = f"{LIST}/assign"
OUTSIDE = {
    "title": "所选的团支部不在转入的组织之下。",
    "way_out": "请另选团支部。",
    "status": 422,
    "code": "branch_outside_destination",
    "rule": "TRF-04",
}
WITHOUT_ADMIN = "该组织暂无管理员，由上级代为办理"


@pytest.fixture(autouse=True)
def waiting(stage: Stage) -> None:
    """Two wait for a branch, one for a decision."""
    rows = [one(ASSIGN), one(ASSIGN) | {"transfer": OTHER}, one(IN)]
    stage.answers[f"GET /v1{LIST}"] = (200, {"items": rows, "total": 3, "next": None})
    branch = organization(BRANCH, category="branch", full_name="妙高街道平昌社区第一团支部")
    stage.answers[f"GET /v1/organizations/{BRANCH}"] = (200, branch)


async def post(admin: Browser, *transfers: str, **more: str) -> Any:
    form = {"_csrf": admin.token, "_key": "one-key", "assign": list(transfers), **more}
    return await admin.http.post(ASSIGNING, data=form, headers={"Origin": ORIGIN})


@pytest.mark.rule("TRF-04", "TRF-06")
async def test_who_waits_for_a_branch_is_ticked_in_the_list_and_a_branch_is_chosen_for_all(
    admin: Browser, stage: Stage
) -> None:
    page = (await admin.get(LIST)).text
    assert [page.count(f'name="assign" value="{each}"') for each in (ASSIGN, OTHER, IN)] == [1, 1, 0]
    assert f'formaction="{ASSIGNING}"' in page
    answer = await post(admin, ASSIGN, OTHER, ASSIGN)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ASSIGNING}?who={ASSIGN}+{OTHER}")
    assert [stage.sent("POST", f"/v1/transfers/{each}/assignment") for each in (ASSIGN, OTHER)] == [[], []]
    choosing = (await admin.get(answer.headers["location"])).text
    assert stage.sent("GET", f"/v1/organizations/{STREET}/tree")  # they all go there
    for text in ("已选 2 人，最多 30 人", "分配这 2 名团员", f"who={ASSIGN}+{OTHER}&amp;to="):
        assert text in choosing
    chosen = (await admin.get(f"{ASSIGNING}?who={ASSIGN}+{OTHER}&to={BRANCH}")).text
    for text in (f'name="branch" value="{BRANCH}"', f'name="assign" value="{OTHER}"', "分配 2 名团员"):
        assert text in chosen


@pytest.mark.rule("TRF-04", "TRF-06")
async def test_each_is_assigned_by_its_own_command_and_who_was_not_can_have_another_branch(
    admin: Browser, stage: Stage
) -> None:
    await admin.get(LIST)
    stage.answers[f"POST /v1/transfers/{OTHER}/assignment"] = (422, OUTSIDE)
    stage.answers[f"POST /v1/transfers/{IN}/assignment"] = (409, TAKEN)
    outcome = (await post(admin, ASSIGN, OTHER, IN, branch=BRANCH)).text
    for text in (
        "3 项中已分配 1 项",
        "妙高街道平昌社区第一团支部",
        "所选的团支部不在转入的组织之下",
        "请另选团支部",
        f'href="{ASSIGNING}?who={OTHER}"',
    ):
        assert text in outcome
    keys = []
    for each in (ASSIGN, OTHER, IN):
        [request] = stage.sent("POST", f"/v1/transfers/{each}/assignment")
        assert orjson.loads(request.content) == {"branch": BRANCH}
        keys.append(request.headers["idempotency-key"])
    assert len(set(keys)) == 3
    await post(admin, ASSIGN, branch=BRANCH)
    assert stage.sent("POST", f"/v1/transfers/{ASSIGN}/assignment")[1].headers["idempotency-key"] == keys[0]


@pytest.mark.rule("TRF-04", "OPS-08")
async def test_where_nobody_knows_it_is_assigned_again_to_the_same_branch_under_the_same_key(
    admin: Browser, stage: Stage
) -> None:
    await admin.get(LIST)
    stage.answers[f"POST /v1/transfers/{OTHER}/assignment"] = (503, {"status": 503, "title": "忙", "code": "full"})
    outcome = (await post(admin, ASSIGN, OTHER, branch=BRANCH)).text
    for text in ("没有答复的再试一次", 'name="_key" value="one-key"', f'action="{ASSIGNING}"'):
        assert text in outcome
    assert (outcome.count('name="assign"'), outcome.count(f'name="branch" value="{BRANCH}"')) == (1, 1)


@pytest.mark.rule("TRF-04")
async def test_up_to_thirty_at_once_and_nothing_without_a_choice(admin: Browser, stage: Stage) -> None:
    await admin.get(LIST)
    crowd = [made("transfer", str(number)) for number in range(31)]
    answer = await post(admin, *crowd, branch=BRANCH)
    assert answer.status_code == 303
    assert "一次最多分配 30 人" in (await admin.get(answer.headers["location"])).text
    answer = await post(admin, branch=BRANCH)
    assert "没有选择待分配的转接" in (await admin.get(answer.headers["location"])).text
    stage.answers[f"GET /v1/organizations/{BRANCH}"] = (404, {"status": 404, "code": "nothing_here"})
    answer = await post(admin, ASSIGN, branch=BRANCH)
    assert answer.headers["location"] == f"{ASSIGNING}?who={ASSIGN}"
    assert stage.sent("POST", f"/v1/transfers/{ASSIGN}/assignment") == []
    assert (await post(admin, *crowd[:30])).headers["location"].count("transfer-") == 30


@pytest.mark.rule("TRF-06")
async def test_who_agreed_for_an_organization_that_is_no_branch_goes_on_to_the_choice_of_one(
    admin: Browser, stage: Stage
) -> None:
    await admin.get(LIST)
    mine = one(IN) | {"to": COUNTY, "waits_for": COUNTY}
    stage.answers[f"GET /v1{LIST}"] = (200, {"items": [mine, one(OUT)], "total": 2})
    assert f'href="{ASSIGNING}?who={IN}"' in await many(admin, IN, OUT)
    assert ASSIGNING not in await many(admin, OUT, key="another-key")
    form = {"_csrf": admin.token, "_key": "third", "transfer": [OUT], "assign": [ASSIGN]}
    answer = await admin.http.post(f"{LIST}/approve", data=form, headers={"Origin": ORIGIN})
    assert f'href="{ASSIGNING}?who={ASSIGN}"' in answer.text


@pytest.mark.rule("ADM-08", "TRF-14")
async def test_what_waits_for_who_has_no_admin_says_so_wherever_it_is_shown(admin: Browser, stage: Stage) -> None:
    del stage.answers[f"GET /v1{LIST}"]
    assert one(OUT)["without_admin"] is True
    for place in (LIST, "/home", f"/transfers/{OUT}"):
        assert WITHOUT_ADMIN in (await admin.get(place)).text, place
    stage.answers[f"GET /v1{LIST}"] = (200, {"items": [one(IN)], "total": 1})
    for place in (LIST, f"/transfers/{IN}"):
        assert WITHOUT_ADMIN not in (await admin.get(place)).text, place


@pytest.mark.rule("BEY-04", "TRF-10")
async def test_the_line_and_the_time_line_count_the_same_reminders(admin: Browser) -> None:
    card = one(SLOW)
    assert card["reminded"] == len([each for each in card["reminders"] if not each["superior"]])
    page = (await admin.get(f"/transfers/{SLOW}")).text
    assert (page.count("提醒办理"), page.count("久未办理，已告知上级")) == (card["reminded"], 1)
