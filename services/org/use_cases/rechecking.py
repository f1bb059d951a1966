"""GRD-01: when it is looked at again which organizations are schools of their own."""

from datetime import datetime, timedelta

from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.conditions import Condition
from shared.kernel import ids

SCHOOLS_RECHECKED = "schools-rechecked"
LOOK_AGAIN = timedelta(minutes=10)
"""Whatever was being established below at that very moment is there by then."""


def rechecking(deadlines: Deadlines, organization: str, what: str, now: datetime) -> list[Condition]:
    """The rows that have an organization and those below it looked at; `what` names the change once and for ever."""
    looks = ((now, "at-once"), (now + LOOK_AGAIN, "again"))
    return [
        deadlines.row(
            Deadline(ids.derived(SCHOOLS_RECHECKED, organization, what, look), SCHOOLS_RECHECKED, organization, at)
        )
        for at, look in looks
    ]
