"""Administrative divisions (ORG-03): codes of GB/T 2260 with the year of the data, and the committees named by them."""

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


def committee_names(code: str) -> tuple[str, str]:
    """Full and short name of the committee of a city or county: 共青团浙江省丽水市遂昌县委员会, 团遂昌县委."""
    names = [divisions()[code]]
    while (above := parent(code)) is not None:
        names.insert(0, divisions()[above])
        code = above
    return f"共青团{''.join(names)}委员会", f"团{names[-1]}委"
