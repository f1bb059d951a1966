"""The message catalogue: every text of the console by its id, one folder of TOML files a language.

A text is plain; ``{name}`` stands for a value. ``say`` escapes the text and each value, so that neither can bring
markup into a page; a value that is ``Markup`` already is a part the template made.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

FOLDER = Path(__file__).parent / "texts"
SOURCE_LANGUAGE = "zh-CN"


class UnknownText(KeyError):
    """A text id that the catalogue does not hold: a mistake in a template or a page."""


def flatten(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """``{"a": {"b": "x"}}`` -> ``{"a.b": "x"}``."""
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


@cache
def catalogue(language: str = SOURCE_LANGUAGE) -> dict[str, str]:
    """All texts of a language. Raises ValueError when two files hold the same id."""
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.toml")):
        part = flatten(tomllib.loads(path.read_text("utf-8")))
        twice = part.keys() & texts.keys()
        if twice:
            raise ValueError(f"{path.name} holds again: {sorted(twice)}")
        texts |= part
    return texts


def say(text_id: str, /, **values: object) -> Markup:
    """The text, values filled in, safe for a page. Raises UnknownText."""
    text = catalogue().get(text_id)
    if text is None:
        raise UnknownText(text_id)
    return escape(text).format(**values) if values else escape(text)


def label(kind: str, code: str | None) -> str:
    """The name of a coded value (``label("category", "branch")``); a code without a name shows as it is."""
    return catalogue().get(f"{kind}.{code}", code or "")
