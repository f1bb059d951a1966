"""Which log-ins of a demonstration are shown: enough to try everything, and few enough to read."""

from pathlib import Path

import httpx
import pytest

from deploy.cli.data import play
from deploy.cli.demo import worth_showing
from deploy.local.ports import Ports
from deploy.local.problems import SetUpProblem
from deploy.local.seeding.client import Refused
from deploy.local.seeding.province import suichang, university, xihu
from deploy.local.stack import Stack
from services.stats.reference.sectors import TABS, tab_of


def _account(role: str, organization: str) -> dict[str, str]:
    return {"role": role, "organization_name": organization}


def test_one_account_of_each_role_is_shown_and_the_one_that_can_upload_the_examples() -> None:
    operator = _account("中央操作员", "团中央")
    county, other_county = _account("县级管理员", "遂昌县委员会"), _account("县级管理员", "西湖区委员会")
    town, school = _account("团委管理员", "大柘镇委员会"), _account("团委管理员", "遂昌县职业中专委员会")
    assert worth_showing([operator, county, other_county, town, school]) == [operator, county, town, school]
    assert worth_showing([operator, school, town]) == [operator, school]


@pytest.mark.parametrize(
    "broken",
    [httpx.ReadError("the connection was cut"), Refused("POST org/v1/organizations", 503, {"code": "system_busy"})],
)
def test_a_province_that_breaks_off_ends_in_a_sentence_with_the_way_out(
    broken: Exception, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def breaks_off(_stack: Stack, _say: object) -> None:
        raise broken

    monkeypatch.setattr("deploy.local.seeding.demonstration.play_demonstration", breaks_off)
    with pytest.raises(SetUpProblem, match="make reset"):
        play(Stack(tmp_path, Ports(31_000)))


@pytest.mark.rule("STA-03")
def test_the_demonstration_has_organizations_of_every_tab() -> None:
    plans = [plan for top in (*suichang(), *xihu(), university()) for plan in top.all()]
    assert {tab_of(plan.sector) for plan in plans if plan.size > (0, 0)} == set(TABS)
    assert {plan.category for plan in plans} == {"committee", "working_committee", "general_branch", "branch"}
