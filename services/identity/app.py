"""Composition root of identity: the only place that makes clients, stores and use cases."""

from datetime import timedelta
from typing import Any

from services.identity import api_passes, api_registrations
from services.identity.adapters.hashing import Argon2Hasher
from services.identity.adapters.kept_passwords import MongoKeptPasswords
from services.identity.adapters.pictures import CaptchaPictures
from services.identity.adapters.secret_stores import MongoCaptchas, MongoCodes, MongoCredentials, MongoDevices
from services.identity.adapters.sessions import MongoSessions
from services.identity.adapters.sign_in_log import MongoSignInLog
from services.identity.adapters.signing_keys import SigningKeys
from services.identity.adapters.sounds import CaptchaSounds
from services.identity.adapters.tries import MongoTries
from services.identity.api import Cases, router
from services.identity.domain.events import REGISTRY
from services.identity.projections.people import People
from services.identity.projections.standings import Organizations, Standings
from services.identity.published import publish
from services.identity.reactions import Hears
from services.identity.reference import common_stems
from services.identity.settings import IdentitySettings
from services.identity.use_cases.accounts import Accounts
from services.identity.use_cases.activation import Activation
from services.identity.use_cases.activation_codes import ActivationCodes, Rights
from services.identity.use_cases.captchas import MakeCaptcha
from services.identity.use_cases.me import WhoAmI
from services.identity.use_cases.operators import Operators
from services.identity.use_cases.passes import GivePass
from services.identity.use_cases.passwords import ChangePassword
from services.identity.use_cases.registering import REGISTRATION_ENDS, Registering
from services.identity.use_cases.registrations import Registrations
from services.identity.use_cases.sessions import SessionKeeper
from services.identity.use_cases.sign_in import Gatekeeper, SignIn, Subjects
from shared.authority.authority import Authority
from shared.contracts import identity, member, org
from shared.deadlines.rows import Deadlines
from shared.deadlines.worker import DeadlineWorker
from shared.eventstore.commits import Codec
from shared.eventstore.driver import Driver
from shared.eventstore.store import EventStore
from shared.http.auth import TokenVerifier
from shared.http.edge import new_app
from shared.http.parked import parked_router
from shared.kernel.clock import Clock, SystemClock
from shared.messaging.consumer import connection
from shared.messaging.generations import current_topics
from shared.messaging.parking import Parking
from shared.messaging.reactions import Reaction, Reactions
from shared.messaging.topics import LANE
from shared.messaging.wire import log_topic
from shared.privacy.lookup import LookupKey
from shared.privacy.secrets import KEY_ENCRYPTION_KEY, read_secret
from shared.privacy.vault import KeyReader, Vault
from shared.projections.documents import DocumentProjection
from shared.projections.runner import ProjectionLoop
from shared.runtime.service import Role, Service, serve

SERVICE = "identity"


class Parts:
    """Everything identity is made of, over a database and a vault of its own (ADR 0020). Also what `tuan seed` uses."""

    def __init__(self, settings: IdentitySettings, driver: Driver, clock: Clock) -> None:
        name = settings.database(SERVICE)
        database = driver.database(name)
        self.settings = settings
        self.driver = driver
        self.clock = clock
        self.lookup = LookupKey.from_directory(settings.secrets_dir)
        self.store = EventStore(driver, name, Codec(SERVICE, REGISTRY, publish, clock))
        self.keys = SigningKeys(database, read_secret(settings.secrets_dir, KEY_ENCRYPTION_KEY), clock)
        self.hasher = Argon2Hasher()
        self.credentials = MongoCredentials(driver, name)
        self.codes = MongoCodes(database)
        self.captchas = MongoCaptchas(database)
        self.devices = MongoDevices(database)
        self.sessions = MongoSessions(database)
        self.tries = MongoTries(database)
        self.log = MongoSignInLog(database)
        self.kept = MongoKeptPasswords(database)
        self.deadlines = Deadlines(database)
        self.intake = Vault.from_directory(driver, settings.database("intake"), settings.secrets_dir)
        vault = KeyReader.from_directory(driver, settings.database("vault"), settings.secrets_dir)
        self.people = People(database, vault)
        self.standings = Standings(database)
        self.organizations = Organizations(database)
        self.operators = Operators(self.store, self.credentials, self.hasher, common_stems())
        self.registrations = Registrations(
            store=self.store,
            clock=clock,
            vault=self.intake,
            kept=self.kept,
            credentials=self.credentials,
            tries=self.tries,
        )
        self.hears = Hears(Accounts(self.store, self.credentials, self.codes, self.sessions), self.registrations)
        self.parking = Parking(driver, name, clock)

    @property
    def projections(self) -> tuple[DocumentProjection, ...]:
        return (self.people, self.standings, self.organizations)

    async def prepare(self) -> None:
        """Collections, indexes and the key pair. Idempotent."""
        await self.store.prepare()
        await self.parking.parked.prepare()
        beside: tuple[Any, ...] = (self.credentials, self.codes, self.captchas, self.devices, self.sessions)
        for part in (*beside, self.tries, self.log, self.kept, self.deadlines, self.intake):
            await part.prepare()
        for projection in self.projections:
            await projection.prepare()
        await self.keys.load()

    async def make_topics(self) -> None:
        """What identity writes and reads, so that its loops start on an empty broker."""
        settings, topics = self.settings, await current_topics(self.driver, self.settings)
        of_member = (member.IDENTITY, member.EVENTS, member.POSTS, member.REGISTRATIONS)
        named = (log_topic(SERVICE), identity.REGISTRATIONS, *of_member, org.EVENTS, LANE)
        await topics.ensure(connection(settings), named, settings.partitions, settings.replication)

    async def published_keys(self) -> dict[str, Any]:
        """For our own verifier: no request to ourselves."""
        return self.keys.jwks()


def compose(settings: IdentitySettings, parts: Parts, authority: Authority) -> Service:
    """The service over parts that are there already: tests give their own clock and authority."""
    routers = [router, api_passes.router, api_registrations.router, parked_router(parts.parking.parked)]
    app = new_app(SERVICE, TokenVerifier(parts.published_keys, parts.clock), routers)
    app.state.cases = use_cases(parts, authority)
    loops = [ProjectionLoop(parts.driver, SERVICE, projection, settings) for projection in parts.projections]
    reactions = Reactions(SERVICE, table_of(parts.hears), settings, parts.parking)
    ends = {REGISTRATION_ENDS: parts.registrations.expire}
    deadlines = DeadlineWorker(SERVICE, parts.driver.database(settings.database(SERVICE)), parts.clock, ends)
    return Service(
        SERVICE,
        app,
        settings,
        [*loops, *authority.loops, deadlines, *reactions.loops],
        [parts.prepare, parts.make_topics],
    )


def table_of(hears: Hears) -> tuple[Reaction, ...]:
    """What identity acts upon: numbers that are free again, and what becomes of registrations."""
    return (
        Reaction(member.IDENTITY, member.PersonReleased.type_name(), hears.person_released),
        Reaction(org.EVENTS, org.AdminAppointed.type_name(), hears.admin_appointed),
        Reaction(org.EVENTS, org.RegistrationCodeRefused.type_name(), hears.registration_code_refused),
        Reaction(org.EVENTS, org.RegistrationLapsed.type_name(), hears.registration_lapsed),
        Reaction(member.REGISTRATIONS, member.RegistrantTurnedAway.type_name(), hears.registrant_turned_away),
    )


def build(settings: IdentitySettings) -> Service:
    """The service over its database; nothing is connected before it runs."""
    clock = SystemClock(settings.clock_offset_seconds)
    driver = Driver(settings.mongo_url, settings.driver)
    service = compose(settings, Parts(settings, driver, clock), Authority.of(driver, SERVICE, settings, clock))
    service.prepare = [driver.check_server, *service.prepare]
    service.close = [driver.close]
    return service


def run(settings: IdentitySettings, role: Role = Role.ALL) -> None:
    """The process. Returns when it is told to stop."""
    serve(build(settings), role)


async def seed_operator(settings: IdentitySettings, login: str, password: str) -> bool:
    """For `tuan seed`: the central operator who enters the first cadres (IDN-08); True if made by this call.

    Raises a refusal of X02 about the password. One that is there keeps its password.
    """
    driver = Driver(settings.mongo_url, settings.driver)
    try:
        parts = Parts(settings, driver, SystemClock(settings.clock_offset_seconds))
        await parts.prepare()
        return await parts.operators.seed(login, password)
    finally:
        await driver.close()


def use_cases(parts: Parts, rights: Rights) -> Cases:
    """The use cases of the routes."""
    subjects = Subjects(parts.lookup)
    stems = common_stems()
    gatekeeper = Gatekeeper(parts.clock, parts.captchas, parts.tries, parts.lookup)
    keeper = SessionKeeper(
        clock=parts.clock,
        sessions=parts.sessions,
        credentials=parts.credentials,
        standings=parts.standings,
        tokens=parts.keys,
        log=parts.log,
    )
    proofs: dict[str, Any] = {
        "clock": parts.clock,
        "people": parts.people,
        "credentials": parts.credentials,
        "hasher": parts.hasher,
        "tries": parts.tries,
        "log": parts.log,
        "keeper": keeper,
        "pace": parts.settings.refusal_seconds,
    }
    return Cases(
        settings=parts.settings,
        clock=parts.clock,
        jwks=parts.keys.jwks,
        captchas=_captchas(parts),
        passes=GivePass(parts.clock, parts.captchas, parts.tries, parts.lookup, parts.keys),
        sign_in=SignIn(subjects=subjects, gatekeeper=gatekeeper, devices=parts.devices, **proofs),
        activation=Activation(
            store=parts.store, codes=parts.codes, subjects=subjects, gatekeeper=gatekeeper, stems=stems, **proofs
        ),
        sessions=keeper,
        passwords=ChangePassword(sessions=parts.sessions, stems=stems, **proofs),
        codes=_codes(parts, rights),
        registering=_registering(parts, subjects, gatekeeper, stems),
        registrations=parts.registrations,
        me=WhoAmI(parts.people, parts.standings, parts.organizations, parts.operators),
        log=parts.log,
    )


def _captchas(parts: Parts) -> MakeCaptcha:
    return MakeCaptcha(
        clock=parts.clock,
        captchas=parts.captchas,
        pictures=CaptchaPictures(),
        sounds=CaptchaSounds(),
        tries=parts.tries,
        lookup=parts.lookup,
        fixed_answer=parts.settings.captcha_answer,
    )


def _registering(parts: Parts, subjects: Subjects, gatekeeper: Gatekeeper, stems: frozenset[str]) -> Registering:
    return Registering(
        store=parts.store,
        clock=parts.clock,
        vault=parts.intake,
        lookup=parts.lookup,
        subjects=subjects,
        gatekeeper=gatekeeper,
        hasher=parts.hasher,
        kept=parts.kept,
        deadlines=parts.deadlines,
        tries=parts.tries,
        stems=stems,
        pace=parts.settings.refusal_seconds,
    )


def _codes(parts: Parts, rights: Rights) -> ActivationCodes:
    return ActivationCodes(
        store=parts.store,
        clock=parts.clock,
        rights=rights,
        people=parts.people,
        standings=parts.standings,
        codes=parts.codes,
        hasher=parts.hasher,
        tries=parts.tries,
        log=parts.log,
        life=timedelta(hours=parts.settings.activation_code_hours),
    )
