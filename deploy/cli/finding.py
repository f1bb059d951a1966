"""One thing that `tuan doctor` has looked at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`advice` is the command to run next where it is not well."""

    well: bool
    what: str
    advice: str = ""
