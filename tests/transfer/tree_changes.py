"""The part of the random world (schedules.py) in which a branch is dissolved or merged under open transfers (TRF-23)."""

import random
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from services.member.domain import policies as of_member
from services.member.domain import roster
from services.member.domain import transfers as holding
from services.transfer.domain import policies as of_transfer
from services.transfer.domain import succession
from services.transfer.domain.working_days import Calendar
from services.transfer.use_cases.successions import LOOKED_FOR_AGAIN
from shared.contracts import org, transfer
from shared.contracts.base import Contract
from shared.deadlines.rows import Deadline

BRANCHES = ("branch-0", "branch-1", "branch-2")
COMMITTEE = "committee"
WEEKDAYS = Calendar()


class TreeChanges(ABC):
    """What the world has and does beside."""

    random: random.Random
    now: datetime
    people: dict[str, list[Any]]
    transfers: dict[str, list[Any]]
    lines: dict[str, deque[Contract]]
    closing: set[str]
    rows: dict[str, Deadline]
    gone: org.OrganizationDissolved | None

    @abstractmethod
    def decide(self, stream: str, decide: Callable[[Any], Sequence[Any]]) -> None:
        """Appends to a stream what follows from its state."""

    def dissolves(self) -> None:
        """One branch, once: its people go on to another one, which it is merged into or not; then everybody hears it."""
        if self.gone is not None:
            return
        branch, successor = self.random.sample(BRANCHES, 2)
        for who in self.people:
            command = roster.RelocateMember(dissolution="d", from_branch=branch, to_branch=successor)
            self.decide(who, lambda state, command=command: roster.relocate_member(command, state))
        merged = self.random.random() < 0.5
        self.gone = org.OrganizationDissolved(
            organization=branch, superior=COMMITTEE, successor=successor, merged=merged
        )
        self.lines[branch] = deque([self.gone])

    def redirects(self, listed: float) -> None:
        """Every transfer that is in the list by now."""
        assert self.gone is not None
        noted = of_transfer.on_organization_dissolved(self.gone)
        to = noted.successor if noted.merged else noted.superior
        goes = {"out": noted.successor, "to": to, "assigns": not noted.merged}
        command = succession.RedirectTransfer(gone=noted.organization, **goes)
        for name in [name for name in self.transfers if self.random.random() < listed]:
            self.decide(name, lambda state: succession.redirect_transfer(command, state, self.now, WEEKDAYS))

    def takes_nobody(self, branch: str | None) -> bool:
        return branch in self.closing or (self.gone is not None and branch == self.gone.organization)

    def goes_on(self, fact: Any) -> None:
        """What changes or ends a transfer."""
        match fact:
            case org.OrganizationDissolved():
                self.redirects(0.7)
                again = Deadline("again", LOOKED_FOR_AGAIN, "succession", self.now + succession.LOOK_AGAIN)
                self.rows.setdefault(again.id, again)
            case transfer.TransferRedirected():
                leads = of_member.on_transfer_redirected(fact)
                self.decide(fact.person, lambda state: holding.redirect_hold(leads, state))
            case _:
                release = of_member.on_transfer_over(fact)
                self.decide(fact.person, lambda state: holding.release_hold(release, state))
