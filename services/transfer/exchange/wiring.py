"""What the exchange is made of; the composition root of transfer holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.transfer.api_exchange import Exchange
from services.transfer.api_outside import OutsideParts
from services.transfer.exchange.applying import Applying
from services.transfer.exchange.daily import Crossings, DailyWork, Matching
from services.transfer.exchange.dialogue import EXCHANGE_DUE, EXCHANGE_FORGET, Dialogue
from services.transfer.exchange.directories import OutsideDirectory
from services.transfer.exchange.gate import Gate
from services.transfer.exchange.offers import OutsideTransfers
from services.transfer.exchange.peers import SYSTEM_DUE, Peers, peer_client
from services.transfer.exchange.receiving import Receiving
from services.transfer.exchange.signing import OwnKeys
from services.transfer.exchange.telling import Telling
from services.transfer.projections.directory import OwnDirectory
from services.transfer.projections.exchanges import Exchanges
from services.transfer.projections.members import Members
from services.transfer.reference import codes, grounds_on
from services.transfer.settings import TransferSettings
from services.transfer.use_cases.rules import TransferRules
from services.transfer.use_cases.transfers import TransferCommands
from services.transfer.use_cases.waits import EXCHANGE_NEWS
from services.transfer.views_outside import OutsideViews
from shared.authority.authority import Authority
from shared.contracts import member
from shared.deadlines.rows import Deadlines
from shared.deadlines.worker import Decide
from shared.eventstore.driver import Driver
from shared.eventstore.store import EventStore
from shared.http.paging import Cursors
from shared.http.tickets import Tickets
from shared.kernel.clock import Clock, local_date
from shared.privacy.vault import KeyReader, Vault
from shared.runtime.settings import Environment

OFFERS = "offers"
"""The database of the keys of those who are offered to us: their vault, beside transfer's own data."""


@dataclass(frozen=True, slots=True)
class Composed:
    """`wire` and `people` are for the two kinds of routes, `due` for the worker of the deadlines."""

    wire: Exchange
    people: OutsideParts
    due: Mapping[str, Decide]


class ExchangeParts:
    """Over the database and the store of transfer."""

    def __init__(
        self,
        settings: TransferSettings,
        driver: Driver,
        clock: Clock,
        database: Any,
        store: EventStore,
        deadlines: Deadlines,
        keys: KeyReader,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._database = database
        self._store = store
        self._deadlines = deadlines
        self._keys = keys
        self._vault = Vault.from_directory(driver, settings.database(OFFERS), settings.secrets_dir)
        self.client = peer_client()
        self.peers = Peers(store, deadlines, OwnKeys.from_directory(settings.secrets_dir), self.client)
        self.directory = OutsideDirectory(database)
        self.gate = Gate(database, self.peers, clock)
        matching = Matching.from_directory(settings.secrets_dir)
        self.exchanges = Exchanges(database, keys, self._vault, matching.tag)
        self.own_directory = OwnDirectory(database)

    async def prepare(self) -> None:
        """Collections and indexes. Idempotent."""
        await self.directory.prepare()
        await self.gate.prepare()
        await self._vault.prepare()

    def compose(
        self, commands: TransferCommands, rules: TransferRules, authority: Authority, members: Members
    ) -> Composed:
        tree, clock = authority.tree, self._clock
        telling = Telling(self._store, self.peers, tree, self._keys, self._vault)
        applying = Applying(self._store, commands, rules, self._grounds)
        dialogue = Dialogue(self._store, self._deadlines, applying, telling)
        crossings = Crossings(self.exchanges, members, tree)
        daily = DailyWork(self._database, self.peers, self.directory, crossings, clock)
        secrets = self._settings.secrets_dir
        transfers = OutsideTransfers(
            commands,
            rules,
            dialogue,
            telling,
            self.peers,
            self.directory,
            tree,
            authority,
            Tickets.from_directory(secrets, member.PAPERS_TICKET),
            Tickets.from_directory(secrets, member.TRANSFER_TICKET),
            clock,
            timedelta(minutes=self._settings.transfer_hold_minutes),
        )
        receiving = Receiving(dialogue, telling, self.peers, tree, clock)
        cursors = Cursors.from_directory(secrets)
        views = OutsideViews(self._store, self.exchanges, self.peers, self.directory, daily, tree, authority, cursors)
        insecure = self._settings.environment is not Environment.PRODUCTION
        due = {
            EXCHANGE_NEWS: dialogue.news,
            EXCHANGE_DUE: dialogue.look,
            EXCHANGE_FORGET: dialogue.forget,
            SYSTEM_DUE: daily.work,
        }
        return Composed(
            Exchange(self.gate, receiving, daily, self.own_directory),
            OutsideParts(transfers, views, self.peers, insecure=insecure),
            due,
        )

    def _grounds(self) -> frozenset[str]:
        return frozenset(codes(grounds_on(local_date(self._clock.now()))))
