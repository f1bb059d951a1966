"""Pages of lists: a bounded number of items, and a cursor that only its own list can read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from shared.http.refusals import CursorExpired
from shared.http.sealed_text import SealedText
from shared.privacy.secrets import read_secret

T = TypeVar("T")

CURSOR_KEY = "cursor.key"
LIMIT_MAX = 200

Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="How many items at most")]
CursorText = Annotated[str | None, Query(max_length=2_048, description="`next` of the page before")]


class Page(BaseModel, Generic[T]):
    """One page. `next` is the cursor of the following one, None on the last; `total` None where counting costs."""

    items: list[T]
    next: str | None = None
    total: int | None = None


class Cursors:
    """Cursors hold the sort values of a page's last item, which may be a name: they are sealed, not just encoded.

    A cursor is bound to its list (route and filters): used with another it is refused, as is a changed one.
    """

    def __init__(self, secret: bytes) -> None:
        self._texts = SealedText(secret, "cursors")

    @classmethod
    def from_directory(cls, directory: Path) -> "Cursors":
        """Reads `cursor.key`. Raises SecretMissing."""
        return cls(read_secret(directory, CURSOR_KEY))

    def write(self, of: Sequence[Any], last: Sequence[Any]) -> str:
        """`of` names the list: route, filters, principal if they matter; `last` the values to go on after."""
        return self._texts.seal(of, last)

    def read(self, of: Sequence[Any], cursor: str | None) -> list[Any] | None:
        """The values of a cursor, as written (JSON); None without one. Raises CursorExpired."""
        if cursor is None:
            return None
        values = self._texts.open(of, cursor)
        if values is None:
            raise CursorExpired(field="cursor")
        return values
