"""What the use cases ask of the outside: stores for secrets, sessions, tries and the log. Adapters implement them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from shared.eventstore.conditions import Row
from shared.http.tokens import Principal


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: `address` (IP) as it was seen, `agent` the browser's own words."""

    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Credential:
    """`version` grows with every new password; a session of an older one is dead."""

    principal: str
    version: int
    hash: str


@dataclass(frozen=True, slots=True)
class Session:
    """`id` is public (claim `sid`); the secret that the browser holds is known here only as a hash."""

    id: str
    principal: str
    credential_version: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    place: str
    agent: str


@dataclass(frozen=True, slots=True)
class Code:
    """IDN-04: an activation code, kept as a slow hash."""

    person: str
    hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """IDN-02: what a registration waits with: the password as a slow hash, and the buckets its try counts in."""

    registration: str
    hash: str
    buckets: tuple[str, ...]


class Outcome(StrEnum):
    """IDN-09: what the log of sign-ins tells of a try."""

    SIGNED_IN = "signed_in"
    REFUSED = "refused"
    LOCKED = "locked"
    SIGNED_OUT = "signed_out"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    SESSION_ENDED = "session_ended"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - no secret
    PASSWORD_REFUSED = "password_refused"  # noqa: S105 - no secret
    ACTIVATED = "activated"
    ACTIVATION_REFUSED = "activation_refused"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """`subject` is a principal, or the keyed hash of a number that nobody has; never the number."""

    at: datetime
    subject: str
    outcome: Outcome
    place: str
    agent: str
    session: str | None = None


class Hasher(Protocol):
    """Slow hashing, off the event loop, a bounded number at a time. Raises SystemBusy when too many wait."""

    async def hash(self, secret: str) -> str: ...

    async def verify(self, hashed: str | None, secret: str) -> bool:
        """False for None too, after the same work (X18)."""
        ...

    def outdated(self, hashed: str) -> bool:
        """X04: whether it was made with weaker parameters than today's."""
        ...


class Credentials(Protocol):
    async def find(self, principal: str) -> Credential | None: ...

    def first(self, principal: str, hashed: str) -> Row:
        """The row that comes into being in the transaction of the event that makes the account active."""
        ...

    async def change(self, former: Credential, hashed: str, entry: LogEntry) -> bool:
        """A new password and its entry in the log, in one transaction; False if another change came first."""
        ...

    async def strengthen(self, former: Credential, hashed: str) -> None:
        """X04: the same password hashed anew; the version stays."""
        ...

    async def delete(self, principals: Sequence[str]) -> None: ...


class Sessions(Protocol):
    async def begin(self, session: Session, secret: str) -> None: ...

    async def by_secret(self, secret: str) -> Session | None: ...

    async def by_id(self, session_id: str) -> Session | None: ...

    async def of(self, principal: str) -> list[Session]:
        """The newest first, at most 100."""
        ...

    async def seen(self, session: Session, at: datetime) -> None: ...

    async def end(self, principal: str, session_id: str) -> bool: ...

    async def end_all(self, principals: Sequence[str]) -> int: ...


class Codes(Protocol):
    async def put(self, code: Code) -> None:
        """Makes the person's earlier code void."""
        ...

    async def take_try(self, person: str, now: datetime) -> str | None:
        """The hash of the person's living code, one try of five counted in the same step; None if there is none."""
        ...

    async def give_try_back(self, person: str, hashed: str) -> None: ...

    async def delete(self, persons: Sequence[str]) -> None: ...


class KeptPasswords(Protocol):
    """Of registrations that wait. Nothing outlives the registration."""

    def first(self, kept: Kept) -> Row:
        """The row that comes into being in the transaction of the request."""
        ...

    async def find(self, registration: str) -> Kept | None: ...

    async def destroy(self, registration: str) -> None: ...


class Captchas(Protocol):
    async def put(self, captcha_id: str, answer: str, expires_at: datetime) -> None: ...

    async def redeem(self, captcha_id: str, answer: str, now: datetime) -> bool:
        """Whether the answer is right; the captcha is used up either way."""
        ...


class Pictures(Protocol):
    async def draw(self, text: str) -> bytes:
        """A PNG of the text that a program finds hard to read."""
        ...


class Sounds(Protocol):
    async def speak(self, text: str) -> bytes:
        """A WAV in which the characters are spoken one by one."""
        ...


class Tries(Protocol):
    """X06: wrong tries per bucket, counted atomically."""

    async def locked_until(self, bucket: str, now: datetime) -> datetime | None: ...

    async def begin(self, bucket: str, now: datetime) -> datetime | None:
        """Counts a try before it is judged, so that parallel ones cannot outrun the lock.

        The end of the lock if the bucket is locked; then nothing was counted.
        """
        ...

    async def forgive(self, buckets: Sequence[str]) -> None:
        """A right try ends the row of wrong ones."""
        ...

    async def take(self, bucket: str, most: int, window: timedelta, now: datetime) -> datetime | None:
        """One of `most` in a window of time; the window's end if they are used up."""
        ...

    async def give_back(self, bucket: str, window: timedelta, now: datetime) -> None: ...


class Devices(Protocol):
    """Browsers that somebody has signed in from before: strangers' wrong tries do not lock them out."""

    async def remember(self, subject: str, secret: str, at: datetime) -> None: ...

    async def knows(self, subject: str, secret: str, now: datetime) -> bool: ...


class SignInLog(Protocol):
    async def write(self, entry: LogEntry) -> None: ...

    async def of(self, subject: str, before: datetime | None, limit: int) -> list[LogEntry]:
        """The newest first."""
        ...

    async def last_sign_in(self, principal: str) -> datetime | None: ...


class Tokens(Protocol):
    def sign(self, principal: Principal, now: datetime) -> str: ...

    def sign_pass(self, pass_id: str, purpose: str, now: datetime) -> str: ...
