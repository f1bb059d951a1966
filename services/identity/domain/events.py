"""The stored facts of identity. No secret, no hash of a password and nothing personal in clear is in one of them."""

from datetime import datetime
from typing import get_args

from shared.kernel.envelope import Event
from shared.kernel.registry import Registry


class AccountOpened(Event):
    """IDN-02: something was done about the account of a person entered by an admin; it is not yet activated.

    The initial password (IDN-04) may open it until `initial_until`.
    """

    person: str
    initial_until: datetime


class ActivationCodeIssued(Event):
    """IDN-04: an admin of `organization` was shown a code once; it makes earlier ones void.

    The code lives until `expires_at`; whoever vouches for the person renews the initial password until `initial_until`.
    """

    organization: str | None
    expires_at: datetime
    initial_until: datetime


class AccountActivated(Event):
    """IDN-04: the person set a password of their own; the initial one is dead for good."""

    activated_at: datetime


class AccountReleased(Event):
    """MEM-27: the person's number is free again, nobody can sign in to this account any more."""


AccountEvent = AccountOpened | ActivationCodeIssued | AccountActivated | AccountReleased


class OperatorAppointed(Event):
    """IDN-08: a central operator signs in with `login`; the name of a duty, never of a person."""

    login: str


OperatorEvent = OperatorAppointed


class RegistrationRequested(Event):
    """ADM-03: somebody registers as an admin. Sealed under the registration's own key: who.

    `code_hash` is the keyed hash of the code that was typed; nobody waits beyond `due_at`.
    """

    code_hash: str
    due_at: datetime


class RegistrationCompleted(Event):
    """ADM-04: `person` is an admin and can sign in; with `own_password` by the one set before."""

    person: str
    own_password: bool


class RegistrationRefused(Event):
    """ADM-03, ADM-04: by org (the code) or by member (who it is). `reason` is the code of their refusal."""

    reason: str


class RegistrationLapsed(Event):
    """P8: it came to no end in its time."""


RegistrationEvent = RegistrationRequested | RegistrationCompleted | RegistrationRefused | RegistrationLapsed

REGISTRY = Registry("identity", [*get_args(AccountEvent), OperatorEvent, *get_args(RegistrationEvent)])
