"""Who may import whom: the contracts of .importlinter, and the one it cannot express."""

import ast
import subprocess
import sys

import pytest

from tests.architecture.tree import ROOT, name, parsed, python_files


def test_the_import_contracts_hold() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr


def _imported(module: ast.Module) -> list[str]:
    names: list[str] = []
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names


def test_a_read_model_and_the_exit_know_a_domain_by_its_events_only() -> None:
    wrong = [
        f"{name(path)} imports {imported}"
        for path in python_files("services")
        if "projections" in path.parts or path.name == "published.py"
        for imported in _imported(parsed(path))
        if ".domain." in imported and ".domain.events" not in imported
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("folder", ["shared", "services", "deploy"])
def test_nothing_is_imported_by_a_relative_path(folder: str) -> None:
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in python_files(folder)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not wrong, "\n".join(wrong)
