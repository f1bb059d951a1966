"""Graduates and the timeliness of transfers, as stats and transfer answer them on the stage."""

from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.web.county import BELOW, BRANCH, LAN, NOW, STEM, made, subordinate
from tests.web.transfers import REFUSED, SCHOOL, STREET

ZHOU = made("person", "周若彤")
GRADUATE_PAGES = (
    *("/progress/graduates", "/progress/graduates?hour=live", "/progress/timeliness", "/graduates"),
    *("/graduates?stuck=refused", "/graduates/start", f"/graduates/start?people={LAN}"),
    f"/graduates/start?people={LAN}&to={BRANCH}",
    *("/graduates/late", f"/graduates/late?organization={BRANCH}&year=2026"),
    *("/progress/graduates?by=school", "/progress/graduates?by=region"),
)
FORMULA = {
    "code": "completion",
    "version": "completion-1",
    "zh": "转接完成率＝已办结转接的毕业生数÷应转接毕业生数（名册人数，不含延期毕业、教师和已离团的）",
    "en": "Completion = graduates whose transfer is complete ÷ graduates to transfer",
}
_SHAPE = {
    "left_out": 2, "ended": 1, "employer": 31, "school": 52, "community": 4, "floating": 9, "bridging": 3, "special": 1,
    "outside": 2, "other": 0, "waiting": 11, "refused": 3, "timed_out": 2, "returned": 1, "not_started": 24,
}  # fmt: skip


def graduated(times: int = 1) -> dict[str, Any]:
    """A school's worth of graduates, or so many of them."""
    counted = {name: people * times for name, people in _SHAPE.items()}
    moved = sum(
        counted[kind] for kind in ("employer", "school", "community", "floating", "bridging", "special", "outside")
    )
    to_transfer = sum(counted.values()) - counted["left_out"] - counted["ended"]
    return counted | {
        "graduates": sum(counted.values()),
        "to_transfer": to_transfer,
        "complete": moved,
        "completion_rate": moved * 1000 // to_transfer / 10,
        "employment_rate": counted["employer"] * 1000 // (to_transfer - counted["school"]) / 10,
    }


def timely(times: int = 1) -> dict[str, Any]:
    return {"steps": 40 * times, "steps_late": 3 * times, "steps_open_late": times, "rate": 90.2}


def _named(index: int) -> dict[str, Any]:
    known = subordinate(index)
    return {"organization": known["id"], "full_name": known["full_name"], "has_subordinates": index == 0}


def _hours() -> list[datetime]:
    return [NOW - timedelta(hours=back) for back in range(47, -1, -1)]


def _stuck(stuck: str, person: str, branch_name: str, call: str, call_name: str, **more: Any) -> dict[str, Any]:
    return {
        "person": person,
        "branch": BRANCH,
        "branch_name": branch_name,
        "cohort": BRANCH,
        "stuck": stuck,
        "since": (NOW - timedelta(days=6, hours=3)).isoformat(),
        "call": call,
        "call_name": call_name,
        "transfer": None,
        "to": None,
        "to_name": "",
        "reason": None,
        "ground": None,
        "may_start": stuck != "waiting",
    } | more


def left_behind() -> list[dict[str, Any]]:
    street = STEM + BELOW[0][0]
    waiting = {"transfer": REFUSED, "to": STREET, "to_name": street, "reason": "undecided"}
    return [
        _stuck("not_started", LAN, SCHOOL, BRANCH, SCHOOL),
        _stuck("waiting", ZHOU, SCHOOL, STREET, street, **waiting),
        _stuck("refused", made("person", "何嘉言"), SCHOOL, BRANCH, SCHOOL, **waiting, ground="belongs_elsewhere"),
    ]


def situation() -> dict[str, Any]:
    calls = [
        {"organization": BRANCH, "name": SCHOOL, "people": 24, "reasons": {"not_started": 22, "refused": 2}, "days": 9},
        {"organization": STREET, "name": STEM + BELOW[0][0], "people": 11, "reasons": {"waiting": 11}, "days": 6},
    ]
    at = (NOW - timedelta(days=30)).isoformat()
    return {
        "as_of": NOW.isoformat(), "year": 2026, "branches": 12, "members": 143, "left_behind": 41,
        "first_frozen_at": at, "last_frozen_at": at, "calls": calls,
        "reasons": [{"stuck": "not_started", "people": 24}, {"stuck": "waiting", "people": 11},
                    {"stuck": "refused", "ground": "belongs_elsewhere", "people": 2},
                    {"stuck": "refused", "ground": "wrong_person", "people": 1}],
    }  # fmt: skip


def _rates(request: httpx.Request) -> Any:
    """What stats answers of graduates and of timeliness; None for all else."""
    stamp = {"hour": NOW.isoformat(), "as_of": NOW.isoformat(), "late": False}
    match [request.method, *request.url.path.removeprefix("/v1/").split("/")]:
        case ["GET", "progress", "graduates"]:
            rows = [_named(index) | graduated(3 - index) for index in range(2)]
            own = {"year": 2026, "years": [2026, 2025], "rows": rows, "total": graduated(5), "own": {}}
            return stamp | own | {"formulas": [FORMULA]}
        case ["GET", "progress", "graduates", "schools"]:
            rows = [_named(index) | graduated(3 - index) for index in range(2)]
            return stamp | {"schools": 60, "region_name": "杭州市", "rows": rows, "total": graduated(5), "own": {}}
        case ["GET", "progress", "graduates", "regions"]:
            rows = [
                {"region": "330100", "name": "杭州市", "organizations": [_named(0)["organization"], BRANCH]}
                | graduated(3),
                {"region": "331100", "name": "丽水市", "organizations": [BRANCH]} | graduated(1),
            ]
            return stamp | {"region_name": "浙江省", "rows": rows, "total": graduated(5), "own": graduated(1)}
        case ["GET", "progress", "graduates", "trend"]:
            points = [
                {"hour": hour.isoformat()} | graduated(5) | {"complete": 200 + 6 * at}
                for at, hour in enumerate(_hours())
            ]
            return {"year": 2026, "points": points, "formulas": [FORMULA]}
        case ["GET", "progress", "timeliness"]:
            rows = [_named(index) | timely(index + 1) for index in range(2)]
            return stamp | {"rows": rows, "total": timely(3), "own": {}, "formula": FORMULA}
        case ["GET", "progress", "timeliness", "trend"]:
            points = [{"hour": hour.isoformat()} | timely(at + 1) for at, hour in enumerate(_hours())]
            return {"sector": None, "points": points, "formula": FORMULA}
    return None


def answer(request: httpx.Request) -> Any:
    """What stats and transfer answer of graduates, and stats of timeliness; None for all else."""
    match [request.method, *request.url.path.removeprefix("/v1/").split("/")]:
        case ["GET", "progress", *_]:
            return _rates(request)
        case ["GET", "organizations", _, "graduates"]:
            stuck = request.url.params.get("stuck")
            found = [each for each in left_behind() if stuck in (None, "", each["stuck"])]
            return {"items": found, "next": None, "as_of": NOW.isoformat(), "fresh": True}
        case ["GET", "organizations", _, "graduates", "late"]:
            since = (NOW - timedelta(days=20)).isoformat()
            rows = [{"organization": BRANCH, "name": SCHOOL, "people": 24, "since": since}]
            return {"step": request.url.params["step"], "organizations": 61, "people": 300, "items": rows}
        case ["GET", "organizations", _, "graduates", "situation"]:
            return situation()
        case ["GET", "organizations", _, "graduates", "years"]:
            return {"items": [{"year": 2026, "left_behind": 41}, {"year": 2025, "left_behind": 3}]}
        case ["POST", "organizations", _, "graduates", "transfers"]:
            no = {"code": "transfer_already_open", "rule": "TRF-02", "zh": "已有业务正在办理。", "en": "One is open."}
            items = [{"person": LAN, "transfer": REFUSED}, {"person": ZHOU, "transfer": None} | no]
            return {"items": items, "started": 1, "refused": 1}
    return None
