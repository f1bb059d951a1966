"""What is in shared/ has two users (ADR 0027)."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture.tree import ROOT, name, parsed, python_files

APART = ("contracts", "testing")
"""What a service publishes has one owner, and what tests use no service imports."""


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {_module(path) for path in python_files("shared")}


def _imports(path: Path) -> Iterator[str]:
    """The modules of shared/ that a file names, wherever in it."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            named = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES
            yield from named or {node.module} & MODULES
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)


def _user(path: Path) -> str:
    """A service, or the operator's tools."""
    folder, *within = path.relative_to(ROOT).parts
    return within[0] if folder == "services" else folder


@cache
def _users() -> dict[str, set[str]]:
    """Module of shared/ -> who needs it, by itself or through others of shared/."""
    within = {_module(path): set(_imports(path)) for path in python_files("shared")}
    users: dict[str, set[str]] = {module: set() for module in within}
    for path in python_files("services", "deploy"):
        reached, ahead = set(), set(_imports(path))
        while ahead:
            reached |= ahead
            ahead = {each for module in ahead for each in within[module]} - reached
        for module in reached:
            users[module].add(_user(path))
    return users


def _parts() -> Iterator[tuple[str, Path]]:
    for path in python_files("shared"):
        _, *folders, _ = path.relative_to(ROOT).parts
        if folders:
            yield folders[0], path


def test_what_has_one_user_lives_with_that_user() -> None:
    """Without it the kernel grows by what one service might share one day, and every team has to read it."""
    wrong = [
        f"{name(path)}: {', '.join(users) or 'nobody'}"
        for part, path in _parts()
        if part not in APART and path.name != "__init__.py" and len(users := sorted(_users()[_module(path)])) < 2
    ]
    assert not wrong, "\n".join(wrong)
