"""What several pages read: an organization with its place in the tree, and the crumbs that lead to it."""

from services.web.answers.org import Organization
from services.web.visit import Visit


async def organization_of(visit: Visit, organization: str) -> Organization:
    """Raises Refused (absent, or no right), SignedOut or Gap."""
    return await visit.services.org.get(Organization, f"/v1/organizations/{organization}")


def above(visit: Visit, organization: Organization, leaf: str) -> list[tuple[str, str]]:
    """The crumbs to an organization: from the one acted for down to its superior, each to its page `leaf`.

    Empty at the one acted for itself; from the root where it stands outside the subtree of that.
    """
    if organization.id == visit.organization:
        return []
    steps = [step for step in organization.path if step.id != organization.id]
    ids = [step.id for step in steps]
    if visit.organization in ids:
        steps = steps[ids.index(visit.organization) :]
    return [(page_of(step.id, leaf), step.name) for step in steps]


def down_to(visit: Visit, organization: Organization, leaf: str) -> list[tuple[str, str]]:
    """The same with the organization itself, for pages that stand below its page `leaf`."""
    name = organization.short_name or organization.full_name
    return [*above(visit, organization, leaf), (page_of(organization.id, leaf), name)]


def page_of(organization: str, leaf: str) -> str:
    return f"/organizations/{organization}/{leaf}".rstrip("/")
