"""TRF-10 to TRF-12, TRF-15: what can be chosen when a transfer is started, refused, put off or disputed: dated rows."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Listed:
    """One row; `code` is what is stored, `zh` and `en` what is shown. Both ends of the validity are included.

    `with_text`: whoever chooses it says what in a note of their own.
    """

    code: str
    zh: str
    en: str
    valid_from: date = date.min
    valid_to: date = date.max
    with_text: bool = False


@dataclass(frozen=True, slots=True)
class NoGround:
    """What is no ground to refuse, by `rule`; the last two say why."""

    code: str
    zh: str
    en: str
    rule: str
    why_zh: str
    why_en: str


_REASONS = (
    Listed("further_study", "升学", "Further study"),
    Listed("change_of_school", "转学", "Change of school"),
    Listed("work_with_organization", "就业（有团组织）", "Work, with a League organization"),
    Listed("work_without_organization", "就业（无团组织）", "Work, without a League organization"),
    Listed("undecided", "未落实去向", "Nothing settled yet"),
    Listed("study_abroad", "出国（境）学习研究", "Study or research abroad"),
    Listed("sent_abroad", "因公出国（境）", "Sent abroad"),
    Listed("change_of_work", "工作调动", "Change of work"),
    Listed("return_home", "回原籍", "Return home"),
    Listed("change_of_status", "学籍异动（降级、休学，校内转接）", "Repeats or pauses, within the school"),
    Listed("leaving_school", "退学离校", "Leaves school without graduating"),
    Listed("leaving_after_graduation", "毕业离校", "Leaving school after graduation"),
    Listed("other", "其他", "Something else", with_text=True),
)

_GROUNDS = (
    Listed("not_of_this_unit", "本人不在本单位学习或工作", "Does not study or work here"),
    Listed("belongs_elsewhere", "应当转往其他团组织", "Belongs to another organization"),
    Listed("wrong_person", "人员信息有误，无法确认是本人", "The data do not fit the person"),
    Listed(
        "works_elsewhere",
        "已在外地落实工作单位，流动团支部不接收",
        "Has work elsewhere",
    ),
    Listed("asked_by_member", "本人要求不转接", "The member asked not to be transferred"),
)


_EXPLANATIONS = (
    Listed("checking_person", "正在核实本人情况", "The person's circumstances are being checked"),
    Listed("asking_member", "正在联系本人", "The member is being asked"),
    Listed("asking_other_side", "正在与对方组织沟通", "The other organization is being asked"),
    Listed("needs_meeting", "需提交会议研究", "A meeting has to decide"),
    Listed("admin_changes", "管理员正在交接", "The admins are changing"),
)

_OBJECTIONS = (
    Listed("does_not_move", "本人没有离开，不需要转接", "I do not leave, so there is nothing to transfer"),
    Listed("other_destination", "应当转往其他团组织", "I belong to another organization"),
    Listed("not_asked", "发起前没有征求本人意见", "Nobody asked me before"),
    Listed("wrong_person", "转接的不是本人", "It is not about me"),
)

_ANSWERS = (
    Listed("start_again", "已与对方协调好，请重新发起转接", "The other side agrees now; start it again"),
    Listed("other_destination", "应转往其他团组织，请重新选择", "It is to be another organization; choose anew"),
    Listed("refusal_stands", "经核实，拒绝理由成立", "The refusal stands after a check"),
    Listed("stays_for_now", "暂留原团支部，落实去向后再转", "The member stays until it is settled where they go"),
)


NO_GROUNDS = (
    NoGround(
        "file_not_supplied",
        "团员没有提供档案",
        "The member did not supply the file",
        "TRF-24",
        "档案由组织之间另行核查，不影响组织关系转接。",
        "The file is a matter between the organizations and does not stand in the way of the transfer.",
    ),
    NoGround(
        "probation",
        "团员处于试用期",
        "The member is on probation",
        "TRF-25",
        "试用期按已就业办理，应当接收。",
        "Probation counts as work: the member is to be taken in.",
    ),
)
"""What is often given as a ground and is none, in the order in which it is shown."""


def reasons_on(day: date) -> tuple[Listed, ...]:
    """TRF-15, in the order in which they are offered."""
    return _in_force(_REASONS, day)


def grounds_on(day: date) -> tuple[Listed, ...]:
    """TRF-12: the grounds that are allowed; TRF-24 and TRF-25 name some that are not."""
    return _in_force(_GROUNDS, day)


def explanations_on(day: date) -> tuple[Listed, ...]:
    """TRF-10: why somebody cannot decide yet."""
    return _in_force(_EXPLANATIONS, day)


def objections_on(day: date) -> tuple[Listed, ...]:
    """TRF-11: why a member does not want what others started."""
    return _in_force(_OBJECTIONS, day)


def answers_on(day: date) -> tuple[Listed, ...]:
    """TRF-12: what came of talking to both sides."""
    return _in_force(_ANSWERS, day)


def reasons_named(those: tuple[str, ...]) -> tuple[str, str]:
    """Chinese and English, as a sentence lists them."""
    rows = [next(row for row in _REASONS if row.code == code) for code in those]
    return "、".join(row.zh for row in rows), ", ".join(row.en for row in rows)


def codes(rows: tuple[Listed, ...]) -> frozenset[str]:
    return frozenset(row.code for row in rows)


def _in_force(rows: tuple[Listed, ...], day: date) -> tuple[Listed, ...]:
    return tuple(row for row in rows if row.valid_from <= day <= row.valid_to)
