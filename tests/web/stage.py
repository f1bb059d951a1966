"""The services as the console sees them: a small ASGI app by their contract, with an invented county.

It stands behind the console's network port (an httpx transport), so that every page and every state of it can be
looked at and tested without servers. `Stage.silent` names services that do not answer; `Stage.answers` overrides
single answers; `Stage.seen` keeps what was sent.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import orjson

from shared.runtime.parts import PORT_OFFSETS
from tests.web import applications, changes, exchanges, graduates, schools, transfers
from tests.web.codes import REGISTRATION_CODE, code_of, code_row
from tests.web.county import (
    BELOW,
    BRANCH,
    CITY,
    COUNTY,
    IMPORT,
    LISTS,
    ME,
    NOW,
    PATH,
    PIXEL,
    SECRETARY,
    SOUND,
    STEM,
    branch,
    cadre_row,
    figures,
    made,
    member_row,
    organization,
    record,
    sector_rows,
    subordinate,
    total_of,
    trend_points,
)
from tests.web.imported import REASONS, fault_row, job

SESSION = "session-of-wang"
TICKET = "7" * 64
SERVICE_OF_PORT = {18000 + offset: part for part, offset in PORT_OFFSETS.items()}


def _fits(row: dict[str, Any], query: httpx.QueryParams) -> bool:
    wanted = {"complete": str(row["complete"]).lower(), "category": row["category"]}
    return (
        all(query.get(name, value) == value for name, value in wanted.items())
        and query.get("q", "") in row["full_name"]
    )


@dataclass
class Stage:
    """Answers by method and path. `answers` maps ``GET /v1/...`` to (status, body), and wins."""

    silent: set[str] = field(default_factory=set)
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    seen: list[httpx.Request] = field(default_factory=list)
    standings: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {
                "organization": COUNTY,
                "full_name": STEM + "委员会",
                "short_name": "遂昌团县委",
                "category": "leading_body",
                "role": "admin",
            },
            {"organization": CITY, "full_name": PATH[2]["full_name"], "category": "leading_body", "role": "cadre"},
        ]
    )

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    def sent(self, method: str, path: str) -> list[httpx.Request]:
        """The requests of this method and path that came in."""
        return [request for request in self.seen if (request.method, request.url.path) == (method, path)]

    async def answer(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.seen.append(request)
        if SERVICE_OF_PORT.get(request.url.port or 0) in self.silent:
            raise httpx.ConnectError("silent", request=request)
        line = f"{request.method} {request.url.path}"
        if line in self.answers:
            status, body = self.answers[line]
            kind = "application/problem+json" if status >= 400 else "application/json"
            return httpx.Response(status, content=orjson.dumps(body), headers={"content-type": kind})
        said = [part.answer(request) for part in (applications, changes, exchanges, graduates, transfers, schools)]
        body = next((each for each in said if each), None) or self._body(request)
        if body is None:
            return httpx.Response(404, json={"title": "没有找到", "status": 404, "code": "absent"})
        if isinstance(body, bytes):
            return httpx.Response(200, content=body, headers={"content-type": "application/octet-stream"})
        return httpx.Response(200, content=orjson.dumps(body), headers={"content-type": "application/json"})

    def _body(self, request: httpx.Request) -> Any:
        parts = request.url.path.removeprefix("/v1/").split("/")
        if request.method in ("POST", "PUT", "DELETE"):
            return self._command(parts, request)
        match parts:
            case ["organizations", identity, *rest]:
                return self._organization(identity, rest, request.url.params)
            case ["people", person, *rest]:
                return self._person(person, rest)
            case ["imports", *rest]:
                return self._import(rest)
            case ["progress", *rest]:
                return self._progress(rest)
            case ["admin-registrations", _]:
                return {"state": "waiting", "own_password": False, "reason": ""}
            case ["captchas"] if request.url.params.get("spoken"):
                return {"id": "captcha-2", "sound": SOUND}
            case [*_, last] if last.endswith(".xlsx"):
                return b"PK\x03\x04"
        return self._plain().get("/".join(parts))

    def _plain(self) -> dict[str, Any]:
        at = NOW.isoformat()
        item = {
            "place": "127.0.0.1",
            "agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36",
            "since": at,
            "last_seen": at,
        }
        sectors = [{"code": "1", "name": "党政机关"}, {"code": "14", "name": "城市社区"}]
        return {
            "captchas": {"id": "captcha-1", "image": PIXEL},
            "me": {"principal": ME, "name": "王舒宁", "kind": "person", "standings": self.standings},
            "sessions": {"items": [{**item, "id": "s1", "current": True}, {**item, "id": "s2"}]},
            "reference/lists": LISTS,
            "reference/sectors": {"items": sectors},
            "reference/regions": {"items": []},
            "organizations": {"items": [{**subordinate(0), "path": PATH}]},
        }

    def _import(self, rest: list[str]) -> Any:
        match rest:
            case []:
                return {"items": [job(), job("running", id=made("import", "second"))], "next": None}
            case [_]:
                return job()
            case [_, "rows"]:
                return {"items": [fault_row(37), fault_row(212), fault_row(1066)], "next": "more", "total": 23}
            case [_, "reasons"]:
                return {"items": REASONS}
            case [_, "failed-rows.xlsx"]:
                return b"PK\x03\x04"
        return None

    def _organization(self, identity: str, rest: list[str], query: httpx.QueryParams) -> Any:
        match rest:
            case []:
                if identity == BRANCH:
                    return branch()
                return organization(identity, **({} if identity == COUNTY else {"superior": COUNTY}))
            case ["subordinates", "registration-codes"]:
                return {"items": [code_row(index) for index in range(len(BELOW))], "total": len(BELOW)}
            case ["subordinates"]:
                rows = [subordinate(index) for index in range(len(BELOW))]
                return {"items": [row for row in rows if _fits(row, query)], "next": None, "total": len(BELOW)}
            case ["tree"]:
                children = [subordinate(index) for index in range(len(BELOW))]
                if identity != COUNTY:
                    children = [{**child, "id": made("organization", identity + child["id"])} for child in children]
                return {**organization(identity), "children": children}
            case [("dissolution" | "admins") as kind]:
                admins = [{"person": person, "since": NOW.isoformat()} for person in (ME, SECRETARY)]
                ending = {"subordinates": 0, "cadres": [SECRETARY], "admins": [ME, SECRETARY]}
                return {"dissolution": ending, "admins": {"items": admins}}[kind]
            case ["members"]:
                return {"items": [member_row(index) for index in range(8)], "next": "more", "total": 1284}
            case ["cadres"]:
                rows = [cadre_row("林知远", "书记", SECRETARY), cadre_row("傅明轩", "委员", made("person", "傅明轩"))]
                return {"items": rows, "next": None, "total": 2}
        return None

    def _person(self, person: str, rest: list[str]) -> Any:
        match rest:
            case []:
                return record(person)
            case ["history"]:
                change = {"field": "education", "label": "学历", "before": "大专在读", "after": "大专"}
                item = {
                    "at": NOW.isoformat(),
                    "by": SECRETARY,
                    "organization": BRANCH,
                    "organization_name": STEM + BELOW[6][0],
                }
                return {
                    "items": [
                        {**item, "what": "修改学历", "changes": [change]},
                        {**item, "what": "录入", "changes": []},
                    ]
                }
            case ["account"]:
                return {"state": "inactive"}
        return None

    def _progress(self, rest: list[str]) -> Any:
        stamp = {"hour": NOW.isoformat(), "published_at": NOW.isoformat(), "late": False}
        rows = [figures(index) for index in range(len(BELOW))]
        match rest:
            case [("members" | "cadres")]:
                return stamp | {"rows": rows, "total": total_of(rows), "own": {}}
            case [_, "sectors"]:
                return stamp | {"rows": sector_rows(), "total": total_of(sector_rows())}
            case [_, "trend"]:
                return {"sector": None, "points": trend_points()}
            case ["hours"]:
                return {"items": [NOW.isoformat(), (NOW - timedelta(hours=1)).isoformat()]}
            case ["information"]:
                kept = ("full_name", "complete", "missing")
                known = [subordinate(index) for index in range(len(BELOW))]
                return stamp | {
                    "organizations": 8,
                    "complete": 6,
                    "rows": [{"organization": row["id"], **{key: row[key] for key in kept}} for row in known],
                }
            case [_]:
                return b"PK\x03\x04"
        return None

    def _command(self, parts: list[str], request: httpx.Request) -> Any:
        match parts:
            case ["sign-ins"] | ["activations"]:
                return {"session": SESSION, "must_activate": False}
            case ["admin-registrations"]:
                return {"ticket": TICKET}
            case ["sessions", "token"]:
                return {"token": "token", "principal": ME}
            case ["organizations", _, "registration-codes"]:
                return {"registration_code": REGISTRATION_CODE, "due_at": (NOW + timedelta(days=20)).isoformat()}
            case ["organizations", _, "subordinates", "registration-codes"]:
                return {"items": [code_of(index) for index in range(len(BELOW))]}
            case ["people", _, "reveal"]:
                return {"value": "331123200603125427"}
            case ["people", _, "activation-codes"]:
                return {"code": "K7QM3XTR", "expires_at": (NOW + timedelta(days=1)).isoformat()}
            case ["imports"]:
                return {"stream": IMPORT, "version": 1, "joined": False}
            case ["approval-documents"]:
                return {"document_id": "doc-2", "file_name": "批复.pdf"}
        return {"stream": COUNTY, "version": 4}
