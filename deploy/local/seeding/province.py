"""The demonstration province as data: its organizations below the county committees, all categories and sectors.

Divisions are real (GB/T 2260); schools, enterprises and branches are invented.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

PROVINCE, CITIES, COUNTIES = "330000", ("330100", "331100"), ("330106", "331123")

TOWNS = ("新路湾镇", "北界镇", "金竹镇", "大柘镇", "石练镇", "王村口镇", "黄沙腰镇", "三仁畲族乡")
VILLAGES = (
    "上坪",
    "下坪",
    "东源",
    "西源",
    "大岭",
    "小岭",
    "石门",
    "溪口",
    "长塘",
    "新屋",
    "古楼",
    "竹坑",
    "柳村",
    "云峰",
    "坑口",
)
STREETS = ("文新街道", "翠苑街道", "灵隐街道")
COLLEGES = ("文学院", "数学科学学院", "化学与材料学院", "计算机学院", "公共管理学院")
MARKED, UNMARKED = ("4", "5"), 4
"""The sectors whose classes have their months, and how many of each school's are left without."""
FIRMS = ("云栖软件", "西溪电子", "钱塘物流")


@dataclass(frozen=True, slots=True)
class Plan:
    """One organization to establish. `ages` are those of its members, `size` how many they are (a branch only).

    `graduates_in`: a class that graduates in so many years, 0 for this one; None where no month is marked yet (GRD-02).
    """

    name: str
    category: str
    sector: str
    below: list["Plan"] = field(default_factory=list)
    kind: str = "ordinary"
    size: tuple[int, int] = (0, 0)
    ages: tuple[int, int] = (15, 27)
    occupation: str = ""
    education: tuple[str, ...] = ("高中",)
    graduates_in: int | None = None

    @property
    def short_name(self) -> str:
        return self.name

    @property
    def stem(self) -> str:
        """What the names of its subordinates begin with."""
        return self.name.removesuffix("委员会").removesuffix("工作").removesuffix("总支部")

    def all(self) -> Iterator["Plan"]:
        """Itself and all below it."""
        yield self
        for plan in self.below:
            yield from plan.all()


def suichang() -> list[Plan]:
    """Below 遂昌县: towns with villages, streets with communities, two schools, offices, firms, a cooperative."""
    return [
        *(_town(name) for name in TOWNS),
        _street("妙高街道", 3),
        _street("云峰街道", 2),
        Plan("第一中学委员会", "committee", "5", list(_classes("高", "5", 36, (15, 17), "高中在读"))),
        Plan("职业中专委员会", "committee", "4", list(_classes("中专", "4", 24, (15, 18), "中专在读"))),
        Plan("县直机关工作委员会", "working_committee", "1", list(_offices("第", 15, "公务员", "1"))),
        Plan("国有资产经营公司委员会", "committee", "8", list(_offices("第", 10, "国有企业职工", "8"))),
        Plan(
            "新社会组织工作委员会",
            "working_committee",
            "11",
            list(_offices("第", 8, "社会组织从业者", "11")),
        ),
        Plan("卫生健康系统委员会", "committee", "2", list(_offices("第", 4, "事业单位人员", "2"))),
        Plan("供销合作社联合委员会", "committee", "9", list(_offices("第", 4, "其他", "9"))),
    ]


def xihu() -> list[Plan]:
    """Below 西湖区: streets, and three large enterprises."""
    return [
        *(Plan(f"{s}工作委员会", "working_committee", "14", list(_communities(40))) for s in STREETS),
        *(
            Plan(f"{firm}集团委员会", "committee", "10", list(_offices("第", 32, "非公企业职工", "10")))
            for firm in FIRMS
        ),
    ]


def university() -> Plan:
    """Below 杭州市: a university whose colleges have many classes."""
    colleges = [
        Plan(f"{c}委员会", "committee", "3", list(_classes("本", "3", 85, (18, 22), "本科在读"))) for c in COLLEGES
    ]
    return Plan("之江示范大学委员会", "committee", "3", colleges)


def _town(name: str) -> Plan:
    villages = [
        Plan(f"{v}村第{i}支部委员会", "branch", "15", size=(6, 9), occupation="农民", education=("初中", "高中"))
        for i in (1, 2)
        for v in VILLAGES
    ]
    return Plan(f"{name}委员会", "committee", "15", villages)


def _street(name: str, general: int) -> Plan:
    below = [
        Plan(
            f"{n}社区总支部委员会",
            "general_branch",
            "14",
            [Plan(f"第{i}支部委员会", "branch", "14", size=(8, 12), occupation="自由职业者") for i in range(1, 5)],
        )
        for n in ("君子", "北街", "平昌")[:general]
    ]
    floating = Plan("流动团员支部委员会", "branch", "14", kind="floating", size=(5, 8), occupation="待业")
    return Plan(f"{name}工作委员会", "working_committee", "14", [*below, floating])


def _communities(count: int) -> Iterator[Plan]:
    for i in range(1, count + 1):
        yield Plan(f"第{i}社区支部委员会", "branch", "14", size=(8, 12), occupation="个体工商户")


def _classes(prefix: str, sector: str, count: int, ages: tuple[int, int], education: str) -> Iterator[Plan]:
    for i in range(count):
        name = f"{prefix}{i % 3 + 1}({i // 3 + 1})班支部委员会"
        yield Plan(
            name,
            "branch",
            sector,
            size=(13, 18),
            ages=ages,
            occupation="学生",
            education=(education,),
            graduates_in=2 - i % 3 if sector in MARKED and i < count - UNMARKED else None,
        )


def _offices(prefix: str, count: int, occupation: str, sector: str) -> Iterator[Plan]:
    for i in range(1, count + 1):
        yield Plan(
            f"{prefix}{i}支部委员会",
            "branch",
            sector,
            size=(8, 12),
            ages=(20, 27),
            occupation=occupation,
            education=("大专", "本科", "硕士"),
        )
