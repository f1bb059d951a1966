"""What a loop of a read model measures of its rounds."""

from collections.abc import Collection, Sequence
from typing import Any

from shared.kernel.clock import SystemClock, to_micros
from shared.observability.metric_names import gauge, histogram

_RECORDS = histogram("tuan_projection_batch_records")
_SECONDS = histogram("tuan_projection_batch_seconds")
_LAG = gauge("tuan_projection_lag_records")
_AGE = gauge("tuan_projection_lag_seconds")
_CAUGHT_UP = gauge("tuan_projection_caught_up")


def measure(loop: str, batches: Collection[Sequence[Any]], seconds: float, *, lag: int, caught_up: bool) -> None:
    """After a round of `loop` that took `seconds` for the records of each partition."""
    _LAG.labels(loop).set(lag)
    _CAUGHT_UP.labels(loop).set(caught_up)
    if not batches:
        _AGE.labels(loop).set(0)
        return
    # Records carry the brokers' time, which no test's clock moves.
    newest = max(records[-1].timestamp for records in batches)
    _AGE.labels(loop).set(max(0.0, (to_micros(SystemClock().now()) / 1e3 - newest) / 1e3))
    _RECORDS.labels(loop).observe(sum(map(len, batches)))
    _SECONDS.labels(loop).observe(seconds)
