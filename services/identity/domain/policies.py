"""What member's facts mean for accounts."""

from services.identity.domain.account import ReleaseAccount
from shared.contracts.member import PersonReleased


def on_person_released(event: PersonReleased) -> ReleaseAccount:
    """MEM-27."""
    return ReleaseAccount(person=event.person)
