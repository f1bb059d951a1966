"""A central operator (IDN-08): somebody who acts for the centre without being in the membership records."""

from dataclasses import dataclass
from typing import assert_never

from services.identity.domain.events import OperatorAppointed, OperatorEvent
from shared.kernel import ids
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command

DOCUMENT_KIND = "操作员"
"""What an operator chooses as document kind at sign-in; the login name stands for the number."""


class AppointOperator(Command):
    login: str


@dataclass(frozen=True, slots=True)
class NoOperator:
    pass


@dataclass(frozen=True, slots=True)
class ActiveOperator:
    login: str


Operator = NoOperator | ActiveOperator


def operator_of(login: str) -> str:
    """The principal, and the stream, of the operator with this login name."""
    return f"operator-{ids.derived('operator', login)}"


def appoint_operator(command: AppointOperator, state: Operator) -> list[OperatorEvent]:
    match state:
        case NoOperator():
            return [OperatorAppointed(login=command.login)]
        case ActiveOperator():
            return []
        case _:
            assert_never(state)


def evolve(_state: Operator, event: OperatorEvent) -> Operator:
    return ActiveOperator(event.login)


OPERATOR: Decider[Operator, OperatorEvent] = Decider("operator", NoOperator(), evolve)
