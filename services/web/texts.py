"""The message catalogue: every text of the console by its id, one folder of TOML files a language.

A text is plain; ``{name}`` stands for a value. ``say`` escapes the text and each value, so that neither can bring
markup into a page; a value that is ``Markup`` already is a part the template made. Where a language has a form of its
own for one thing, the text is a table ``{ one = "{count} day", other = "{count} days" }``.
"""

import tomllib
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

FOLDER = Path(__file__).parent / "texts"
SOURCE_LANGUAGE = "zh-CN"
# Each by its own name; the first is what everybody sees who has not chosen.
LANGUAGES = {SOURCE_LANGUAGE: "中文", "en": "English"}
GLOSS = "gloss"  # the only texts that one language has and Chinese has not
FORMS = {"one", "other"}
ONE = "#one"  # behind the id of a text stands its form for one thing; the id itself has the other
_spoken: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)


class UnknownText(KeyError):
    """A text id that the catalogue does not hold: a mistake in a template or a page."""


def flatten(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """``{"a": {"b": "x"}}`` -> ``{"a.b": "x"}``; ``{"a": {"one": x, "other": y}}`` -> ``{"a": y, "a#one": x}``."""
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict) and value.keys() == FORMS:
            flat |= {f"{prefix}{key}": value["other"], f"{prefix}{key}{ONE}": value["one"]}
        elif isinstance(value, dict):
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


def speak(language: str | None) -> None:
    """The language of everything said from here on in this request; Chinese for one the catalogue has not."""
    _spoken.set(language if language in LANGUAGES else SOURCE_LANGUAGE)


def language() -> str:
    """The language of this request: a key of LANGUAGES."""
    return _spoken.get()


def say(text_id: str, /, **values: object) -> Markup:
    """The text, values filled in, safe for a page. Raises UnknownText.

    The first value says whether it is of one thing: 1, or as a page writes that.
    """
    texts = catalogue(language())
    text = texts.get(text_id)
    if text is None:
        raise UnknownText(text_id)
    if str(next(iter(values.values()), "")) == "1":
        text = texts.get(f"{text_id}{ONE}", text)
    return escape(text).format(**values) if values else escape(text)


def gloss(word: str | None) -> str:
    """A word of a record as it is written there, with what it means beside it where the language needs that."""
    meaning = catalogue(language()).get(f"{GLOSS}.{word}")
    return f"{word} ({meaning})" if meaning else word or ""


def label(kind: str, code: str | None, spoken: str = "") -> str:
    """The name of a coded value (``label("category", "branch")``); a code without a name shows as it is.

    ``spoken`` is the language where it is not that of the request.
    """
    return catalogue(spoken or language()).get(f"{kind}.{code}", code or "")
