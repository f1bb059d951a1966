"""Positions by category of organization (团内职务), and kinds of appointment (任职性质)."""

from types import MappingProxyType

VERSION = "positions-1"

LEADING_BODY = "leading_body"
COMMITTEE = "committee"
WORKING_COMMITTEE = "working_committee"
GENERAL_BRANCH = "general_branch"
BRANCH = "branch"

_BRANCH = ("书记", "副书记", "组织委员", "宣传委员", "文体委员", "生产委员", "权益委员", "志愿委员", "其他委员")
_WIDE = ("书记", "副书记", "常委", "委员", "候补委员", "工作人员")

POSITIONS = MappingProxyType(
    {
        LEADING_BODY: _WIDE,
        COMMITTEE: _WIDE,
        WORKING_COMMITTEE: ("书记", "副书记", "委员", "工作人员"),
        GENERAL_BRANCH: ("书记", "副书记", "委员"),
        BRANCH: _BRANCH,
    }
)

# The lists give no position for a first admin as such (ADM-04): the one in each that leads nothing. The organization
# gives the real one afterwards.
OF_REGISTRANTS = MappingProxyType(
    {
        LEADING_BODY: "工作人员",
        COMMITTEE: "工作人员",
        WORKING_COMMITTEE: "工作人员",
        GENERAL_BRANCH: "委员",
        BRANCH: "其他委员",
    }
)

APPOINTMENT_KINDS = ("专职", "兼职", "挂职")
