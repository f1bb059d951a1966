"""What identity tells the others: the only exit of its facts (shared/contracts/identity.py)."""

from collections.abc import Sequence

from services.identity.domain.events import RegistrationRequested
from shared.contracts.base import Contract
from shared.contracts.identity import AdminRegistrationRequested
from shared.kernel.envelope import Event


def publish(event: Event, stream: str, _version: int) -> Sequence[Contract]:
    """Only who waits for others is told of; nobody reads of accounts."""
    if not isinstance(event, RegistrationRequested):
        return []
    return [AdminRegistrationRequested(registration=stream, code_hash=event.code_hash, personal=event.personal)]
