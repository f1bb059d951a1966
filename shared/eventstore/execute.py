"""Load, decide, append: how every command on one aggregate runs."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.eventstore.commits import Commit, Stored
from shared.eventstore.conditions import Condition, Lost
from shared.eventstore.store import ConditionLost, EventStore, VersionTaken
from shared.kernel import ids
from shared.kernel.decider import Decider
from shared.kernel.envelope import Event, Request
from shared.kernel.refusals import ChangedMeanwhile, IdempotencyKeyReused, Refusal
from shared.observability.tracing import inside

S = TypeVar("S")
E = TypeVar("E", bound=Event)

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answers: the stream, its version after it, and what happened.

    `version` and `stream` are the consistency token. `repeated` says that this key had been answered before.
    """

    stream: str
    version: int
    events: tuple[Event, ...]
    repeated: bool = False


def _no_conditions(_state: Any, _events: Sequence[Event]) -> Sequence[Condition]:
    return ()


async def _no_keys(_events: Sequence[Event]) -> Mapping[str, bytes]:
    return {}


def _changed(_lost: Lost) -> Refusal:
    return ChangedMeanwhile()


async def execute(
    store: EventStore,
    decider: Decider[S, E],
    stream: str,
    request: Request,
    decide: Callable[[S], Sequence[E]],
    *,
    conditions: Callable[[S, Sequence[Event]], Sequence[Condition]] = _no_conditions,
    keys: Callable[[Sequence[Event]], Awaitable[Mapping[str, bytes]]] = _no_keys,
    refuse: Callable[[Lost], Refusal] = _changed,
    loaded: Sequence[Stored] | None = None,
) -> Answer:
    """Decides one command on one stream and appends what it decided.

    `decide` gets the folded state and returns events, or raises a Refusal; no events means that nothing needs to
    change, and nothing is written. `conditions` are derived from the state before and the events, `keys` from the
    events; `refuse` turns a lost condition into the refusal of its rule. A repeated key gets the first answer, the same
    key with another body IdempotencyKeyReused; a refusal is decided anew each time. Loses at most five races, then
    ChangedMeanwhile. `loaded` is the stream as this very request has read it before (empty for one that it is to
    begin): what came since then takes the version, and the stream is read anew.
    """
    commit_id = ids.commit_id(store.codec.service, request.actor.principal, request.key, stream)
    for attempt in range(ATTEMPTS):
        commits = loaded if loaded is not None and not attempt else await store.load(stream)
        if repeated := answered_before(commits, commit_id, request):
            return repeated
        state = decider.fold(e for c in commits for e in c.events)  # type: ignore[misc]
        version = commits[-1].version if commits else 0
        if not (events := tuple(decide(state))):
            return Answer(stream, version, ())
        commit = Commit(
            stream=stream,
            version=version + 1,
            commit_id=commit_id,
            request=request,
            events=events,
            conditions=tuple(conditions(state, events)),
            keys=await keys(events),
            previous_at=commits[-1].at if commits else 0,
        )
        try:
            with inside("commit", {"tuan.events": " ".join(type(e).__name__ for e in events)}):
                await store.append(commit)
        except VersionTaken:
            continue
        except ConditionLost as error:
            raise refuse(error.lost) from error
        return Answer(stream, version + 1, events)
    raise ChangedMeanwhile


async def first_answer(store: EventStore, stream: str, request: Request) -> Answer | None:
    """`answered_before` for use cases that judge before they execute: a repeat may not pass that again."""
    return first_answer_in(await store.load(stream), store, stream, request)


def first_answer_in(commits: Sequence[Stored], store: EventStore, stream: str, request: Request) -> Answer | None:
    """The same of a stream that is loaded."""
    commit_id = ids.commit_id(store.codec.service, request.actor.principal, request.key, stream)
    return answered_before(commits, commit_id, request)


def answered_before(commits: Sequence[Stored], commit_id: str, request: Request) -> Answer | None:
    """The first answer to this key on this stream, if there was one. Raises IdempotencyKeyReused."""
    for stored in commits:
        if stored.commit_id == commit_id:
            if stored.request_hash != request.body_hash:
                raise IdempotencyKeyReused
            return Answer(stored.stream, stored.version, stored.events, repeated=True)
    return None
