"""Faults of a person's data: facts about a row or a form, not exceptions, so that all of them are told at once.

A fault holds no value of the person: it is stored with the verdicts of an import and shown again from its code.
"""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.member.domain.fault_texts import FAULTS
from services.member.domain.fields import LABELS
from services.member.reference import wording

WHOLE_ROW = "本行"
_PARAMS = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field (`field` is its key in `fields.LABELS`; None = the row as a whole).

    `params` fill the sentence and never hold personal values: limits, names of lists, rows, organizations; `version`
    is the version of the reference row that decided. Warnings (提示) and notes have the same form.
    """

    code: str
    field: str | None = None
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def rule(self) -> str:
        return FAULTS[self.code].rule

    @property
    def column(self) -> str:
        """The label the user knows the field by."""
        return LABELS[self.field] if self.field else WHOLE_ROW

    @property
    def version(self) -> str | None:
        return self.params.get("version")

    @property
    def what(self) -> str:
        """What is wrong, with the rule or list that decided where reference data did: in words, never by its id."""
        text = FAULTS[self.code].what.format_map(self._words)
        return f"{text}（依据：{wording.rule(self.version)}）" if self.version else text

    @property
    def reason(self) -> str:
        """What is wrong, alike for all rows it is wrong with: what differs among them is left out."""
        return _PARAMS.sub("…", FAULTS[self.code].what)

    @property
    def way_out(self) -> str:
        return FAULTS[self.code].way_out.format_map(self._words)

    @property
    def _words(self) -> Mapping[str, str]:
        code = self.params.get("province")
        return {**self.params, "province": wording.province(code)} if code else self.params

    @property
    def sentence(self) -> str:
        """What is wrong;what to do"""
        return f"{self.what}；{self.way_out}" if self.way_out else self.what

    @property
    def line(self) -> str:
        """One line of the column 失败原因: `[MEM-04] 入团日期:what is wrong;what to do`."""
        return f"[{self.rule}] {self.column}：{self.sentence}"
