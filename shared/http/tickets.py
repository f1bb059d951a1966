"""What one service found out for a caller, shown by them to another service: they can neither read nor change it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from shared.http.paging import CURSOR_KEY
from shared.http.sealed_text import SealedText
from shared.kernel.clock import to_micros
from shared.privacy.secrets import read_secret


class Tickets:
    """Tickets of one purpose, good for what they were made for until their time is over."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._texts = SealedText(secret, f"ticket.{purpose}")

    @classmethod
    def from_directory(cls, directory: Path, purpose: str) -> "Tickets":
        """Reads `cursor.key`. Raises SecretMissing."""
        return cls(read_secret(directory, CURSOR_KEY), purpose)

    def write(self, of: Sequence[str], values: Sequence[str], until: datetime) -> str:
        """`of` names whom the ticket is for and what it is good for."""
        return self._texts.seal(of, [to_micros(until), *values])

    def read(self, of: Sequence[str], ticket: str, now: datetime) -> list[str] | None:
        """The values; None for a ticket whose time is over, or that was not made for this."""
        found = self._texts.open(of, ticket)
        return [str(value) for value in found[1:]] if found and to_micros(now) < found[0] else None
