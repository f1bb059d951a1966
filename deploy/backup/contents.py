"""What a backup holds: whatever no other thing gives back. Each collection is decided here; one that is not is kept.

What is left out is derived (read models, filled again from the commits), bound to the old history (positions, the
relay's checkpoint), or must not come back (sessions and captchas that ended since).
"""

import re
from collections.abc import Iterable

from shared.runtime.parts import SOURCES

VAULTS = ("vault", "intake", "applications", "offers")
"""Of people, of registrations that wait (ADR 0020), of applications for an account (ADR 0023), and of who is offered by
another system (ADR 0041)."""
SERVICES = (*SOURCES, *VAULTS)
"""Whose databases are backed up. The relay's is not: what it remembers is of the old history."""

KEPT = frozenset({"commits", "claims", "deadlines", "parked_drops"})
"""What the kernel keeps, in any service."""
KEPT_OF: dict[str, frozenset[str]] = {
    "org": frozenset({"tree", "places", "approval_documents", "application_forms"}),
    "member": frozenset({"rosters", "uploads", "access_log"}),
    "identity": frozenset({"credentials", "kept_passwords", "activation_codes", "devices", "sign_in_log"}),
    "transfer": frozenset({"outside_organizations", "exchange_differences"}),
    # Published hours never change, so they are no longer what the streams would give.
    "stats": frozenset({"hours", "figures_v1"}),
    **dict.fromkeys(VAULTS, frozenset({"keys"})),
}

LEFT = frozenset(
    {
        *("positions", "copies", "leases", "beats", "progress"),
        # The new history is heard from its beginning: what cannot be handled is parked again.
        *("parked", "parked_lines", "parked_generation"),
        # Whoever signed out since would be signed in again. Keys of tokens are made anew, tokens live five minutes.
        *("sessions", "captchas", "tries", "signing_keys", "pass_uses"),
        # Ten minutes after a restore every signature of before is too old.
        "exchange_nonces",
    }
)

DATABASES = (*SERVICES, "relay")
"""All that a system has."""

_READ_MODEL = re.compile(r".+_v\d+(_c\d+)?")


def wanted(service: str, there: Iterable[str]) -> list[str]:
    """The collections of a service's database that a backup holds, of those that are there."""
    return sorted(name for name in there if _wanted(service, name))


def undecided(service: str, there: Iterable[str]) -> list[str]:
    """Collections that nobody has decided about: each belongs into KEPT, KEPT_OF or LEFT."""
    return [name for name in wanted(service, there) if name not in _kept(service)]


def _kept(service: str) -> frozenset[str]:
    return KEPT | KEPT_OF.get(service, frozenset())


def _wanted(service: str, name: str) -> bool:
    if name in _kept(service):
        return True
    return not (name in LEFT or _READ_MODEL.fullmatch(name) or name.startswith("system."))
