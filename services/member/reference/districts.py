"""First digits of an identity number: provinces, and the districts known to the list (GB/T 2260, years in the file)."""

from functools import cache
from pathlib import Path

VERSION = "districts-2023"

# Hong Kong, Macao and Taiwan have no districts in the list.
_WITHOUT_DISTRICTS = frozenset({"71", "81", "82"})
PROVINCES = (
    frozenset(
        "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65".split()
    )
    | _WITHOUT_DISTRICTS
)


@cache
def _districts() -> frozenset[str]:
    lines = Path(__file__).with_name("districts.txt").read_text(encoding="ascii").splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return frozenset(prefecture + county for prefecture, *counties in rows for county in counties)


def district_known(code: str) -> bool:
    """Whether six digits are a district of the list. Unknown is no fault: it may have been abolished long ago."""
    return code[:2] in _WITHOUT_DISTRICTS or code in _districts()
