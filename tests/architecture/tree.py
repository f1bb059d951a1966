"""The checkout as the architecture tests look at it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("services", "shared", "deploy", "bench")
_NOT_OURS = {"node_modules", "__pycache__", "build"}


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """All Python files under these folders of the checkout, in order."""
    return tuple(path for folder in folders for path in files(folder, "*.py"))


def files(folder: str, pattern: str) -> Iterator[Path]:
    """Files of the project itself: nothing installed, built or cached."""
    for path in sorted((ROOT / folder).rglob(pattern)):
        if path.is_file() and not _NOT_OURS & set(path.relative_to(ROOT).parts):
            yield path


def name(path: Path) -> str:
    """How a failure names a file: its path within the checkout."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def classes(folder: str, *, below: str) -> Iterator[tuple[Path, ast.ClassDef]]:
    """Classes under `folder` that have, directly or through a class of the same service, the base `below`."""
    found = [
        (path, node)
        for path in python_files(folder)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef)
    ]
    bases = {below}
    grown = True
    while grown:
        more = {node.name for _, node in found if _base_names(node) & bases}
        grown = not more <= bases
        bases |= more
    yield from ((path, node) for path, node in found if _base_names(node) & bases)


def _base_names(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rpartition(".")[2] for base in node.bases}
