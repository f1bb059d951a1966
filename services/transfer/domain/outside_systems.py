"""What is agreed with each of the systems of 北京, 广东 and 福建, and the daily work with it (TRF-17, BEY-08)."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never
from urllib.parse import urlsplit

from services.transfer.domain.events_of_exchange import (
    DailyWorkFailed,
    DirectoryTaken,
    KeysAnnounced,
    OutsideSystem,
    OwnKeysTaken,
    PublicKey,
    ReconciliationMade,
    SystemAgreed,
    SystemEvent,
)
from services.transfer.domain.exchange import retry_after
from services.transfer.domain.refusals_of_exchange import SystemAddressRefused
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command

DAILY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Agreement:
    """`address` is empty where nothing was agreed. `taken`: the kids of ours that they know; `version`: of their
    directory; `reconciled`: the last day.
    """

    address: str = ""
    keys: tuple[PublicKey, ...] = ()
    taken: frozenset[str] = frozenset()
    version: str = ""
    reconciled: date | None = None
    failed: int = 0


class AgreeWithSystem(Command):
    """By a central operator, with what the other side handed over. `insecure`: outside of production only."""

    system: OutsideSystem
    address: str
    keys: tuple[PublicKey, ...]
    insecure: bool = False


def agree_with_system(command: AgreeWithSystem, state: Agreement, now: datetime) -> list[SystemEvent]:
    """Nothing for what is agreed so already. Raises SystemAddressRefused."""
    parts = urlsplit(command.address)
    schemes = {"https", "http"} if command.insecure else {"https"}
    if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise SystemAddressRefused(field="address")
    address = command.address.rstrip("/")
    if (state.address, state.keys) == (address, command.keys):
        return []
    return [SystemAgreed(system=command.system, address=address, keys=command.keys, look_at=now)]


def announce_keys(keys: tuple[PublicKey, ...], state: Agreement) -> list[SystemEvent]:
    """Nothing for those that are known already."""
    return [] if keys == state.keys else [KeysAnnounced(keys=keys)]


def own_keys_taken(kids: frozenset[str], state: Agreement) -> list[SystemEvent]:
    return [] if kids <= state.taken else [OwnKeysTaken(kids=tuple(sorted(kids)))]


def directory_taken(version: str, changed: int, now: datetime) -> list[SystemEvent]:
    """Once a day, whether or not anything changed: the next look follows from it."""
    return [DirectoryTaken(version=version, changed=changed, look_at=now + DAILY)]


def reconciliation_made(day: date, people: int, both: int, neither: int, state: Agreement) -> list[SystemEvent]:
    """Once a day."""
    if state.reconciled is not None and day <= state.reconciled:
        return []
    return [ReconciliationMade(day=day, people=people, both=both, neither=neither)]


def daily_work_failed(cause: str, state: Agreement, now: datetime) -> list[SystemEvent]:
    """Tried again like a message."""
    attempt = state.failed + 1
    return [DailyWorkFailed(attempt=attempt, cause=cause, look_at=now + retry_after(attempt))]


def evolve(state: Agreement, event: SystemEvent) -> Agreement:
    """The state after one more event of the stream."""
    match event:
        case SystemAgreed(address=address, keys=keys):
            return replace(state, address=address, keys=keys, failed=0)
        case KeysAnnounced(keys=keys):
            return replace(state, keys=keys)
        case OwnKeysTaken(kids=kids):
            return replace(state, taken=frozenset(kids))
        case DirectoryTaken(version=version):
            return replace(state, version=version, failed=0)
        case ReconciliationMade(day=day):
            return replace(state, reconciled=day)
        case DailyWorkFailed(attempt=attempt):
            return replace(state, failed=attempt)
        case _:
            assert_never(event)


AGREEMENT: Decider[Agreement, SystemEvent] = Decider("outside", Agreement(), evolve)
