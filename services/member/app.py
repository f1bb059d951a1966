"""Composition root of member: the only place that builds clients and puts the parts together."""

from services.member import api_graduation, api_imports, api_people, api_reference, api_transfers
from services.member.adapters.wrong_pairs import WrongPairs
from services.member.domain.events import REGISTRY
from services.member.parts import Member
from services.member.posts import PostStating
from services.member.projections.graduate_branches import GraduateBranches
from services.member.projections.imports import ImportList
from services.member.projections.lists import Lists
from services.member.projections.pending_branches import PendingBranches
from services.member.projections.people import PeopleList
from services.member.published import publish
from services.member.reactions import OVER, Hears, HearsOfTheTree
from services.member.settings import MemberSettings
from services.member.use_cases.graduation import Exclusions
from services.member.use_cases.imports import UPLOADS, Imports
from services.member.use_cases.people import ACCESS_LOG, People
from services.member.use_cases.places import Places
from services.member.use_cases.records import ROSTERS, Records
from services.member.use_cases.registrants import Registrants
from services.member.use_cases.rosters import POSTS_LOOKED_FOR_AGAIN, ROSTER_REOPENS, Rosters
from services.member.use_cases.settle import Settler
from services.member.use_cases.tickets import TransferTickets
from services.member.use_cases.transfers import TransferredPeople
from services.member.workbooks.sandbox import Sandbox
from services.member.worker import ImportWorker
from shared.authority.authority import Authority
from shared.contracts import identity, org, transfer
from shared.contracts import member as contracts
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
from shared.http.tickets import Tickets
from shared.kernel.clock import Clock, SystemClock
from shared.messaging.consumer import connection
from shared.messaging.generations import current_topics
from shared.messaging.parking import Parking
from shared.messaging.reactions import Reaction, Reactions
from shared.privacy.lookup import LookupKey
from shared.privacy.vault import KeyReader, Vault
from shared.projections.runner import ProjectionLoop
from shared.runtime.service import Role, Service, serve

SERVICE = "member"
PUBLISHED = (
    contracts.EVENTS,
    contracts.POSTS,
    contracts.REGISTRATIONS,
    contracts.TRANSFERS,
    contracts.ROSTERS,
    contracts.IDENTITY,
)
TOPICS = ("member.log.v1", *PUBLISHED, identity.REGISTRATIONS, org.EVENTS, org.WITHDRAWALS, transfer.EVENTS)


class Parts:
    """What member is made of over one database, whoever asks and whoever may."""

    def __init__(self, settings: MemberSettings, driver: Driver, clock: Clock) -> None:
        self.settings = settings
        self.driver = driver
        self.clock = clock
        self.store = EventStore(driver, settings.database(SERVICE), Codec(SERVICE, REGISTRY, publish, clock))
        self.vault = Vault.from_directory(driver, settings.database("vault"), settings.secrets_dir)
        self.records = Records(self.store, self.vault, LookupKey.from_directory(settings.secrets_dir), clock)
        self.intake = KeyReader.from_directory(driver, settings.database("intake"), settings.secrets_dir)
        self.parking = Parking(driver, settings.database(SERVICE), clock)
        self.sandbox = Sandbox(settings.sandbox_slots)
        self.import_list = ImportList(self.store.database, self.vault)
        self.people_list = PeopleList(self.store.database, self.vault)
        self.wrong_pairs = WrongPairs(self.store.database)
        self.pending = PendingBranches(self.store.database)
        self.graduating = GraduateBranches(self.store.database)
        self.deadlines = Deadlines(self.store.database)
        self.rosters = Rosters(self.store, self.deadlines, self.people_list)

    @property
    def projections(self) -> tuple[Lists, PendingBranches, GraduateBranches]:
        return (Lists(self.people_list, self.import_list), self.pending, self.graduating)

    async def prepare(self) -> None:
        """Collections and indexes. Idempotent."""
        await self.store.prepare()
        await self.vault.prepare()
        await self.parking.parked.prepare()
        await self.deadlines.prepare()
        await self.wrong_pairs.prepare()
        database = self.store.database
        await ensure_collections(database, UPLOADS, ROSTERS, ACCESS_LOG)
        await database[UPLOADS].create_index("at")
        await database[ACCESS_LOG].create_index([("person", 1), ("at", -1)])
        for projection in self.projections:
            await projection.prepare()

    async def make_topics(self) -> None:
        """What member writes and reads, so that its loops start on an empty broker."""
        settings, topics = self.settings, await current_topics(self.driver, self.settings)
        await topics.ensure(connection(settings), TOPICS, settings.partitions, settings.replication)


def compose(parts: Parts, authority: Authority, verifier: TokenVerifier) -> Service:
    """The service over parts that are there already: tests give their own clock and issuer of tokens."""
    places = Places(authority.tree, authority, parts.pending)
    imports = Imports(parts.records, parts.sandbox, places, parts.clock)
    people = People(parts.records, places, parts.clock)
    parked = parked_router(parts.parking.parked)
    parted = (api_imports, api_people, api_graduation, api_reference, api_transfers)
    app = new_app(SERVICE, verifier, (*(each.router for each in parted), parked))
    tickets, papers = [
        Tickets.from_directory(parts.settings.secrets_dir, purpose)
        for purpose in (contracts.TRANSFER_TICKET, contracts.PAPERS_TICKET)
    ]
    app.state.member = Member(
        imports=imports,
        import_list=parts.import_list,
        people=people,
        people_list=parts.people_list,
        records=parts.records,
        tickets=TransferTickets(parts.records, tickets, papers, parts.wrong_pairs, parts.clock),
        exclusions=Exclusions(parts.store, parts.graduating),
        graduating=parts.graduating,
        places=places,
        authority=authority,
        cursors=Cursors.from_directory(parts.settings.secrets_dir),
        clock=parts.clock,
    )
    settler = Settler(parts.records, places.names)
    worker = ImportWorker(imports, parts.import_list, parts.records, settler, places, parts.sandbox)
    listing = [ProjectionLoop(parts.driver, SERVICE, p, parts.settings) for p in parts.projections]
    reminded = {ROSTER_REOPENS: parts.rosters.reopen, POSTS_LOOKED_FOR_AGAIN: parts.rosters.look_again}
    deadlines = DeadlineWorker(SERVICE, parts.store.database, parts.clock, reminded)
    posts = PostStating(parts.store, parts.people_list)
    loops = [*authority.loops, *listing, worker, posts, deadlines, parts.sandbox, *reactions(parts, people).loops]
    return Service(SERVICE, app, parts.settings, loops, [parts.prepare, parts.make_topics])


def reactions(parts: Parts, people: People) -> Reactions:
    """What member hears and does, and what it parks."""
    hears = Hears(Registrants(parts.store, people, parts.intake), TransferredPeople(parts.store))
    tree = HearsOfTheTree(parts.rosters)
    requested, refused = identity.AdminRegistrationRequested.type_name(), org.RegistrationCodeRefused.type_name()
    redeemed, lapsed = org.RegistrationCodeRedeemed.type_name(), org.RegistrationLapsed.type_name()
    table = (
        Reaction(transfer.EVENTS, transfer.TransferRequested.type_name(), hears.transfer_requested),
        Reaction(transfer.EVENTS, transfer.TransferApproved.type_name(), hears.transfer_approved),
        Reaction(transfer.EVENTS, transfer.TransferAnswerAwaited.type_name(), hears.transfer_answer_awaited),
        Reaction(transfer.EVENTS, transfer.TransferRedirected.type_name(), hears.transfer_redirected),
        *(Reaction(transfer.EVENTS, ended, hears.transfer_over) for ended in OVER),
        Reaction(identity.REGISTRATIONS, requested, hears.admin_registration_requested),
        Reaction(org.EVENTS, redeemed, hears.registration_code_redeemed),
        Reaction(org.EVENTS, refused, hears.registration_code_refused),
        Reaction(org.EVENTS, lapsed, hears.registration_lapsed),
        Reaction(org.EVENTS, org.BranchSealRequested.type_name(), tree.branch_seal_requested),
        Reaction(org.EVENTS, org.OrganizationDissolved.type_name(), tree.organization_dissolved),
    )
    return Reactions(SERVICE, table, parts.settings, parts.parking)


def build(settings: MemberSettings) -> Service:
    """The service over its database; nothing is connected before it runs."""
    clock = SystemClock(settings.clock_offset_seconds)
    driver = Driver(settings.mongo_url, settings.driver)
    client = service_client(settings)
    verifier = TokenVerifier(keys_over_http(client, settings.address("identity")), clock)
    service = compose(Parts(settings, driver, clock), Authority.of(driver, SERVICE, settings, clock), verifier)
    service.prepare = [driver.check_server, *service.prepare]
    service.close = [client.aclose, driver.close]
    return service


def run(settings: MemberSettings, role: Role = Role.ALL) -> None:
    """The process. Returns when it is told to stop."""
    serve(build(settings), role)
