"""Finding the table in a workbook and its rows, whatever stands above, beside and below it (MEM-09)."""

import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum, load_workbook

from services.member.domain.faults import Fault
from services.member.domain.fields import LABELS, Template
from services.member.domain.text import Raw, Unreadable, is_blank, tidy
from services.member.reference.positions import BRANCH
from services.member.workbooks import limits
from services.member.workbooks.guard import Checked
from services.member.workbooks.refusals import (
    ColumnsMissing,
    ColumnTwice,
    HeaderNotFound,
    NoRows,
    TemplateNotForBranch,
    WorkbookTooManyColumns,
    WorkbookTooManyRows,
    WrongTemplate,
)
from services.member.workbooks.sheet_facts import CELL_ERROR, SheetFacts
from services.member.workbooks.template import (
    FAILURE_HEADING,
    GUIDE_SHEET,
    LISTS_SHEET,
    SHEETS,
    columns_of,
    heading,
    is_example,
    needed_columns,
    shown,
    template_by_columns,
)

_HEADER_WITHIN_ROWS = 30
_HEADER_AT_LEAST = 3
_MERGES_FILLED = 2_000

Cells = dict[int, Raw]
Row = tuple[int, dict[str, Raw]]
"""Its number as the spreadsheet shows it, and its cells by field."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows to judge, in the order of the sheet. `columns`: the column of each field, from 0."""

    sheet: str
    header_row: int
    columns: Mapping[int, str]
    rows: list[Row]
    notes: tuple[Fault, ...]
    epoch_1904: bool


@dataclass(slots=True)
class _Header:
    first: int
    last: int
    columns: dict[int, str]
    ignored: tuple[str, ...]


def read_table(checked: Checked, template: Template, own_category: str) -> Table:
    """Raises a WorkbookRefused where the file as a whole cannot be taken in."""
    if template is Template.CADRES and own_category == BRANCH:
        raise TemplateNotForBranch
    with load_workbook(io.BytesIO(checked.content)) as workbook:
        index, unread = _choose(workbook, template)
        sheet = workbook.get_sheet_by_index(index)
        facts = checked.facts_of(sheet.name, index)
        if sheet.width > limits.COLUMNS:
            raise WorkbookTooManyColumns(most=limits.COLUMNS)
        lines = list(_lines(sheet, facts))
    header = _header(lines, template)
    _check_columns(header, template, own_category)
    _fill_merged(lines, sheet, header)
    rows, examples = _data(lines, header, template)
    if not rows:
        raise NoRows
    notes = (*_notes(header, unread), *(Fault("example_row", None, {"row": str(row)}) for row in examples))
    return Table(sheet.name, header.last + 1, header.columns, rows, notes, checked.epoch_1904)


def _choose(workbook: CalamineWorkbook, template: Template) -> tuple[int, tuple[str, ...]]:
    """(index of the sheet to read, names of visible sheets left unread): by name, then by columns."""
    sheets = {
        index: tidy(sheet.name)
        for index, sheet in enumerate(workbook.sheets_metadata)
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    }
    others = {index: name for index, name in sheets.items() if name not in {GUIDE_SHEET, LISTS_SHEET}}
    chosen = next((index for index, name in others.items() if name == SHEETS[template]), None)
    if chosen is None:
        if any(name in SHEETS.values() for name in others.values()):
            raise WrongTemplate
        chosen = _choose_by_columns(workbook, others, template)
    unread = tuple(workbook.sheets_metadata[index].name for index in others if index != chosen)
    return chosen, unread


def _choose_by_columns(workbook: CalamineWorkbook, sheets: Mapping[int, str], template: Template) -> int:
    other = next(kind for kind in Template if kind is not template)
    for index in sheets:
        lines = list(islice(_lines(workbook.get_sheet_by_index(index), SheetFacts()), _HEADER_WITHIN_ROWS))
        fields = {
            kind: max((frozenset(columns_of(cells, kind).values()) for _, cells in lines), key=len, default=frozenset())
            for kind in Template
        }
        if max(map(len, fields.values())) < _HEADER_AT_LEAST:
            continue
        if template_by_columns(fields[template] | fields[other]) is other:
            raise WrongTemplate
        return index
    raise HeaderNotFound


def _lines(sheet: CalamineSheet, facts: SheetFacts) -> Iterator[tuple[int, Cells]]:
    """(row, cells with content by column), both from 0; blank rows left out."""
    unreadable: dict[int, Cells] = defaultdict(dict)
    for (row, column), code in facts.unreadable.items():
        unreadable[row][column] = Unreadable(code)
    first = sheet.start[1] if sheet.start else 0
    for row, values in enumerate(sheet.iter_rows()):
        cells: Cells = {first + at: value for at, value in enumerate(values) if value != "" and not is_blank(value)}
        if row in unreadable:
            cells |= unreadable.pop(row)
        if cells:
            yield row, cells
    yield from sorted(unreadable.items())


def _header(lines: list[tuple[int, Cells]], template: Template) -> _Header:
    """The row with most headings near the top, together with the row above or below that completes it."""
    candidates = [
        (len(columns), -at)
        for at, (_, cells) in enumerate(lines[:_HEADER_WITHIN_ROWS])
        if len(columns := columns_of(cells, template)) >= _HEADER_AT_LEAST
    ]
    if not candidates:
        raise HeaderNotFound
    at = -max(candidates)[1]
    row, cells = lines[at]
    columns = columns_of(cells, template)
    first = last = row
    texts = dict(cells)
    for near in (at - 1, at + 1):
        if 0 <= near < len(lines) and abs(lines[near][0] - row) == 1:
            more = columns_of(lines[near][1], template)
            fresh = {column: field for column, field in more.items() if column not in columns}
            if fresh and not set(fresh.values()) & set(columns.values()) and len(more) == len(lines[near][1]):
                columns |= fresh
                texts |= {column: lines[near][1][column] for column in fresh}
                first, last = min(first, lines[near][0]), max(last, lines[near][0])
    ignored = tuple(
        shown(str(text))
        for column, text in sorted(texts.items())
        if column not in columns and heading(text) not in {FAILURE_HEADING, ""}
    )
    return _Header(first, last, columns, ignored)


def _check_columns(header: _Header, template: Template, own_category: str) -> None:
    fields = list(header.columns.values())
    for field in fields:
        if fields.count(field) > 1:
            raise ColumnTwice(column=LABELS[field])
    missing = [LABELS[field] for field in needed_columns(template, own_category) if field not in fields]
    if missing:
        raise ColumnsMissing(columns="、".join(missing))


def _fill_merged(lines: list[tuple[int, Cells]], sheet: CalamineSheet, header: _Header) -> None:
    """A cell merged over several rows says the same for each of them."""
    by_row = dict(lines)
    for (top, left), (bottom, right) in (sheet.merged_cell_ranges or [])[:_MERGES_FILLED]:
        if top <= header.last or left != right or left not in header.columns or left not in by_row.get(top, {}):
            continue
        for row in range(top + 1, min(bottom, lines[-1][0]) + 1):
            if row in by_row:
                by_row[row].setdefault(left, by_row[top][left])


def _data(lines: list[tuple[int, Cells]], header: _Header, template: Template) -> tuple[list[Row], list[int]]:
    rows: list[Row] = []
    examples = []
    for row, cells in lines:
        if row <= header.last:
            continue
        fields = {field: cells[column] for column, field in header.columns.items() if column in cells}
        if all(value == Unreadable(CELL_ERROR) for value in fields.values()):
            # nothing in the columns of the template, or only formulas dragged down beyond the data
            continue
        if is_example(fields, template):
            examples.append(row + 1)
            continue
        rows.append((row + 1, fields))
        if len(rows) > limits.ROWS:
            raise WorkbookTooManyRows(most=limits.ROWS)
    return rows, examples


def _notes(header: _Header, unread: tuple[str, ...]) -> Iterator[Fault]:
    if header.ignored:
        yield Fault("columns_ignored", None, {"columns": "、".join(header.ignored)})
    if unread:
        yield Fault("sheets_unread", None, {"sheets": "、".join(shown(name) for name in unread)})
