"""First digits of an identity number: provinces, and the districts known to the list (GB/T 2260, years in the file)."""

from functools import cache
from pathlib import Path

VERSION = "districts-2023"

# Hong Kong, Macao and Taiwan have no districts in the list.
_WITHOUT_DISTRICTS = frozenset({"71", "81", "82"})
# First digits of the codes that were given out: one string a region of the country.
PROVINCES = _WITHOUT_DISTRICTS | {
    first + second
    for first, seconds in {"1": "12345", "2": "123", "3": "1234567", "4": "123456", "5": "01234", "6": "12345"}.items()
    for second in seconds
}


@cache
def _districts() -> frozenset[str]:
    lines = Path(__file__).with_name("districts.txt").read_text(encoding="ascii").splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return frozenset(prefecture + county for prefecture, *counties in rows for county in counties)


def district_known(code: str) -> bool:
    """Whether six digits are a district of the list. Unknown is no fault: it may have been abolished long ago."""
    return code[:2] in _WITHOUT_DISTRICTS or code in _districts()
