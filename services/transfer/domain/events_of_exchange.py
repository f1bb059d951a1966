"""The stored facts of the exchange with the systems of 北京, 广东 and 福建 (TRF-17, BEY-08).

Each transfer that crosses has a stream here, beside that of the transfer; each system has one. Every fact after which
something is waited for says until when: `look_at`.
"""

from datetime import date, datetime
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from shared.kernel.envelope import Event

OutsideSystem = Literal["beijing", "guangdong", "fujian"]
Verdict = Literal["accepted", "refused"]
OutcomeWord = Literal["completed", "withdrawn", "timed_out", "failed"]
What = Literal["offer", "decision", "outcome"]
Finding = Literal[
    "other_decision",
    "late_decision",
    "other_outcome",
    "outcome_without_acceptance",
    "wrong_receipt",
]
"""What the two systems should talk about; `docs/exchange.md` says what each means."""


class Outside(BaseModel):
    """TRF-17: the side that is in another system: `organization` there, whose full name is `name`.

    `exchange` is the stream of what the two systems say to one another about it.
    """

    model_config = ConfigDict(frozen=True)
    exchange: str
    system: OutsideSystem
    organization: str
    name: str


class PublicKey(BaseModel):
    """Of the other system: `use` sig (Ed25519) or enc (X25519), `x` as in RFC 8037."""

    model_config = ConfigDict(frozen=True)
    kid: str
    use: str
    x: str


class OfferPrepared(Event):
    """Ours: the member of `transfer` is offered to `organization` of `system`, which decides until `decide_until`."""

    transfer: str
    system: OutsideSystem
    organization: str
    organization_name: str
    decide_until: datetime
    look_at: datetime


class OfferReceived(Event):
    """Theirs: somebody of `from_name` is offered to `organization` of ours.

    `reference` is their name of it; `above`: the organization and all over it that day. Sealed with a key of its own:
    name, number and kind of document.
    """

    system: OutsideSystem
    reference: str
    organization: str
    above: tuple[str, ...] = ()
    from_name: str
    reason: str
    decide_until: datetime
    look_at: datetime


class MessageSent(Event):
    """The other system has it, by its receipt."""

    what: What
    look_at: datetime


class MessageNotSent(Event):
    """No receipt, for the `attempt`th time; `cause` is a word and never what they answered."""

    what: What
    attempt: int
    cause: str
    look_at: datetime


class AnswerAwaited(Event):
    """They were asked how it stands, and have not decided yet."""

    look_at: datetime


class DecisionTaken(Event):
    """Of an offer of ours: their decision, the first and only one; `polled`: we had to ask."""

    decision: Verdict
    ground: str
    polled: bool
    look_at: datetime


class OutcomeDue(Event):
    """Of an offer of ours: how the transfer ended, which they have to be told."""

    outcome: OutcomeWord
    look_at: datetime


class OfferMatched(Event):
    """Of an offer of theirs: it is `person`, whom we know; `transfer` brings them back from the register branch."""

    transfer: str
    person: str


class DecisionDue(Event):
    """Of an offer of theirs: what our organization decided; `newcomer`: about somebody not registered here."""

    decision: Verdict
    ground: str = ""
    newcomer: bool = False
    look_at: datetime


class OutcomeTaken(Event):
    """Of an offer of theirs: how it ended over there. `look_at`: where somebody has to be entered now."""

    outcome: OutcomeWord
    look_at: datetime | None = None


class EntryReminded(Event):
    """A newcomer who left over there is not entered here yet."""

    look_at: datetime


class ReturnFailed(Event):
    """They left over there, and `transfer`, which was to bring them from the register branch, came to nothing here."""

    transfer: str
    look_at: datetime


class NewcomerEntered(Event):
    """The person who came is registered here now."""

    person: str


class FindingNoted(Event):
    """Something that must not happen did, and changed nothing; it is for people to look at."""

    finding: Finding


class ExchangeClosed(Event):
    """Both sides know how it ended."""


class SystemAgreed(Event):
    """What was agreed with a system: where it answers, its keys. The newest one is valid."""

    system: OutsideSystem
    address: str
    keys: tuple[PublicKey, ...]
    look_at: datetime


class KeysAnnounced(Event):
    """The other system's keys from now on, said by itself."""

    keys: tuple[PublicKey, ...]


class OwnKeysTaken(Event):
    """The other system knows these keys of ours."""

    kids: tuple[str, ...]


class DirectoryTaken(Event):
    """Its organizations are here up to `version`; `changed` of them are new, renamed or ended."""

    version: str
    changed: int
    look_at: datetime


class ReconciliationMade(Event):
    """BEY-08: of `people` that crossed, how many both have, and how many neither; who, is for the read model."""

    day: date
    people: int
    both: int
    neither: int


class DailyWorkFailed(Event):
    """Directory or reconciliation did not come about; `cause` is a word."""

    attempt: int
    cause: str
    look_at: datetime


ExchangeEvent = (
    OfferPrepared
    | OfferReceived
    | MessageSent
    | MessageNotSent
    | AnswerAwaited
    | DecisionTaken
    | OutcomeDue
    | OfferMatched
    | DecisionDue
    | OutcomeTaken
    | EntryReminded
    | NewcomerEntered
    | ReturnFailed
    | FindingNoted
    | ExchangeClosed
)
SystemEvent = SystemAgreed | KeysAnnounced | OwnKeysTaken | DirectoryTaken | ReconciliationMade | DailyWorkFailed

EXCHANGE_EVENTS = (*get_args(ExchangeEvent), *get_args(SystemEvent))
