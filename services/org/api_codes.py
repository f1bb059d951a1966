"""HTTP of the registration codes: made, listed and revoked by the direct superior (ADM-02, ADM-03)."""

from datetime import datetime

from pydantic import BaseModel

from services.org.api import OrganizationId, Parts, shown_when
from services.org.shapes import CodeRow
from services.org.use_cases.codes import CodeMade
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.consistency import AskedReadAfter, Done, Shown, done
from shared.http.paging import CursorText, Limit, Page
from shared.http.routes import Access, Router, access

router = Router("/v1")


class ShownCodes(Page[CodeRow], Shown): ...


class CodeShown(Done):
    """ADM-03: `registration_code` is what is typed; this answer and its repeats are the only place it is in clear."""

    code: str
    registration_code: str
    due_at: datetime


class NoCode(BaseModel):
    """Why an organization got none, with the refusal's code and sentence."""

    reason: str
    sentence: str


class CodeOfOne(BaseModel):
    """A direct subordinate: either `made` or `refused`."""

    organization: str
    full_name: str
    made: CodeShown | None = None
    refused: NoCode | None = None


class CodesOfAll(BaseModel):
    items: list[CodeOfOne]


def code_shown(made: CodeMade) -> CodeShown:
    return CodeShown(**dict(done(made.answer)), code=made.code_id, registration_code=made.code, due_at=made.due_at)


@router.post("/organizations/{organization}/registration-codes", status_code=201)
@access(Access.WRITE, "the direct superior of the organization (ADM-02)")
async def make_code(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, organization: OrganizationId
) -> CodeShown:
    return code_shown(await org.codes.make(who, request, organization))


@router.post("/organizations/{organization}/subordinates/registration-codes", status_code=201)
@access(Access.WRITE, "the organization, for all its direct subordinates (ADM-02)")
async def make_codes(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, organization: OrganizationId
) -> CodesOfAll:
    made = await org.codes.make_for_all(who, request, organization)
    names = await org.organizations.names([each.organization for each in made])
    return CodesOfAll(
        items=[
            CodeOfOne(
                organization=each.organization,
                full_name=names[each.organization]["full_name"] if each.organization in names else "",
                made=code_shown(each.made) if each.made else None,
                refused=NoCode(reason=each.refused.code, sentence=each.refused.sentence()) if each.refused else None,
            )
            for each in made
        ]
    )


@router.delete("/organizations/{organization}/registration-codes/{code}")
@access(Access.WRITE, "the direct superior of the organization (ADM-03)")
async def revoke_code(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, organization: OrganizationId, code: str
) -> Done:
    return done(await org.codes.revoke(who, request, organization, code))


@router.get("/organizations/{organization}/subordinates/registration-codes")
@access(Access.WRITE, "the organization (ADM-02)")
async def codes(
    org: Parts,
    who: CurrentPrincipal,
    organization: OrganizationId,
    after: AskedReadAfter,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> ShownCodes:
    state = await shown_when(org, after)
    return ShownCodes(**dict(await org.views.codes(who, organization, org.clock.now(), limit, cursor)), **state)
