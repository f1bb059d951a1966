"""What is stored of objections (TRF-11) and of refusals to be coordinated (TRF-12): the contract of events.py."""

from datetime import datetime

from shared.kernel.envelope import Event


class TransferObjected(Event):
    """TRF-11: the member does not want what others started, by a code of the list of objections."""

    objection: str


class TransferObjectionDismissed(Event):
    """TRF-11: the starter's superior lets it go on."""


class CoordinationRequested(Event):
    """TRF-12: `organization`, which the member belongs to, is to talk to both sides; reminded of it at `due_at`."""

    organization: str
    due_at: datetime | None = None


class CoordinationReminded(Event):
    """TRF-12, P8: `organization` has not answered; its superior is told too. Reminded of again at `due_at`."""

    person: str
    organization: str
    due_at: datetime


class CoordinationHandedOn(Event):
    """TRF-23: `former` is there no more; `organization` answers in its stead, and is reminded of it at `due_at`."""

    person: str
    former: str
    organization: str
    due_at: datetime


class CoordinationAnswered(Event):
    """TRF-12: what came of it, by a code of the list of answers."""

    organization: str
    answer: str
