"""STA-05: the formulas of rates, stored with the figures and shown beside them: dated rows, the newest in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Formula:
    """A share in percent: the sum of `part` over the sum of `whole`, each a name of a figure, or `-name` to take away.

    What is shown is what is computed; `zh` and `en` say it in words.
    """

    code: str
    version: str
    part: tuple[str, ...]
    whole: tuple[str, ...]
    zh: str
    en: str
    valid_from: date = date.min

    def of(self, figures: Mapping[str, Any]) -> float | None:
        """One decimal, cut off, so that 100 means all; None of nothing."""
        part, whole = (sum(_signed(name, figures) for name in names) for names in (self.part, self.whole))
        return part * 1000 // whole / 10 if whole > 0 else None


TIMELINESS, COMPLETION, EMPLOYMENT = "timeliness", "completion", "employment"

_MOVED = ("employer", "school", "community", "floating", "bridging", "special", "outside", "other")
_TO_TRANSFER = ("graduates", "-left_out", "-ended")

FORMULAS = (
    Formula(
        TIMELINESS, "timeliness-1", ("steps", "-steps_late"), ("steps", "steps_open_late"),
        "组织关系转接及时率＝五个工作日内办理的步骤数÷（已到期或已办理的步骤数＋超过五个工作日仍未办理的步骤数）",
        "Timeliness = steps decided within five working days ÷ "
        "(steps over + steps open for more than five working days)",
    ),
    Formula(
        COMPLETION, "completion-1", _MOVED, _TO_TRANSFER,
        "转接完成率＝已办结转接的毕业生数÷应转接毕业生数（名册人数，不含延期毕业、教师和已离团的）",
        "Completion = graduates whose transfer is complete ÷ graduates to transfer "
        "(the cohort without those who stay on, teach or are members no more)",
    ),
    Formula(
        EMPLOYMENT, "employment-1", ("employer",), (*_TO_TRANSFER, "-school"),
        "单位团组织转接率＝转入用人单位团组织的毕业生数÷未继续升学的应转接毕业生数",
        "Employers' share = graduates moved to an employer's organization ÷ graduates to transfer who do not study on",
    ),
)  # fmt: skip


def formula_on(code: str, day: date) -> Formula:
    """The formula in force on a day. Raises KeyError for a code that there is not."""
    found = [each for each in FORMULAS if each.code == code and each.valid_from <= day]
    if not found:
        raise KeyError(code)
    return max(found, key=lambda each: each.valid_from)


def _signed(name: str, figures: Mapping[str, Any]) -> int:
    return -int(figures[name[1:]]) if name.startswith("-") else int(figures[name])
