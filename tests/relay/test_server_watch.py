"""The relay tells what MongoDB is like and how many commits it has not numbered, whether it runs or not."""

import pytest

from services.relay.server_watch import ServerWatch
from shared.testing.measured import measured
from tests.shared.messaging.support import SERVICES, System, commit


@pytest.mark.rule("P3")
async def test_commits_that_are_not_numbered_are_counted_while_the_relay_is_down(system: System) -> None:
    watch = ServerWatch(system.driver, system.settings, SERVICES)
    await system.commits().insert_many([commit(f"person-{n}", 1) for n in range(3)])
    await watch.look()
    assert measured("tuan_relay_lag_commits", {"service": "member"}) == 3
    await system.relay_once(3)
    await watch.look()
    assert measured("tuan_relay_lag_commits", {"service": "member"}) == 0


async def test_the_replica_set_is_described(system: System) -> None:
    await ServerWatch(system.driver, system.settings, SERVICES).look()
    assert 0 < measured("tuan_mongodb_answer_seconds") < 5
    assert abs(measured("tuan_mongodb_clock_ahead_seconds")) < 1
    assert 0 < measured("tuan_mongodb_disk_free_ratio") < 1
    assert measured("tuan_mongodb_members", {"state": "well"}) == 1
    assert measured("tuan_mongodb_members", {"state": "missing"}) == 0
    assert measured("tuan_mongodb_oplog_window_seconds") > 0
