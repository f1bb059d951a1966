# ruff: noqa: INP001 - a script beside its files
"""Writes the example workbooks of this folder: `python examples/make.py` from the checkout. The same every time.

The people are invented. The branches are those of a school of the demonstration province, so its committee's admin can
upload the workbooks there.
"""

import io
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import xlsxwriter

sys.path.insert(0, str(Path(__file__).parents[1]))

from deploy.local.seeding.province import suichang
from services.member.domain.fields import LABELS, MARKS, Template
from services.member.domain.identity_number import check_digit
from services.member.reference.positions import COMMITTEE
from services.member.workbooks.template import SHEETS
from services.member.workbooks.template_files import write_template

HERE = Path(__file__).parent
COUNTY = "共青团浙江省丽水市遂昌县"
SCHOOL = next(plan for plan in suichang() if "职业中专" in plan.name)
BRANCHES = tuple(f"{COUNTY}{SCHOOL.name.removesuffix('委员会')}{branch.name}" for branch in SCHOOL.below[:3])
FIELDS = tuple(MARKS[Template.MEMBERS])
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = ("雨桐", "浩然", "思远", "佳怡", "子墨", "欣妍", "明哲", "若溪", "志强", "晓彤")

Row = dict[str, str | float | None]


def card(birth: str, sequence: int, district: str = "331123") -> str:
    first = f"{district}{birth}{sequence:03}"
    return first + check_digit(first)


def person(at: int) -> Row:
    """The `at`th person of the good workbook: a student of sixteen or so, without any fault."""
    return {
        "branch": BRANCHES[at % len(BRANCHES)],
        "name": SURNAMES[at % len(SURNAMES)] + GIVEN[at // len(SURNAMES) % len(GIVEN)],
        "document_kind": "居民身份证",
        "number": card(f"2009{at % 12 + 1:02}{at % 28 + 1:02}", at % 499 + 500),
        "ethnicity": "汉族" if at % 9 else "畲族",
        "political_status": "共青团员",
        "education": "中专在读",
        "join_date": "2025-05",
        "join_place": "遂昌县职业中专",
        "development_number": f"202533{880000 + at:06}",
        "mobile": str(13800880000 + at),
        "work_or_school": "遂昌县职业中专",
        "occupation": "学生",
        "income": "学生",
        "emergency_contact": f"{SURNAMES[at % len(SURNAMES)]}家长",
        "emergency_phone": str(13900880000 + at),
    }


# What is changed in a good row, one kind of fault each; the comments of a row are in its last column.
FAULTS: tuple[tuple[str, Row], ...] = (
    ("姓名未填", {"name": None}),
    ("姓名太短", {"name": "王"}),
    ("姓名中有数字", {"name": "王雨桐2"}),
    ("姓名中有别的符号", {"name": "王雨桐(班长)"}),
    ("证件号码未填", {"number": None}),
    ("证件号码少一位", {"number": card("20090101", 901)[:17]}),
    ("15位旧号码", {"number": "331123090101901"}),
    ("校验位不对", {"number": card("20090101", 902)[:17] + ("0" if card("20090101", 902)[17] != "0" else "1")}),
    ("号码中的日期不存在", {"number": card("20090231", 903)}),
    ("号码中的省份不存在", {"number": card("20090101", 904, "991123")}),
    ("号码成了科学计数法", {"number": 3.31123200901019e17}),
    ("号码末几位成了0", {"number": card("20090101", 906)[:15] + "000"}),
    ("护照号码不对", {"document_kind": "护照", "number": "E1-2", "birth_date": "2009-01-01"}),
    ("证件类型不认识", {"document_kind": "学生证"}),
    ("性别与号码不符", {"number": card("20090101", 907), "sex": "女"}),
    ("出生日期与号码不符", {"number": card("20090101", 909), "birth_date": "2009-01-02"}),
    ("政治面貌不认识", {"political_status": "少先队员"}),
    ("群众没有职务", {"political_status": "群众", "join_date": None, "development_number": None}),
    ("民族不认识", {"ethnicity": "浙江"}),
    ("学历不认识", {"education": "高小"}),
    ("入团日期未填", {"join_date": None}),
    ("入团日期是两位年份", {"join_date": "25-5"}),
    ("入团日期不存在", {"join_date": "2025-02-30"}),
    ("入团日期晚于今天", {"join_date": "2099-05"}),
    ("入团时不满14周岁", {"number": card("20120101", 911), "join_date": "2025-05"}),
    ("现在已满28周岁", {"number": card("19900101", 913), "join_date": "2006-05", "development_number": None}),
    ("编号未填", {"development_number": None}),
    ("编号年份不符", {"development_number": "202433880913"}),
    ("编号位数不对", {"development_number": "20253388091"}),
    ("编号格式不对", {"development_number": "2025号880914"}),
    ("团支部不是直属下级", {"branch": "共青团别处的支部委员会"}),
    ("手机号码不对", {"mobile": "1380088"}),
    ("邮箱不对", {"email": "不详"}),
    ("收入不对", {"income": "三千"}),
    ("职务不在列表", {"positions": "班长", "position_since": "2025-09-01"}),
    ("任职日期未填", {"positions": "组织委员"}),
    ("紧急联系人只填一项", {"emergency_phone": None}),
    ("整行错位一列", {}),
)


def write(rows: Iterable[Mapping[str, str | float | None]], remarks: bool) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet(SHEETS[Template.MEMBERS])
        text = workbook.add_format({"num_format": "@"})
        sheet.set_column(0, len(FIELDS), 16, text)
        header = [LABELS[field] for field in FIELDS]
        sheet.write_row(0, 0, [*header, "这一行错在哪里"] if remarks else header, text)
        for line, row in enumerate(rows, start=1):
            sheet.write_row(line, 0, [row.get(field) or "" for field in (*FIELDS, "why")], text)
    return target.getvalue()


def faulty() -> Iterable[Row]:
    for at, (why, changes) in enumerate(FAULTS):
        row = person(900 + at) | changes
        if not changes:
            slipped = [None, *(row.get(field) for field in FIELDS[:-1])]
            row = dict(zip(FIELDS, slipped, strict=True))
        yield row | {"why": why}


def main() -> None:
    for template in Template:
        (HERE / f"模板-{SHEETS[template]}.xlsx").write_bytes(write_template(template, COMMITTEE))
    (HERE / "团员-可直接导入.xlsx").write_bytes(write((person(at) for at in range(60)), remarks=False))
    (HERE / "团员-各种错误.xlsx").write_bytes(write(faulty(), remarks=True))


if __name__ == "__main__":
    main()
