"""Applications for an account as the stage answers them."""

from datetime import timedelta
from typing import Any

import httpx

from tests.web.codes import REGISTRATION_CODE
from tests.web.county import BRANCH, COUNTY, NOW, PATH, STEM, made, subordinate

TICKET = "K7QM3XTRB2WAK7QM3XTRB2WA45"
ENDED_TICKETS = {"refused": "R" * 26, "approved": "P" * 26, "lapsed": "L" * 26}
APPLICATION, FORGOTTEN, REFUSED = made("application", "waiting"), made("application", "gone"), made("application", "no")
APPLICATION_PAGES = (
    f"/organizations/{COUNTY}/applications",
    f"/organizations/{COUNTY}/applications?ended=true",
    *(f"/applications/{each}" for each in (APPLICATION, REFUSED, FORGOTTEN)),
)
LONG = (
    STEM
    + "浙江省遂昌县妙高街道北门社区新兴领域新就业群体暨网络直播行业从业青年联合团支部（第二批次、含流动团员）委员会"
)
NAME, PHONE = "欧阳不露·阿卜杜热合曼", "+86 139-0099-0099"
REASON = "申请表上的公章看不清，负责人姓名与章程不一致；请重新填写、加盖公章，并写明所在单位的全称后再提交。"


def _steps() -> list[dict[str, str]]:
    return [{name: step.get(name, "") for name in ("id", "short_name", "full_name")} for step in PATH]


def applicant(organization: str) -> dict[str, Any]:
    long = organization == BRANCH
    return {
        "id": organization,
        "full_name": LONG if long else STEM + "委员会",
        "short_name": "",
        "path": _steps(),
        "may_apply": organization != COUNTY,
    }


APPLICANTS = [applicant(BRANCH), applicant(COUNTY), {**applicant(subordinate(2)["id"]), "full_name": "妙高镇团委"}]


def _times(state: str) -> dict[str, Any]:
    ended = {"decided_at": NOW.isoformat()} if state != "waiting" else {}
    due = {"submitted_at": (NOW - timedelta(days=2)).isoformat(), "due_at": (NOW + timedelta(days=8)).isoformat()}
    return {"state": state, **due, **ended}


def outcome_of(ticket: str) -> dict[str, Any]:
    state = next((name for name, known in ENDED_TICKETS.items() if known == ticket), "waiting")
    return {"full_name": LONG, **_times(state), "reason": REASON if state == "refused" else None}


def application_rows(*, ended: bool) -> dict[str, Any]:
    states = ("approved", "refused", "lapsed") if ended else ("waiting", "waiting")
    rows = [
        {
            "id": subordinate(index)["id"],
            "full_name": LONG if index == 0 else subordinate(index)["full_name"],
            "application": REFUSED if state == "refused" else APPLICATION,
            **_times(state),
        }
        for index, state in enumerate(states)
    ]
    return {"items": rows, "total": len(rows), "next": None}


def application_of(identity: str) -> dict[str, Any]:
    state = {APPLICATION: "waiting", REFUSED: "refused"}.get(identity, "approved")
    personal = {"responsible": NAME, "phone": PHONE, "file_name": "管理员账号申请表（盖章扫描件）.pdf"}
    if state == "refused":
        personal |= {"reason": REASON, "destroy_at": (NOW + timedelta(days=30)).isoformat()}
    if state == "approved":
        personal = {"destroyed": True}
    return {
        "id": BRANCH,
        "full_name": LONG,
        "application": identity,
        "superior": COUNTY,
        "admins": 0,
        "decided_by": made("person", "林知远") if state != "waiting" else None,
        **_times(state),
        **personal,
    }


def answer(request: httpx.Request) -> Any:
    """What the services answer about applications; None for everything else."""
    match [request.method, *request.url.path.removeprefix("/v1/").split("/")]:
        case ["POST", "passes"]:
            return {"pass": "a-pass", "expires_at": NOW.isoformat()}
        case ["GET", "applicants"]:
            return {"items": APPLICANTS}
        case ["GET", "applicants", organization]:
            return applicant(organization)
        case ["GET", "application-outcomes", ticket]:
            return outcome_of(ticket)
        case ["GET", "organizations", _, "subordinates", "account-applications"]:
            return application_rows(ended=request.url.params.get("ended") == "true")
        case [method, "account-applications", *rest]:
            return _of_one(method, rest)
    return None


def _of_one(method: str, rest: list[str]) -> Any:
    match [method, *rest]:
        case ["POST"]:
            return {"ticket": TICKET, "due_at": NOW.isoformat()}
        case ["POST", _, "approval"]:
            return {"registration_code": REGISTRATION_CODE, "due_at": (NOW + timedelta(days=20)).isoformat()}
        case ["GET", application]:
            return application_of(application)
        case ["GET", _, "form"]:
            return b"%PDF-1.4 %%EOF"
    return None
