"""What member says of the county's imports."""

from datetime import timedelta
from typing import Any

from tests.web.county import COUNTY, IMPORT, ME, NAMES, NOW


def job(state: str = "completed", **changes: Any) -> dict[str, Any]:
    counts = {"rows": 1936, "settled": 1936, "imported": 1871, "unchanged": 42, "failed": 23, "with_warning": 5}
    if state == "running":
        counts = {"rows": 1936, "settled": 1297, "imported": 1260, "unchanged": 22, "failed": 15, "with_warning": 2}
    return (
        {
            "id": IMPORT,
            "organization": COUNTY,
            "template": "members",
            "file_name": "遂昌职业中专2026级新团员.xlsx",
            "state": state,
            "unprocessed": 0,
            "positions_added": 0,
            "uploaded_at": NOW.isoformat(),
            "uploaded_by": ME,
            "withdrawable_until": (NOW + timedelta(hours=72)).isoformat(),
            "withdrawal": None,
            "newest_failures": [fault_row(1271)] if state == "running" else [],
            "file_notes": ["籍贯", "血型"] if state == "completed" else [],
            "refused": None,
        }
        | counts
        | changes
    )


def fault_row(row: int) -> dict[str, Any]:
    faults = [
        {
            "rule": "MEM-06",
            "column": "发展团员编号",
            "field": "development_number",
            "code": "number_taken",
            "sentence": "发展团员编号被占用；请与入团志愿书右上角核对。",
            "version": "2019-01",
        }
    ]
    if row % 2:
        faults.append(
            {
                "rule": "MEM-04",
                "column": "入团日期",
                "field": "join_date",
                "code": "too_young",
                "sentence": "入团时 13 周岁，未满 14 周岁；请核对日期。",
                "version": "2019-01",
            }
        )
    who = {"name": NAMES[row % len(NAMES)], "number_masked": "" if row % 3 == 1 else "3311************27"}
    return {"row": row, "verdict": "failed", "faults": faults, "warnings": []} | who


REASONS = [
    {"reason": f"{field}.{code}", "column": column, "sentence": sentence, "rows": rows}
    for field, code, column, sentence, rows in (
        ("development_number", "development_number_taken", "发展团员编号", "发展团员编号被占用", 17),
        ("join_date", "joined_too_young", "入团日期", "入团时…周岁，未满…周岁", 9),
    )
]
