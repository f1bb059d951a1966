"""What member's facts mean for accounts."""

from datetime import datetime

from services.identity.domain.account import OpenAccount, ReleaseAccount
from shared.contracts.member import PersonIdentified, PersonReleased


def on_person_identified(event: PersonIdentified, at: datetime) -> OpenAccount:
    """IDN-02: who is entered by an admin needs no registration. `at` is when it happened, not when it arrived."""
    return OpenAccount(person=event.person, identified_at=at)


def on_person_released(event: PersonReleased) -> ReleaseAccount:
    """MEM-27."""
    return ReleaseAccount(person=event.person)
