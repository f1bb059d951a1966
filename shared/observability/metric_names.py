"""Every metric of the platform: its name, labels and what it measures. They are made here and nowhere else.

Labels have few values, all from our own code: a route's pattern, never a path; a type, never an id (P11). Which part
and role a process is, who scrapes it adds (label `part`). `docs/metrics.md` is written from this table.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, disable_created_metrics

M = TypeVar("M", Counter, Histogram)
MetricName = Literal[
    "tuan_http_request_seconds",
    "tuan_http_working",
    "tuan_http_waiting",
    "tuan_http_turned_away_total",
    "tuan_append_seconds",
    "tuan_append_waiting",
    "tuan_append_commits",
    "tuan_transaction_seconds",
    "tuan_transaction_repeats_total",
    "tuan_relay_records_total",
    "tuan_relay_ordinal",
    "tuan_relay_lag_seconds",
    "tuan_relay_lag_commits",
    "tuan_relay_saved_timestamp_seconds",
    "tuan_projection_lag_records",
    "tuan_projection_lag_seconds",
    "tuan_projection_caught_up",
    "tuan_projection_batch_records",
    "tuan_projection_batch_seconds",
    "tuan_reaction_records_total",
    "tuan_reaction_lag_records",
    "tuan_parked_lines",
    "tuan_parked_records",
    "tuan_authority_age_seconds",
    "tuan_import_rows_total",
    "tuan_import_busy_seconds",
    "tuan_import_resting",
    "tuan_deadline_late_seconds",
    "tuan_deadline_looked_timestamp_seconds",
    "tuan_transfer_asked_again_total",
    "tuan_exchange_failures_total",
    "tuan_exchange_refused_total",
    "tuan_exchange_findings_total",
    "tuan_exchange_differences_records",
    "tuan_loop_ready",
    "tuan_loop_stopped",
    "tuan_loop_failures_total",
    "tuan_event_loop_lag_seconds",
    "tuan_certificate_expires_timestamp_seconds",
    "tuan_mongodb_answer_seconds",
    "tuan_mongodb_clock_ahead_seconds",
    "tuan_mongodb_disk_free_ratio",
    "tuan_mongodb_members",
    "tuan_mongodb_oplog_window_seconds",
    "tuan_traces_lost_total",
]

disable_created_metrics()  # type: ignore[no-untyped-call]
"""A third series beside each counter and histogram, which no panel and no alert asks for."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What it measures, in a sentence; `labels` in their order, `buckets` the upper bounds of a histogram."""

    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_REQUEST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_WRITE = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SIZES = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0)
_PAUSES = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

TABLE: dict[MetricName, Metric] = {
    "tuan_http_request_seconds": Metric(
        "Time from a request's arrival to its answer's last byte, by the route's pattern and the status.",
        ("method", "route", "status"),
        _REQUEST,
    ),
    "tuan_http_working": Metric("Requests that are being worked on."),
    "tuan_http_waiting": Metric("Requests that wait for their turn (OPS-08)."),
    "tuan_http_turned_away_total": Metric("Requests answered 503 at once because too many waited (OPS-08)."),
    "tuan_append_seconds": Metric(
        "Time from asking for an append until it is durable; kind is plain, conditional or chunk.", ("kind",), _WRITE
    ),
    "tuan_append_waiting": Metric("Appends that wait to be written, when the last one came.", ("kind",)),
    "tuan_append_commits": Metric("Commits written together by one call.", ("kind",), _SIZES),
    "tuan_transaction_seconds": Metric(
        "Time of a transaction with all its repeats; outcome is done, busy (gave up after 10 s) or failed.",
        ("outcome",),
        _WRITE,
    ),
    "tuan_transaction_repeats_total": Metric("Transactions begun again after a passing error of MongoDB."),
    "tuan_relay_records_total": Metric("Records acknowledged by Kafka, by topic.", ("topic",)),
    "tuan_relay_ordinal": Metric("Commits of a source numbered so far.", ("service",)),
    "tuan_relay_lag_seconds": Metric("Age of the last forwarded commit when Kafka acknowledged it."),
    "tuan_relay_lag_commits": Metric("Commits of a source that the relay has not numbered yet.", ("service",)),
    "tuan_relay_saved_timestamp_seconds": Metric(
        "When the relay last saved its checkpoint: every few milliseconds, and every 10 s when nothing happens."
    ),
    "tuan_projection_lag_records": Metric("Records that wait for a read model, as of its last batch.", ("projection",)),
    "tuan_projection_lag_seconds": Metric(
        "Age of the last record of a batch when its changes were committed; 0 when nothing waits.", ("projection",)
    ),
    "tuan_projection_caught_up": Metric(
        "1 once a read model has been at the end of its topics, 0 while it is filled or rebuilt.", ("projection",)
    ),
    "tuan_projection_batch_records": Metric("Records in a batch of a read model.", ("projection",), _SIZES),
    "tuan_projection_batch_seconds": Metric(
        "Time in which a read model took a batch in, transaction included.", ("projection",), _WRITE
    ),
    "tuan_reaction_records_total": Metric(
        "Records given to reactions, by type and outcome: handled, retried (a try that failed) or parked.",
        ("type", "outcome"),
    ),
    "tuan_reaction_lag_records": Metric("Records that wait for the reactions of a service.", ("loop",)),
    "tuan_parked_lines": Metric("Keys whose reactions stand still until an operator decides.", ("service",)),
    "tuan_parked_records": Metric("Records on parked lines.", ("service",)),
    "tuan_authority_age_seconds": Metric(
        "Age of what is known of withdrawn rights (kernel.md 5); infinite until it is known."
    ),
    "tuan_import_rows_total": Metric("Rows of workbooks settled, by verdict.", ("verdict",)),
    "tuan_import_busy_seconds": Metric("For how long the worker has been at its present import; 0 when idle."),
    "tuan_import_resting": Metric("Imports that failed and wait to be tried again."),
    "tuan_deadline_late_seconds": Metric(
        "How long the longest due deadline had waited when the worker looked; 0 when none was due.", ("loop",)
    ),
    "tuan_deadline_looked_timestamp_seconds": Metric("When the worker of the deadlines last looked.", ("loop",)),
    "tuan_transfer_asked_again_total": Metric("Transfers of which member was asked again, since it was silent."),
    "tuan_exchange_failures_total": Metric("Messages to another system without a receipt, tried again.", ("system",)),
    "tuan_exchange_refused_total": Metric("Messages that came as if from another system and were not proven."),
    "tuan_exchange_findings_total": Metric("Contradictions of another system, which changed nothing."),
    "tuan_exchange_differences_records": Metric(
        "People that both systems have, or neither, at the last reconciliation.", ("system",)
    ),
    "tuan_loop_ready": Metric("1 while a loop of the process does its work, else 0.", ("loop",)),
    "tuan_loop_stopped": Metric("1 once a loop has stopped until somebody looks, else 0.", ("loop",)),
    "tuan_loop_failures_total": Metric("Failures of a loop after which it was begun again.", ("loop",)),
    "tuan_event_loop_lag_seconds": Metric(
        "By how much a sleep of the process was late: how long something held its event loop.", (), _PAUSES
    ),
    "tuan_certificate_expires_timestamp_seconds": Metric("When the certificate of the process expires."),
    "tuan_mongodb_answer_seconds": Metric("Time of a majority write of one row, measured by the relay every 10 s."),
    "tuan_mongodb_clock_ahead_seconds": Metric("By how much MongoDB's clock is ahead of the relay's."),
    "tuan_mongodb_disk_free_ratio": Metric("Free part of the disk that holds MongoDB's data, 0 to 1."),
    "tuan_mongodb_members": Metric(
        "Members of the replica set by state: well (primary or secondary) or missing.", ("state",)
    ),
    "tuan_mongodb_oplog_window_seconds": Metric(
        "How far back the oplog reaches: a relay that stands longer begins a new epoch."
    ),
    "tuan_traces_lost_total": Metric("Spans that could not be handed to the receiver of traces."),
}

NAMES: frozenset[str] = frozenset(get_args(MetricName))

OF_THE_LIBRARY: dict[str, str] = {
    "process_resident_memory_bytes": "Resident memory of the process.",
    "process_cpu_seconds_total": "CPU time of the process.",
    "process_open_fds": "Open files and connections of the process.",
    "process_max_fds": "How many of them it may open.",
    "process_start_time_seconds": "When the process was started.",
    "up": "1 while the last scrape of a process succeeded (made by Prometheus).",
}
"""What the Prometheus client and server add by themselves and our dashboards and alerts use."""


def counter(name: MetricName, known: Iterable[str] = ()) -> Counter:
    """`known` are the values of its one label: each is shown as 0 from the start.

    To Prometheus a series that begins with its first event has not risen: `rate` and `increase` would miss what matters
    most, a thing's first time.
    """
    return _begun(Counter(name, TABLE[name].meaning, TABLE[name].labels), known)


def gauge(name: MetricName) -> Gauge:
    """One without labels is not shown before it has a value: 0 would be a lie, and most processes never have one."""
    if TABLE[name].labels:
        return Gauge(name, TABLE[name].meaning, TABLE[name].labels)
    return _Unsaid(name, TABLE[name].meaning, registry=None)


class _Unsaid(Gauge):
    _said = False

    def set(self, value: float) -> None:
        super().set(value)
        self._show()

    def set_function(self, f: Callable[[], float]) -> None:
        super().set_function(f)
        self._show()

    def _show(self) -> None:
        if not self._said:
            self._said = True
            REGISTRY.register(self)


def histogram(name: MetricName, known: Iterable[str] = ()) -> Histogram:
    """`known` as of a counter."""
    buckets: Sequence[float] = TABLE[name].buckets
    return _begun(Histogram(name, TABLE[name].meaning, TABLE[name].labels, buckets=buckets), known)


def _begun(metric: M, known: Iterable[str]) -> M:
    for value in known:
        metric.labels(value)
    return metric
