"""The forms of the single fields of ORG-05, as a command accepts them."""

import unicodedata
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from shared.kernel.text import clean

LEAGUE_FOUNDED = date(1922, 5, 5)


def narrow(value: object) -> object:
    """Like `clean`, with full-width letters and digits made narrow: for codes, phones and addresses of mail."""
    cleaned = clean(value)
    return unicodedata.normalize("NFKC", cleaned).replace(" ", "") if isinstance(cleaned, str) else cleaned


def _not_before_the_league(value: date | None) -> date | None:
    if value is not None and value < LEAGUE_FOUNDED:
        raise ValueError("before the league was founded")
    return value


FullName = Annotated[str, Field(min_length=4, max_length=100), BeforeValidator(clean)]
ShortName = Annotated[str, Field(min_length=2, max_length=50), BeforeValidator(clean)]
SectorCode = Annotated[str, Field(max_length=3), BeforeValidator(narrow)]
RegionCode = Annotated[str, BeforeValidator(narrow), Field(pattern=r"^(\d{6})?$")]
Phone = Annotated[str, BeforeValidator(narrow), Field(pattern=r"^([0-9+()\-转]{5,30})?$")]
Email = Annotated[
    str, BeforeValidator(narrow), Field(max_length=100, pattern=r"^([^@\s]{1,64}@[A-Za-z0-9.\-]+\.[A-Za-z]{2,20})?$")
]
Address = Annotated[str, Field(max_length=200), BeforeValidator(clean)]
Contact = Annotated[str, Field(max_length=50), BeforeValidator(clean)]
InstitutionCode = Annotated[str, BeforeValidator(narrow), Field(pattern=r"^(\d{10})?$")]
DocumentId = Annotated[str, Field(pattern=r"^([0-9a-f-]{36})?$")]
PastDate = Annotated[date | None, AfterValidator(_not_before_the_league)]
