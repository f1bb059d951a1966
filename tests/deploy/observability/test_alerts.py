"""Every alert fires for its ill and is silent otherwise, as Prometheus' own tool says; and names what to do."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.cli.main import app
from deploy.local.outside_tools import promtool

RULES = Path(__file__).parents[3] / "deploy" / "observability" / "alerts.yaml"
ALERTS = {rule["alert"]: rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]}
OF_ORG = '{job="tuan",part="org"}'
DAY = 86_400

# What a well system shows, and how each of its values goes on.
WELL: dict[str, str] = {
    f"up{OF_ORG}": "1x200",
    'tuan_loop_ready{job="tuan",part="org",loop="org.beat"}': "1x200",
    'tuan_loop_stopped{job="tuan",part="org",loop="org.beat"}': "0x200",
    'tuan_loop_failures_total{job="tuan",part="org",loop="org.beat"}': "3x200",
    'tuan_event_loop_lag_seconds_bucket{job="tuan",part="org",le="0.025"}': "0+240x200",
    'tuan_event_loop_lag_seconds_bucket{job="tuan",part="org",le="2.5"}': "0+240x200",
    'tuan_event_loop_lag_seconds_bucket{job="tuan",part="org",le="+Inf"}': "0+240x200",
    f"process_resident_memory_bytes{OF_ORG}": f"{300 * 2**20}x200",
    'process_resident_memory_bytes{job="tuan",part="relay"}': f"{150 * 2**20}x200",
    f"process_open_fds{OF_ORG}": "100x200",
    f"process_max_fds{OF_ORG}": "1024x200",
    f"tuan_certificate_expires_timestamp_seconds{OF_ORG}": f"{400 * DAY}x200",
    'tuan_http_request_seconds_count{job="tuan",part="org",status="200"}': "0+600x200",
    'tuan_http_request_seconds_count{job="tuan",part="org",status="500"}': "0+1x200",
    'tuan_http_request_seconds_count{job="tuan",part="org",status="503"}': "0+300x200",
    'tuan_http_request_seconds_bucket{job="tuan",part="org",le="0.25"}': "0+600x200",
    'tuan_http_request_seconds_bucket{job="tuan",part="org",le="10"}': "0+600x200",
    'tuan_http_request_seconds_bucket{job="tuan",part="org",le="+Inf"}': "0+600x200",
    f"tuan_http_turned_away_total{OF_ORG}": "17x200",
    'tuan_append_waiting{job="tuan",part="org",kind="plain"}': "5x200",
    'tuan_transaction_seconds_count{job="tuan",part="org",outcome="busy"}': "2x200",
    'tuan_mongodb_answer_seconds{job="tuan",part="relay"}': "0.01x200",
    'tuan_mongodb_members{job="tuan",part="relay",state="missing"}': "0x200",
    'tuan_mongodb_disk_free_ratio{job="tuan",part="relay"}': "0.5x200",
    'tuan_mongodb_oplog_window_seconds{job="tuan",part="relay"}': "600+60x200",  # young: it still grows
    'tuan_mongodb_clock_ahead_seconds{job="tuan",part="relay"}': "-0.01x200",
    'tuan_relay_saved_timestamp_seconds{job="tuan",part="relay"}': "0+60x200",
    'tuan_relay_lag_seconds{job="tuan",part="relay"}': "0.05x200",
    'tuan_relay_lag_commits{job="tuan",part="relay",service="member"}': "40x200",
    'tuan_projection_lag_seconds{job="tuan",part="stats",projection="stats.totals"}': "0.2x200",
    'tuan_reaction_lag_records{job="tuan",part="identity",loop="identity.reactions"}': "12x200",
    'tuan_parked_lines{job="tuan",part="identity",service="identity"}': "0x200",
    f"tuan_authority_age_seconds{OF_ORG}": "0.7x200",
    'tuan_import_busy_seconds{job="tuan",part="member"}': "12x200",
    'tuan_import_resting{job="tuan",part="member"}': "0x200",
    'tuan_deadline_looked_timestamp_seconds{loop="org.deadlines",job="tuan",part="org"}': "0+60x200",
    'tuan_deadline_late_seconds{loop="org.deadlines",job="tuan",part="org"}': "0x200",
    f"tuan_traces_lost_total{OF_ORG}": "4x200",
    'tuan_transfer_asked_again_total{job="tuan",part="transfer"}': "2x200",
    'tuan_exchange_failures_total{job="tuan",part="transfer",system="fujian"}': "3x200",
    'tuan_exchange_differences_records{job="tuan",part="transfer",system="fujian"}': "0x200",
    'tuan_exchange_findings_total{job="tuan",part="transfer"}': "1x200",
    'tuan_exchange_refused_total{job="tuan",part="transfer"}': "40x200",
}
# Alert -> what goes another way, from the beginning on, than in a well system.
ILLS: dict[str, dict[str, str]] = {
    "ProcessDown": {f"up{OF_ORG}": "0x200"},
    "LoopStopped": {'tuan_loop_stopped{job="tuan",part="org",loop="org.beat"}': "1x200"},
    "LoopNotReady": {'tuan_loop_ready{job="tuan",part="org",loop="org.beat"}': "0x200"},
    "LoopFails": {'tuan_loop_failures_total{job="tuan",part="org",loop="org.beat"}': "0+1x200"},
    "EventLoopHeld": {'tuan_event_loop_lag_seconds_bucket{job="tuan",part="org",le="0.025"}': "0+100x200"},
    "MemoryHigh": {f"process_resident_memory_bytes{OF_ORG}": f"{900 * 2**20}x200"},
    "FilesRunOut": {f"process_open_fds{OF_ORG}": "900x200"},
    "CertificateEnds": {f"tuan_certificate_expires_timestamp_seconds{OF_ORG}": f"{13 * DAY}x200"},
    "RequestsFail": {'tuan_http_request_seconds_count{job="tuan",part="org",status="500"}': "0+20x200"},
    "RequestsSlow": {'tuan_http_request_seconds_bucket{job="tuan",part="org",le="0.25"}': "0+400x200"},
    "RequestsTurnedAway": {f"tuan_http_turned_away_total{OF_ORG}": "0+60x200"},
    "AppendsWait": {'tuan_append_waiting{job="tuan",part="org",kind="plain"}': "4000x200"},
    "TransactionsGiveUp": {'tuan_transaction_seconds_count{job="tuan",part="org",outcome="busy"}': "0+1x200"},
    "MongoSlow": {'tuan_mongodb_answer_seconds{job="tuan",part="relay"}': "0.9x200"},
    "MongoMemberMissing": {'tuan_mongodb_members{job="tuan",part="relay",state="missing"}': "1x200"},
    "DiskFillsUp": {'tuan_mongodb_disk_free_ratio{job="tuan",part="relay"}': "0.1x200"},
    "OplogShort": {'tuan_mongodb_oplog_window_seconds{job="tuan",part="relay"}': "50000x200"},
    "ClockOff": {'tuan_mongodb_clock_ahead_seconds{job="tuan",part="relay"}': "-3x200"},
    "RelayStands": {'tuan_relay_saved_timestamp_seconds{job="tuan",part="relay"}': "600x200"},
    "RelayMissing": {'tuan_relay_saved_timestamp_seconds{job="tuan",part="relay"}': ""},
    "RelayBehind": {'tuan_relay_lag_seconds{job="tuan",part="relay"}': "45x200"},
    "CommitsNotNumbered": {'tuan_relay_lag_commits{job="tuan",part="relay",service="member"}': "60000x200"},
    "ReadModelBehind": {
        'tuan_projection_lag_seconds{job="tuan",part="stats",projection="stats.totals"}': "90x200"
    },
    "ReactionsBehind": {
        'tuan_reaction_lag_records{job="tuan",part="identity",loop="identity.reactions"}': "20000x200"
    },
    "RecordsParked": {'tuan_parked_lines{job="tuan",part="identity",service="identity"}': "1x200"},
    "RightsOld": {f"tuan_authority_age_seconds{OF_ORG}": "20x200"},
    "CommandsRefused": {f"tuan_authority_age_seconds{OF_ORG}": "1000000x200"},
    "ImportStuck": {'tuan_import_busy_seconds{job="tuan",part="member"}': "400x200"},
    "ImportFails": {'tuan_import_resting{job="tuan",part="member"}': "1x200"},
    "DeadlinesStand": {
        'tuan_deadline_looked_timestamp_seconds{loop="org.deadlines",job="tuan",part="org"}': "600x200"
    },
    "DeadlinesLate": {'tuan_deadline_late_seconds{loop="org.deadlines",job="tuan",part="org"}': "90x200"},
    "TransfersUnanswered": {'tuan_transfer_asked_again_total{job="tuan",part="transfer"}': "0+1x200"},
    "ExchangeFails": {'tuan_exchange_failures_total{job="tuan",part="transfer",system="fujian"}': "0+1x200"},
    "ExchangeDisagrees": {'tuan_exchange_differences_records{job="tuan",part="transfer",system="fujian"}': "1x200"},
    "ExchangeContradicted": {'tuan_exchange_findings_total{job="tuan",part="transfer"}': "0+1x200"},
    "ExchangeForged": {'tuan_exchange_refused_total{job="tuan",part="transfer"}': "0+2x200"},
    "TracesLost": {f"tuan_traces_lost_total{OF_ORG}": "0+10x200"},
}  # fmt: skip
ALSO = {"CommandsRefused": {"RightsOld"}}
"""Older than a minute is also older than five seconds."""
KEPT = {  # what an alert's labels keep of its metric's, where that is not all of them
    "EventLoopHeld": {"part"}, "RequestsFail": {"part"}, "RequestsSlow": {"part"}, "RequestsTurnedAway": {"part"},
    "RelayMissing": set(), "DeadlinesStand": {"loop"},
}  # fmt: skip


def _series(changed: dict[str, str]) -> list[dict[str, str]]:
    return [{"series": name, "values": values} for name, values in (WELL | changed).items() if values]


def _expected(alert: str, changed: dict[str, str]) -> dict[str, Any]:
    rule = ALERTS[alert]
    labels = dict(re.findall(r'(\w+)="([^"]*)"', next(iter(changed))))
    kept = KEPT.get(alert, labels.keys() - {"le"})
    labels = {name: value for name, value in labels.items() if name in kept}
    filled = {
        name: re.sub(r"{{ \$labels\.(\w+) }}", lambda m: labels[m[1]], text)
        for name, text in rule["annotations"].items()
    }
    return {"exp_labels": labels | rule["labels"], "exp_annotations": filled}


def _test(name: str, changed: dict[str, str], at: tuple[int, ...] = (55,)) -> dict[str, Any]:
    """At these minutes everything that shall fire does, and nothing else at all."""
    firing = {name, *ALSO.get(name, ())}
    cases = [
        {
            "eval_time": f"{minute}m",
            "alertname": alert,
            "exp_alerts": [_expected(alert, changed)] if alert in firing else [],
        }
        for alert in ALERTS
        for minute in at
    ]
    return {"name": name, "interval": "1m", "input_series": _series(changed), "alert_rule_test": cases}


def _promtool(tmp_path: Path, tests: list[dict[str, Any]]) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "alerts_test.yaml"
    file.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}))
    return subprocess.run([promtool(), "test", "rules", str(file)], capture_output=True, text=True, check=False)


def test_every_alert_fires_for_its_ill_alone_and_none_for_a_well_system(tmp_path: Path) -> None:
    assert ILLS.keys() == ALERTS.keys()
    tests = [
        _test("a well system, from its first minute on", {}, (1, 10, 20, 30, 55)),
        *(_test(alert, changed) for alert, changed in ILLS.items()),
    ]
    result = _promtool(tmp_path, tests)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-6000:]


def test_the_test_itself_would_find_an_alert_that_is_silent_or_too_loud(tmp_path: Path) -> None:
    silent = _test("RecordsParked", ILLS["RecordsParked"]) | {"input_series": _series({})}
    loud = _test("a well system", ILLS["RecordsParked"])
    for each in (silent, loud):
        assert _promtool(tmp_path, [each]).returncode != 0


def test_prometheus_takes_the_rules_and_the_settings(tmp_path: Path) -> None:
    for kind in ("rules", "config"):
        file = RULES if kind == "rules" else tmp_path / "prometheus.yaml"
        if kind == "config":
            settings = (RULES.parent / "prometheus.yaml").read_text()
            (tmp_path / "ca.crt").touch()
            text = settings.replace("/etc/prometheus/alerts.yaml", str(RULES))
            file.write_text(text.replace("/run/tuan/tls/ca.crt", str(tmp_path / "ca.crt")))
        checked = subprocess.run([promtool(), "check", kind, str(file)], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.rule("OPS-08")
@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_says_what_is_wrong_and_names_the_next_command(alert: str) -> None:
    annotations = ALERTS[alert]["annotations"]
    assert annotations["summary"].endswith(".")
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    commands |= {group.name for group in app.registered_groups if group.name}
    named = re.findall(r"tuan (\w+)", annotations["next"])
    assert set(named) <= commands
    assert named or re.match(r"(df|timedatectl|start|look) ?", annotations["next"])
