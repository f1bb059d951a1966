"""From a table to the verdict on each row: what rows say by themselves, and about one another (MEM-09, MEM-10)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from services.member.domain.faults import Fault
from services.member.domain.person_record import Judged, Scope
from services.member.domain.record import judge_record
from services.member.workbooks.shifted import shift_of
from services.member.workbooks.table import Table

_SHIFT_SUSPECTED_FROM = 2


@dataclass(frozen=True, slots=True)
class Head:
    """The table that was found. `notes`: columns ignored, sheets left unread, example rows left out."""

    sheet: str
    header_row: int
    notes: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """One data row; `row` is its number as the spreadsheet shows it."""

    row: int
    judged: Judged


@dataclass(frozen=True, slots=True)
class Tail:
    """`rows` verdicts were given; `notes` hold for the whole answer."""

    rows: int
    notes: tuple[Fault, ...] = ()


@dataclass(slots=True)
class _Seen:
    """Unique values of rows without faults: value -> row. Only such rows take a number from later ones."""

    documents: dict[tuple[str, str], int] = field(default_factory=dict)
    development_numbers: dict[str, int] = field(default_factory=dict)


def head_of(table: Table) -> Head:
    return Head(table.sheet, table.header_row, table.notes)


def judge_table(table: Table, scope: Scope) -> Iterator[JudgedRow | Tail]:
    """A verdict for every row, in order, then the tail. Of rows with the same number the first good one wins."""
    scope = replace(scope, epoch_1904=table.epoch_1904)
    seen = _Seen()
    notes: dict[tuple[str, ...], Fault] = {}
    for row, cells in table.rows:
        judged = judge_record(cells, scope)
        if len(judged.faults) >= _SHIFT_SUSPECTED_FROM and (shift := shift_of(cells, table.columns)):
            # What was read from the wrong columns is no finding about this person.
            judged = Judged(None, faults=(shift,))
        judged = _compare(judged, row, seen)
        for note in judged.notes:
            notes.setdefault((note.code, *note.params.values()), note)
        yield JudgedRow(row, replace(judged, notes=()) if judged.notes else judged)
    yield Tail(len(table.rows), tuple(notes.values()))


def _compare(judged: Judged, row: int, seen: _Seen) -> Judged:
    repeats = []
    if judged.document and (first := seen.documents.get(judged.document)):
        repeats.append(Fault("number_repeated", "number", {"row": str(first)}))
    number = judged.development_number
    if number and (first := seen.development_numbers.get(number)):
        repeats.append(Fault("development_number_repeated", "development_number", {"row": str(first)}))
    if repeats:
        return replace(judged, record=None, faults=(*judged.faults, *repeats))
    if judged.record:
        if judged.document:
            seen.documents[judged.document] = row
        if number:
            seen.development_numbers[number] = row
    return judged
