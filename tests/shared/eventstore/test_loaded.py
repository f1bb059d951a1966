"""A command that goes by what its request had read before: whatever came since is found out by the append."""

import pytest

from shared.eventstore.conditions import Claim
from shared.eventstore.execute import execute
from shared.eventstore.store import EventStore
from shared.kernel.refusals import IdempotencyKeyReused
from tests.shared.eventstore.conftest import request
from tests.shared.eventstore.test_store import PARCEL, TooHeavy, send


@pytest.mark.rule("P2")
async def test_what_came_since_it_was_read_is_decided_by(store: EventStore) -> None:
    """Without reading anew after a taken version the second parcel would pass the limit of 5."""
    before = await store.load("parcel-1")
    await execute(store, PARCEL, "parcel-1", request("k1"), send(3))
    with pytest.raises(TooHeavy):
        await execute(store, PARCEL, "parcel-1", request("k2"), send(3), loaded=before)
    done = await execute(store, PARCEL, "parcel-1", request("k2"), send(2), loaded=before)
    assert (done.version, done.repeated) == (2, False)


@pytest.mark.rule("P2")
async def test_a_repeat_that_begins_the_stream_again_is_done_already(store: EventStore) -> None:
    """The answer may have been written between the reading and now, claims and all."""
    for _ in range(2):
        done = await execute(
            store,
            PARCEL,
            "parcel-1",
            request("k"),
            send(3),
            conditions=lambda _state, _events: [Claim("shelf", "a")],
            loaded=(),
        )
        assert done.version == 1
    assert len(await store.load("parcel-1")) == 1
    with pytest.raises(IdempotencyKeyReused):
        await execute(store, PARCEL, "parcel-1", request("k", body="other"), send(1), loaded=())


@pytest.mark.rule("P2")
async def test_what_was_read_is_as_good_as_what_is_read_now(store: EventStore) -> None:
    await execute(store, PARCEL, "parcel-1", request("k1"), send(3))
    now = await store.load("parcel-1")
    again = await execute(store, PARCEL, "parcel-1", request("k1"), send(3), loaded=now)
    assert (again.version, again.repeated) == (1, True)
    assert (await execute(store, PARCEL, "parcel-1", request("k2"), send(2), loaded=now)).version == 2
