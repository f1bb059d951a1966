"""ORG-01: the provincial-level bodies, dated: 38 by the addressees of 中青发〔2017〕5号, 37 since two became one."""

from datetime import date

from services.org.domain.reference import ProvincialBody

_REGIONS = (
    ("110000", "北京市", "北京市"),
    ("120000", "天津市", "天津市"),
    ("130000", "河北省", "河北省"),
    ("140000", "山西省", "山西省"),
    ("150000", "内蒙古自治区", "内蒙古区"),
    ("210000", "辽宁省", "辽宁省"),
    ("220000", "吉林省", "吉林省"),
    ("230000", "黑龙江省", "黑龙江省"),
    ("310000", "上海市", "上海市"),
    ("320000", "江苏省", "江苏省"),
    ("330000", "浙江省", "浙江省"),
    ("340000", "安徽省", "安徽省"),
    ("350000", "福建省", "福建省"),
    ("360000", "江西省", "江西省"),
    ("370000", "山东省", "山东省"),
    ("410000", "河南省", "河南省"),
    ("420000", "湖北省", "湖北省"),
    ("430000", "湖南省", "湖南省"),
    ("440000", "广东省", "广东省"),
    ("450000", "广西壮族自治区", "广西区"),
    ("460000", "海南省", "海南省"),
    ("500000", "重庆市", "重庆市"),
    ("510000", "四川省", "四川省"),
    ("520000", "贵州省", "贵州省"),
    ("530000", "云南省", "云南省"),
    ("540000", "西藏自治区", "西藏区"),
    ("610000", "陕西省", "陕西省"),
    ("620000", "甘肃省", "甘肃省"),
    ("630000", "青海省", "青海省"),
    ("640000", "宁夏回族自治区", "宁夏区"),
    ("650000", "新疆维吾尔自治区", "新疆区"),
)

_ALWAYS, _NEVER = date(1949, 1, 1), date(9999, 12, 31)
# The working committee of central Party and state organs united the two in the reform of March 2018.
_UNITED = date(2018, 3, 21)

# 兵团 has no code of its own in GB/T 2260: it lies in Xinjiang, and for the rules of age it counts as it (MEM-04).
_SYSTEMS = (
    ("共青团新疆生产建设兵团委员会", "兵团团委", "650000", _ALWAYS, _NEVER),
    ("共青团全国铁道委员会", "全国铁道团委", "", _ALWAYS, _NEVER),
    ("共青团全国民航委员会", "全国民航团委", "", _ALWAYS, _NEVER),
    ("共青团中央金融工作委员会", "中央金融团工委", "", _ALWAYS, _NEVER),
    ("共青团中央企业工作委员会", "中央企业团工委", "", _ALWAYS, _NEVER),
    ("共青团中直机关工作委员会", "中直机关团工委", "", _ALWAYS, _UNITED),
    ("共青团中央国家机关工作委员会", "中央国家机关团工委", "", _ALWAYS, _UNITED),
    ("共青团中央和国家机关工作委员会", "中央和国家机关团工委", "", _UNITED, _NEVER),
)


def provincial_bodies(on: date) -> tuple[ProvincialBody, ...]:
    """The list as of a day, in its order."""
    places = tuple(ProvincialBody(f"共青团{name}委员会", f"团{short}委", code) for code, name, short in _REGIONS)
    systems = tuple(
        ProvincialBody(full, short, region) for full, short, region, since, until in _SYSTEMS if since <= on < until
    )
    return places + systems
