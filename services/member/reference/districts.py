"""First digits of an identity number: provinces, and the districts known to the list (GB/T 2260, years in the file)."""

from functools import cache
from pathlib import Path
from types import MappingProxyType

VERSION = "districts-2023"

# Hong Kong, Macao and Taiwan have no districts in the list.
_WITHOUT_DISTRICTS = frozenset({"71", "81", "82"})
PROVINCES = MappingProxyType(
    {
        "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区",
        "21": "辽宁省", "22": "吉林省", "23": "黑龙江省",
        "31": "上海市", "32": "江苏省", "33": "浙江省", "34": "安徽省", "35": "福建省", "36": "江西省", "37": "山东省",
        "41": "河南省", "42": "湖北省", "43": "湖南省", "44": "广东省", "45": "广西壮族自治区", "46": "海南省",
        "50": "重庆市", "51": "四川省", "52": "贵州省", "53": "云南省", "54": "西藏自治区",
        "61": "陕西省", "62": "甘肃省", "63": "青海省", "64": "宁夏回族自治区", "65": "新疆维吾尔自治区",
        "71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区",
    }
)  # fmt: skip
"""Names by the first digits of the codes that were given out."""


@cache
def _districts() -> frozenset[str]:
    lines = Path(__file__).with_name("districts.txt").read_text(encoding="ascii").splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return frozenset(prefecture + county for prefecture, *counties in rows for county in counties)


def district_known(code: str) -> bool:
    """Whether six digits are a district of the list. Unknown is no fault: it may have been abolished long ago."""
    return code[:2] in _WITHOUT_DISTRICTS or code in _districts()
