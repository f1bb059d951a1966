"""The stored facts of identity. No secret, hash of a secret, name or number is ever in one of them."""

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

REGISTRY = Registry("identity", [*get_args(AccountEvent), OperatorEvent])
