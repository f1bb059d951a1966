"""TRF-12, TRF-15: reasons to start and grounds to refuse a transfer, as dated rows."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Listed:
    """One row; `code` is what is stored, `zh` and `en` what is shown. Both ends of the validity are included."""

    code: str
    zh: str
    en: str
    valid_from: date = date.min
    valid_to: date = date.max


_REASONS = (
    Listed("further_study", "升学", "Further study"),
    Listed("change_of_school", "转学", "Change of school"),
    Listed("work_with_organization", "就业（有团组织）", "Work, with a league organization"),
    Listed("work_without_organization", "就业（无团组织）", "Work, without a league organization"),
    Listed("undecided", "未落实去向", "Nothing settled yet"),
    Listed("study_abroad", "出国（境）学习研究", "Study or research abroad"),
    Listed("sent_abroad", "因公出国（境）", "Sent abroad"),
    Listed("change_of_work", "工作调动", "Change of work"),
    Listed("return_home", "回原籍", "Return home"),
    Listed("leaving_after_graduation", "毕业离校", "Leaving school after graduation"),
)

_GROUNDS = (
    Listed("not_of_this_unit", "本人不在本单位学习或工作", "Does not study or work here"),
    Listed("belongs_elsewhere", "应当转往其他团组织", "Belongs to another organization"),
    Listed("wrong_person", "人员信息有误，无法确认是本人", "The data do not fit the person"),
    Listed("asked_by_member", "本人要求不转接", "The member asked not to be transferred"),
)


def reasons_on(day: date) -> tuple[Listed, ...]:
    """TRF-15, in the order in which they are offered."""
    return _in_force(_REASONS, day)


def grounds_on(day: date) -> tuple[Listed, ...]:
    """TRF-12: the grounds that are allowed; TRF-24 and TRF-25 name some that are not."""
    return _in_force(_GROUNDS, day)


def codes(rows: tuple[Listed, ...]) -> frozenset[str]:
    return frozenset(row.code for row in rows)


def _in_force(rows: tuple[Listed, ...], day: date) -> tuple[Listed, ...]:
    return tuple(row for row in rows if row.valid_from <= day <= row.valid_to)
