"""Reference data of identity: the stems of common passwords (X02)."""

from functools import cache
from pathlib import Path


@cache
def common_stems() -> frozenset[str]:
    """Stems of common passwords, in lower case; the file says where they come from."""
    lines = Path(__file__).with_name("common_stems.txt").read_text("utf-8").splitlines()
    return frozenset(stem for line in lines if not line.startswith("#") for stem in line.split())
