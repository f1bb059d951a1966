"""行业类别 (ORG-05): leaf codes, the tab (领域) they are counted under, and whether they stand for an employer."""

from services.org.domain.reference import Sector

TABS = ("学校", "机关事业单位", "国有企业", "非公企业", "新社会组织", "城市社区", "农村", "其他")

_ROWS = (
    ("1", "党政机关", "机关事业单位", True),
    ("2", "事业单位(不含公立学校)", "机关事业单位", True),
    ("3", "普通高等院校", "学校", True),
    ("4", "职业教育学校", "学校", True),
    ("051", "中等职业院校", "学校", True),
    ("052", "完全中学", "学校", True),
    ("5", "普通高中", "学校", True),
    ("6", "初中", "学校", True),
    ("7", "小学", "学校", True),
    ("071", "九年一贯制学校", "学校", True),
    ("072", "十二年一贯制学校", "学校", True),
    ("8", "国有企业", "国有企业", True),
    ("9", "集体企业", "其他", True),
    ("10", "非公企业", "非公企业", True),
    ("11", "新社会组织(不含民办学校)", "新社会组织", True),
    ("12", "军队", "其他", True),
    ("13", "武警", "其他", True),
    ("14", "城市社区", "城市社区", False),
    ("15", "农村", "农村", False),
    ("16", "其他", "其他", False),
)

SECTORS = {code: Sector(code, name, tab, employer) for code, name, tab, employer in _ROWS}

GRADUATING = frozenset(code for code, sector in SECTORS.items() if sector.graduating)
"""GRD-02: the leaves whose branches have a graduation month."""
