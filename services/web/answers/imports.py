"""What member answers about imports, as far as the console reads it."""

from datetime import datetime

from services.web.answers import Answer

RUNNING = frozenset({"received", "reading", "running"})
WITHDRAWABLE = frozenset({"completed", "cancelled"})


class Fault(Answer):
    rule: str = ""
    column: str = ""
    code: str = ""
    sentence: str = ""
    advice: str = ""
    version: str | None = None


class ImportRow(Answer):
    """One row; for admins name and number of failed rows and warnings are there, as long as the workbook is kept."""

    row: int
    verdict: str = ""
    name: str = ""
    number_masked: str = ""
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    person: str | None = None

    @property
    def is_named(self) -> bool:
        return bool(self.name or self.number_masked)


class ImportRows(Answer):
    items: tuple[ImportRow, ...] = ()
    next: str | None = None
    total: int | None = None


class Reason(Answer):
    """Why `rows` rows failed, or were warned of; `reason` narrows their list to it."""

    reason: str
    column: str
    sentence: str
    rows: int


class Reasons(Answer):
    items: tuple[Reason, ...] = ()


class FileRefused(Answer):
    """Why a file was not read at all (MEM-09)."""

    rule: str = ""
    sentence: str
    advice: str = ""


class Withdrawal(Answer):
    requested_by: str = ""
    needs_confirmation: bool = False
    confirmed_by: str = ""
    people: int = 0
    members_ended: int = 0
    kept: int = 0


class Import(Answer):
    """One import. Its counts add up: rows = imported + unchanged + failed + unprocessed."""

    id: str
    organization: str = ""
    template: str = "members"
    file_name: str = ""
    state: str
    rows: int | None = None
    settled: int = 0
    imported: int = 0
    with_warning: int = 0
    positions_added: int = 0
    unchanged: int = 0
    failed: int = 0
    unprocessed: int = 0
    uploaded_at: datetime | None = None
    uploaded_by: str = ""
    finished_at: datetime | None = None
    withdrawable_until: datetime | None = None
    cancel_cause: str | None = None
    withdrawal: Withdrawal | None = None
    newest_failures: tuple[ImportRow, ...] = ()
    file_notes: tuple[str, ...] = ()
    refused: FileRefused | None = None

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @property
    def is_withdrawal_open(self) -> bool:
        """True while a withdrawal waits for the second admin."""
        asked = self.withdrawal
        return self.state in WITHDRAWABLE and asked is not None and asked.needs_confirmation and not asked.confirmed_by

    @property
    def is_withdrawable(self) -> bool:
        """True where people came in by it, though it may have been stopped on the way, and nobody took them out yet."""
        return self.state in WITHDRAWABLE and self.imported > 0 and self.withdrawal is None

    @property
    def open(self) -> int:
        """Rows that have no verdict yet."""
        return max(0, (self.rows or 0) - self.settled)


class Imports(Answer):
    items: tuple[Import, ...] = ()
    next: str | None = None


class ImportStarted(Answer):
    stream: str
    version: int = 0
    joined: bool = False
