"""The composition root of each part, found by the part's name."""

import importlib
from typing import Any, get_type_hints

from shared.runtime.settings import Deployment


def root_of(part: str) -> Any:
    """The module `app` of a service. Loaded when asked for: a process must not load every service."""
    return importlib.import_module(f"services.{part}.app")


def settings_of(part: str) -> type[Deployment]:
    """What its process is told, as `run` declares it."""
    kind: type[Deployment] = get_type_hints(root_of(part).run)["settings"]
    return kind
