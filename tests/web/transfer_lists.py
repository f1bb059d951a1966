"""What the stage answers of transfers that is the same for all: lists, periods of a province, working days."""

from datetime import timedelta
from typing import Any

from tests.web.county import ME, NOW, PATH, made

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
        {
            "code": "employer",
            "zh": "工作单位的团组织",
            "en": "The employer's organization",
            "reasons": ["work_with_organization"],
        },
        {
            "code": "floating_of_work",
            "zh": "工作单位所在地乡镇街道的流动团支部",
            "en": "The floating branch of the town",
            "reasons": ["work_without_organization"],
        },
        {
            "code": "floating_of_home",
            "zh": "户籍地的流动团支部",
            "en": "The floating branch of home",
            "reasons": ["undecided", "return_home"],
        },
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
    "no_grounds": [
        {
            "code": "file_not_supplied",
            "zh": "团员没有提供档案",
            "en": "The member did not supply the file",
            "rule": "TRF-24",
            "why_zh": "档案由组织之间另行核查，不影响组织关系转接。",
            "why_en": "The file is a matter between the organizations and does not stand in the way of the transfer.",
        },
        {
            "code": "probation",
            "zh": "团员处于试用期",
            "en": "The member is on probation",
            "rule": "TRF-25",
            "why_zh": "试用期按已就业办理，应当接收。",
            "why_en": "Probation counts as work: the member is to be taken in.",
        },
    ],
    "explanations": [
        {"code": "checking_person", "zh": "正在核实本人情况", "en": "The person's circumstances are being checked"},
        {"code": "needs_meeting", "zh": "需提交会议研究", "en": "A meeting has to decide"},
    ],
    "objections": [
        {
            "code": "does_not_move",
            "zh": "本人没有离开，不需要转接",
            "en": "I do not leave, so there is nothing to transfer",
        },
        {"code": "not_asked", "zh": "发起前没有征求本人意见", "en": "Nobody asked me before"},
    ],
    "answers": [
        {
            "code": "start_again",
            "zh": "已与对方协调好，请重新发起转接",
            "en": "The other side agrees now; start it again",
        },
        {"code": "refusal_stands", "zh": "经核实，拒绝理由成立", "en": "The refusal stands after a check"},
    ],
}
PERIODS = {
    "today": {"hours": 360, "automatic": True},
    "history": [
        {
            "hours": days * 24,
            "automatic": automatic,
            "effective_from": on,
            "by": ME,
            "at": (NOW - timedelta(days=ago)).isoformat(),
        }
        for days, automatic, on, ago in (
            (20, False, "2027-01-01", 1),
            (15, True, "2026-10-01", 60),
            (12, False, "2026-03-01", 270),
        )
    ],
}


TALENT_CENTRE = {
    "today": True,
    "history": [
        {"allowed": allowed, "effective_from": on, "by": ME, "at": (NOW - timedelta(days=ago)).isoformat()}
        for allowed, on, ago in ((False, "2027-07-01", 1), (True, "2026-06-01", 200))
    ],
}


RAILWAYS = {
    "id": made("organization", "全国铁道"),
    "full_name": "共青团全国铁道委员会",
    "short_name": "全国铁道团委",
    "category": "leading_body",
    "branch_kind": "ordinary",
    "path": PATH[:1],
}


def working_days(year: int) -> dict[str, Any]:
    """Of 2026 as entered, of all others nothing."""
    if year != NOW.year:
        warning = {"code": "working_days_not_entered", "zh": f"{year} 年的放假安排还没有录入。", "en": "Not entered."}
        return {"year": year, "entered": False, "off": [], "on": [], "warnings": [warning], "history": []}
    days = {"off": [f"{year}-10-0{day}" for day in range(1, 8)], "on": [f"{year}-10-10"]}
    return {
        "year": year,
        "entered": True,
        **days,
        "warnings": [],
        "history": [days | {"by": ME, "at": (NOW - timedelta(days=300)).isoformat()}],
    }


def reference(parts: list[str]) -> Any:
    match parts:
        case ["reference", "transfers"]:
            return LISTS
        case ["organizations", identity, "responsible"]:
            return {"organization": identity, "admins": [ME]}
        case ["reference", "systems"]:
            return {"items": [RAILWAYS]}
        case ["organizations", _, "transfer-periods"]:
            return PERIODS
        case ["organizations", _, "talent-centre"]:
            return TALENT_CENTRE
        case ["reference", "working-days", year]:
            return working_days(int(year))
    return None
