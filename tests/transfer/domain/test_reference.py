"""TRF-15: the reasons that are offered are those of the published list, in its order."""

from datetime import date

import pytest

from services.transfer.reference import NO_GROUNDS, codes, grounds_on, reasons_on
from services.transfer.reference.leavers import SPECIAL_REASONS

TODAY = date(2026, 11, 30)
PUBLISHED = (
    "升学",
    "转学",
    "就业（有团组织）",
    "就业（无团组织）",
    "未落实去向",
    "出国（境）学习研究",
    "因公出国（境）",
    "参军入伍",
    "涉密单位",
    "工作调动",
    "回原籍",
    "毕业离校",
    "其他",
)
OF_SCHOOLS = ("学籍异动（降级、休学，校内转接）", "退学离校")
"""GRD-07: what a school has beside it."""


@pytest.mark.rule("TRF-15", "TRF-16")
def test_every_reason_of_the_published_list_is_offered_in_its_order_and_those_of_schools_beside_it() -> None:
    offered, special = reasons_on(TODAY), [row.zh for row in SPECIAL_REASONS]
    assert [row.zh for row in offered if row.zh not in OF_SCHOOLS] == [zh for zh in PUBLISHED if zh not in special]
    assert special == ["参军入伍", "涉密单位"]
    assert {row.zh for row in offered} - set(PUBLISHED) == set(OF_SCHOOLS)


@pytest.mark.rule("TRF-15")
def test_each_has_a_code_of_its_own_both_languages_and_none_but_the_last_a_text() -> None:
    rows = (*reasons_on(TODAY), *SPECIAL_REASONS)
    assert (
        len({row.code for row in rows}) == len({row.zh for row in rows}) == len({row.en for row in rows}) == len(rows)
    )
    assert [row.zh for row in rows if row.with_text] == ["其他"]


@pytest.mark.rule("TRF-12", "TRF-24", "TRF-25")
def test_what_is_no_ground_is_not_offered_as_one() -> None:
    assert {(row.code, row.rule) for row in NO_GROUNDS} == {("file_not_supplied", "TRF-24"), ("probation", "TRF-25")}
    assert not codes(grounds_on(TODAY)) & {row.code for row in NO_GROUNDS}
