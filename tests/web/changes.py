"""A tree that changes, as the stage answers it: migrations in every state, explanations, what moves along."""

from datetime import timedelta
from typing import Any

import httpx

from tests.web.county import BRANCH, COUNTY, ME, NOW, PATH, SECRETARY, STEM, made, subordinate

STREET, TOWN = subordinate(0), subordinate(2)
WAITING, RELEASED, MOVED, REFUSED, WITHDRAWN, LATE = (
    made("migration", name) for name in ("waiting", "released", "moved", "refused", "withdrawn", "late")
)
CHANGE_PAGES = (
    *(f"/organizations/{COUNTY}/migrations{query}" for query in ("", "?which=own", "?which=seen")),
    f"/organizations/{BRANCH}/migrate",
    f"/organizations/{BRANCH}/migrate?to={STREET['id']}",
    *(f"/migrations/{each}" for each in (WAITING, RELEASED, MOVED, REFUSED, WITHDRAWN, LATE)),
    f"/migrations/{WAITING}/refuse",
    f"/organizations/{BRANCH}/merge",
    f"/organizations/{BRANCH}/explain",
    f"/organizations/{COUNTY}/explanations",
)


def step(what: str, organization: dict[str, Any], hours: int, by: str = ME) -> dict[str, Any]:
    return {"what": what, "organization": organization, "by": by, "at": (NOW - timedelta(hours=hours)).isoformat()}


def named(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "short_name", "full_name")}


def migration(number: str = WAITING, **changes: Any) -> dict[str, Any]:
    moving = {"id": BRANCH, "short_name": "直属机关第三支部", "full_name": STEM + "直属机关第三支部委员会"}
    return {
        "migration": number,
        "organization": moving,
        "superior": PATH[3],
        "to": named(STREET),
        "note": "机关改革，划归妙高街道",
        "state": "pending",
        "waits_for": PATH[3],
        "due_at": (NOW + timedelta(days=6, hours=5)).isoformat(),
        "requested_at": (NOW - timedelta(hours=91)).isoformat(),
        "ended_at": None,
        "steps": [step("requested", moving, 91, SECRETARY)],
        "ground": None,
        "ground_note": "",
        "may_decide": number == WAITING,
        "may_withdraw": number in (WAITING, RELEASED),
    } | changes


def _all() -> dict[str, dict[str, Any]]:
    over = {"waits_for": None, "due_at": None, "ended_at": NOW.isoformat()}
    begun = migration()["steps"]
    released = [*begun, step("approved", PATH[3], 40)]
    return {
        WAITING: migration(),
        RELEASED: migration(RELEASED, waits_for=named(STREET), steps=released),
        MOVED: migration(MOVED, state="moved", steps=[*released, step("approved", named(STREET), 2)], **over),
        REFUSED: migration(
            REFUSED,
            state="refused",
            steps=[*begun, step("refused", PATH[3], 3)],
            ground="other",
            ground_note="等党组织的批复",
            **over,
        ),
        WITHDRAWN: migration(
            WITHDRAWN, state="withdrawn", steps=[*begun, step("withdrawn", begun[0]["organization"], 3)], **over
        ),
        LATE: migration(LATE, state="timed_out", steps=[*released, step("timed_out", named(STREET), 1, "")], **over),
    }


def explanation(**changes: Any) -> dict[str, Any]:
    said = {"id": "explanation-1", "occasion": "merged", "note": "与湖山中学合并办学", "document": "doc-1"}
    return said | {"at": NOW.isoformat(), "settled_at": None} | changes


def answer(request: httpx.Request) -> Any:
    """None for what is none of this module's affair."""
    parts = request.url.path.removeprefix("/v1/").split("/")
    match request.method, parts:
        case "GET", ["migrations", number]:
            return _all().get(number)
        case "GET", ["organizations", _, "migrations"]:
            waiting = request.url.params["which"] == "waiting"
            rows = [row for row in _all().values() if not waiting or row["may_decide"]]
            return {"items": rows, "next": None, "total": len(rows)}
        case "GET", ["organizations", _, "reach"]:
            return {"organizations": 42, "branches": 36, "admins": 51, "more": False}
        case "GET", ["organizations", _, "subtree", "transfers"]:
            return {"open": 17, "more": False}
        case "GET", ["organizations", _, "subordinates", "explanations"]:
            rows = [
                {**named(TOWN), "explanations": [explanation(), explanation(id="explanation-2", occasion="renamed")]}
            ]
            return {"items": rows, "total": 1}
        case "POST", ["organizations", _, ("migrations" | "placement" | "merger" | "explanations")]:
            return {"stream": WAITING, "version": 1}
        case "POST", ["migrations", number, _]:
            return {"stream": number, "version": 2}
        case "POST", ["organizations", identity, "explanations", _, "settlement"]:
            return {"stream": identity, "version": 4}
    return None
