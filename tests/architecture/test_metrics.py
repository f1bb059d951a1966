"""One table of metrics: nothing is measured outside of it, and everything in it is measured somewhere."""

import ast
from collections.abc import Iterator
from pathlib import Path

from deploy.observability.metrics_page import PAGE, render
from shared.observability.metric_names import NAMES, TABLE
from tests.architecture.tree import CODE, name, parsed, python_files

PLACE = "shared/observability/metric_names.py"
MAKERS = {"counter", "gauge", "histogram"}
# Every label has few values that our own code knows. An id, a path or a name is none of them.
LABELS = {
    *("kind", "loop", "method", "outcome", "projection", "route", "service", "state", "status", "topic", "type"),
    "system",
    "verdict",
}
UNITS = ("_seconds", "_records", "_commits", "_lines", "_ratio", "_members", "_total")
COUNTED = {"tuan_http_working", "tuan_http_waiting", "tuan_append_waiting", "tuan_relay_ordinal", "tuan_import_resting"}
FLAGS = {"tuan_loop_ready", "tuan_loop_stopped", "tuan_projection_caught_up"}


def _made() -> Iterator[tuple[str, ast.expr]]:
    for path in python_files(*CODE):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS and node.args:
                yield f"{name(path)}:{node.lineno}", node.args[0]


def test_every_metric_stands_in_the_table_with_its_meaning() -> None:
    assert TABLE.keys() == NAMES
    assert [each for each, metric in TABLE.items() if not metric.meaning.endswith(".")] == []


def test_every_metric_of_the_table_is_measured_in_exactly_one_place() -> None:
    made = [(place, node.value) for place, node in _made() if isinstance(node, ast.Constant)]
    assert sorted(what for _, what in made) == sorted(NAMES)


def test_no_metric_is_made_past_the_table() -> None:
    makers: set[Path] = {
        path
        for path in python_files(*CODE)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.module == "prometheus_client"
        if {alias.name for alias in node.names} & {"Counter", "Gauge", "Histogram", "Summary", "Info", "Enum"}
    }
    assert {name(path) for path in makers} == {PLACE}


def test_labels_are_few_and_names_say_the_unit() -> None:
    assert {label for metric in TABLE.values() for label in metric.labels} <= LABELS
    assert [n for n in NAMES - COUNTED - FLAGS if not n.endswith(UNITS)] == []


def test_the_page_of_metrics_is_current() -> None:
    assert PAGE.read_text("utf-8") == render(), "run `make contracts`"
