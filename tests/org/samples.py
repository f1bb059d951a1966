"""Organizations as the tests of org speak of them."""

from datetime import UTC, date, datetime

from services.org.domain.establishing import EstablishOrganization, Place
from services.org.domain.events import BranchKind, Category, Information, OrganizationEstablished
from services.org.domain.organization import AbsentOrganization, Organization, evolve
from services.org.reference import reference_on

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
REFERENCE = reference_on(TODAY)
ROOT, PROVINCE, COUNTY, UNIT = "organization-root", "organization-province", "organization-county", "organization-unit"


def facts(
    category: Category = Category.COMMITTEE, *, above: tuple[str, ...] = (ROOT, PROVINCE, COUNTY), **information: object
) -> OrganizationEstablished:
    """The first event of an organization that stands below `above`."""
    values = {"full_name": "共青团遂昌县育才中学委员会", "short_name": "育才中学团委"} | information
    return OrganizationEstablished(
        ancestors=above,
        category=category,
        branch_kind=BranchKind.ORDINARY,
        order=1,
        information=Information.model_validate(values),
        missing=(),
    )


def place(
    superior: Category, *, above: tuple[str, ...] = (ROOT, PROVINCE, COUNTY), order: int = 1, **info: object
) -> Place:
    """A place directly under an organization of this category, the last of `above`."""
    state: Organization = evolve(AbsentOrganization(), facts(superior, above=above[:-1], **info))
    return Place(superior=state, ancestors=above, order=order)


def establish(category: Category = Category.BRANCH, **fields: object) -> EstablishOrganization:
    values = {
        "superior": COUNTY,
        "category": category,
        "full_name": "共青团遂昌县育才中学高一（1）班支部委员会",
        "short_name": "高一（1）班团支部",
    }
    return EstablishOrganization.model_validate(values | fields)
