"""Schools, graduation months and campaigns on the stage: invented schools of the county, one of them late."""

from typing import Any

import httpx

from tests.web.county import CITY, COUNTY, STEM, branch, made

SCHOOLS = ("第一中学委员会", "职业中专委员会", "实验初级中学支部委员会")
CLASSES = ("第一中学高三（1）班团支部", "第一中学高三（2）班团支部", "第一中学高二（1）班团支部")
SCHOOL, CLASS = made("organization", SCHOOLS[0]), made("organization", CLASSES[0])
GRADUATES = made("organization", CLASSES[1])
SCHOOL_PAGES = [
    f"/organizations/{COUNTY}/schools",
    f"/organizations/{COUNTY}/schools?lacking=admin",
    f"/organizations/{COUNTY}/graduation",
    f"/organizations/{COUNTY}/graduation?marking=all",
    f"/organizations/{COUNTY}/campaigns/2026",
    f"/organizations/{GRADUATES}/members/graduation",
]


def step(code: str, day: str, days_left: int, set_by: str | None = None) -> dict[str, Any]:
    return {"step": code, "day": day, "days_left": days_left, "set_by": set_by}


CAMPAIGN = {
    "year": 2026,
    "today": "2026-11-20",
    "steps": [
        step("mark", "2026-05-31", -173),
        step("graduate", "2026-06-01", -172),
        step("start", "2026-06-30", -143, CITY),
        step("settle", "2026-11-30", 10, CITY),
        step("freshmen", "2026-11-25", 5),
    ],
    "may_set": ["mark", "start", "settle", "freshmen"],
}


def named(name: str) -> dict[str, Any]:
    return {"id": made("organization", name), "full_name": f"{STEM}{name}", "short_name": name}


def school_row(index: int) -> dict[str, Any]:
    return named(SCHOOLS[index]) | {
        "category": "branch" if index == 2 else "committee",
        "sector": "5",
        "superior": named("遂昌团县委") | {"id": COUNTY},
        "institution_code": "3133000456" if index == 0 else "",
        "admins": 0 if index == 1 else 2,
        "has_branch": index != 1,
        "branches": (36, 0, 1)[index],
        "marked": (30, 0, 1)[index],
    }


def branch_row(index: int) -> dict[str, Any]:
    month = (None, {"year": 2026, "month": 6}, {"year": 2027, "month": 6})[index]
    return named(CLASSES[index]) | {
        "path": [named(SCHOOLS[0])],
        "sector": "5",
        "month": month,
        "graduated": 2026 if index == 1 else None,
        "marked_by": [SCHOOLS[0]],
        "may_mark": True,
    }


def progress_row(index: int) -> dict[str, Any]:
    row = school_row(index)
    return row | {"school": True, "schools": 0, "without_admin": 0}


def answer(request: httpx.Request) -> Any:
    """What org and member answer; None for what is not about schools."""
    parts, query = request.url.path.removeprefix("/v1/").split("/"), request.url.params
    match request.method, parts:
        case "GET", ["organizations", organization] if organization == GRADUATES:
            return branch(id=GRADUATES, branch_kind="graduate", full_name=f"{STEM}{CLASSES[1]}", sector="5")
        case "GET", ["organizations", _, "campaigns", _]:
            return CAMPAIGN
        case "GET", ["organizations", _, "graduation"]:
            rows = [progress_row(index) for index in range(len(SCHOOLS))]
            return {"branches": 37, "marked": 31, "schools": 3, "without_admin": 1, "rows": rows, "fresh": True}
        case "GET", ["organizations", _, "graduation", "branches"]:
            rows = [branch_row(index) for index in range(len(CLASSES))]
            wanted = {"": rows, "unmarked": rows[:1], "marked": rows[1:]}[query.get("marking", "")]
            return {"items": wanted, "next": None, "fresh": True}
        case "GET", ["organizations", _, "graduation", "late"]:
            return {"day": "2026-05-31", "over": True, "items": [progress_row(0) | {"branches": 6}]}
        case "GET", ["organizations", _, "schools"]:
            rows = [school_row(index) for index in range(len(SCHOOLS))]
            return {"items": rows[1:2] if query.get("lacking") else rows, "next": None}
        case "POST", ["organizations", _, "graduation-months"]:
            return {"marked": 1, "refused": 0, "items": [{"branch": CLASS, "version": 2}]}
        case "POST", ["organizations", _, "graduation-exclusions"]:
            return {"items": [{"person": "p", "version": 3}], "stream": "p", "version": 3}
    return None
