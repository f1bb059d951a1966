"""What a process refuses to be told."""

import pytest

from services.web.settings import WebSettings
from shared.runtime.settings import Environment, Settings

SERVERS = {"mongo_url": "mongodb://x", "kafka": "x"}


@pytest.mark.parametrize(("kind", "servers"), [(Settings, SERVERS), (WebSettings, {})])
def test_production_refuses_a_moved_clock_and_is_what_a_process_is_unless_told(kind: type, servers: dict) -> None:
    assert kind(**servers).environment is Environment.PRODUCTION
    with pytest.raises(ValueError, match="TUAN_CLOCK_OFFSET_SECONDS"):
        kind(clock_offset_seconds=3600.0, **servers)
    moved = kind(environment="demonstration", clock_offset_seconds=3600.0, **servers)
    assert moved.clock_offset_seconds == 3600.0
