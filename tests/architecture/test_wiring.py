"""Nothing that answers a fact of others is written and then not called."""

import ast
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, parsed

REACTING = sorted((ROOT / "services").glob("*/reactions.py"))


def _named(path: Path) -> set[str]:
    """Every name and attribute that a file uses."""
    found = (n.attr if isinstance(n, ast.Attribute) else getattr(n, "id", "") for n in ast.walk(parsed(path)))
    return {each for each in found if each}


@pytest.mark.parametrize("path", REACTING, ids=lambda path: path.parent.name)
def test_what_a_service_can_hear_stands_in_its_table(path: Path) -> None:
    heard = {
        part.name
        for node in parsed(path).body
        if isinstance(node, ast.ClassDef) and node.name == "Hears"
        for part in node.body
        if isinstance(part, ast.AsyncFunctionDef) and not part.name.startswith("_")
    }
    assert heard
    assert heard - _named(path.parent / "app.py") == set(), "without a line Reaction(...) in app.py"


@pytest.mark.parametrize("path", REACTING, ids=lambda path: path.parent.name)
def test_every_policy_is_what_some_reaction_does(path: Path) -> None:
    """A policy turns a fact into a command; one that nobody calls means that the fact is heard by nobody."""
    policies = path.parent / "domain" / "policies.py"
    written = {n.name for n in parsed(policies).body if isinstance(n, ast.FunctionDef) and n.name.startswith("on_")}
    assert written
    assert written - _named(path) == set()
