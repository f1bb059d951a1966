"""STA-03: from the leaf codes of 行业类别 to the tabs (领域) of the progress pages."""

from types import MappingProxyType

VERSION = "sectors-1"
VALID_FROM = "2017-01-01"

SCHOOL = "school"
GOVERNMENT = "government"
STATE_ENTERPRISE = "state_enterprise"
PRIVATE_ENTERPRISE = "private_enterprise"
SOCIAL_ORGANIZATION = "social_organization"
URBAN_COMMUNITY = "urban_community"
RURAL = "rural"
OTHER = "other"

TABS = MappingProxyType(
    {
        SCHOOL: "学校",
        GOVERNMENT: "机关事业单位",
        STATE_ENTERPRISE: "国有企业",
        PRIVATE_ENTERPRISE: "非公企业",
        SOCIAL_ORGANIZATION: "新社会组织",
        URBAN_COMMUNITY: "城市社区",
        RURAL: "农村",
        OTHER: "其他",
    }
)
"""Names of the tabs, in the order in which users know them."""

_LEAVES = MappingProxyType(
    {
        SCHOOL: ("3", "4", "5", "6", "7", "051", "052", "071", "072"),
        GOVERNMENT: ("1", "2"),
        STATE_ENTERPRISE: ("8",),
        PRIVATE_ENTERPRISE: ("10",),
        SOCIAL_ORGANIZATION: ("11",),
        URBAN_COMMUNITY: ("14",),
        RURAL: ("15",),
        OTHER: ("9", "12", "13", "16"),
    }
)
_TAB_OF = MappingProxyType({leaf: tab for tab, leaves in _LEAVES.items() for leaf in leaves})


def tab_of(sector: str) -> str:
    """The tab of a leaf code; a sector not filled in, or not in the list, counts under 其他 and is never dropped."""
    return _TAB_OF.get(sector, OTHER)
