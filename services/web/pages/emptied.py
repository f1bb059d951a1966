"""Graduate branches that everybody has left: they need no secretary, and are dissolved (GRD-05, ORG-09)."""

from services.web.answers.org import Organization, Subordinate
from services.web.answers.stats import MemberProgress
from services.web.clients import Gap, attempt
from services.web.visit import Visit


def may_be_emptied(branch: Organization | Subordinate) -> bool:
    """A graduate branch without a secretary: whether somebody is left in it is still to be asked."""
    return branch.special_kind == "graduate" and "secretary" in branch.missing


async def emptied_of(
    visit: Visit, organization: str, branches: tuple[Organization | Subordinate, ...]
) -> frozenset[str]:
    """Of an organization and its direct subordinates; stats are asked only where it matters."""
    if not any(may_be_emptied(branch) for branch in branches):
        return frozenset()
    query = {"organization": organization, "hour": "live"}
    progress = await attempt(visit.services.stats.get(MemberProgress, "/v1/progress/members", query))
    return emptied(progress, organization, branches)


def emptied(
    progress: MemberProgress | Gap, organization: str, branches: tuple[Organization | Subordinate, ...]
) -> frozenset[str]:
    """Those of the branches that are graduate branches which everybody has left; none where stats do not say."""
    if isinstance(progress, Gap):
        return frozenset()
    without_members = {row.organization for row in progress.rows if not row.members}
    if not progress.total.members:
        without_members.add(organization)
    return frozenset(branch.id for branch in branches if may_be_emptied(branch) and branch.id in without_members)
