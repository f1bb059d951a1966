"""Administrative divisions: codes of GB/T 2260 with the year of the data, and what lies in what."""

from functools import cache
from importlib.resources import files

YEAR = 2023


@cache
def divisions() -> dict[str, str]:
    """Code of six digits -> name, in the order of the codes: provinces, cities, counties."""
    text = (files(__package__) / f"divisions_{YEAR}.txt").read_text("utf-8")
    return dict(line.split(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def parent(code: str) -> str | None:
    """The division that a code lies in: of a county its city, or its province where it has no city."""
    if code.endswith("0000"):
        return None
    city, province = code[:4] + "00", code[:2] + "0000"
    return city if city != code and city in divisions() else province


def below(province: str) -> list[str]:
    """All cities and counties of a province, each after the one it lies in."""
    inside = [code for code in divisions() if code[:2] == province[:2] and code != province]
    return sorted(inside, key=lambda code: (not code.endswith("00"), code))


def division_in(code: str, within: str) -> str:
    """The division directly in `within` that a code is, or lies in; of provinces for an empty one. Empty: in none."""
    while code and (above := parent(code)) != (within or None):
        code = above or ""
    return code
