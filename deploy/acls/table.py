"""Which part may do what in Kafka (X30): derived from what its loops read, what it owns and what contracts restrict."""

from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple

from deploy.contracts.catalogue import topic_classes
from shared.messaging.topics import Topics
from shared.messaging.wire import log_topic
from shared.runtime.parts import SOURCES
from shared.runtime.service import Service

RELAY = "relay"


class Kind(IntEnum):
    """Of resource, in Kafka's numbers."""

    TOPIC = 2
    GROUP = 3


class Pattern(IntEnum):
    """How a name is meant, in Kafka's numbers."""

    LITERAL = 3
    PREFIXED = 4


class Operation(IntEnum):
    """In Kafka's numbers. Who may read or write may also describe."""

    READ = 3
    WRITE = 4
    CREATE = 5
    DESCRIBE = 8


ALLOW = 3
"""The permission, in Kafka's numbers."""
ANYWHERE = "*"


class Acl(NamedTuple):
    """A row in Kafka's own order and numbers; the principal is `User:` and the certificate's common name."""

    kind: int
    name: str
    pattern: int
    principal: str
    host: str
    operation: int
    permission: int

    def __str__(self) -> str:
        """`stats reads topic org.events.v1`; a name that is a prefix ends in `*`."""
        verb = Operation(self.operation).name.lower() if self.operation in list(Operation) else f"does {self.operation}"
        kind = Kind(self.kind).name.lower() if self.kind in list(Kind) else f"resource {self.kind}"
        star = "*" if self.pattern == Pattern.PREFIXED else ""
        refused = "" if self.permission == ALLOW else "not "
        return f"{self.principal.removeprefix('User:')}: {refused}{verb} {kind} {self.name}{star}"


class ReadsWhatIsNotForIt(ValueError):
    """A service's loops read a topic that its contract, or its being another's log, keeps from them."""


def meant(services: Mapping[str, Service], namespace: str) -> frozenset[Acl]:
    """Every row that Kafka should have for the parts of this system. Raises ReadsWhatIsNotForIt.

    A service reads what its loops read and makes that and its own topics where they are not there yet; the relay writes
    everything. Each in every generation of topics. Groups bear the name of their service.
    """
    names = Topics(namespace)
    rows: set[Acl] = set()
    for service, composed in services.items():
        reads = read_by(service, composed)
        for topic in reads:
            rows.update(_on_topic(service, names.physical(topic), Operation.READ, Operation.CREATE))
        for topic in owned_by(service) - reads:
            rows.update(_on_topic(service, names.physical(topic), Operation.DESCRIBE, Operation.CREATE))
        rows.add(_row(service, Kind.GROUP, f"{namespace}{service}.", Pattern.PREFIXED, Operation.READ))
    for source in SOURCES:
        for operation in (Operation.READ, Operation.WRITE, Operation.CREATE):
            rows.add(_row(RELAY, Kind.TOPIC, f"{namespace}{source}.", Pattern.PREFIXED, operation))
    return frozenset(rows)


def read_by(service: str, composed: Service) -> frozenset[str]:
    """The topics (logical) that a service's loops read. Raises ReadsWhatIsNotForIt."""
    reads = frozenset(topic for loop in composed.loops for topic in getattr(loop, "reads", ()))
    for topic in sorted(reads):
        allowed = readers_of(topic)
        if allowed and service not in allowed:
            raise ReadsWhatIsNotForIt(f"{service} reads {topic}, which is only for {', '.join(allowed)}")
    return reads


def readers_of(topic: str) -> tuple[str, ...]:
    """The services that alone may read a topic; none, every one may."""
    owner = topic.partition(".")[0]
    if topic == log_topic(owner):
        return (owner,)
    return next(each.only_for for each in topic_classes() if each.topic == topic)


def owned_by(service: str) -> frozenset[str]:
    """What a service writes, through the relay: its log and what it publishes."""
    published = {each.topic for each in topic_classes() if each.topic.partition(".")[0] == service}
    return frozenset({log_topic(service)} | published)


def _on_topic(part: str, name: str, *operations: Operation) -> Iterator[Acl]:
    for operation in operations:
        yield _row(part, Kind.TOPIC, name, Pattern.LITERAL, operation)
        yield _row(part, Kind.TOPIC, f"{name}-g", Pattern.PREFIXED, operation)


def _row(part: str, kind: Kind, name: str, pattern: Pattern, operation: Operation) -> Acl:
    return Acl(kind, name, pattern, f"User:{part}", ANYWHERE, operation, ALLOW)
