"""The fields of a person's record: their names in code, their labels on the screen, and which are required (MEM-01).

The labels are the columns of both import templates; form, workbook and faults all speak of a field by its key.
"""

from enum import StrEnum
from types import MappingProxyType


class Template(StrEnum):
    """The two ways a person is entered, singly or by workbook (MEM-09)."""

    MEMBERS = "members"
    CADRES = "cadres"


class Mark(StrEnum):
    """`*` refused without it, `*?` so under a condition, `+` incomplete without it (MEM-23), empty: optional."""

    REQUIRED = "*"
    CONDITIONAL = "*?"
    WANTED = "+"
    OPTIONAL = ""


LABELS = MappingProxyType(
    {
        "branch": "所属团支部全称",
        "name": "姓名",
        "document_kind": "证件类型",
        "number": "证件号码",
        "sex": "性别",
        "birth_date": "出生日期",
        "ethnicity": "民族",
        "political_status": "政治面貌",
        "education": "学历",
        "join_date": "入团日期",
        "join_place": "入团地点",
        "development_number": "发展团员编号",
        "mobile": "手机号码",
        "email": "电子邮箱",
        "work_or_school": "工作单位或学校",
        "occupation": "职业",
        "income": "收入档次",
        "positions": "团内职务",
        "appointment_kind": "任职性质",
        "position_since": "任职日期",
        "is_member": "是否团员",
        "emergency_contact": "紧急联系人",
        "emergency_phone": "紧急联系人电话",
        "hobbies": "爱好",
        "remark": "备注",
    }
)

_R, _C, _W, _O = Mark.REQUIRED, Mark.CONDITIONAL, Mark.WANTED, Mark.OPTIONAL

# In the order of the columns. Hobbies are asked for on the form only.
MARKS = MappingProxyType(
    {
        Template.MEMBERS: MappingProxyType(
            {
                "branch": _R,
                "name": _R,
                "document_kind": _O,
                "number": _R,
                "sex": _O,
                "birth_date": _C,
                "ethnicity": _W,
                "political_status": _R,
                "education": _W,
                "join_date": _C,
                "join_place": _O,
                "development_number": _C,
                "mobile": _W,
                "email": _O,
                "work_or_school": _O,
                "occupation": _O,
                "income": _O,
                "positions": _O,
                "position_since": _C,
                "emergency_contact": _O,
                "emergency_phone": _O,
                "remark": _O,
            }
        ),
        Template.CADRES: MappingProxyType(
            {
                "name": _R,
                "document_kind": _O,
                "number": _R,
                "sex": _O,
                "birth_date": _C,
                "ethnicity": _W,
                "political_status": _R,
                "education": _W,
                "positions": _R,
                "appointment_kind": _R,
                "position_since": _R,
                "mobile": _W,
                "email": _O,
                "is_member": _O,
                "branch": _C,
                "join_date": _C,
                "development_number": _C,
                "remark": _O,
            }
        ),
    }
)

# Goes in without it, with a warning.
WANTED = ("ethnicity", "education", "mobile")

# MEM-23: what makes a record incomplete when it is missing. The same for members and cadres. Forms and workbooks are
# refused without the first two; registering by a code asks for neither (ADM-04).
COMPLETE_WITH = ("birth_date", "political_status", *WANTED)
