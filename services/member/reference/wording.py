"""What users are told instead of ids: rules and lists by version, provinces by the first digits of their codes."""

from types import MappingProxyType

from services.member.reference.districts import PROVINCES

RULES = MappingProxyType(
    {
        "document-kinds-1": "现行证件类型目录",
        "document-identity-card-1": "居民身份证号码规则",
        "document-hk-macao-permit-1": "港澳居民来往内地通行证号码规则",
        "document-taiwan-permit-1": "台湾居民来往大陆通行证号码规则",
        "document-residence-permit-1": "港澳台居民居住证号码规则",
        "document-permanent-residence-1": "外国人永久居留身份证号码规则",
        "document-passport-1": "护照号码规则",
        "number-before-2017": "2016年以前入团的发展团员编号规则",
        "number-xinjiang-2016": "2016年在新疆入团的发展团员编号规则",
        "number-2017": "2017至2018年入团的发展团员编号规则",
        "number-2019": "2019年起入团的发展团员编号规则",
        "number-shandong-201516": "山东2015至2016年的16位编号规则",
        "number-shandong-201617": "山东2016至2017年的16位编号规则",
        "join-age-before-2017": "2016年以前入团的年龄规则",
        "join-age-2017": "2017至2018年入团的年龄规则",
        "join-age-2019": "2019年起入团的年龄规则",
        "join-age-xinjiang-before-2019": "2018年以前在新疆入团的年龄规则",
        "entry-age-1": "录入年龄规则",
        "districts-2023": "2023年行政区划代码表",
        "lists-1": "现行选项目录",
        "positions-1": "现行团内职务目录",
    }
)
"""By the version of the deciding row; a row without words here is red in its test."""


def rule(version: str) -> str:
    """The words; the version itself where a verdict of long ago names a row that is gone."""
    return RULES.get(version, version)


def province(code: str) -> str:
    """The name; the code itself where digits are no province's."""
    return PROVINCES.get(code, f"代码{code}")
