"""MEM-06: judging a development number (发展团员编号) for a join date and a region."""

import re
from collections.abc import Sequence
from datetime import date

from services.member.domain.faults import Fault
from services.member.reference.dated import in_force
from services.member.reference.development_numbers import LEGACY_NUMBERS, NUMBER_RULES, NumberRule, Segment

_STRICT_LENGTH = 12
_LOOSE_LONGER_THAN = 4
_LOOSE_AT_MOST = 30
FIELD = "development_number"


def judge_number(
    number: str, joined: date, region: str, segments: Sequence[Segment]
) -> tuple[Fault | None, Fault | None]:
    """(fault, note) of a number, empty if none was given; the note says that no segment data was there to check by.

    `joined` is the join date, the last day of its month if the day is unknown. `region` as of `dated.region_of`.
    """
    rule = in_force(NUMBER_RULES, joined, region)
    if not number:
        missing = Fault("development_number_missing", FIELD, {"version": rule.version})
        return (missing if rule.required else None), None
    if _is_legacy(number, joined.year):
        return None, None
    if not rule.strict:
        return _judge_loose(number, joined.year, rule), None
    fault = _judge_strict(number, joined.year, rule)
    return (fault, None) if fault else _judge_segment(number, segments)


def _is_legacy(number: str, joined_in: int) -> bool:
    return any(
        number.isdecimal()
        and len(number) == row.length
        and number.startswith(row.prefix)
        and joined_in in row.join_years
        for row in LEGACY_NUMBERS
    )


def _judge_loose(number: str, joined_in: int, rule: NumberRule) -> Fault | None:
    version = {"version": rule.version}
    if not re.fullmatch(r"[0-9A-Z-]+", number):
        return Fault("development_number_malformed", FIELD, version)
    if not _LOOSE_LONGER_THAN < len(number) <= _LOOSE_AT_MOST:
        return Fault("development_number_length", FIELD, version | {"form": f"多于{_LOOSE_LONGER_THAN}位"})
    if number[:4] != str(joined_in):
        return Fault("development_number_year", FIELD, version)
    return None


def _judge_strict(number: str, joined_in: int, rule: NumberRule) -> Fault | None:
    version = {"version": rule.version}
    if not re.fullmatch(r"[0-9]+", number):
        return Fault("development_number_malformed", FIELD, version)
    if len(number) != _STRICT_LENGTH:
        return Fault("development_number_length", FIELD, version | {"form": f"{_STRICT_LENGTH}位"})
    if int(number[:4]) not in (rule.years or (joined_in,)):
        return Fault("development_number_year", FIELD, version)
    return None


def _judge_segment(number: str, segments: Sequence[Segment]) -> tuple[Fault | None, Fault | None]:
    year, province, serial = int(number[:4]), number[4:6], int(number[6:])
    rows = [row for row in segments if (row.year, row.province) == (year, province)]
    if not rows:
        return None, Fault("segment_not_checked", FIELD, {"province": province})
    if any(row.first <= serial <= row.last for row in rows):
        return None, None
    return Fault("development_number_segment", FIELD, {"version": rows[0].version}), None
