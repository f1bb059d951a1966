"""Addresses of lists: what is filtered stands in the address, so that it can be shared and reloaded."""

from collections.abc import Mapping
from urllib.parse import urlencode

# In this order: a list of members is also below /organizations, a transfer is started below /people.
AREAS = (
    ("progress", {"progress", "graduates"}),
    ("transfers", {"transfers", "transfer", "transfer-batches", "outside-offers", "transfer-outside"}),
    ("members", {"members", "imports", "people"}),
    ("schools", {"schools", "graduation", "campaigns"}),
    ("cadres", {"cadres"}),
    ("organizations", {"organizations", "applications", "migrations", "search"}),
)


class Address:
    """A path with its filled-in parameters; the methods give other addresses of the same list."""

    def __init__(self, path: str, parameters: Mapping[str, str | None]) -> None:
        self.path = path
        self._filled = {name: value for name, value in parameters.items() if value}

    def __str__(self) -> str:
        return self._join(self._filled)

    def has(self, name: str) -> bool:
        return name in self._filled

    def value(self, name: str) -> str:
        return self._filled.get(name, "")

    def kept(self, *without: str) -> dict[str, str]:
        """What a form has to send along that asks for these anew."""
        return {name: value for name, value in self._filled.items() if name not in without}

    def replace(self, **changes: str) -> str:
        return self._join(self._filled | changes)

    def without(self, *names: str) -> str:
        return self._join({name: value for name, value in self._filled.items() if name not in names})

    def _join(self, parameters: Mapping[str, str]) -> str:
        filled = {name: value for name, value in parameters.items() if value}
        return f"{self.path}?{urlencode(filled)}" if filled else self.path


def area_of(path: str) -> str:
    """Which part of the menu a page belongs to; a page that stands by itself is its own part."""
    parts = set(path.split("/"))
    for area, words in AREAS:
        if parts & words:
            return area
    return path
