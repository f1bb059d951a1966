"""What several pages read: an organization with its place in the tree, and the crumbs that lead to it."""

from services.web.answers.org import Organization
from services.web.visit import Visit


async def organization_of(visit: Visit, organization: str) -> Organization:
    """Raises Refused (absent, or no right), SignedOut or Gap."""
    return await visit.services.org.get(Organization, f"/v1/organizations/{organization}")


def crumbs(visit: Visit, organization: Organization, last: str, leaf: str = "subordinates") -> list[tuple[str, str]]:
    """From the organization acted for down to this one; each leads to the same kind of page (`leaf`)."""
    steps = [step for step in organization.path if step.id != organization.id]
    ids = [step.id for step in steps]
    if visit.organization in ids:
        steps = steps[ids.index(visit.organization) :]
    elif visit.organization == organization.id:
        steps = []
    trail = [(f"/organizations/{step.id}/{leaf}".rstrip("/"), step.name) for step in steps]
    return [*trail, (f"/organizations/{organization.id}/{leaf}".rstrip("/"), organization.short_name or organization.full_name), ("", last)]
