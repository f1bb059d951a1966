"""Grafana's dashboards as code: rows of panels, each a question an operator asks and the expression that answers it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("dashboards")
_WIDTH, _HEIGHT, _PER_ROW = 24, 8, 3
_SOURCE = {"type": "prometheus", "uid": "prometheus"}


@dataclass(frozen=True, slots=True)
class Panel:
    """`expr` in PromQL; `legend` with labels in double braces; `unit` as Grafana names it."""

    title: str
    expr: str
    legend: str = "{{part}}"
    unit: str = "short"
    least: float | None = 0
    """Where its scale begins; None if the figure may be below 0."""


def _quantile(share: float, metric: str, by: str) -> str:
    return f"histogram_quantile({share}, sum by ({by}, le) (rate({metric}_bucket[5m])))"


DASHBOARDS: dict[str, tuple[str, tuple[Panel, ...]]] = {
    "requests": (
        "Tuan: requests",
        (
            Panel("Requests a second", "sum by (part) (rate(tuan_http_request_seconds_count[5m]))", unit="reqps"),
            Panel(
                "Faults of the program, of all requests",
                '(sum by (part) (rate(tuan_http_request_seconds_count{status=~"5..",status!="503"}[5m]))'
                " or 0 * sum by (part) (rate(tuan_http_request_seconds_count[5m])))"
                " / sum by (part) (rate(tuan_http_request_seconds_count[5m]))",
                unit="percentunit",
            ),
            Panel("99 of 100 are done within", _quantile(0.99, "tuan_http_request_seconds", "part"), unit="s"),
            Panel(
                "The ten slowest routes (95 of 100)",
                f"topk(10, {_quantile(0.95, 'tuan_http_request_seconds', 'part, method, route')})",
                "{{part}} {{method}} {{route}}",
                "s",
            ),
            Panel("Worked on, and waiting", "tuan_http_working + tuan_http_waiting"),
            Panel("Turned away a second", "sum by (part) (rate(tuan_http_turned_away_total[5m]))", unit="reqps"),
            Panel(
                "Refused by kind",
                'sum by (part, status) (rate(tuan_http_request_seconds_count{status=~"4..|503"}[5m]))',
                "{{part}} {{status}}",
                "reqps",
            ),
            Panel("Age of what is known of rights", "tuan_authority_age_seconds", unit="s"),
            Panel("Event loop is late (99 of 100)", _quantile(0.99, "tuan_event_loop_lag_seconds", "part"), unit="s"),
        ),
    ),
    "events": (
        "Tuan: commits and events",
        (
            Panel(
                "Commits a second",
                "sum by (part, kind) (rate(tuan_append_commits_sum[5m]))",
                "{{part}} {{kind}}",
                "wps",
            ),
            Panel(
                "Durable within (99 of 100)",
                _quantile(0.99, "tuan_append_seconds", "part, kind"),
                "{{part}} {{kind}}",
                "s",
            ),
            Panel(
                "Commits written together",
                "rate(tuan_append_commits_sum[5m]) / rate(tuan_append_commits_count[5m])",
                "{{part}} {{kind}}",
            ),
            Panel("Appends that wait", "tuan_append_waiting", "{{part}} {{kind}}"),
            Panel("Transactions within (99 of 100)", _quantile(0.99, "tuan_transaction_seconds", "part"), unit="s"),
            Panel("Transactions begun again", "rate(tuan_transaction_repeats_total[5m])", unit="ops"),
            Panel("Relay: age of what it sends", "tuan_relay_lag_seconds", "relay", "s"),
            Panel("Relay: commits not numbered yet", "tuan_relay_lag_commits", "{{service}}"),
            Panel("Relay: records a second", "rate(tuan_relay_records_total[5m])", "{{topic}}", "wps"),
            Panel("Commits numbered", "tuan_relay_ordinal", "{{service}}"),
            Panel("Relay: since its last checkpoint", "time() - tuan_relay_saved_timestamp_seconds", "relay", "s"),
            Panel("Read models: age of what they show", "tuan_projection_lag_seconds", "{{projection}}", "s"),
            Panel("Read models: records that wait", "tuan_projection_lag_records", "{{projection}}"),
            Panel("Read models that are being filled", "tuan_projection_caught_up == 0", "{{projection}}"),
            Panel(
                "Read models: records in a batch",
                "rate(tuan_projection_batch_records_sum[5m]) / rate(tuan_projection_batch_records_count[5m])",
                "{{projection}}",
            ),
            Panel(
                "Read models: a batch within (99 of 100)",
                _quantile(0.99, "tuan_projection_batch_seconds", "projection"),
                "{{projection}}",
                "s",
            ),
            Panel(
                "Reactions by outcome",
                "sum by (type, outcome) (rate(tuan_reaction_records_total[5m]))",
                "{{type}} {{outcome}}",
                "ops",
            ),
            Panel("Reactions: records that wait", "tuan_reaction_lag_records", "{{loop}}"),
            Panel("Parked lines", "tuan_parked_lines", "{{service}}"),
            Panel("Parked records", "tuan_parked_records", "{{service}}"),
        ),
    ),
    "processes": (
        "Tuan: imports, processes and servers",
        (
            Panel(
                "Rows of imports a second",
                "sum by (verdict) (rate(tuan_import_rows_total[1m]))",
                "{{verdict}}",
                "rowsps",
            ),
            Panel("The present import has taken", "tuan_import_busy_seconds", unit="s"),
            Panel("Imports that fail", "tuan_import_resting"),
            Panel("Deadlines are late by", "tuan_deadline_late_seconds", "{{loop}}", "s"),
            Panel(
                "Since somebody looked for deadlines",
                "time() - max by (loop) (tuan_deadline_looked_timestamp_seconds)",
                "{{loop}}",
                "s",
            ),
            Panel("Transfers that member was asked about again", "increase(tuan_transfer_asked_again_total[1h])"),
            Panel("Messages to other systems in vain", "increase(tuan_exchange_failures_total[1h])", "{{system}}"),
            Panel("Messages of other systems not proven", "increase(tuan_exchange_refused_total[1h])"),
            Panel("Contradictions of other systems", "increase(tuan_exchange_findings_total[1h])"),
            Panel("People that two systems have, or neither", "tuan_exchange_differences_records", "{{system}}"),
            Panel("Processes that answer", 'up{job="tuan"}'),
            Panel("Loops that do not work", "tuan_loop_ready == 0", "{{part}} {{loop}}"),
            Panel("Loops that stopped", "tuan_loop_stopped == 1", "{{part}} {{loop}}"),
            Panel("Loops begun again", "increase(tuan_loop_failures_total[10m])", "{{part}} {{loop}}"),
            Panel("Memory", 'process_resident_memory_bytes{job="tuan"}', unit="bytes"),
            Panel("Cores in use", 'rate(process_cpu_seconds_total{job="tuan"}[5m])'),
            Panel(
                "Open files, of those allowed",
                'process_open_fds{job="tuan"} / process_max_fds{job="tuan"}',
                unit="percentunit",
            ),
            Panel("Up since", 'time() - process_start_time_seconds{job="tuan"}', unit="s"),
            Panel("Certificates end in", "tuan_certificate_expires_timestamp_seconds - time()", unit="s", least=None),
            Panel("MongoDB: a write takes", "tuan_mongodb_answer_seconds", "MongoDB", "s"),
            Panel("MongoDB: members", "tuan_mongodb_members", "{{state}}"),
            Panel("MongoDB: disk free", "tuan_mongodb_disk_free_ratio", "MongoDB", "percentunit"),
            Panel("MongoDB: oplog reaches back", "tuan_mongodb_oplog_window_seconds", "MongoDB", "s"),
            Panel("MongoDB: its clock is ahead by", "tuan_mongodb_clock_ahead_seconds", "MongoDB", "s", None),
            Panel("Spans lost", "increase(tuan_traces_lost_total[15m])"),
        ),
    ),
}


def render(name: str) -> str:
    """The file of one dashboard."""
    title, panels = DASHBOARDS[name]
    document = {
        "uid": f"tuan-{name}",
        "title": title,
        "tags": ["tuan"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "panels": [_panel(at, panel) for at, panel in enumerate(panels)],
    }
    return json.dumps(document, indent=1) + "\n"


def _panel(at: int, panel: Panel) -> dict[str, Any]:
    width = _WIDTH // _PER_ROW
    least = {} if panel.least is None else {"min": panel.least}
    return {
        "id": at + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": _SOURCE,
        "gridPos": {"h": _HEIGHT, "w": width, "x": at % _PER_ROW * width, "y": at // _PER_ROW * _HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit} | least, "overrides": []},
        "targets": [{"refId": "A", "expr": panel.expr, "legendFormat": panel.legend, "datasource": _SOURCE}],
    }
