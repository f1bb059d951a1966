"""What identity hears and does: accounts end with the numbers they belong to (MEM-27)."""

from collections.abc import Sequence

from services.identity.domain.policies import on_person_released
from services.identity.use_cases.accounts import Accounts
from shared.contracts.member import PersonReleased
from shared.kernel.envelope import Actor, Command, Recorded, Request
from shared.kernel.ids import request_hash

SELF = Actor("service:identity")


class Hears:
    """Plain functions for the table of reactions; idempotent by the id of the fact."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def person_released(self, batch: Sequence[Recorded]) -> None:
        commands = [(on_person_released(PersonReleased.model_validate(r.data)), r) for r in batch]
        await self._accounts.release_all([(c, _request(c, r)) for c, r in commands])


def _request(command: Command, fact: Recorded) -> Request:
    return Request(
        actor=SELF,
        key=fact.event_id,
        body_hash=request_hash(command.model_dump(mode="json")),
        correlation=fact.correlation,
        causation=fact.event_id,
    )
