"""Reference data as pickers and forms ask for it."""

from typing import Any

from services.org.domain.events import BranchKind, Category
from services.org.reference import ADMINS_MAX, REQUIRED, VERSION
from services.org.reference.sectors import SECTORS, TABS
from shared.reference.divisions import YEAR, divisions, parent

_CATEGORIES = {
    Category.LEADING_BODY: "团的领导机关",
    Category.COMMITTEE: "团委",
    Category.WORKING_COMMITTEE: "团工委",
    Category.GENERAL_BRANCH: "团总支",
    Category.BRANCH: "团支部",
}
_BRANCH_KINDS = {
    BranchKind.ORDINARY: "团支部",
    BranchKind.GRADUATE: "毕业生团组织",
    BranchKind.PENDING: "待接转团支部",
    BranchKind.FLOATING: "流动团支部",
    BranchKind.BRIDGING: "学社衔接临时团支部",
    BranchKind.TEMPORARY: "临时团支部",
    BranchKind.REGISTER: "登记支部",
}


def categories_shown(may_have: dict[Category, tuple[Category, ...]]) -> dict[str, Any]:
    """Names, required fields, quota, and `under_it`: what may stand directly under each (ORG-04)."""
    items = [
        {
            "code": category.value,
            "name": _CATEGORIES[category],
            "required": list(REQUIRED[category]),
            "admins_max": ADMINS_MAX[category],
            "under_it": [each.value for each in may_have[category]],
        }
        for category in Category
    ]
    kinds = [{"code": kind.value, "name": name} for kind, name in _BRANCH_KINDS.items()]
    return {"version": VERSION, "items": items, "branch_kinds": kinds}


def sectors_shown() -> dict[str, Any]:
    items = [{"code": s.code, "name": s.name, "tab": s.tab} for s in SECTORS.values()]
    return {"version": VERSION, "items": items, "tabs": list(TABS)}


def divisions_shown(under: str) -> dict[str, Any]:
    """The divisions directly in `under` (a code), or the provinces."""
    items = [{"code": code, "name": name} for code, name in divisions().items() if parent(code) == (under or None)]
    return {"version": VERSION, "year": YEAR, "items": items}
