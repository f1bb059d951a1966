"""A page of figures as a workbook: 下载团员录入情况, 下载团干部录入情况, rates of graduates (STA-03, STA-08)."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import xlsxwriter

from services.stats.projections.progress import Moment
from shared.kernel.clock import SHANGHAI

MEMBERS = "members"
CADRES = "cadres"
GRADUATES, BY_SCHOOL, BY_REGION = "graduates", "graduates_by_school", "graduates_by_region"

TITLES = {
    MEMBERS: "团员录入情况",
    CADRES: "团干部录入情况",
    GRADUATES: "学社衔接率",
    BY_SCHOOL: "学社衔接率（按学校）",
    BY_REGION: "学社衔接率（按地区）",
}
OWN = {BY_SCHOOL: "（不在下级学校内）", BY_REGION: "（未填写下级地区）"}
_RATES = {
    "毕业生名册": "graduates",
    "应转接": "to_transfer",
    "已办结": "complete",
    "转接完成率": "completion_rate",
    "转入用人单位": "employer",
    "升学": "school",
    "单位团组织转接率": "employment_rate",
    "审批中": "waiting",
    "被拒绝": "refused",
    "逾期退回": "timed_out",
    "撤销或未能办理": "returned",
    "未发起": "not_started",
}
COLUMNS: dict[str, dict[str, str]] = {
    MEMBERS: {
        "下级团支部总数": "branches",
        "已完成录入的下级团支部总数": "branches_complete",
        "完成录入的团支部占比": "branches_share",
        "已录入的团员总数": "members",
        "已完成录入的团员总数": "members_complete",
        "个人资料录入完整的团员占比": "members_share",
    },
    CADRES: {
        "基层团组织总数": "organizations",
        "已完成录入的基层团组织总数": "organizations_complete",
        "完成录入的基层团组织占比": "organizations_share",
        "已录入的团干部总数": "cadres",
        "已完成录入的团干部总数": "cadres_complete",
        "个人资料录入完整的团干部占比": "cadres_share",
        "团的领导机关总数": "leading_bodies",
        "已完成录入的团的领导机关总数": "leading_bodies_complete",
        "团的领导机关已录入的团干部总数": "leading_cadres",
        "团的领导机关已完成录入的团干部总数": "leading_cadres_complete",
    },
    GRADUATES: _RATES,
    BY_SCHOOL: _RATES,
    BY_REGION: _RATES,
}
NAME = "组织名称"
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def safe(text: str) -> str:
    """X26: a text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_RISKY) else text


def write(kind: str, answer: Mapping[str, Any], moment: Moment, sector: str = "") -> bytes:
    """The answer of a query as .xlsx: a line that says of when it is, the columns, own, subordinates, 合计.

    Blocks for as long as writing takes (some 8,000 rows a second): call it in a thread.
    """
    file = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet(TITLES[kind])
    bold, percent = book.add_format({"bold": True}), book.add_format({"num_format": "0.0%"})
    columns = COLUMNS[kind]
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, len(columns), 16)
    sheet.write_string(0, 0, _heading(kind, answer, moment, sector), bold)
    for column, title in enumerate((NAME, *columns)):
        sheet.write_string(1, column, title, bold)
    own = {"full_name": f"{answer['organization']['full_name']}{OWN.get(kind, '（本级）')}", **answer["own"]}
    for row, line in enumerate((own, *answer["rows"], {"full_name": "合计", **answer["total"]}), start=2):
        sheet.write_string(row, 0, safe(line.get("full_name") or line.get("name", "")))
        for column, name in enumerate(columns.values(), start=1):
            if line[name] is not None:
                if name.endswith(("_share", "_rate")):
                    sheet.write_number(row, column, round(line[name] / 100, 3), percent)
                else:
                    sheet.write_number(row, column, line[name])
    book.close()
    return file.getvalue()


def _heading(kind: str, answer: Mapping[str, Any], moment: Moment, sector: str) -> str:
    at = moment.as_of.astimezone(SHANGHAI)
    when = f"截至{at:%Y-%m-%d %H:%M:%S}（实时）" if moment.hour is None else f"{at:%Y-%m-%d %H:%M}（整点数据）"
    parts = (answer["organization"]["full_name"], TITLES[kind], sector, when)
    return safe(" ".join(part for part in parts if part))
