"""From a table to the verdict on each row: what rows say by themselves, and about one another (MEM-09, MEM-10)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.member.domain.faults import Fault
from services.member.domain.person_record import Judged, Scope
from services.member.domain.record import judge_record
from services.member.workbooks.shifted import shift_of
from services.member.workbooks.table import Row, Table

_SHIFT_SUSPECTED_FROM = 2


@dataclass(frozen=True, slots=True)
class Head:
    """The table that was found. `notes`: columns ignored, sheets left unread, example rows left out."""

    sheet: str
    header_row: int
    notes: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """One data row; `row` is its number as the spreadsheet shows it. A note stands with the first row that has it."""

    row: int
    judged: Judged


@dataclass(frozen=True, slots=True)
class Tail:
    """`rows` verdicts were given: all there are."""

    rows: int


def head_of(table: Table) -> Head:
    return Head(table.sheet, table.header_row, table.notes)


def judge_rows(rows: Sequence[Row], table: Table, scope: Scope) -> Iterator[JudgedRow]:
    """A verdict for each of these rows of a table, by itself."""
    scope = replace(scope, epoch_1904=table.epoch_1904)
    noted: set[tuple[str, ...]] = set()
    for row, cells in rows:
        judged = judge_record(cells, scope)
        if len(judged.faults) >= _SHIFT_SUSPECTED_FROM and (shift := shift_of(cells, table.columns)):
            # What was read from the wrong columns is no finding about this person.
            judged = Judged(None, faults=(shift,))
        if judged.notes:
            fresh = {(note.code, *note.params.values()): note for note in judged.notes}
            judged = replace(judged, notes=tuple(note for key, note in fresh.items() if key not in noted))
            noted |= fresh.keys()
        yield JudgedRow(row, judged)


class Comparison:
    """What rows say about one another, asked in the order of the sheet: of those with the same number the first good
    one wins.
    """

    def __init__(self) -> None:
        # Unique values of rows without faults: value -> row. Only such rows take a number from later ones.
        self._documents: dict[tuple[str, str], int] = {}
        self._development_numbers: dict[str, int] = {}

    def judge(self, judged_row: JudgedRow) -> JudgedRow:
        row, judged = judged_row.row, judged_row.judged
        document, number = judged.document, judged.development_number
        repeats = []
        if document and (first := self._documents.get(document)):
            repeats.append(Fault("number_repeated", "number", {"row": str(first)}))
        if number and (first := self._development_numbers.get(number)):
            repeats.append(Fault("development_number_repeated", "development_number", {"row": str(first)}))
        if repeats:
            return JudgedRow(row, replace(judged, record=None, faults=(*judged.faults, *repeats)))
        if judged.record:
            if document:
                self._documents[document] = row
            if number:
                self._development_numbers[number] = row
        return judged_row
