"""An invented county in the answers of the services: the data of the stage. All people are made up."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
STEM = "共青团浙江省丽水市遂昌县"


def made(kind: str, name: str) -> str:
    return f"{kind}-{uuid5(UUID(int=7), kind + name)}"


ROOT, PROVINCE, CITY = (made("organization", name) for name in ("root", "zhejiang", "lishui"))
COUNTY = made("organization", "county")
BRANCH = made("organization", "branch")
ME = made("person", "王舒宁")
SECRETARY = made("person", "林知远")
LAN = made("person", "蓝雨桐")
IMPORT = made("import", "first")
PIXEL = "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' width='132' height='44'><text x='20' y='30' font-size='22'>7kM4w</text></svg>"
SOUND = "data:audio/wav;base64,UklGRkQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YSAAAACAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA"

PATH = [
    {"id": ROOT, "short_name": "团中央", "full_name": "中国共产主义青年团中央委员会"},
    {"id": PROVINCE, "short_name": "浙江团省委", "full_name": "共青团浙江省委员会"},
    {"id": CITY, "short_name": "丽水团市委", "full_name": "共青团浙江省丽水市委员会"},
    {"id": COUNTY, "short_name": "遂昌团县委", "full_name": STEM + "委员会"},
]
BELOW = [
    ("妙高街道工作委员会", "working_committee", 41, 618, 604),
    ("云峰街道工作委员会", "working_committee", 28, 402, 389),
    ("新路湾镇委员会", "committee", 14, 133, 130),
    ("西畈乡委员会", "committee", 5, 29, 22),
    ("濂竹乡委员会", "committee", 8, 54, 45),
    ("王村口镇委员会", "committee", 12, 97, 88),
    ("直属机关第三支部委员会", "branch", 0, 14, 14),
    ("妙高街道平昌社区流动团员支部委员会", "branch", 0, 2, 2),
]
NAMES = ["包书瑶", "傅明玥", "华景行", "蓝雨桐", "雷思琪", "毛奕辰", "潘若溪", "吴佳禾"]


def organization(identity: str = COUNTY, **changes: Any) -> dict[str, Any]:
    return {
        "id": identity,
        "version": 3,
        "edition": 3,
        "full_name": STEM + "委员会",
        "short_name": "遂昌团县委",
        "category": "leading_body",
        "branch_kind": "ordinary",
        "sector": None,
        "superior": CITY,
        "path": PATH,
        "phone": "0578-8122001",
        "email": None,
        "missing": ["email"],
        "complete": False,
        "secretary": {"person": SECRETARY},
        "secretary_mobile_filled": True,
        "admins": 2,
        "admin_quota": 2,
        "subordinates": len(BELOW),
        "approval": {"date": "2026-11-06", "document_id": "doc-1", "file_name": "遂团发〔2026〕17号.pdf"},
        "may": {"edit": True, "create_subordinate": True, "reorder": True, "appoint": True, "migrate": True},
    } | changes


def branch(**changes: Any) -> dict[str, Any]:
    own = {"id": BRANCH, "short_name": "直属机关第三支部", "full_name": STEM + "直属机关第三支部委员会"}
    return (
        organization(BRANCH)
        | own
        | {
            "category": "branch",
            "superior": COUNTY,
            "path": [*PATH, own],
            "sector": "1",
            "missing": [],
            "complete": True,
            "admin_quota": 3,
            "subordinates": 0,
            "may": dict.fromkeys(("edit", "appoint", "dissolve", "migrate"), True),
        }
        | changes
    )


def subordinate(index: int) -> dict[str, Any]:
    name, category, branches, _, _ = BELOW[index]
    return {
        "id": BRANCH if index == 6 else made("organization", name),
        "full_name": STEM + name,
        "short_name": name,
        "category": category,
        "branch_kind": "floating" if "流动" in name else "ordinary",
        "sector": "14",
        "phone": "0578-8100000" if index % 2 else None,
        "order": index,
        "missing": ["secretary", "secretary_mobile"] if index == 3 else ["secretary_mobile"] if index == 4 else [],
        "complete": index not in (3, 4),
        "admins": 0 if index == 3 else 2,
        "admin_quota": 3,
        "subordinates": branches,
        "branches": branches,
    }


def member_row(index: int) -> dict[str, Any]:
    name = NAMES[index % len(NAMES)]
    return {
        "person": LAN if name == "蓝雨桐" else made("person", f"{name}{index}"),
        "name": name,
        "number_masked": f"3311************{index + 11}",
        "sex": "女" if index % 2 else "男",
        "age": 16 + index,
        "branch": BRANCH,
        "branch_name": STEM + BELOW[6 + index % 2][0],
        "missing": ["mobile"] if name == "蓝雨桐" else ["mobile", "education", "ethnicity"] if index == 6 else [],
        "political_status": "共青团员",
        "education": "高中在读",
        "joined_on": "2021-05" if index % 2 else "2019-05-04",
        "positions": [{"organization": BRANCH, "organization_name": "第三支部", "position": "书记"}]
        if index == 5
        else [],
        "mobile_masked": None if name == "蓝雨桐" else "138****51" + str(20 + index),
    }


def cadre_row(name: str, position: str, person: str) -> dict[str, Any]:
    return {
        "person": person,
        "name": name,
        "number_masked": "3311************2X",
        "sex": "男",
        "positions": [
            {"organization": COUNTY, "position": position, "kind": "专职", "since": "2024-03-01"},
        ],
        "mobile_masked": "139****2076",
        "missing": [],
        "is_member": position == "委员",
        "branch_name": STEM + BELOW[6][0] if position == "委员" else None,
    }


def record(person: str = LAN, **changes: Any) -> dict[str, Any]:
    name = {ME: "王舒宁", SECRETARY: "林知远"}.get(person, "蓝雨桐")
    return {
        "person": person,
        "version": 4,
        "name": name,
        "number_masked": "3311************27",
        "document_kind": "居民身份证",
        "sex": "女",
        "birth_date": "2006-03-12",
        "ethnicity": "畲族",
        "political_status": "共青团员",
        "education": "大专",
        "join_date": "2021-05",
        "join_place": "浙江省丽水市遂昌县",
        "development_number": "202133042718",
        "branch": BRANCH,
        "branch_name": STEM + BELOW[6][0],
        "mobile_masked": None if person == LAN else "138****5120",
        "work_or_school": "遂昌县三仁云雾茶叶专业合作社",
        "income": {"kind": "amount", "amount_fen": 320000},
        "emergency_contact": "蓝国平",
        "emergency_phone_masked": "150****3319",
        "missing": ["mobile"] if person == LAN else [],
        "positions": []
        if person == LAN
        else [
            {
                "organization": COUNTY,
                "organization_name": STEM + "委员会",
                "position": "书记",
                "kind": "专职",
                "since": "2024-03-01",
            }
        ],
        "may": {"edit": True, "reveal": True, "code": True},
    } | changes


def figures(index: int) -> dict[str, Any]:
    name, category, branches, members, complete = BELOW[index]
    branches = branches or 1
    return {
        "organization": subordinate(index)["id"],
        "full_name": STEM + name,
        "short_name": name,
        "category": category,
        "branches": branches,
        "branches_complete": branches - (index % 3),
        "members": members,
        "members_complete": complete,
        "has_subordinates": category != "branch",
        "organizations": branches,
        "organizations_complete": branches - (index % 2),
        "leading_bodies": 0,
        "leading_bodies_complete": 0,
        "cadres": branches * 3,
        "cadres_complete": branches * 3 - index,
    }


def total_of(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {key: sum(row[key] for row in rows) for key, value in rows[0].items() if type(value) is int}


LISTS = {
    "document_kinds": ["居民身份证", "护照"],
    "ethnicities": ["汉族", "畲族"],
    "political_statuses": ["共青团员", "中共党员", "中共预备党员", "群众"],
    "educations": ["高中在读", "高中", "大专", "本科"],
    "occupations": ["学生", "农民"],
    "appointment_kinds": ["专职", "兼职", "挂职"],
    "positions": {
        "leading_body": ["书记", "副书记", "常委", "委员", "候补委员", "工作人员"],
        "branch": ["书记", "副书记", "组织委员", "宣传委员"],
    },
}


def sector_rows() -> list[dict[str, Any]]:
    codes = ("school", "government", "state_enterprise", "private_enterprise", "urban_community", "rural")
    return [{**figures(index), "sector": code} for index, code in enumerate(codes)]


def trend_points(hours: int = 48, days: int = 42) -> list[dict[str, Any]]:
    """A county that enters its members: the last hour of each day, then every hour of two days up to NOW."""
    midnight = datetime(2026, 11, 17, 16, 0, tzinfo=UTC)
    shown = [midnight - timedelta(days=back) for back in range(days - 1, -1, -1)] if days else []
    shown += [NOW - timedelta(hours=back) for back in range(hours - 1, -1, -1)]
    return [{"hour": hour.isoformat(), **_entered(at)} for at, hour in enumerate(shown, 1)]


def _entered(at: int) -> dict[str, int]:
    names = {"branches": 1, "members": 15, "organizations": 1, "cadres": 4}
    return {
        f"{name}{part}": pace * at * of // 10
        for name, pace in names.items()
        for part, of in (("", 10), ("_complete", 9))
    }
