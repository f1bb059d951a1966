"""Which signs a name of an organization may have."""

import pytest

from services.org.domain.establishing import establish_organization
from services.org.domain.events import Category, OrganizationEstablished
from services.org.domain.information import NameCharacters
from services.org.domain.organization import ORGANIZATION
from shared.testing.scenario import given
from tests.org.samples import REFERENCE, TODAY, establish, place


@pytest.mark.rule("ORG-05")
@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("共青团遂昌县<b>甲</b>支部委员会", "<>"),
        ("共青团遂昌县😀甲😀支部委员会", "😀"),
    ],
)
def test_a_name_with_pictures_or_markup_is_refused_with_what_is_odd_in_it(name: str, found: str) -> None:
    given(ORGANIZATION).when(
        lambda _: establish_organization(establish(full_name=name), place(Category.COMMITTEE), None, REFERENCE, TODAY)
    ).refused(NameCharacters, field="full_name", found=found)


@pytest.mark.rule("ORG-05")
@pytest.mark.parametrize(
    "name",
    [
        "共青团遂昌县职业中专2026级学前教育（1）班支部委员会",
        "共青团“三仁”茶叶·畲族专业合作社联合支部委员会",
        "共青团中国①号№7(A&B)-甲/乙支部",
        "共青团𠀀𫝀村支部委员会",
    ],
)
def test_signs_that_names_do_have_are_taken(name: str) -> None:
    given(ORGANIZATION).when(
        lambda _: establish_organization(establish(full_name=name), place(Category.COMMITTEE), None, REFERENCE, TODAY)
    ).then_one(OrganizationEstablished, category=Category.BRANCH)
