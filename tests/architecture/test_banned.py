"""Calls that are right in one place only, and words that do not belong into finished work."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import CODE, ROOT, files, name, parsed, python_files

CLOCK = "shared/kernel/clock.py"
DRIVER = "shared/eventstore/driver.py"
# The places where any exception at all is turned into a bounded retry, a stop or an answer.
CATCH_ALL = {
    "deploy/local/jars.py",
    "shared/eventstore/batcher.py",
    "shared/eventstore/driver.py",
    "shared/messaging/handling.py",
    "shared/messaging/reactions.py",
    "shared/http/edge.py",
    "services/member/worker.py",
    "services/member/workbooks/child.py",
    "shared/runtime/service.py",
}
TEXTS = ("*.py", "*.toml", "*.md", "*.html", "*.js", "*.mjs", "*.css", "*.json", "*.sh", "*.lock", "Makefile")


def _calls(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), f"{name(path)}:{node.lineno}"


def _texts() -> Iterator[tuple[Path, str]]:
    for pattern in TEXTS:
        for folder in (*CODE, "tests", "docs", "examples", ".ci"):
            for path in files(folder, pattern):
                yield path, path.read_text("utf-8", errors="replace")
        for path in sorted(ROOT.glob(pattern)):
            yield path, path.read_text("utf-8", errors="replace")


def test_only_the_clock_asks_for_the_time() -> None:
    """Without it a test or demonstration whose clock is moved would see two times at once."""
    asks = re.compile(r"(^|\.)(now|utcnow|today)$|^time\.time(_ns)?$")
    wrong = [
        place
        for path in python_files("services", "shared")
        if name(path) != CLOCK
        for call, place in _calls(path)
        if asks.search(call) and re.match(r"(datetime|date|time)\b", call)
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_driver_starts_sessions_and_transactions() -> None:
    """Starting one is a coroutine in one driver and a plain call in the other: forgotten, it writes outside."""
    wrong = [
        place
        for path in python_files(*CODE)
        if name(path) != DRIVER
        for call, place in _calls(path)
        if call.endswith((".start_session", ".start_transaction", ".with_transaction"))
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_messaging_part_subscribes() -> None:
    """Ack policy, offset reset and parking are written once; a subscriber beside them would lose data."""
    wrong = [
        place
        for path in python_files("services", "shared")
        if not name(path).startswith(("shared/messaging/", "shared/projections/", "shared/authority/"))
        for call, place in _calls(path)
        if call.endswith((".subscriber", "KafkaRoute", "KafkaBroker", "AIOKafkaConsumer"))
    ]
    assert not wrong, "\n".join(wrong)


def test_only_listed_places_catch_everything() -> None:
    wrong = {
        name(path)
        for path in python_files(*CODE)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    }
    assert sorted(wrong - CATCH_ALL) == []
    assert sorted(CATCH_ALL - wrong) == []


def test_no_dependency_of_a_route_costs_a_thread() -> None:
    """A plain function is called in a thread: for each request as dear as the rest of its frame."""
    modules = [parsed(path) for path in python_files("services", "shared")]
    plain = {n.name for m in modules for n in m.body if isinstance(n, ast.FunctionDef)}
    asynchronous = {n.name for m in modules for n in m.body if isinstance(n, ast.AsyncFunctionDef)}
    used = {
        ast.unparse(call.args[0])
        for module in modules
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Depends"
    }
    assert used
    assert used - asynchronous == set()
    assert used & plain == set()


def test_nothing_is_left_unfinished() -> None:
    words = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
    wrong = [
        f"{name(path)}: {match.group()}"
        for path, text in _texts()
        if path.suffix != ".lock" and path.name != "package-lock.json"
        for match in words.finditer(text)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_test_is_skipped() -> None:
    wrong = [
        place
        for path in python_files("tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "xfail", "importorskip"}
        for place in [f"{name(path)}:{node.lineno}"]
    ]
    assert not wrong, "\n".join(wrong)


def test_no_text_names_a_machine_or_a_registry() -> None:
    places = "|".join([r"(?<![\w.])/wo" + r"rk/", r"(?<![\w.])/ro" + r"ot/", r"\bfa" + r"rm-\w"])
    wrong = [f"{name(path)}: {match.group()}" for path, text in _texts() for match in re.finditer(places, text)]
    registries = [
        name(path) for path, text in _texts() if path.name == "package-lock.json" and '"resolved"' in text
    ] + [name(path) for path, text in _texts() if path.suffix == ".lock" and "://" in text]
    assert not wrong + registries, "\n".join(wrong + registries)
