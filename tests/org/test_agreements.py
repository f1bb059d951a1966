"""Lists that two sides keep each for themselves, because neither imports the other, say the same."""

import pytest

from services.org.domain import events as stored
from services.org.domain.establishing import MAY_HAVE_UNDER_IT
from services.org.reference.sectors import SECTORS
from services.org.reference.sectors import TABS as TABS_OF_ORG
from services.org.reference.shown import categories_shown
from services.stats.reference.sectors import TABS, tab_of
from services.web.texts import catalogue
from shared.contracts import org as public


@pytest.mark.rule("STA-03")
def test_a_sector_is_counted_under_the_tab_that_org_shows_for_it() -> None:
    assert {code: TABS[tab_of(code)] for code in SECTORS} == {code: sector.tab for code, sector in SECTORS.items()}
    assert tuple(TABS.values()) == TABS_OF_ORG


@pytest.mark.rule("ORG-02")
@pytest.mark.parametrize("name", ["Category", "BranchKind"])
def test_what_org_stores_as_category_or_kind_can_be_published(name: str) -> None:
    published = [each.value for each in getattr(stored, name) if each is not stored.BranchKind.REGISTER]
    assert published == [each.value for each in getattr(public, name)]


@pytest.mark.rule("ORG-02")
def test_categories_and_kinds_are_called_what_the_console_calls_them() -> None:
    shown, texts = categories_shown(MAY_HAVE_UNDER_IT), catalogue()
    special = [kind for kind in shown["branch_kinds"] if kind["code"] != stored.BranchKind.ORDINARY]
    assert [c["name"] for c in shown["items"]] == [texts[f"category.{c['code']}"] for c in shown["items"]]
    assert [k["name"] for k in special] == [texts[f"branch_kind.{k['code']}"] for k in special]
