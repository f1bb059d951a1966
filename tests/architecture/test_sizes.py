"""Files up to 300 lines, functions up to 40: what is longer has two subjects."""

import ast
import tomllib
from collections import Counter
from pathlib import Path

from tests.architecture.tree import CODE, name, parsed, python_files

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 40
SLACK_LINES_MAX = 100
"""How far the ceiling of a part of shared/ may stand above it; further, and it comes down."""
ALLOWED = tomllib.loads(Path(__file__).with_name("sizes.toml").read_text())


def _held(found: dict[str, int], allowed: dict[str, int]) -> list[str]:
    grown = [f"{what}: {lines} lines" for what, lines in found.items() if lines > allowed.get(what, 0)]
    loose = [f"{what}: lower its entry" for what, lines in allowed.items() if found.get(what, 0) < lines]
    return grown + loose


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    lengths = {name(path): len(path.read_text("utf-8").splitlines()) for path in python_files(*CODE, "tests")}
    found = {what: lines for what, lines in lengths.items() if lines > FILE_LINES_MAX}
    wrong = _held(found, ALLOWED["files"])
    assert not wrong, "\n".join(wrong)


def test_no_function_is_longer_than_forty_lines() -> None:
    found = {
        f"{name(path)}::{node.name}": _length(node)
        for path in python_files(*CODE)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _length(node) > FUNCTION_LINES_MAX
    }
    wrong = _held(found, ALLOWED["functions"])
    assert not wrong, "\n".join(wrong)


def test_the_kernel_grows_only_knowingly() -> None:
    """Without it a part comes into shared/ because it is handy there, and every team has to read it."""
    parts: Counter[str] = Counter()
    for path in python_files("shared"):
        parts[name(path).split("/")[1]] += len(path.read_text("utf-8").splitlines())
    parts.pop("__init__.py", None)
    parts.pop("contracts", None)
    assert parts.keys() == ALLOWED["shared"].keys()
    room = {part: ALLOWED["shared"][part] - lines for part, lines in parts.items()}
    wrong = [f"shared/{part}: {-left} lines above its ceiling" for part, left in room.items() if left < 0]
    wrong += [f"shared/{part}: lower its entry" for part, left in room.items() if left > SLACK_LINES_MAX]
    assert not wrong, "\n".join(wrong)
