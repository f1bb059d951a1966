"""Which log-ins of a demonstration are shown: enough to try everything, and few enough to read."""

from deploy.cli.demo import worth_showing


def _account(role: str, organization: str) -> dict[str, str]:
    return {"role": role, "organization_name": organization}


def test_one_account_of_each_role_is_shown_and_the_one_that_can_upload_the_examples() -> None:
    operator = _account("中央操作员", "团中央")
    county, other_county = _account("县级管理员", "遂昌县委员会"), _account("县级管理员", "西湖区委员会")
    town, school = _account("团委管理员", "大柘镇委员会"), _account("团委管理员", "遂昌县职业中专委员会")
    assert worth_showing([operator, county, other_county, town, school]) == [operator, county, town, school]
    assert worth_showing([operator, school, town]) == [operator, school]
