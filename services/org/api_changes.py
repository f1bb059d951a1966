"""The HTTP interface of a tree that changes: migrations, mergers, explanations, an operator's move (ORG-17, ORG-21)."""

from typing import Literal

from services.org.api import OrganizationId, Parts
from services.org.domain.merging import FileExplanation, MergeOrganization, SettleExplanation
from services.org.domain.migrating import RefuseMigration, RequestMigration
from services.org.domain.moving import MoveAcrossProvinces
from services.org.shapes import Explaining, MigrationShown, Reach
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.consistency import AskedReadAfter, Done, Shown, done, shown
from shared.http.paging import CursorText, Limit, Page
from shared.http.parked import CentralOperator
from shared.http.routes import Access, Router, access
from shared.kernel.clock import iso

router = Router("/v1")

SIDES = "the organization, its superior, or the one it asks to move under (ORG-17)"
DECIDES = "the own admins of the present superior, then of the new one (ORG-17)"


class ShownMigration(MigrationShown, Shown): ...


class ShownMigrations(Page[MigrationShown], Shown): ...


@router.post("/organizations/{organization}/migrations", status_code=201)
@access(Access.WRITE, "the organization (ORG-17)")
async def request_migration(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, organization: OrganizationId, body: RequestMigration
) -> Done:
    return done(await org.migrations.request(who, request, organization, body))


@router.get("/organizations/{organization}/migrations")
@access(Access.READ, "the organization (ADM-08)")
async def migrations(
    org: Parts,
    who: CurrentPrincipal,
    organization: OrganizationId,
    after: AskedReadAfter,
    which: Literal["waiting", "own", "seen"] = "waiting",
    limit: Limit = 20,
    cursor: CursorText = None,
) -> ShownMigrations:
    fresh, now = await shown(await org.changes.current(), after), org.clock.now()
    page = await org.changes.migrations(who, organization, which, now, limit, cursor)
    return ShownMigrations(**dict(page), fresh=fresh, as_of=iso(now))


@router.get("/migrations/{migration}")
@access(Access.READ, SIDES)
async def migration(org: Parts, who: CurrentPrincipal, migration: str, after: AskedReadAfter) -> ShownMigration:
    await org.migrations.visible(who, migration)
    fresh, now = await shown(await org.changes.current(), after), org.clock.now()
    return ShownMigration(**dict(await org.changes.migration(who, migration, now)), fresh=fresh, as_of=iso(now))


@router.post("/migrations/{migration}/approval")
@access(Access.WRITE, DECIDES)
async def approve_migration(org: Parts, who: CurrentPrincipal, request: CommandRequest, migration: str) -> Done:
    return done(await org.migrations.approve(who, request, migration))


@router.post("/migrations/{migration}/refusal")
@access(Access.WRITE, DECIDES)
async def refuse_migration(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, migration: str, body: RefuseMigration
) -> Done:
    return done(await org.migrations.refuse(who, request, migration, body))


@router.post("/migrations/{migration}/withdrawal")
@access(Access.WRITE, "the organization (ORG-17)")
async def withdraw_migration(org: Parts, who: CurrentPrincipal, request: CommandRequest, migration: str) -> Done:
    return done(await org.migrations.withdraw(who, request, migration))


@router.post("/organizations/{organization}/placement")
@access(Access.OPERATOR, "central operators move across provinces (ORG-17)")
async def place(
    org: Parts, who: CentralOperator, request: CommandRequest, organization: OrganizationId, body: MoveAcrossProvinces
) -> Done:
    return done(await org.moving.move_across(who, request, organization, body))


@router.get("/organizations/{organization}/reach")
@access(Access.READ, "the organization (BEY-05)")
async def reach(org: Parts, who: CurrentPrincipal, organization: OrganizationId) -> Reach:
    return await org.changes.reach(who, organization)


@router.post("/organizations/{organization}/merger", status_code=202)
@access(Access.WRITE, "the direct superior's own admins (ORG-21)")
async def merge(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, organization: OrganizationId, body: MergeOrganization
) -> Done:
    return done(await org.merging.merge(who, request, organization, body))


@router.post("/organizations/{organization}/explanations", status_code=201)
@access(Access.WRITE, "the organization (ORG-21)")
async def explain(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, organization: OrganizationId, body: FileExplanation
) -> Done:
    return done(await org.merging.explain(who, request, organization, body))


@router.get("/organizations/{organization}/subordinates/explanations")
@access(Access.WRITE, "the organization (ORG-21)")
async def explanations(org: Parts, who: CurrentPrincipal, organization: OrganizationId) -> Page[Explaining]:
    return await org.changes.explaining(who, organization)


@router.post("/organizations/{organization}/explanations/{explanation}/settlement")
@access(Access.WRITE, "the direct superior's own admins (ORG-21)")
async def settle_explanation(
    org: Parts, who: CurrentPrincipal, request: CommandRequest, organization: OrganizationId, explanation: str
) -> Done:
    command = SettleExplanation(explanation=explanation)
    return done(await org.merging.settle_explanation(who, request, organization, command))
