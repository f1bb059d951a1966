"""Composition root of transfer: the only place that makes clients, stores and use cases."""

from datetime import timedelta

from services.transfer import (
    api,
    api_arrivals,
    api_batches,
    api_disputes,
    api_exchange,
    api_graduates,
    api_outside,
    api_rules,
    api_subtree,
)
from services.transfer.adapters.member_ends import MemberEnds
from services.transfer.domain.events import REGISTRY
from services.transfer.exchange.wiring import ExchangeParts
from services.transfer.projections.administered import Administered
from services.transfer.projections.batches import BatchList
from services.transfer.projections.cohorts import Cohorts
from services.transfer.projections.graduates import Graduates
from services.transfer.projections.members import Members
from services.transfer.projections.moved import MovedOrganizations
from services.transfer.projections.places import Places
from services.transfer.projections.transfers import LOG, Transfers
from services.transfer.published import publish
from services.transfer.reactions import Graduation, Hears, HearsOfTheTree
from services.transfer.settings import TransferSettings
from services.transfer.use_cases.arrivals import Arrivals
from services.transfer.use_cases.batches import BATCH_DUE, Batches
from services.transfer.use_cases.cohorts import COHORT_DUE, CohortCommands
from services.transfer.use_cases.destinations import Destinations
from services.transfer.use_cases.disputes import TransferDisputes
from services.transfer.use_cases.due import TransferDeadlines
from services.transfer.use_cases.registers import RegisterTransfers
from services.transfer.use_cases.rules import Settled, TransferRules
from services.transfer.use_cases.successions import LOOKED_FOR_AGAIN, Successions
from services.transfer.use_cases.successors import Successors
from services.transfer.use_cases.transfers import TransferCommands
from services.transfer.use_cases.waits import ANSWER_DUE, COORDINATION_DUE, TRANSFER_DUE, TRANSFER_LOOK, Waits
from services.transfer.views import Views
from services.transfer.views_batches import BatchViews
from services.transfer.views_graduates import GraduateViews
from services.transfer.views_late import LateViews
from services.transfer.views_subtree import Subtrees
from services.transfer.views_which import Selections
from shared.authority.authority import Authority
from shared.contracts import member, org
from shared.contracts import transfer as contracts
from shared.deadlines.rows import Deadlines
from shared.deadlines.worker import DeadlineWorker, Decide
from shared.eventstore.commits import Codec
from shared.eventstore.driver import Driver
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
from shared.messaging.topics import LANE
from shared.privacy.vault import KeyReader
from shared.projections.documents import DocumentProjection
from shared.projections.runner import ProjectionLoop
from shared.runtime.service import Role, Service, serve

SERVICE = "transfer"
PARTED = (
    api,
    api_arrivals,
    api_batches,
    api_disputes,
    api_graduates,
    api_rules,
    api_subtree,
    api_outside,
    api_exchange,
)


class Parts:
    """What transfer is made of, over its one database."""

    def __init__(self, settings: TransferSettings, driver: Driver, clock: Clock) -> None:
        name = settings.database(SERVICE)
        self.settings = settings
        self.driver = driver
        self.clock = clock
        self.database = driver.database(name)
        self.store = EventStore(driver, name, Codec(SERVICE, REGISTRY, publish, clock))
        self.settled = Settled(self.store)
        self.members = Members(self.database)
        self.keys = KeyReader.from_directory(driver, settings.database("vault"), settings.secrets_dir)
        self.transfers = Transfers(self.database, self.keys)
        self.batch_list = BatchList(self.database, self.keys)
        self.graduates = Graduates(self.database)
        self.cohorts = Cohorts(self.database)
        self.places = Places(self.database)
        self.moved = MovedOrganizations(self.database)
        self.administered = Administered(self.database)
        self.deadlines = Deadlines(self.database)
        self.parking = Parking(driver, name, clock)
        self.exchange = ExchangeParts(settings, driver, clock, self.database, self.store, self.deadlines, self.keys)

    def commands(self, authority: Authority) -> TransferCommands:
        tickets = Tickets.from_directory(self.settings.secrets_dir, member.TRANSFER_TICKET)
        rules, waits = self.rules(authority), Waits(self.deadlines)
        own = (self.keys, self.hold_life, Destinations(self.places, authority.tree), self.places)
        return TransferCommands(self.store, waits, rules, authority.tree, authority, tickets, *own)

    def batches(self, authority: Authority, commands: TransferCommands) -> Batches:
        about = (self.members, authority.tree, authority, self.keys, self.hold_life)
        return Batches(self.store, self.deadlines, commands, *about)

    def disputes(self, authority: Authority, commands: TransferCommands) -> TransferDisputes:
        withdraws = self.settings.transfer_objection_withdraws
        successors = Successors(self.store)
        return TransferDisputes(commands, successors, authority, self.clock, objection_withdraws=withdraws)

    def cohort_commands(self) -> CohortCommands:
        ends = MemberEnds(self.driver, self.settings, self.database, self.members)
        return CohortCommands(self.store, self.deadlines, ends, self.members, self.graduates)

    def registers(self, authority: Authority, commands: TransferCommands) -> RegisterTransfers:
        hours = self.settings.transfer_special_unit_hours
        return RegisterTransfers(commands, self.rules(authority), authority.tree, self.hold_life, hours)

    def views(self, authority: Authority, commands: TransferCommands, cursors: Cursors) -> Views:
        of = (self.transfers, self.members, commands, authority.tree, authority, cursors)
        return Views(*of, self.places, Selections(authority.tree, self.administered, self.moved))

    def graduate_views(self, authority: Authority, cursors: Cursors) -> GraduateViews:
        return GraduateViews(self.graduates, self.cohorts, self.members, authority.tree, authority, cursors)

    def late_views(self, authority: Authority, cursors: Cursors) -> LateViews:
        graduates = self.graduate_views(authority, cursors)
        return LateViews(graduates, self.transfers, self.members, authority.tree, authority)

    @property
    def hold_life(self) -> timedelta:
        return timedelta(minutes=self.settings.transfer_hold_minutes)

    def rules(self, authority: Authority) -> TransferRules:
        return TransferRules(self.store, self.settled, authority.tree, self.settings.transfer_step_hours)

    def successions(self, authority: Authority, commands: TransferCommands) -> Successions:
        rules = self.rules(authority)
        return Successions(self.store, commands, rules, self.transfers, authority.tree, self.deadlines)

    @property
    def projections(self) -> tuple[DocumentProjection, ...]:
        graduation = (self.graduates, self.cohorts)
        organizations = (self.places, self.moved, self.administered)
        outside = (self.exchange.exchanges, self.exchange.own_directory)
        return (self.members, self.transfers, self.batch_list, *graduation, *organizations, *outside)

    async def prepare(self) -> None:
        """Collections and indexes. Idempotent."""
        await self.store.prepare()
        await self.deadlines.prepare()
        await self.exchange.prepare()
        await self.parking.parked.prepare()
        for projection in self.projections:
            await projection.prepare()

    async def make_topics(self) -> None:
        """What transfer writes and reads, so that its loops start on an empty broker."""
        settings, topics = self.settings, await current_topics(self.driver, self.settings)
        heard = (member.EVENTS, member.TRANSFERS, member.POSTS, org.EVENTS)
        own = (LOG, contracts.EVENTS, contracts.REGISTERS, contracts.COHORTS, LANE)
        await topics.ensure(connection(settings), (*own, *heard), settings.partitions, settings.replication)


def compose(parts: Parts, authority: Authority, verifier: TokenVerifier) -> Service:
    """The service over parts that are there already: tests give their own clock and issuer of tokens."""
    settings, commands, cohorts = parts.settings, parts.commands(authority), parts.cohort_commands()
    app = new_app(SERVICE, verifier, [*(each.router for each in PARTED), parked_router(parts.parking.parked)])
    cursors, batches = Cursors.from_directory(settings.secrets_dir), parts.batches(authority, commands)
    disputes = parts.disputes(authority, commands)
    app.state.transfer = api.Parts(
        commands=commands,
        disputes=disputes,
        rules=parts.rules(authority),
        batches=batches,
        registers=parts.registers(authority, commands),
        arrivals=Arrivals(parts.store, commands, authority, parts.places, parts.keys),
        places=parts.places,
        batch_list=parts.batch_list,
        batch_views=BatchViews(SERVICE, parts.batch_list, parts.transfers, authority.tree, authority, cursors),
        graduates=parts.graduate_views(authority, cursors),
        late=parts.late_views(authority, cursors),
        views=parts.views(authority, commands, cursors),
        subtrees=Subtrees(parts.transfers, authority.tree, authority),
        transfers=parts.transfers,
        members=parts.members,
        authority=authority,
        clock=parts.clock,
    )
    exchange = parts.exchange.compose(commands, parts.rules(authority), authority, parts.members)
    app.state.exchange, app.state.outside = exchange.wire, exchange.people
    loops = [ProjectionLoop(parts.driver, SERVICE, projection, settings) for projection in parts.projections]
    successions = parts.successions(authority, commands)
    late = TransferDeadlines(commands, parts.rules(authority))
    due = {**_due(late, successions, batches, cohorts, disputes), **exchange.due}
    reacting = reactions(parts, commands, cohorts, successions).loops
    everything = [*loops, *authority.loops, DeadlineWorker(SERVICE, parts.database, parts.clock, due), *reacting]
    return Service(SERVICE, app, settings, everything, [parts.prepare, parts.make_topics])


def _due(
    late: TransferDeadlines,
    successions: Successions,
    batches: Batches,
    cohorts: CohortCommands,
    disputes: TransferDisputes,
) -> dict[str, Decide]:
    """What the worker of the deadlines sends, by kind."""
    return {
        TRANSFER_DUE: late.time_out,
        TRANSFER_LOOK: late.remind,
        ANSWER_DUE: late.ask_member_again,
        LOOKED_FOR_AGAIN: successions.look_again,
        BATCH_DUE: batches.carry_out,
        COHORT_DUE: cohorts.freeze,
        COORDINATION_DUE: disputes.remind,
    }


def reactions(parts: Parts, commands: TransferCommands, cohorts: CohortCommands, successions: Successions) -> Reactions:
    """What transfer hears of member and of org, and does."""
    hears, graduation, tree = Hears(commands), Graduation(cohorts), HearsOfTheTree(successions)
    table = (
        Reaction(member.TRANSFERS, member.TransferHoldPlaced.type_name(), hears.transfer_hold_placed),
        Reaction(member.TRANSFERS, member.TransferHoldRefused.type_name(), hears.transfer_hold_refused),
        Reaction(member.TRANSFERS, member.TransferHoldReleased.type_name(), hears.transfer_hold_released),
        Reaction(member.TRANSFERS, member.TransferCarriedOut.type_name(), hears.transfer_carried_out),
        Reaction(member.TRANSFERS, member.MemberMoveRefused.type_name(), hears.member_move_refused),
        Reaction(member.TRANSFERS, member.MembershipOver.type_name(), tree.membership_over),
        Reaction(org.EVENTS, org.OrganizationDissolved.type_name(), tree.organization_dissolved),
        Reaction(member.EVENTS, member.GraduationExclusionMarked.type_name(), graduation.exclusion_marked),
        Reaction(member.EVENTS, member.GraduationExclusionRemoved.type_name(), graduation.exclusion_removed),
        Reaction(org.EVENTS, org.BecameGraduateBranch.type_name(), graduation.became_graduate_branch),
        Reaction(org.EVENTS, org.GraduateBranchRestored.type_name(), graduation.graduate_branch_restored),
    )
    return Reactions(SERVICE, table, parts.settings, parts.parking)


def build(settings: TransferSettings) -> Service:
    """The service over its database; nothing is connected before it runs."""
    clock = SystemClock(settings.clock_offset_seconds)
    driver = Driver(settings.mongo_url, settings.driver)
    client = service_client(settings)
    verifier = TokenVerifier(keys_over_http(client, settings.address("identity")), clock)
    parts = Parts(settings, driver, clock)
    service = compose(parts, Authority.of(driver, SERVICE, settings, clock), verifier)
    service.prepare = [driver.check_server, *service.prepare]
    service.close = [client.aclose, parts.exchange.client.aclose, driver.close]
    return service


def run(settings: TransferSettings, role: Role = Role.ALL) -> None:
    """The process. Returns when it is told to stop."""
    serve(build(settings), role)
