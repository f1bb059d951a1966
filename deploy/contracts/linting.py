"""The public tools over docs/events and docs/api, from npm by the lock beside this file."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from services.web.build_assets import install_packages, node

HERE = Path(__file__).parent / "lint"
_SPECTRAL = "node_modules/@stoplight/spectral-cli/dist/index.js"


class ContractsRefused(RuntimeError):
    """A tool finds fault with a file; the text is the tool's."""


def spectral(files: Sequence[Path]) -> None:
    """Spectral's rules for OpenAPI and AsyncAPI; warnings count. Raises ContractsRefused."""
    _run([_SPECTRAL, "lint", "--fail-severity=warn", "--ruleset=.spectral.yaml", *map(str, files)])


def parsed_messages(asyncapi: Path) -> list[str]:
    """The names of all messages, as AsyncAPI's own parser reads them. Raises ContractsRefused."""
    return _run(["asyncapi.mjs", str(asyncapi)]).split()


def _run(arguments: Sequence[str]) -> str:
    install_packages(HERE)
    result = subprocess.run([*node(), *arguments], cwd=HERE, capture_output=True, text=True, check=False)
    if result.returncode:
        raise ContractsRefused(f"{result.stdout}{result.stderr}".strip())
    return result.stdout
