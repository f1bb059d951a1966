"""How names of organizations are compared and searched."""

import os
import re
import unicodedata
from functools import lru_cache

from services.org.reference.readings import READINGS

os.environ["PYPINYIN_NO_PHRASES"] = "true"  # before it is imported: its phrases hold 45 MiB (readings.py)

from pypinyin import lazy_pinyin

_WORDS = re.compile("|".join([*sorted(READINGS, key=len, reverse=True), "."]))
_MARKUP = frozenset("<>{}|\\^`")
_PICTURES = frozenset({"So", "Sk", "Cn", "Co", "Cs"})
_NUMBER_SIGNS = frozenset("№℃㎡")
LETTERS = 3
"""How many letters of a spelling are looked up at once; of fewer there are too many names."""


def name_key(name: str) -> str:
    """What two spellings of one name have in common: no spaces, one width, one case."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def odd_characters(name: str) -> str:
    """Those that no name of an organization has, once each: pictures, marks of markup, what no script knows."""
    odd = (c for c in name if c in _MARKUP or (unicodedata.category(c) in _PICTURES and c not in _NUMBER_SIGNS))
    return "".join(dict.fromkeys(odd))


def grams(*names: str) -> list[str]:
    """Each pair of neighbouring characters of the names, once: Chinese has no words to index by."""
    keys = [name_key(name) for name in names]
    return sorted({key[at : at + 2] for key in keys for at in range(len(key) - 1)})


def grams_asked(part: str) -> list[str]:
    """Pairs that together hold every character of a part of a name: enough to look it up by the rarest of them."""
    key = name_key(part)
    return sorted({key[max(0, at - 2) : at] for at in [*range(2, len(key), 2), len(key)]}) if len(key) > 1 else []


def spellings(name: str) -> tuple[str, str]:
    """TRF-18: a name in pinyin without tones, whole and by its initials; what is no Chinese stays as it is."""
    syllables = [syllable for word in _WORDS.findall(name_key(name)) for syllable in _syllables(word)]
    return "".join(syllables), "".join(syllable[:1] for syllable in syllables)


@lru_cache(10_000)
def _syllables(word: str) -> tuple[str, ...]:
    """Of a word of the table or of one character; the same ones stand in most names."""
    return tuple(READINGS[word].split() if word in READINGS else lazy_pinyin(word))


def letter_grams(*spelled: str) -> list[str]:
    """Each run of LETTERS letters, once."""
    return sorted({each[at : at + LETTERS] for each in spelled for at in range(len(each) - LETTERS + 1)})


def is_spelling(part: str) -> bool:
    """True for what may be looked up as pinyin: letters alone, and enough of them."""
    key = name_key(part)
    return len(key) >= LETTERS and key.isascii() and key.isalpha()
