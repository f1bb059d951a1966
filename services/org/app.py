"""Composition root of org: the only place that makes clients, stores and use cases."""

from collections.abc import Sequence
from datetime import timedelta

from services.org import api, api_applications, api_applying, api_changes, api_codes, api_dissolving, api_graduation
from services.org.adapters.application_forms import ApplicationForms
from services.org.adapters.approval_documents import ApprovalDocuments
from services.org.adapters.pass_uses import PassUses
from services.org.domain.events import REGISTRY
from services.org.graduation_day import GraduationDay
from services.org.projections.applications import AccountApplications
from services.org.projections.cadres import Cadres
from services.org.projections.migrations import Migrations as MigrationList
from services.org.projections.organizations import LOG, Organizations
from services.org.published import publish
from services.org.reactions import Hears, HearsOfRosters, HearsOfTransfers
from services.org.reference.provincial_bodies import provincial_bodies
from services.org.settings import OrgSettings
from services.org.use_cases.applying import APPLICATION_LAPSES, Applying, TicketKey
from services.org.use_cases.campaigns import GraduationCampaigns
from services.org.use_cases.codes import CODE_EXPIRES, CodeKey, RegistrationCodes
from services.org.use_cases.deciding import DATA_DESTROYED, Deciding
from services.org.use_cases.dissolving import Dissolving
from services.org.use_cases.graduation import Graduation, GraduationMonths
from services.org.use_cases.merging import MERGER_GOES_ON, Merging
from services.org.use_cases.migrations import MIGRATION_DUE, Migrations
from services.org.use_cases.moving import Moving
from services.org.use_cases.organizations import OrganizationCommands, Rights
from services.org.use_cases.rechecking import SCHOOLS_RECHECKED
from services.org.use_cases.redeeming import REGISTRATION_LAPSES, Redemptions
from services.org.use_cases.registers import RegisterBranches
from services.org.use_cases.schools import Schools, SchoolsBelow
from services.org.use_cases.seeding import SeededTree, seed_divisions, seed_tree
from services.org.use_cases.superiors import Superiors
from services.org.use_cases.tree_rows import PLACES, TREE, TreeRows
from services.org.views import Views
from services.org.views_applications import ApplicationViews
from services.org.views_changes import ChangeViews
from services.org.views_graduation import GraduationViews
from services.org.worker import BEATS, Beat
from shared.authority.authority import Authority
from shared.contracts import identity, member, transfer
from shared.contracts import org as contracts
from shared.deadlines.rows import Deadlines
from shared.deadlines.worker import DeadlineWorker
from shared.eventstore.commits import Codec
from shared.eventstore.driver import Driver, ensure_collections
from shared.eventstore.store import EventStore
from shared.http.auth import TokenVerifier, keys_over_http
from shared.http.client import service_client
from shared.http.edge import new_app
from shared.http.paging import Cursors
from shared.http.parked import parked_router
from shared.kernel.clock import Clock, SystemClock, local_date
from shared.messaging.consumer import connection
from shared.messaging.generations import current_topics
from shared.messaging.parking import Parking
from shared.messaging.reactions import Reaction, Reactions
from shared.messaging.topics import LANE
from shared.privacy.lookup import LookupKey
from shared.privacy.vault import Vault
from shared.projections.runner import ProjectionLoop
from shared.runtime.service import Loop, Role, Service, serve

SERVICE = "org"
APPLICATIONS = "applications"
"""The database of the applications' keys: their vault, beside org's own data (ADR 0023)."""


class Parts:
    """What org is made of, over its one database; also what a seeding works with."""

    def __init__(self, settings: OrgSettings, driver: Driver, clock: Clock) -> None:
        name = settings.database(SERVICE)
        self.settings = settings
        self.driver = driver
        self.clock = clock
        self.database = driver.database(name)
        self.store = EventStore(driver, name, Codec(SERVICE, REGISTRY, publish, clock))
        self.rows = TreeRows(self.database)
        self.organizations = Organizations(self.database)
        self.cadres = Cadres(self.database)
        self.documents = ApprovalDocuments(self.database)
        self.applications = AccountApplications(self.database)
        self.migrations = MigrationList(self.database)
        self.forms = ApplicationForms(self.database)
        self.pass_uses = PassUses(self.database)
        self.vault = Vault.from_directory(driver, settings.database(APPLICATIONS), settings.secrets_dir)
        self.lookup = LookupKey.from_directory(settings.secrets_dir)
        self.deadlines = Deadlines(self.database)
        self.moving = Moving(self.store, self.rows, self.deadlines)
        self.parking = Parking(driver, name, clock)
        self.redemptions = Redemptions(self.store, self.deadlines)

    def commands(self, rights: Rights) -> OrganizationCommands:
        return OrganizationCommands(self.store, self.rows, rights, self.cadres, self.documents, self.deadlines)

    def codes(self, rights: Rights) -> RegistrationCodes:
        key = CodeKey(self.lookup)
        life = timedelta(days=self.settings.registration_code_days)
        return RegistrationCodes(self.store, self.rows, rights, self.deadlines, key, life)

    def applying(self) -> Applying:
        key, life = TicketKey(self.lookup), timedelta(days=self.settings.account_application_days)
        return Applying(self.store, self.rows, self.forms, self.vault, self.deadlines, key, life)

    def deciding(self, rights: Rights) -> Deciding:
        superiors = Superiors(self.store, self.rows, rights)
        kept = timedelta(days=self.settings.account_application_kept_days)
        return Deciding(self.store, superiors, self.codes(rights), self.forms, self.vault, self.deadlines, kept)

    def dissolving(self, rights: Rights) -> Dissolving:
        superiors = Superiors(self.store, self.rows, rights)
        return Dissolving(self.store, self.rows, superiors, self.cadres, self.documents)

    def migrating(self, authority: Authority) -> Migrations:
        life = timedelta(days=self.settings.migration_days)
        return Migrations(self.store, self.rows, authority, self.moving, self.deadlines, life)

    def merging(self, rights: Rights) -> Merging:
        superiors, dissolving = Superiors(self.store, self.rows, rights), self.dissolving(rights)
        return Merging(
            self.store, self.rows, superiors, self.cadres, self.documents, self.deadlines, dissolving, self.moving
        )

    async def prepare(self) -> None:
        """Collections and indexes. Idempotent."""
        await ensure_collections(self.database, TREE, PLACES, BEATS)
        await self.parking.parked.prepare()
        for part in (self.store, self.rows, self.documents, self.forms, self.pass_uses, self.vault, self.deadlines):
            await part.prepare()
        for projection in self.projections:
            await projection.prepare()

    @property
    def projections(self) -> tuple[Organizations, Cadres, AccountApplications, MigrationList]:
        return (self.organizations, self.cadres, self.applications, self.migrations)

    async def make_topics(self) -> None:
        """What org writes and reads, so that its loops start on an empty broker."""
        settings, topics = self.settings, await current_topics(self.driver, self.settings)
        of_member = (member.EVENTS, member.POSTS, member.REGISTRATIONS, member.ROSTERS)
        named = (LOG, contracts.EVENTS, LANE, *of_member, identity.REGISTRATIONS, transfer.REGISTERS)
        await topics.ensure(connection(settings), named, settings.partitions, settings.replication)


def compose(settings: OrgSettings, parts: Parts, authority: Authority, verifier: TokenVerifier) -> Service:
    """The service over parts that are there already: tests give their own clock and issuer of tokens."""
    cursors = Cursors.from_directory(settings.secrets_dir)
    tree = (api, api_codes, api_dissolving, api_changes, api_graduation)
    routers = [each.router for each in (*tree, api_applying, api_applications)]
    app = new_app(SERVICE, verifier, [*routers, parked_router(parts.parking.parked)])
    codes, deciding, applying = parts.codes(authority), parts.deciding(authority), parts.applying()
    dissolving, merging, migrations = parts.dissolving(authority), parts.merging(authority), parts.migrating(authority)
    campaigns = GraduationCampaigns(parts.store, parts.rows, authority)
    app.state.org = api.Org(
        commands=parts.commands(authority),
        codes=codes,
        dissolving=dissolving,
        schools=Schools(parts.store, authority),
        months=GraduationMonths(parts.store, parts.rows, campaigns, authority),
        campaigns=campaigns,
        graduation_views=GraduationViews(parts.organizations, authority, cursors),
        views=Views(parts.organizations, parts.cadres, parts.documents, authority, cursors),
        organizations=parts.organizations,
        documents=parts.documents,
        applying=applying,
        deciding=deciding,
        applications=ApplicationViews(parts.applications, parts.organizations, applying, authority, cursors),
        pass_uses=parts.pass_uses,
        migrations=migrations,
        merging=merging,
        moving=parts.moving,
        changes=ChangeViews(parts.organizations, parts.migrations, parts.cadres, authority, cursors),
        clock=parts.clock,
    )
    loops = [ProjectionLoop(parts.driver, SERVICE, projection, settings) for projection in parts.projections]
    beat = Beat(parts.database, parts.clock)
    changes = {MIGRATION_DUE: migrations.time_out, MERGER_GOES_ON: merging.go_on}
    changes[SCHOOLS_RECHECKED] = SchoolsBelow(parts.store, parts.rows).recheck
    applied = {APPLICATION_LAPSES: deciding.lapse, DATA_DESTROYED: deciding.destroy}
    commands = {CODE_EXPIRES: codes.expire, REGISTRATION_LAPSES: parts.redemptions.lapse} | applied | changes
    deadlines = DeadlineWorker(SERVICE, parts.database, parts.clock, commands)
    graduation = GraduationDay(parts.store, parts.organizations, Graduation(parts.store, campaigns), parts.clock)
    workers: list[Loop] = [beat, deadlines, graduation, *_reactions(parts, dissolving).loops]
    return Service(SERVICE, app, settings, [*loops, *authority.loops, *workers], [parts.prepare, parts.make_topics])


def _reactions(parts: Parts, dissolving: Dissolving) -> Reactions:
    rosters, transfers = HearsOfRosters(dissolving), HearsOfTransfers(RegisterBranches(parts.store, parts.rows))
    hears, requested = Hears(parts.redemptions), identity.AdminRegistrationRequested.type_name()
    table = (
        Reaction(identity.REGISTRATIONS, requested, hears.admin_registration_requested),
        Reaction(member.REGISTRATIONS, member.RegistrantAdmitted.type_name(), hears.registrant_admitted),
        Reaction(member.REGISTRATIONS, member.RegistrantTurnedAway.type_name(), hears.registrant_turned_away),
        Reaction(member.ROSTERS, member.BranchSealed.type_name(), rosters.branch_sealed),
        Reaction(member.ROSTERS, member.BranchSealRefused.type_name(), rosters.branch_seal_refused),
        Reaction(transfer.REGISTERS, transfer.RegisterBranchNeeded.type_name(), transfers.register_branch_needed),
    )
    return Reactions(SERVICE, table, parts.settings, parts.parking)


def build(settings: OrgSettings) -> Service:
    """The service over its database; nothing is connected before it runs."""
    clock = SystemClock(settings.clock_offset_seconds)
    driver = Driver(settings.mongo_url, settings.driver)
    client = service_client(settings)
    verifier = TokenVerifier(keys_over_http(client, settings.address("identity")), clock)
    authority = Authority.of(driver, SERVICE, settings, clock)
    service = compose(settings, Parts(settings, driver, clock), authority, verifier)
    service.prepare = [driver.check_server, *service.prepare]
    service.close = [client.aclose, driver.close]
    return service


def run(settings: OrgSettings, role: Role = Role.ALL) -> None:
    """The process. Returns when it is told to stop."""
    serve(build(settings), role)


class _SeedingRights:
    """Seeding acts before anybody has a right, by a path that no route leads to."""

    async def require_write(self, principal: object, scope: str) -> None:
        raise PermissionError(f"{principal} cannot act on {scope} in a seeding")

    async def may_write(self, principal: object, scope: str) -> bool:  # noqa: ARG002 - nobody may
        return False

    async def require_duty(self, principal: object, duty: object, scope: str) -> None:  # noqa: ARG002 - whatever it is
        await self.require_write(principal, scope)


async def seed(settings: OrgSettings, provinces: Sequence[str] = ()) -> SeededTree:
    """For `tuan seed`: the tree every deployment begins with, and the divisions of these provinces (by code)."""
    clock = SystemClock(settings.clock_offset_seconds)
    driver = Driver(settings.mongo_url, settings.driver)
    try:
        parts = Parts(settings, driver, clock)
        await parts.prepare()
        commands = parts.commands(_SeedingRights())
        tree = await seed_tree(commands, provincial_bodies(local_date(clock.now())))
        for province in provinces:
            await seed_divisions(commands, tree, province)
        return tree
    finally:
        await driver.close()
