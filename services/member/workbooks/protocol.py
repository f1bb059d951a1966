"""What the service and its reading child say to one another: a request with the file, then lines of JSON."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import TypeAdapter

from services.member.domain.faults import Fault
from services.member.domain.person_record import Scope
from services.member.workbooks.judging import Head, JudgedRow, Tail


class Task(StrEnum):
    JUDGE = "judge"
    FAILED_ROWS = "failed_rows"


@dataclass(frozen=True)
class Request:
    """`faults` by sheet row, for the workbook of the failed rows only."""

    task: Task
    file_name: str
    scope: Scope
    faults: dict[int, tuple[Fault, ...]]


@dataclass(frozen=True, slots=True)
class Refused:
    """The file as a whole is not taken in; `code` of a WorkbookRefused."""

    code: str
    params: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Made:
    """`size` bytes of a workbook follow this line."""

    size: int


@dataclass(frozen=True, slots=True)
class Message:
    """One line; exactly one part is there. A child that ends without tail, refusal, file or head has failed."""

    head: Head | None = None
    row: JudgedRow | None = None
    tail: Tail | None = None
    refused: Refused | None = None
    made: Made | None = None


REQUEST: TypeAdapter[Request] = TypeAdapter(Request)
MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)
