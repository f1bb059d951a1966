"""A redemption that came to nothing: the one fact of a registration that no organization's stream can hold."""

from dataclasses import dataclass

from services.org.domain.events import RedemptionEvent, RegistrationCodeRefused
from shared.kernel import ids
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command


@dataclass(frozen=True, slots=True)
class Redemption:
    """`refused` once its code was."""

    refused: bool = False


class RefuseRegistrationCode(Command):
    """ADM-03."""

    registration: str


def refuse_registration_code(command: RefuseRegistrationCode, state: Redemption) -> list[RedemptionEvent]:
    """Once."""
    return [] if state.refused else [RegistrationCodeRefused(registration=command.registration)]


def evolve(_state: Redemption, _event: RedemptionEvent) -> Redemption:
    return Redemption(refused=True)


REDEMPTION: Decider[Redemption, RedemptionEvent] = Decider("redemption", Redemption(), evolve)


def redemption_of(registration: str) -> str:
    """The stream of a registration's redemption."""
    return f"redemption-{ids.derived('redemption', registration)}"
