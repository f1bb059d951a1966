"""Transfers as the stage answers them: one for each way in which they can stand."""

from datetime import timedelta
from typing import Any

import httpx

from tests.web.county import BELOW, BRANCH, COUNTY, LAN, ME, NAMES, NOW, SECRETARY, STEM, made, subordinate

SCHOOL = "共青团丽水学院教师教育学院2022级小学教育（2）班毕业生支部委员会"
LONG = STEM + "非公有制经济组织和社会组织工作委员会凯恩特种材料股份有限公司绿色智造产业园联合支部委员会"
FAR, STREET = made("organization", SCHOOL), subordinate(0)["id"]
OUT, IN, ASSIGN, MOVED, REFUSED, LATE, WITHDRAWN, FAILED, CHECKED, MINE = (
    made("transfer", name)
    for name in ("out", "in", "assign", "moved", "refused", "late", "withdrawn", "failed", "checked", "mine")
)
LISTS = {
    "reasons": [
        {"code": "further_study", "zh": "升学", "en": "Further study"},
        {"code": "change_of_school", "zh": "转学", "en": "Change of school"},
        {"code": "work_with_organization", "zh": "就业（有团组织）", "en": "Work, with a league organization"},
        {"code": "work_without_organization", "zh": "就业（无团组织）", "en": "Work, without a league organization"},
        {"code": "undecided", "zh": "未落实去向", "en": "Nothing settled yet"},
        {"code": "return_home", "zh": "回原籍", "en": "Return home"},
        {"code": "leaving_after_graduation", "zh": "毕业离校", "en": "Leaving school after graduation"},
        {"code": "other", "zh": "其他", "en": "Something else", "with_text": True},
    ],
    "grounds": [
        {"code": "not_of_this_unit", "zh": "本人不在本单位学习或工作", "en": "Does not study or work here"},
        {"code": "belongs_elsewhere", "zh": "应当转往其他团组织", "en": "Belongs to another organization"},
        {"code": "wrong_person", "zh": "人员信息有误，无法确认是本人", "en": "The data do not fit the person"},
        {"code": "asked_by_member", "zh": "本人要求不转接", "en": "The member asked not to be transferred"},
    ],
}
OFFERS = OFFERED, CAME = made("exchange", "offered"), made("exchange", "came")
TRANSFER_PAGES = (
    f"/organizations/{COUNTY}/transfers",
    f"/organizations/{COUNTY}/transfers?which=all",
    f"/organizations/{COUNTY}/transfers?which=started",
    *(f"/transfers/{each}" for each in (OUT, IN, ASSIGN, MOVED, REFUSED, LATE, MINE)),
    f"/transfers/{IN}/refuse",
    f"/transfers/{MINE}/withdraw",
    f"/transfers/{ASSIGN}/assign",
    f"/transfers/{ASSIGN}/assign?to={BRANCH}",
    f"/people/{LAN}/transfer",
    f"/people/{LAN}/transfer?q=妙高",
    f"/people/{LAN}/transfer?to={STREET}",
    "/me/transfer",
    f"/people/{LAN}/transfers",
    "/me/transfers",
    f"/transfers/{MOVED}/exchange",
    f"/people/{LAN}/transfer-outside",
    f"/people/{LAN}/transfer-outside?system=beijing&q=大学",
    "/me/transfer-outside?system=fujian&name=共青团福建第一中学委员会",
    f"/organizations/{COUNTY}/outside-offers",
    *(f"/outside-offers/{each}" for each in OFFERS),
)
SHORT = {OUT: "out", IN: "in", ASSIGN: "assign", MOVED: "moved", REFUSED: "refused", LATE: "late", MINE: "mine"}


def _ago(**back: int) -> str:
    return (NOW - timedelta(**back)).isoformat()


def step(what: str, organization: str | None, name: str, by: str, **back: int) -> dict[str, Any]:
    return {"what": what, "organization": organization, "organization_name": name, "by": by, "at": _ago(**back)}


def transfer(identity: str = IN, **changes: Any) -> dict[str, Any]:
    """By the member, from the university to the street, who is to decide within two days."""
    first = step("requested", None, "", made("person", "周若彤"), days=9, hours=17)
    return {
        "transfer": identity,
        "person": made("person", "周若彤"),
        "from_branch": FAR,
        "from_name": SCHOOL,
        "to": STREET,
        "to_name": STEM + BELOW[0][0],
        "branch": None,
        "branch_name": "",
        "started_by": "member",
        "reason": "undecided",
        "state": "pending",
        "waits_for": STREET,
        "waits_for_name": STEM + BELOW[0][0],
        "due_at": (NOW + timedelta(days=1, hours=22, minutes=30)).isoformat(),
        "ground": None,
        "cause": None,
        "requested_at": first["at"],
        "ended_at": None,
        "steps": [first, step("approved", FAR, SCHOOL, made("person", "何嘉言"), days=8, hours=1)],
        "may": {"decide": True, "assign": False, "withdraw": False},
    } | changes


def _out(identity: str = OUT, **changes: Any) -> dict[str, Any]:
    """By a member of the county's own branch, which is to let them go."""
    steps = [step("requested", None, "", LAN, days=2)]
    sides = {"from_branch": BRANCH, "from_name": STEM + BELOW[6][0], "to": FAR, "to_name": LONG}
    waits = {"waits_for": BRANCH, "waits_for_name": STEM + BELOW[6][0], "reason": "work_with_organization"}
    due = {"due_at": (NOW + timedelta(days=8)).isoformat(), "requested_at": steps[0]["at"]}
    return transfer(identity, person=LAN, steps=steps, **sides, **waits, **due) | changes


def _over(identity: str, state: str, last: dict[str, Any], **changes: Any) -> dict[str, Any]:
    ended = {"state": state, "waits_for": None, "waits_for_name": "", "due_at": None, "ended_at": last["at"]}
    steps = [*transfer()["steps"], last]
    nothing = {"decide": False, "assign": False, "withdraw": False}
    return transfer(identity, **ended, may=nothing) | {"steps": steps} | changes


def _every() -> dict[str, dict[str, Any]]:
    street = STEM + BELOW[0][0]
    system = "service:transfer"
    agreed = step("approved", STREET, street, ME, hours=3)
    assigned = step("assigned", STREET, street, ME, hours=1)
    completed = step("completed", None, "", system, hours=1)
    choosing = {"decide": False, "assign": True, "withdraw": False}
    starting = {"decide": False, "assign": False, "withdraw": True}
    before = transfer()["steps"]
    found = [
        transfer(IN),
        _out(),
        transfer(ASSIGN, state="unassigned", due_at=None, steps=[*before, agreed], may=choosing, person=SECRETARY),
        _over(MOVED, "completed", completed, branch=BRANCH, branch_name=STEM + BELOW[7][0])
        | {"steps": [*before, agreed, assigned, completed]},
        _over(REFUSED, "refused", step("refused", STREET, street, ME, hours=2), ground="not_of_this_unit"),
        _over(LATE, "timed_out", step("timed_out", STREET, street, system, minutes=5)),
        _over(WITHDRAWN, "withdrawn", step("withdrawn", None, "", LAN, days=1)),
        _over(FAILED, "failed", step("failed", None, "", system, days=3), cause="not_a_member_there"),
        _out(CHECKED, state="requested", waits_for=None, waits_for_name="", due_at=None),
        _out(MINE, person=ME, may=starting, steps=[step("requested", None, "", ME, days=2)]),
    ]
    return {each["transfer"]: each for each in found}


EVERY = _every()


def one(identity: str) -> dict[str, Any]:
    return EVERY[identity]


def lines(*identities: str) -> dict[str, Any]:
    return {"items": [one(each) for each in identities], "next": None}


def of_organization(which: str) -> dict[str, Any]:
    match which:
        case "waiting":
            return lines(OUT, IN, ASSIGN)
        case "started":
            return lines(REFUSED, LATE)
        case _:
            found = lines(OUT, IN, ASSIGN, MOVED, REFUSED, LATE, WITHDRAWN, FAILED, CHECKED)
            return found | {"next": "more"}


def names(asked: list[str]) -> dict[str, Any]:
    known = {LAN: "蓝雨桐", ME: "王舒宁", SECRETARY: "林知远"}
    known |= {made("person", name): name for name in ("周若彤", "何嘉言", *NAMES)}
    return {"items": [{"person": each, "name": known[each]} for each in asked if each in known]}


def exchange(identity: str, stage: str, *said: str, **more: Any) -> dict[str, Any]:
    """One exchange with 北京, as transfer shows it."""
    about = {"exchange": identity, "direction": "in", "system": "beijing", "organization": COUNTY, "stage": stage}
    names = {"outside_name": "共青团北京理工大学计算机学院2025级1班支部", "organization_name": STEM + "委员会"}
    when = {"began_at": _ago(days=1), "decide_until": _ago(days=-9)}
    return (
        about
        | names
        | when
        | {"reason": "further_study", "said": [{"what": w, "at": _ago(hours=3)} for w in said]}
        | more
    )


OFFER = {
    OFFERED: exchange(OFFERED, "offered", "received"),
    CAME: exchange(CAME, "entering", "received", "accepted", "decision_sent", "completed", newcomer=True),
}
SYSTEMS = {
    "own_keys": [{"kid": "5d41402abc4b", "use": "sig", "x": "A" * 43}],
    "systems": [
        {
            "system": "beijing",
            "connected": True,
            "address": "https://exchange.example.org/beijing",
            "keys": ["0a1b2c3d4e5f"],
            "own_keys": ["5d41402abc4b"],
            "own_keys_taken": ["5d41402abc4b"],
            "directory": 3120,
            "directory_at": _ago(hours=4),
            "queue": 12,
            "failing": [exchange(OFFERED, "prepared", failed=3, cause="status_503")],
            "findings": [exchange(CAME, "closed", findings=["late_decision"])],
            "reconciled_on": "2026-11-20",
            "reconciled_people": 214,
            "both": 0,
            "neither": 1,
            "differences": [{"kind": "neither", "exchange": CAME, "person": LAN}],
        },
        {"system": "guangdong"},
        {"system": "fujian"},
    ],
}


def outside(request: httpx.Request) -> Any:
    """What transfer answers of other systems, and member of who goes there or comes."""
    match [request.method, *request.url.path.removeprefix("/v1/").split("/")]:
        case ["GET", "outside-systems"]:
            return SYSTEMS
        case ["GET", "outside-systems", _, "organizations"]:
            return {
                "organizations": [{"organization": "beijing-0003", "name": "共青团北京理工大学计算机学院2025级1班支部"}]
            }
        case ["GET", "transfers", _, "exchange"]:
            return {"items": [exchange(OFFERED, "closed", "offer_sent", "accepted", "completed", "outcome_sent")]}
        case ["GET", "organizations", _, "outside-offers"]:
            return {"items": list(OFFER.values())}
        case ["GET", "outside-offers", identity]:
            return OFFER[identity] | {"name": "欧阳不露", "number": "110101200701011239", "document_kind": "居民身份证"}
        case ["POST", "people", _, "transfer-papers"] | ["POST", "organizations", _, "transfer-tickets"]:
            return {"ticket": "sealed", "expires_at": _ago(minutes=-10)}
        case ["POST", _, "transfers-outside"] | ["POST", "organizations", _, "transfers-outside"]:
            return {"stream": OUT, "version": 1}
        case ["POST", "outside-offers", _, _]:
            return {"stream": IN, "version": 1}
    return None


def answer(request: httpx.Request) -> Any:
    """What transfer answers, and member of names; None for everything else."""
    if (found := outside(request)) is not None:
        return found
    match [request.method, *request.url.path.removeprefix("/v1/").split("/")]:
        case ["GET", "people", "names"]:
            return names(request.url.params.get_list("person"))
        case ["GET", "reference", "transfers"]:
            return LISTS
        case ["GET", "organizations", _, "transfers"]:
            return of_organization(request.url.params["which"])
        case ["GET", "people", _, "transfers"]:
            return lines(REFUSED, WITHDRAWN)
        case ["GET", "me", "transfers"]:
            return lines(REFUSED)
        case ["GET", "transfers", identity]:
            return EVERY.get(identity)
        case ["POST", "me", "transfers"] | ["POST", "organizations", _, "transfers-out"]:
            return {"stream": OUT, "version": 1}
        case ["POST", "transfers", identity, _]:
            return {"stream": identity, "version": 4}
    return None
