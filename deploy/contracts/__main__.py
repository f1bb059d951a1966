"""`python -m deploy.contracts` writes docs/events, docs/api and the chart's groups; `--check` fails if
one is out of date.

Neither lets a published form break: what any earlier version promised must hold today.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.contracts.asyncapi import asyncapi_of
from deploy.contracts.catalogue import ROOT, composed, groups_of, read_catalogue
from deploy.contracts.compatibility import breaks, published_before
from deploy.contracts.exchange import exchange_documents
from deploy.contracts.openapi import openapi_of
from deploy.contracts.pages import pages_of

EVENTS = "docs/events"
ROUTES = "docs/api"
ASYNCAPI = f"{EVENTS}/asyncapi.json"
GROUPS = "deploy/helm/files/groups.json"
"""The consumer groups of each service, whose lag the chart's consumers follow: a new version of a read model is one."""


def documents() -> dict[str, str]:
    """Everything generated: path within the checkout -> text."""
    services = composed()
    topics = read_catalogue(services)
    files = {f"{EVENTS}/{name}": text for name, text in pages_of(topics).items()}
    files[ASYNCAPI] = _json(asyncapi_of(topics))
    files[GROUPS] = _json(groups_of(services))
    routes = {name: openapi_of(service) for name, service in services.items()}
    routes |= exchange_documents(routes["transfer"])
    return files | {f"{ROUTES}/{name}.json": _json(document) for name, document in routes.items()}


def out_of_date(files: Mapping[str, str], root: Path) -> list[str]:
    """Paths that are missing, differ, or belong to nothing any more."""
    there = {p.relative_to(root).as_posix() for folder in (EVENTS, ROUTES) for p in (root / folder).glob("*")}
    there |= {path for path in files if (root / path).exists()}
    wrong = [path for path, text in files.items() if path not in there or (root / path).read_text("utf-8") != text]
    return sorted([*wrong, *(there - files.keys())])


def broken_promises(asyncapi: str, root: Path) -> list[str]:
    now = json.loads(asyncapi)
    return [f"{what} ({where})" for where, before in published_before(root, ASYNCAPI) for what in breaks(before, now)]


def write(files: Mapping[str, str], root: Path) -> None:
    for path in out_of_date(files, root):
        if path not in files:
            (root / path).unlink()
            continue
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(files[path], "utf-8")


def main(arguments: list[str], root: Path = ROOT) -> int:
    files = documents()
    broken = broken_promises(files[ASYNCAPI], root)
    if broken:
        print(*broken, "Publish a new version beside the old one (docs/decisions/0017).", sep="\n", file=sys.stderr)
        return 1
    if "--check" not in arguments:
        write(files, root)
        return 0
    wrong = out_of_date(files, root)
    if wrong:
        print("Out of date, run `make contracts`:", *wrong, sep="\n", file=sys.stderr)
    return 1 if wrong else 0


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
