"""The open transfers of an organization and all below it."""

from services.transfer.api import Given
from services.transfer.views_subtree import Touched
from shared.http.auth import CurrentPrincipal
from shared.http.routes import Access, Router, access

router = Router("/v1")


@router.get("/organizations/{organization}/subtree/transfers")
@access(Access.READ, "the organization (BEY-05)")
async def touched(parts: Given, who: CurrentPrincipal, organization: str) -> Touched:
    return await parts.subtrees.touched(who, organization)
