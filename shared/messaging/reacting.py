"""The command that a fact leads to, sent so that the fact's second delivery finds the first one's answer."""

from shared.kernel.envelope import Actor, Command, Recorded, Request
from shared.kernel.ids import request_hash


def request_of(actor: Actor, command: Command, fact: Recorded) -> Request:
    """Its key is the fact's id; it goes on with the fact's correlation."""
    return Request(
        actor=actor,
        key=fact.event_id,
        body_hash=request_hash(command.model_dump(mode="json")),
        correlation=fact.correlation,
        causation=fact.event_id,
    )
