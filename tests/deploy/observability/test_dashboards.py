"""Dashboards ask only for what is measured, in PromQL that Prometheus reads, and show all that is measured."""

import json
import re
import subprocess
from pathlib import Path

import yaml

from deploy.local.outside_tools import promtool
from deploy.observability.__main__ import generated, main
from deploy.observability.dashboards import DASHBOARDS, FOLDER
from shared.observability.metric_names import NAMES, OF_THE_LIBRARY, TABLE
from tests.deploy.observability.test_alerts import ALERTS, WELL

EXPRESSIONS = {f"{name}: {p.title}": p.expr for name, (_, panels) in DASHBOARDS.items() for p in panels}
SUFFIXES = ("_bucket", "_sum", "_count")


def metrics_of(expression: str) -> set[str]:
    """The metrics an expression asks for, by the names of the table."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)", " ", expression)
    found = {word for word in re.findall(r"[a-z_]+(?![a-z_]*\()", bare) if "_" in word or word == "up"}
    found -= {"histogram_quantile"}
    histograms = {name for name, metric in TABLE.items() if metric.buckets}
    return {next((h for h in histograms for s in SUFFIXES if word == h + s), word) for word in found}


def labels_of(expression: str) -> set[str]:
    """The labels an expression or a legend names, without those that a scrape adds."""
    named = re.findall(r'(\w+)(?:=|!=|=~|!~)"', expression)
    named += [each.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for each in group.split(",")]
    return set(named) - {"job", "part", "le"}


def test_panels_and_alerts_ask_for_metrics_of_the_table_only() -> None:
    asked = EXPRESSIONS | {name: rule["expr"] for name, rule in ALERTS.items()}
    unknown = {where: metrics_of(e) - NAMES - OF_THE_LIBRARY.keys() for where, e in asked.items()}
    assert {where: names for where, names in unknown.items() if names} == {}
    assert [where for where, e in asked.items() if not metrics_of(e)] == []
    for where, expression in asked.items():
        known = {label for metric in metrics_of(expression) & NAMES for label in TABLE[metric].labels}
        assert labels_of(expression) <= known, where


def test_a_well_system_shows_every_metric_that_an_alert_asks_for() -> None:
    """Otherwise nothing says that the alert is silent while all is well."""
    asked = set().union(*(metrics_of(rule["expr"]) for rule in ALERTS.values()))
    assert asked - set().union(*map(metrics_of, WELL)) == set()


def test_every_metric_is_shown_somewhere() -> None:
    assert NAMES - set().union(*map(metrics_of, EXPRESSIONS.values())) == set()


def test_prometheus_reads_every_expression(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{n}", "expr": e} for n, e in enumerate(EXPRESSIONS.values())]
    (tmp_path / "panels.yaml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    checked = subprocess.run(
        [promtool(), "check", "rules", str(tmp_path / "panels.yaml")], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_what_is_generated_is_current_and_is_what_grafana_is_given() -> None:
    assert main(["--check"]) == 0
    assert {path for path in generated() if path.suffix == ".json"} == set(FOLDER.glob("*.json"))
    for path in FOLDER.glob("*.json"):
        dashboard = json.loads(path.read_text())
        assert dashboard["uid"] == f"tuan-{path.stem}"
        places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in dashboard["panels"]]
        assert len(set(places)) == len(places)


def test_a_panel_over_an_unknown_metric_would_be_found() -> None:
    assert metrics_of('sum by (part) (rate(tuan_nothing_total{status="503"}[5m])) > 2 * tuan_http_working') == {
        "tuan_nothing_total",
        "tuan_http_working",
    }
    assert metrics_of("histogram_quantile(0.9, sum by (le) (rate(tuan_append_seconds_bucket[5m])))") == {
        "tuan_append_seconds"
    }
