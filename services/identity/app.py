"""Composition root of identity: the only place that makes clients, stores and use cases."""

from typing import Any

from services.identity.adapters.hashing import Argon2Hasher
from services.identity.adapters.pictures import CaptchaPictures
from services.identity.adapters.secret_stores import MongoCaptchas, MongoCodes, MongoCredentials, MongoDevices
from services.identity.adapters.sessions import MongoSessions
from services.identity.adapters.sign_in_log import MongoSignInLog
from services.identity.adapters.signing_keys import SigningKeys
from services.identity.adapters.tries import MongoTries
from services.identity.api import Cases
from services.identity.domain.events import REGISTRY
from services.identity.projections.people import People
from services.identity.projections.standings import Organizations, Standings
from services.identity.reactions import Hears
from services.identity.reference import common_stems
from services.identity.settings import IdentitySettings
from services.identity.use_cases.accounts import Accounts
from services.identity.use_cases.activation import Activation
from services.identity.use_cases.activation_codes import ActivationCodes, Scopes
from services.identity.use_cases.captchas import MakeCaptcha
from services.identity.use_cases.me import WhoAmI
from services.identity.use_cases.operators import Operators
from services.identity.use_cases.passwords import ChangePassword
from services.identity.use_cases.sessions import SessionKeeper
from services.identity.use_cases.sign_in import Gatekeeper, SignIn, Subjects
from shared.contracts.base import Contract
from shared.eventstore.commits import Codec
from shared.eventstore.driver import Driver
from shared.eventstore.store import EventStore
from shared.kernel.clock import Clock
from shared.kernel.envelope import Event
from shared.privacy.lookup import LookupKey
from shared.privacy.secrets import KEY_ENCRYPTION_KEY, read_secret
from shared.privacy.vault import KeyReader

SERVICE = "identity"


def publish_nothing(_event: Event, _stream: str, _version: int) -> list[Contract]:
    """Nobody reads facts of identity yet."""
    return []


class Parts:
    """Everything identity is made of, over one database. Also what `tuan seed` works with."""

    def __init__(self, settings: IdentitySettings, driver: Driver, clock: Clock) -> None:
        name = settings.database(SERVICE)
        database = driver.database(name)
        self.settings = settings
        self.clock = clock
        self.lookup = LookupKey.from_directory(settings.secrets_dir)
        self.store = EventStore(driver, name, Codec(SERVICE, REGISTRY, publish_nothing, clock))
        self.keys = SigningKeys(database, read_secret(settings.secrets_dir, KEY_ENCRYPTION_KEY), clock)
        self.hasher = Argon2Hasher()
        self.credentials = MongoCredentials(driver, name)
        self.codes = MongoCodes(database)
        self.captchas = MongoCaptchas(database)
        self.devices = MongoDevices(database)
        self.sessions = MongoSessions(database)
        self.tries = MongoTries(database)
        self.log = MongoSignInLog(database)
        vault = KeyReader.from_directory(driver, settings.database("vault"), settings.secrets_dir)
        self.people = People(database, vault)
        self.standings = Standings(database)
        self.organizations = Organizations(database)
        self.operators = Operators(self.store, self.credentials, self.hasher, common_stems())
        self.hears = Hears(Accounts(self.store, self.credentials, self.codes, self.sessions))

    async def prepare(self) -> None:
        """Collections, indexes and the key pair. Idempotent."""
        await self.store.prepare()
        for part in (self.credentials, self.codes, self.captchas, self.devices, self.sessions, self.tries, self.log):
            await part.prepare()
        for projection in (self.people, self.standings, self.organizations):
            await projection.prepare()
        await self.keys.load()


def use_cases(parts: Parts, scopes: Scopes) -> Cases:
    """The use cases of the routes."""
    subjects = Subjects(parts.lookup)
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
        captchas=MakeCaptcha(
            clock=parts.clock,
            captchas=parts.captchas,
            pictures=CaptchaPictures(),
            tries=parts.tries,
            lookup=parts.lookup,
            fixed_answer=parts.settings.captcha_answer,
        ),
        sign_in=SignIn(subjects=subjects, gatekeeper=gatekeeper, devices=parts.devices, **proofs),
        activation=Activation(
            store=parts.store,
            subjects=subjects,
            gatekeeper=gatekeeper,
            codes=parts.codes,
            stems=common_stems(),
            **proofs,
        ),
        sessions=keeper,
        passwords=ChangePassword(sessions=parts.sessions, stems=common_stems(), **proofs),
        codes=_codes(parts, scopes),
        me=WhoAmI(parts.people, parts.standings, parts.organizations, parts.operators),
        log=parts.log,
    )


def _codes(parts: Parts, scopes: Scopes) -> ActivationCodes:
    return ActivationCodes(
        store=parts.store,
        clock=parts.clock,
        scopes=scopes,
        people=parts.people,
        standings=parts.standings,
        codes=parts.codes,
        hasher=parts.hasher,
        tries=parts.tries,
        log=parts.log,
    )
