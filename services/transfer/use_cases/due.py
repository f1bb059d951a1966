"""What the worker of the deadlines sends to transfers (TRF-09, TRF-10, TRF-22, BEY-04, P8)."""

from datetime import datetime

import structlog

from services.transfer.domain import passing_time
from services.transfer.use_cases.rules import TransferRules
from services.transfer.use_cases.transfers import TransferCommands
from shared.deadlines.rows import Deadline
from shared.observability.metric_names import counter

log = structlog.get_logger()

_ASKED_AGAIN = counter("tuan_transfer_asked_again_total")


class TransferDeadlines:
    """Each decides again at the given instant; a second time it finds nothing to do."""

    def __init__(self, commands: TransferCommands, rules: TransferRules) -> None:
        self._commands = commands
        self._rules = rules

    async def time_out(self, deadline: Deadline, now: datetime) -> None:
        """TRF-09, P8: the time of a step or of a hold is over."""
        command, calendar = passing_time.TimeOutTransfer(), await self._rules.calendar()
        decide = passing_time.time_out_transfer
        await self._commands.due(deadline, command, lambda state: decide(command, state, now, calendar))

    async def remind(self, deadline: Deadline, now: datetime) -> None:
        """TRF-10, BEY-04."""
        command = passing_time.RemindTransfer()
        await self._commands.due(deadline, command, lambda state: passing_time.remind_transfer(command, state, now))

    async def ask_member_again(self, deadline: Deadline, now: datetime) -> None:
        """TRF-22. That member is silent, the operator is told."""
        command = passing_time.AskMemberAgain()
        answer = await self._commands.due(
            deadline, command, lambda state: passing_time.ask_member_again(command, state, now)
        )
        if answer.events and not answer.repeated:
            _ASKED_AGAIN.inc()
            log.warning("transfer.member_silent", stream=deadline.stream)
