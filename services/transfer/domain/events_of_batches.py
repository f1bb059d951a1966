"""What is stored of a batch (TRF-08), in a stream of its own: part of the storage contract of events.py."""

from shared.kernel.envelope import Event


class BatchRequested(Event):
    """TRF-08: `organization` moves members from one branch below it to another, all for one `reason`."""

    organization: str
    from_branch: str
    to: str
    reason: str


class BatchMemberListed(Event):
    """TRF-08, in the commit of the request: one of those to be moved. Sealed with the person's key: `note`."""

    person: str


class BatchMemberLeftOut(Event):
    """TRF-08: no transfer was started for `person`; `cause` is the code of the refusal."""

    person: str
    cause: str


class BatchCarriedOut(Event):
    """TRF-08: everybody's transfer was started, or it was said why not."""


BatchEvent = BatchRequested | BatchMemberListed | BatchMemberLeftOut | BatchCarriedOut
