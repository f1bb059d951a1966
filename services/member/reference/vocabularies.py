"""Closed lists of a person's record with the spellings accepted on import; names are what is shown and stored."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

VERSION = "lists-1"

EDUCATION = (
    "小学", "初中在读", "初中", "高中在读", "高中", "中专在读", "中专", "大专在读", "大专",
    "本科在读", "本科", "硕士在读", "硕士", "博士在读", "博士",
)  # fmt: skip

_EDUCATION_SPELLINGS = {
    "大学本科": "本科",
    "本科毕业": "本科",
    "大学专科": "大专",
    "专科": "大专",
    "研究生": "硕士",
    "硕士研究生": "硕士",
    "博士研究生": "博士",
    "职高": "中专",
    "技校": "中专",
}

# GB/T 4762 codes beside the names.
POLITICAL_STATUS = {"共青团员": "03", "中共党员": "01", "中共预备党员": "02", "群众": "13"}

# GB/T 3304 order, codes 01 to 56; then what the national list does not hold.
ETHNIC_GROUPS = (
    "汉族", "蒙古族", "回族", "藏族", "维吾尔族", "苗族", "彝族", "壮族",
    "布依族", "朝鲜族", "满族", "侗族", "瑶族", "白族", "土家族", "哈尼族",
    "哈萨克族", "傣族", "黎族", "傈僳族", "佤族", "畲族", "高山族", "拉祜族",
    "水族", "东乡族", "纳西族", "景颇族", "柯尔克孜族", "土族", "达斡尔族", "仫佬族",
    "羌族", "布朗族", "撒拉族", "毛南族", "仡佬族", "锡伯族", "阿昌族", "普米族",
    "塔吉克族", "怒族", "乌孜别克族", "俄罗斯族", "鄂温克族", "德昂族", "保安族", "裕固族",
    "京族", "塔塔尔族", "独龙族", "鄂伦春族", "赫哲族", "门巴族", "珞巴族", "基诺族",
)  # fmt: skip
ETHNICITY = (*ETHNIC_GROUPS, "穿青人", "其他", "外国血统中国籍人士")

OCCUPATIONS = (
    "学生", "教师", "公务员", "事业单位人员", "国有企业职工", "非公企业职工", "社会组织从业者", "农民",
    "进城务工人员", "军人", "个体工商户", "自由职业者", "待业", "其他",
)  # fmt: skip

SEXES = ("男", "女")
YES_NO = ("是", "否")

INCOME_STUDENT = "学生"
INCOME_NONE = "无固定收入"


def _spellings(names: Iterable[str], others: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({**{name: name for name in names}, **others})


def _education() -> Mapping[str, str]:
    """Each spelling also with 在读 or (在读), where that level knows studying."""
    spellings = {name: name for name in EDUCATION} | _EDUCATION_SPELLINGS
    studying = {}
    for spelling, name in spellings.items():
        if f"{name}在读" in EDUCATION:
            studying[f"{spelling}在读"] = studying[f"{spelling}(在读)"] = f"{name}在读"
    return MappingProxyType(spellings | studying)


# Keys are as `text.tidy` leaves them: brackets half-width, no spaces.
EDUCATION_SPELLINGS = _education()
POLITICAL_STATUS_SPELLINGS = _spellings(
    POLITICAL_STATUS, {"党员": "中共党员", "预备党员": "中共预备党员", "团员": "共青团员"}
)
ETHNICITY_SPELLINGS = _spellings(ETHNICITY, {name.removesuffix("族"): name for name in ETHNIC_GROUPS})
OCCUPATION_SPELLINGS = _spellings(OCCUPATIONS, {})
SEX_SPELLINGS = _spellings(SEXES, {})
YES_NO_SPELLINGS = _spellings(YES_NO, {"TRUE": "是", "FALSE": "否"})
