"""Collecting what is found about one row while it is judged."""

from collections.abc import Collection, Mapping, Sequence

from services.member.domain.faults import Fault
from services.member.domain.person_record import RawRecord
from services.member.domain.text import DigitsLost, Raw, Unreadable, as_text, is_scientific

MISSING = "missing"


class Findings:
    """The raw row and the faults, warnings and notes found so far. One field may have several faults.

    `asked`: the fields that the form asks for, if not all; what is not asked for is no fault where it is missing.
    """

    def __init__(self, raw: RawRecord, asked: Collection[str] | None = None) -> None:
        self._asked = asked
        unreadable = {field: cell for field, cell in raw.items() if isinstance(cell, Unreadable)}
        self._unreadable = unreadable.keys()
        self._readable = {field: cell for field, cell in raw.items() if field not in unreadable} if unreadable else raw
        self.faults = [Fault(cell.code, field) for field, cell in unreadable.items()]
        self.warnings: list[Fault] = []
        self.notes: list[Fault] = []

    def fault(self, code: str, field: str | None, **params: str) -> None:
        self.faults.append(Fault(code, field, params))

    def warn(self, code: str, field: str | None, **params: str) -> None:
        self.warnings.append(Fault(code, field, params))

    def raw(self, field: str) -> Raw:
        """The cell; None if it is empty or cannot be judged (a fault noted from the start)."""
        return self._readable.get(field)

    def unreadable(self, field: str) -> bool:
        """Whether there is something in the cell that could not be read: then it is not missing as well."""
        return field in self._unreadable

    def text(self, field: str, *, lost: str = "not_in_list") -> str:
        """The plain text of a cell; `lost` is the fault of a number that has lost its digits."""
        raw = self._readable.get(field)
        if raw is None:
            return ""
        try:
            text = as_text(raw)
        except DigitsLost:
            self.fault(lost, field)
            return ""
        return text

    def number_text(self, field: str, *, lost: str) -> tuple[str, bool]:
        """(text without spaces, whether the cell is settled by a fault): for numbers that are names of something."""
        before = len(self.faults)
        text = self.text(field, lost=lost).replace(" ", "").upper()
        if "E" in text and is_scientific(text):
            self.fault(lost, field)
        return text, len(self.faults) > before

    def choice(self, field: str, spellings: Mapping[str, str], allowed: Sequence[str], version: str) -> str | None:
        """The name a cell's spelling stands for; None if empty or not in the list (a fault)."""
        text = self.text(field).replace(" ", "")
        if not text:
            return None
        if (name := spellings.get(text)) is None:
            self.fault("not_in_list", field, allowed="、".join(allowed), version=version)
        return name

    def free_text(self, field: str, most: int) -> str | None:
        """A text of at most `most` characters; None if empty."""
        text = self.text(field, lost="cell_error")
        if len(text) > most:
            self.fault("too_long", field, most=str(most))
        return text or None

    def missing(self, field: str) -> None:
        """A fault, unless something unreadable stands there, which is a fault already."""
        if not self.unreadable(field) and (self._asked is None or field in self._asked):
            self.fault(MISSING, field)
