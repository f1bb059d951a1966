"""Every metric of the platform by name, with what it measures. Prometheus metrics are made here and nowhere else."""

from collections.abc import Sequence
from typing import Literal, get_args

from prometheus_client import Counter, Gauge, Histogram

MetricName = Literal[
    "tuan_http_request_seconds",
    "tuan_authority_age_seconds",
    "tuan_relay_records_total",
    "tuan_relay_ordinal",
    "tuan_relay_lag_seconds",
    "tuan_parked_lines",
    "tuan_parked_records",
]

MEANINGS: dict[MetricName, str] = {
    "tuan_http_request_seconds": "Time from a request's first byte to its answer's last, by route and status.",
    "tuan_authority_age_seconds": "Age of what is known of withdrawn rights (kernel.md 5); infinite until it is known.",
    "tuan_relay_records_total": "Records acknowledged by Kafka, by topic.",
    "tuan_relay_ordinal": "Commits of a source numbered so far, by service.",
    "tuan_relay_lag_seconds": "Age of the last forwarded commit when Kafka acknowledged it.",
    "tuan_parked_lines": "Keys whose reactions stand still until an operator decides, by service.",
    "tuan_parked_records": "Records on parked lines, by service.",
}

NAMES: frozenset[str] = frozenset(get_args(MetricName))


def counter(name: MetricName, labels: Sequence[str] = ()) -> Counter:
    return Counter(name, MEANINGS[name], labels)


def gauge(name: MetricName, labels: Sequence[str] = ()) -> Gauge:
    return Gauge(name, MEANINGS[name], labels)


def histogram(name: MetricName, labels: Sequence[str] = (), buckets: Sequence[float] = ()) -> Histogram:
    """`buckets` are upper bounds; without them the library's."""
    return Histogram(name, MEANINGS[name], labels, buckets=buckets or Histogram.DEFAULT_BUCKETS)
