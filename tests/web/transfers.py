"""Transfers as the stage answers them: one for each way in which they can stand."""

from datetime import timedelta
from typing import Any

import httpx

from tests.web.county import BELOW, BRANCH, COUNTY, LAN, ME, NAMES, NOW, SECRETARY, STEM, made, subordinate
from tests.web.transfer_batches import BATCH, TO, of_batches
from tests.web.transfer_lists import reference

SCHOOL = "共青团丽水学院教师教育学院2022级小学教育（2）班毕业生支部委员会"
LONG = STEM + "非公有制经济组织和社会组织工作委员会凯恩特种材料股份有限公司绿色智造产业园联合支部委员会"
FAR, STREET = made("organization", SCHOOL), subordinate(0)["id"]
OUT, IN, ASSIGN, MOVED, REFUSED, LATE, WITHDRAWN, FAILED, CHECKED, MINE, OBJECTED, THEIRS, CASE, SETTLED, SLOW = (
    made("transfer", name)
    for name in (
        "out",
        "in",
        "assign",
        "moved",
        "refused",
        "late",
        "withdrawn",
        "failed",
        "checked",
        "mine",
        "objected",
        "theirs",
        "case",
        "settled",
        "slow",
    )
)
SPECIAL, ARRIVED = made("transfer", "special"), made("transfer", "arrived")
BATCH_NEW = f"/organizations/{STREET}/transfer-batches/new"
TRANSFER_PAGES = (
    f"/organizations/{COUNTY}/transfers",
    f"/organizations/{COUNTY}/transfers?which=all",
    f"/organizations/{COUNTY}/transfers?which=started",
    *(f"/transfers/{each}" for each in (OUT, IN, ASSIGN, MOVED, REFUSED, LATE, MINE)),
    f"/transfers/{IN}/refuse",
    f"/transfers/{MINE}/withdraw",
    f"/transfers/{ASSIGN}/assign",
    f"/transfers/{ASSIGN}/assign?to={BRANCH}",
    f"/organizations/{COUNTY}/transfers/assign?who={ASSIGN}+{IN}",
    f"/organizations/{COUNTY}/transfers/assign?who={ASSIGN}+{IN}&to={BRANCH}",
    f"/people/{LAN}/transfer",
    f"/people/{LAN}/transfer?q=妙高",
    f"/people/{LAN}/transfer?to={STREET}",
    "/me/transfer",
    *(f"/organizations/{COUNTY}/transfers?which={tab}" for tab in ("coordination", "overdue", "objections", "below")),
    f"/organizations/{COUNTY}/transfers?which=below&state=completed&q=周",
    f"/organizations/{COUNTY}/transfers/in",
    f"/organizations/{BRANCH}/transfers/in",
    f"/organizations/{COUNTY}/transfers/periods",
    *(f"/transfers/{each}" for each in (OBJECTED, THEIRS, CASE, SETTLED, SLOW)),
    f"/transfers/{SLOW}/delay",
    f"/transfers/{SLOW}/contacts",
    f"/transfers/{THEIRS}/objection",
    f"/people/{LAN}/transfers",
    "/me/transfers",
    f"/organizations/{STREET}/transfer-batches",
    BATCH_NEW,
    f"{BATCH_NEW}?from={BRANCH}",
    f"{BATCH_NEW}?from={BRANCH}&who={LAN}&step=to",
    f"{BATCH_NEW}?from={BRANCH}&who={LAN}+{SECRETARY}&step=to&to={TO}",
    f"/transfer-batches/{BATCH}",
    "/me/transfer/special-unit",
    f"/people/{LAN}/transfer/special-unit",
    f"/people/{LAN}/transfer?situation=has_work&place=floating_of_work",
    f"/organizations/{COUNTY}/transfers?which=arrivals",
    f"/organizations/{COUNTY}/transfers?which=moving_on",
    f"/transfers/{SPECIAL}",
    f"/transfers/{ARRIVED}",
)
SHORT = {OUT: "out", IN: "in", ASSIGN: "assign", MOVED: "moved", REFUSED: "refused", LATE: "late", MINE: "mine"}
SHORT |= {SPECIAL: "special", ARRIVED: "arrived", BATCH: "batch"}
SHORT |= {OBJECTED: "objected", THEIRS: "theirs", CASE: "case", SETTLED: "settled", SLOW: "slow"}


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


NOTHING = {"decide": False, "assign": False, "withdraw": False}
ARRIVAL = {
    "contacted_at": _ago(hours=2),
    "contacted_by": ME,
    "settled_on": "2026-10-15",
    "move_on_by": "2026-11-15",
    "unverified": True,
}
RECEIVING = {"receive": True, "settle_work": True, "note_hand_over": True, "verify_employment": True}
SPECIAL_UNIT: dict[str, Any] = {
    "to_name": "",
    "register_of": "special_units",
    "reason": "joined_army",
    "note": "2026年9月参军入伍",
    "due_at": None,
    "may": {"decide": True, "note_hand_over": True, "verify_employment": True},
    "hand_overs": [
        {
            "letter": "浙团介〔2026〕18号",
            "issued_on": "2026-11-18",
            "organization_name": LONG,
            "by": ME,
            "at": _ago(hours=5),
        }
    ],
}


def _every() -> dict[str, dict[str, Any]]:
    street = STEM + BELOW[0][0]
    system = "service:transfer"
    agreed = step("approved", STREET, street, ME, hours=3)
    assigned = step("assigned", STREET, street, ME, hours=1)
    completed = step("completed", None, "", system, hours=1)
    choosing = {"decide": False, "assign": True, "withdraw": False, "verify_employment": True}
    starting = {"decide": False, "assign": False, "withdraw": True}
    before = transfer()["steps"]
    found = [
        transfer(IN, situation="no_work_yet", place="floating_of_home"),
        _out(without_admin=True),
        transfer(ASSIGN, state="unassigned", due_at=None, steps=[*before, agreed], may=choosing, person=SECRETARY),
        _over(MOVED, "completed", completed, branch=BRANCH, branch_name=STEM + BELOW[7][0])
        | {"steps": [*before, agreed, assigned, completed]},
        _over(REFUSED, "refused", step("refused", STREET, street, ME, hours=2), ground="not_of_this_unit")
        | {"may": {"coordinate": True}, "situation": "no_work_yet", "place": "floating_of_home"},
        _over(LATE, "timed_out", step("timed_out", STREET, street, system, minutes=5), cause="in_undecided"),
        _over(WITHDRAWN, "withdrawn", step("withdrawn", None, "", LAN, days=1)),
        _over(FAILED, "failed", step("failed", None, "", system, days=3), cause="not_a_member_there"),
        _out(CHECKED, state="requested", waits_for=None, waits_for_name="", due_at=None),
        _out(MINE, person=ME, may=starting, steps=[step("requested", None, "", ME, days=2)]),
        _out(SPECIAL, **SPECIAL_UNIT),
        _over(ARRIVED, "completed", completed, branch=BRANCH, branch_name=STEM + BELOW[7][0], move_on_by="2026-11-15")
        | {"may": NOTHING | RECEIVING, "arrival": ARRIVAL, "duties": ["check_in", "verify"]},
    ]
    return {each["transfer"]: each for each in found}


def _disputed() -> dict[str, dict[str, Any]]:
    """What is said beside the steps: an objection, a case to coordinate, a delay."""
    street, nothing = STEM + BELOW[0][0], {"decide": False, "assign": False, "withdraw": False}
    objection = {"objection": "not_asked", "state": "open", "by": made("person", "周若彤"), "at": _ago(days=1)}
    objected = transfer(OBJECTED, started_by="out", may=nothing | {"decide_objection": True}, objection=objection)
    theirs = transfer(THEIRS, started_by="out", person=ME, may=nothing | {"object": True})
    refusal = step("refused", STREET, street, ME, days=4)
    case = {
        "organization": FAR,
        "organization_name": SCHOOL,
        "state": "open",
        "by": LAN,
        "at": _ago(days=3),
        "reminded": 1,
    }
    answered = {"state": "answered", "answer": "start_again", "answered_by": SECRETARY, "answered_at": _ago(hours=5)}
    open_case = _over(CASE, "refused", refusal, ground="not_of_this_unit", coordination=case)
    settled = _over(SETTLED, "refused", refusal, ground="not_of_this_unit", coordination=case | answered)
    sent = {"organization": STREET, "organization_name": street}
    slow = transfer(
        SLOW,
        late=True,
        by_weekdays=True,
        reminded=1,
        explanation="needs_meeting",
        reminders=[sent | {"superior": told, "at": _ago(days=ago)} for told, ago in ((False, 5), (True, 1))],
        explanations=[sent | {"explanation": "needs_meeting", "by": ME, "at": _ago(days=2)}],
        may={"decide": True, "explain": True},
    )
    found = [objected, theirs, open_case | {"may": nothing | {"answer_coordination": True}}, settled, slow]
    return {each["transfer"]: each for each in found}


EVERY = _every() | _disputed()


def one(identity: str) -> dict[str, Any]:
    return EVERY[identity]


def lines(*identities: str) -> dict[str, Any]:
    return {"items": [one(each) for each in identities], "next": None}


def of_organization(which: str) -> dict[str, Any]:
    match which:
        case "waiting":
            return lines(IN, OUT, ASSIGN) | {"total": 3}
        case "objections":
            return lines(OBJECTED)
        case "coordination":
            return lines(CASE)
        case "overdue":
            return lines(SLOW) | {"total": 1}
        case "started":
            return lines(REFUSED, LATE)
        case "arrivals" | "moving_on":
            return lines(ARRIVED)
        case _:
            found = lines(OUT, IN, ASSIGN, MOVED, REFUSED, LATE, WITHDRAWN, FAILED, CHECKED)
            return found | {"next": "more"}


def names(asked: list[str]) -> dict[str, Any]:
    known = {LAN: "蓝雨桐", ME: "王舒宁", SECRETARY: "林知远"}
    known |= {made("person", name): name for name in ("周若彤", "何嘉言", *NAMES)}
    return {"items": [{"person": each, "name": known[each]} for each in asked if each in known]}


def answer(request: httpx.Request) -> Any:
    """What transfer answers, and member of names; None for everything else."""
    parts = request.url.path.removeprefix("/v1/").split("/")
    if request.method != "GET":
        return _done(parts) or of_batches(request)
    match parts:
        case ["people", "names"]:
            return names(request.url.params.get_list("person"))
        case ["organizations", _, "people"]:
            return names([made("person", "周若彤")]) | {"more": False}
        case ["organizations", _, "transfers"]:
            return of_organization(request.url.params["which"])
        case ["people", _, "transfers"]:
            return lines(REFUSED, WITHDRAWN)
        case ["me", "transfers"]:
            return lines(REFUSED)
        case ["transfers", identity]:
            return EVERY.get(identity)
    return of_batches(request) or reference(parts)


def _done(parts: list[str]) -> Any:
    match parts:
        case ["people", _, "transfer-contacts"]:
            return {"items": [{"person": SECRETARY, "name": "林知远", "mobile": "13905781234"}]}
        case ["organizations", _, "transfer-tickets"]:
            return {"ticket": "ticket-of-the-stage", "expires_at": NOW.isoformat()}
        case ["organizations", _, "transfers-in"]:
            return {"stream": IN, "version": 1}
        case ["organizations", _, "transfer-periods"] | ["reference", "working-days", _]:
            return {"stream": "period-1", "version": 1}
        case ["me", "transfers" | "transfers-to-special-unit"] | [
            "organizations",
            _,
            "transfers-out" | "transfers-to-special-unit",
        ]:
            return {"stream": OUT, "version": 1}
        case ["transfers", identity, _]:
            return {"stream": identity, "version": 4}
    return None
