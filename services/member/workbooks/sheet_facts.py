"""What the reading library does not tell of a sheet: cells without a value to judge, and how far the cells reach."""

from dataclasses import dataclass, field

from services.member.workbooks import limits
from services.member.workbooks.refusals import WorkbookStrayCell, WorkbookTooManyRows

FORMULA_WITHOUT_VALUE = "formula_without_value"
CELL_ERROR = "cell_error"
_UNREADABLE_KEPT = limits.ROWS * limits.COLUMNS


@dataclass(slots=True)
class SheetFacts:
    """Rows and columns count from 0. Only cells with content are noted; declared dimensions are ignored (X23)."""

    unreadable: dict[tuple[int, int], str] = field(default_factory=dict)
    rows: int = 0
    first_row: int = -1
    last_row: int = -1
    first_column: int = 1 << 20
    last_column: int = -1

    def note_cell(self, row: int, column: int) -> None:
        if row != self.last_row:
            self.rows += 1
            self.first_row = row if self.first_row < 0 else min(self.first_row, row)
            self.last_row = max(self.last_row, row)
        self.last_column = max(self.last_column, column)
        self.first_column = min(self.first_column, column)

    def note_unreadable(self, row: int, column: int, code: str) -> None:
        if len(self.unreadable) < _UNREADABLE_KEPT:
            self.unreadable[row, column] = code

    def check_extent(self) -> None:
        """Raises where laying the sheet out would cost more than the data can be worth."""
        if self.last_row < 0:
            return
        if self.rows > limits.ROWS_WITH_CELLS:
            raise WorkbookTooManyRows(most=limits.ROWS)
        cells = (self.last_row - self.first_row + 1) * (self.last_column - self.first_column + 1)
        if cells > limits.RECTANGLE_CELLS:
            raise WorkbookStrayCell(cell=f"{column_letters(self.last_column)}{self.last_row + 1}")


def column_letters(column: int) -> str:
    """0 -> A, 26 -> AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """A -> 0, AA -> 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
