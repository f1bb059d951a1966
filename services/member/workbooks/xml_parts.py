"""The XML inside an .xlsx, looked through before the reading library sees it (X22, X23, X24)."""

import re
from functools import cache
from pyexpat import ExpatError, ParserCreate, XMLParserType

from services.member.workbooks import limits
from services.member.workbooks.refusals import (
    WorkbookActiveContent,
    WorkbookBomb,
    WorkbookDamaged,
    WorkbookXmlUnsafe,
)
from services.member.workbooks.sheet_facts import CELL_ERROR, FORMULA_WITHOUT_VALUE, SheetFacts, column_index

_DDE = re.compile(r"^\s*[=+@-]?\s*\w+\s*\|")
_HYPERLINK = "/hyperlink"
_ROWS_MOST, _COLUMNS_MOST = 1_048_576, 16_384


def local(name: str) -> str:
    """The name of an element or attribute without its prefix; prefixes differ from program to program."""
    return name.rpartition(":")[2]


class Part:
    """A parser with the guards on: no document type, hence no entities; bounded depth. Subclasses add handlers."""

    def __init__(self) -> None:
        self._depth = 0
        self._parser: XMLParserType = ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.buffer_text = True

    def feed(self, data: bytes) -> None:
        """Parses the whole part. Raises WorkbookDamaged where it is no XML."""
        try:
            self._parser.Parse(data, True)
        except (ExpatError, ValueError, LookupError) as error:
            raise WorkbookDamaged from error

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; `name` without its prefix."""

    def end(self, name: str) -> None:
        """An element ends."""

    def _refuse(self, *_: object) -> None:
        raise WorkbookXmlUnsafe

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > limits.XML_DEPTH:
            raise WorkbookBomb
        self.start(local(name) if ":" in name else name, attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self.end(local(name) if ":" in name else name)


class Relationships(Part):
    """A .rels part: id -> target; a target outside the file is refused unless it is a mere hyperlink (X24)."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name != "Relationship":
            return
        if attributes.get("TargetMode") == "External" and not attributes.get("Type", "").endswith(_HYPERLINK):
            raise WorkbookActiveContent(found="外部链接")
        self.targets[attributes.get("Id", "")] = attributes.get("Target", "")


class WorkbookPart(Part):
    """xl/workbook.xml: the sheets (name, relationship id) in order, and how days are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []
        self.epoch_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        plain = {local(key): value for key, value in attributes.items()}
        if name == "sheet":
            self.sheets.append((plain.get("name", ""), plain.get("id", "")))
        elif name == "workbookPr":
            self.epoch_1904 = plain.get("date1904", "0") in {"1", "true"}


class ContentTypes(Part):
    """[Content_Types].xml: macros are declared here whatever the parts are called (X24)."""

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - as the base has it
        declared = attributes.get("ContentType", "").lower()
        if "macroenabled" in declared or "vbaproject" in declared:
            raise WorkbookActiveContent(found="宏")


class SheetPart(Part):
    """A worksheet: facts of its cells; a formula that calls another program is refused (DDE, X24)."""

    def __init__(self) -> None:
        super().__init__()
        self.facts = SheetFacts()
        self._row = self._column = -1
        self._formula = self._with_value = False
        self._text = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            # The reading library goes by a cell's own reference, wherever the row says it is.
            reference = attributes.get("r")
            if reference is None:
                self._column += 1
            else:
                self._row, self._column = _place_of(reference)
            self._formula = False
            kind = attributes.get("t")
            # A formula that yields an empty text has a value, though nothing is written for it.
            self._with_value = kind == "str"
            if kind == "e":
                self.facts.note_unreadable(self._row, self._column, CELL_ERROR)
        elif name in {"v", "is"}:
            self.facts.note_cell(self._row, self._column)
            if self._formula:
                self._listen()
        elif name == "f":
            self._formula = True
            self._listen()
        elif name == "row":
            declared = attributes.get("r", "")
            self._row = int(declared) - 1 if declared.isdecimal() and len(declared) < 9 else self._row + 1
            self._column = -1

    def end(self, name: str) -> None:
        if name == "c" and self._formula and not self._with_value:
            self.facts.note_unreadable(self._row, self._column, FORMULA_WITHOUT_VALUE)
        elif name == "f":
            if _DDE.match(self._text):
                raise WorkbookActiveContent(found="调用其他程序的公式")
            self._parser.CharacterDataHandler = None
        elif name == "v" and self._formula:
            self._with_value = self._with_value or bool(self._text)
            self._parser.CharacterDataHandler = None

    def _listen(self) -> None:
        self._text = ""
        self._parser.CharacterDataHandler = self._hear

    def _hear(self, text: str) -> None:
        self._text += text


def _place_of(reference: str) -> tuple[int, int]:
    """(row, column) from 0 of a reference like B12. One beyond the sheet would make the library count for ever."""
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    if not 0 < len(digits) < len("10485760") or not 0 < (row := int(digits)) <= _ROWS_MOST:
        raise WorkbookDamaged
    return row - 1, _column_of(letters)


@cache
def _column_of(letters: str) -> int:
    if not re.fullmatch("[A-Z]{1,3}", letters) or (column := column_index(letters)) >= _COLUMNS_MOST:
        raise WorkbookDamaged
    return column
