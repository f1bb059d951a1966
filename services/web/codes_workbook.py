"""The workbook of registration codes (ADM-02): made of the answer, sent to the browser, kept nowhere."""

from io import BytesIO

import xlsxwriter

from services.web.answers.org import CodesOfAll
from services.web.texts import label, say
from shared.kernel.clock import SHANGHAI

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
_COLUMNS = ("organization", "code", "until", "remark")


def write(codes: CodesOfAll) -> bytes:
    """One row an organization: its name, its code or why it has none. Blocks: call it in a thread."""
    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet(str(say("codes.title")))
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 50)
    sheet.set_column(1, len(_COLUMNS) - 1, 24)
    for column, name in enumerate(_COLUMNS):
        sheet.write_string(0, column, label("code_column", name), bold)
    for row, each in enumerate(codes.items, start=1):
        sheet.write_string(row, 0, safe(each.full_name))
        if each.made:
            sheet.write_string(row, 1, each.made.registration_code)
            sheet.write_string(row, 2, f"{each.made.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
        elif each.refused:
            sheet.write_string(row, 3, each.refused.sentence)
    book.close()
    return file.getvalue()


def safe(text: str) -> str:
    """X26: a text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_RISKY) else text
