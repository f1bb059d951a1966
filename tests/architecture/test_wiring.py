"""Nothing that answers a fact of others is written and then not called."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, parsed, python_files

REACTING = sorted((ROOT / "services").glob("*/reactions.py"))


def _named(path: Path) -> set[str]:
    """Every name and attribute that a file uses."""
    found = (n.attr if isinstance(n, ast.Attribute) else getattr(n, "id", "") for n in ast.walk(parsed(path)))
    return {each for each in found if each}


def _heard(path: Path) -> set[str]:
    """The reactions of a service: public methods of its `Hears`."""
    return {
        part.name
        for node in parsed(path).body
        if isinstance(node, ast.ClassDef) and node.name == "Hears"
        for part in node.body
        if isinstance(part, ast.AsyncFunctionDef) and not part.name.startswith("_")
    }


@pytest.mark.parametrize("path", REACTING, ids=lambda path: path.parent.name)
def test_what_a_service_can_hear_stands_in_its_table(path: Path) -> None:
    assert _heard(path)
    assert _heard(path) - _named(path.parent / "app.py") == set(), "without a line Reaction(...) in app.py"


@pytest.mark.parametrize("path", REACTING, ids=lambda path: path.parent.name)
def test_every_reaction_is_tried_by_a_test_of_its_service(path: Path) -> None:
    tests = "\n".join(each.read_text("utf-8") for each in python_files(f"tests/{path.parent.name}"))
    assert [each for each in _heard(path) if not re.search(rf"\b{each}\b", tests)] == []


@pytest.mark.parametrize("path", REACTING, ids=lambda path: path.parent.name)
def test_every_policy_is_what_some_reaction_does(path: Path) -> None:
    """A policy turns a fact into a command; one that nobody calls means that the fact is heard by nobody."""
    policies = path.parent / "domain" / "policies.py"
    written = {n.name for n in parsed(policies).body if isinstance(n, ast.FunctionDef) and n.name.startswith("on_")}
    assert written
    assert written - _named(path) == set()
