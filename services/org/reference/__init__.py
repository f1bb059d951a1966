"""The dated reference data that org decides by. Editing comes with the rule book; until then a version is a release."""

from datetime import date
from functools import lru_cache

from services.org.domain.events import Category
from services.org.domain.reference import Reference
from services.org.reference.provincial_bodies import provincial_bodies
from services.org.reference.sectors import SECTORS
from shared.reference.divisions import divisions

VERSION = "2026-11"

# ORG-02 with its longer spellings: bodies of the Party, the trade union or the employer that are not the league's.
OUTSIDE_LEAGUE = (
    "青工委",
    "青年工作委员会",
    "青年部",
    "青年工作部",
    "青工部",
    "群团部",
    "群团工作部",
    "群工部",
    "群众工作部",
)

_BASIC = ("full_name", "short_name", "sector")
REQUIRED = {
    Category.LEADING_BODY: ("full_name", "short_name", "phone", "email"),
    Category.COMMITTEE: _BASIC,
    Category.WORKING_COMMITTEE: _BASIC,
    Category.GENERAL_BRANCH: _BASIC,
    Category.BRANCH: _BASIC,
}
"""ORG-05: fields of the organization itself; the secretary is asked of member (ORG-20)."""

ADMINS_MAX = {category: 2 if category is Category.LEADING_BODY else 3 for category in Category}
"""ADM-01."""


@lru_cache(maxsize=4)
def reference_on(day: date) -> Reference:
    """What is valid on a day of Asia/Shanghai."""
    return Reference(
        version=VERSION,
        sectors=SECTORS,
        divisions=divisions(),
        provincial_bodies=provincial_bodies(day),
        outside_league=OUTSIDE_LEAGUE,
        required=REQUIRED,
        admins_max=ADMINS_MAX,
    )
