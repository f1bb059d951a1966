"""The HTTP interface of dissolving an organization (ORG-09 to ORG-11)."""

from services.org.api import OrganizationId, Parts, shown_when
from services.org.domain.dissolving import DissolveOrganization
from services.org.shapes import Ending
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.consistency import AskedReadAfter, Done, Shown, done
from shared.http.routes import Access, Router, access

router = Router("/v1")


class ShownEnding(Ending, Shown): ...


@router.get("/organizations/{organization}/dissolution")
@access(Access.WRITE, "the organization (ORG-09)")
async def ending(org: Parts, who: CurrentPrincipal, organization: OrganizationId, after: AskedReadAfter) -> ShownEnding:
    state = await shown_when(org, after)
    return ShownEnding(**dict(await org.changes.ending(who, organization)), **state)


@router.post("/organizations/{organization}/dissolution", status_code=202)
@access(Access.WRITE, "the direct superior's own admins (ORG-09)")
async def dissolve(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, organization: OrganizationId, body: DissolveOrganization
) -> Done:
    return done(await org.dissolving.dissolve(who, request, organization, body))
