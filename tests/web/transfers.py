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
    "special_reasons": [
        {"code": "joined_army", "zh": "参军入伍", "en": "Joined the army"},
        {"code": "classified_unit", "zh": "涉密单位", "en": "Works in a classified unit"},
    ],
    "places": [
        {"code": "employer", "zh": "工作单位的团组织", "en": "The employer's organization"},
        {
            "code": "floating_of_work",
            "zh": "工作单位所在地乡镇街道的流动团支部",
            "en": "The floating branch of the town",
        },
        {"code": "floating_of_home", "zh": "户籍地的流动团支部", "en": "The floating branch of home"},
    ],
    "situations": [
        {
            "code": "has_work",
            "zh": "已落实工作",
            "en": "Has work",
            "works": True,
            "places": ["employer", "floating_of_work"],
        },
        {"code": "no_work_yet", "zh": "还没有落实工作", "en": "No work yet", "places": ["floating_of_home"]},
    ],
    "grounds": [
        {"code": "not_of_this_unit", "zh": "本人不在本单位学习或工作", "en": "Does not study or work here"},
        {"code": "belongs_elsewhere", "zh": "应当转往其他团组织", "en": "Belongs to another organization"},
        {"code": "wrong_person", "zh": "人员信息有误，无法确认是本人", "en": "The data do not fit the person"},
        {"code": "asked_by_member", "zh": "本人要求不转接", "en": "The member asked not to be transferred"},
    ],
}
BATCH, TO = made("batch", "first"), subordinate(7)["id"]
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
    f"/people/{LAN}/transfer",
    f"/people/{LAN}/transfer?q=妙高",
    f"/people/{LAN}/transfer?to={STREET}",
    "/me/transfer",
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
}
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
        _out(SPECIAL, **SPECIAL_UNIT),
        _over(ARRIVED, "completed", completed, branch=BRANCH, branch_name=STEM + BELOW[7][0], move_on_by="2026-11-15")
        | {"may": NOTHING | {"receive": True, "settle_work": True, "note_hand_over": True}, "arrival": ARRIVAL},
    ]
    return {each["transfer"]: each for each in found}


EVERY = _every()


def one(identity: str) -> dict[str, Any]:
    return EVERY[identity]


def batch() -> dict[str, Any]:
    """Of the street: three of its members to another branch."""
    names = {"organization_name": STEM + BELOW[0][0], "from_name": STEM + BELOW[6][0], "to_name": STEM + BELOW[7][0]}
    where = {"organization": STREET, "from_branch": BRANCH, "to": TO}
    said = {"reason": "other", "note": "撤并团支部", "by": ME, "people": 3, "left_out": 1}
    return {"batch": BATCH, "requested_at": _ago(minutes=3)} | where | names | said


def batch_card() -> dict[str, Any]:
    members = [
        {"person": LAN, "transfer": MOVED, "state": "completed", "cause": None},
        {"person": SECRETARY, "transfer": FAILED, "state": "failed", "cause": "branch_closing"},
        {"person": made("person", NAMES[0]), "transfer": None, "state": "left_out", "cause": "transfer_already_open"},
    ]
    return batch() | {"members": members, "settled": True}


def lines(*identities: str) -> dict[str, Any]:
    return {"items": [one(each) for each in identities], "next": None}


def of_organization(which: str) -> dict[str, Any]:
    match which:
        case "waiting":
            return lines(OUT, IN, ASSIGN)
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
        case ["POST", "me", "transfers" | "transfers-to-special-unit"] | [
            "POST",
            "organizations",
            _,
            "transfers-out" | "transfers-to-special-unit",
        ]:
            return {"stream": OUT, "version": 1}
        case ["POST", "transfers", identity, _]:
            return {"stream": identity, "version": 4}
    return _of_batches(request)


def _of_batches(request: httpx.Request) -> Any:
    match [request.method, *request.url.path.removeprefix("/v1/").split("/")]:
        case ["GET", "organizations", _, "transfer-batches"]:
            return {"items": [batch()], "next": None}
        case ["GET", "transfer-batches", identity]:
            return batch_card() if identity == BATCH else None
        case ["POST", "organizations", _, "transfer-batches"]:
            return {"stream": BATCH, "version": 1}
    return None
