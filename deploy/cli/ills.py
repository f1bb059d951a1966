"""Ills that a process's own metrics tell of: what `tuan doctor` says of them, by the limits of the alerts."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from shared.observability.metric_names import MetricName

DAY = 86_400
MIB = 2**20
MEMORY_MAX = {"relay": 400 * MIB, "web": 400 * MIB}
MEMORY_MAX_OTHERS = 850 * MIB


@dataclass(frozen=True, slots=True)
class Ill:
    """One ill: the alert of the same, its metric, whether a value is ill, and the words with `value` and labels."""

    alert: str
    metric: MetricName
    is_ill: Callable[[float], bool]
    what: str
    advice: str


ILLS: tuple[Ill, ...] = (
    Ill("LoopStopped", "tuan_loop_stopped", bool, "{loop} has stopped until somebody looks", "tuan logs {part}"),
    Ill(
        "RelayStands",
        "tuan_relay_saved_timestamp_seconds",
        lambda at: time.time() - at > 60,
        "the relay has sent nothing for a minute",
        "tuan logs relay",
    ),
    Ill(
        "RelayBehind",
        "tuan_relay_lag_seconds",
        lambda s: s > 30,
        "the relay is {value:.0f} s behind",
        "tuan logs kafka",
    ),
    Ill(
        "CommitsNotNumbered",
        "tuan_relay_lag_commits",
        lambda n: n > 50_000,
        "{value:.0f} commits of {service} wait for the relay",
        "tuan logs relay",
    ),
    Ill(
        "ReadModelBehind",
        "tuan_projection_lag_seconds",
        lambda s: s > 60,
        "{projection} shows what was {value:.0f} s ago",
        "tuan logs {part}",
    ),
    Ill(
        "ReactionsBehind",
        "tuan_reaction_lag_records",
        lambda n: n > 10_000,
        "{loop} has {value:.0f} records before it",
        "tuan logs {part}",
    ),
    Ill(
        "RightsOld",
        "tuan_authority_age_seconds",
        lambda s: s > 30,
        "what is known of withdrawn rights is {value:.0f} s old: org, the relay or Kafka stands",
        "tuan logs relay",
    ),
    Ill(
        "ImportStuck",
        "tuan_import_busy_seconds",
        lambda s: s > 300,
        "one import has kept its worker for {value:.0f} s; its uploader can cancel it",
        "tuan logs member",
    ),
    Ill("ImportFails", "tuan_import_resting", bool, "{value:.0f} imports fail again and again", "tuan logs member"),
    Ill(
        "DeadlinesLate",
        "tuan_deadline_late_seconds",
        lambda s: s > 60,
        "deadlines ({loop}) are decided {value:.0f} s late",
        "tuan logs {part}",
    ),
    Ill(
        "ExchangeDisagrees",
        "tuan_exchange_differences_records",
        lambda n: n > 0,
        "{value:.0f} people are members here and in the system {system}, or in neither",
        "tuan logs transfer",
    ),
    Ill(
        "AppendsWait",
        "tuan_append_waiting",
        lambda n: n > 1_000,
        "{value:.0f} commands wait to be written",
        "tuan logs mongodb",
    ),
    Ill(
        "MongoSlow",
        "tuan_mongodb_answer_seconds",
        lambda s: s > 0.5,
        "MongoDB takes {value:.1f} s for a write of one row: look at its disk and its secondaries",
        "tuan logs mongodb",
    ),
    Ill(
        "ClockOff",
        "tuan_mongodb_clock_ahead_seconds",
        lambda s: abs(s) > 1,
        "MongoDB's clock is {value:+.1f} s off the relay's: let NTP set both",
        "timedatectl",
    ),
    Ill(
        "DiskFillsUp",
        "tuan_mongodb_disk_free_ratio",
        lambda share: share < 0.05,
        "{value:.0%} of MongoDB's disk is free",
        "df -h, then make room",
    ),
    Ill(
        "CertificateEnds",
        "tuan_certificate_expires_timestamp_seconds",
        lambda at: at - time.time() < 14 * DAY,
        "the certificate of {part} ends in less than fourteen days",
        "remove its folder below secrets/tls, then tuan secrets secrets",
    ),
    Ill(
        "TracesLost",
        "tuan_traces_lost_total",
        bool,
        "{value:.0f} spans were lost: the receiver at TUAN_TRACES_ENDPOINT does not take them",
        "tuan logs {part}",
    ),
)
_MISSING = "tuan_mongodb_members"
_MEMORY = "process_resident_memory_bytes"


def found_in(part: str, text: str) -> Iterator[tuple[str, str]]:
    """(what is wrong, which command next) of everything ill in what `part` shows at /metrics."""
    families = list(text_string_to_metric_families(text))
    for ill in ILLS:
        for labels, value in _samples(families, ill.metric):
            if ill.is_ill(value):
                words = {"part": part, "value": value, **labels}
                yield ill.what.format(**words), ill.advice.format(**words)
    for labels, value in _samples(families, _MISSING):
        if labels["state"] == "missing" and value:
            yield (
                f"{value:.0f} members of MongoDB's replica set are missing",
                "start them again; rs.status() says which",
            )
    for _, value in _samples(families, _MEMORY):
        if value > MEMORY_MAX.get(part, MEMORY_MAX_OTHERS):
            yield (
                f"{part} needs {value / MIB:.0f} MiB of memory",
                f"stop {part} (tuan status shows its pid), then make up",
            )


def _samples(families: Iterable[Metric], name: str) -> Iterator[tuple[dict[str, str], float]]:
    for family in families:
        for sample in family.samples:
            if sample.name == name:
                yield sample.labels, sample.value
