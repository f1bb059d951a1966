"""How names of organizations are compared and searched."""

import unicodedata


def name_key(name: str) -> str:
    """What two spellings of one name have in common: no spaces, one width, one case."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def grams(*names: str) -> list[str]:
    """Each pair of neighbouring characters of the names, once: Chinese has no words to index by."""
    keys = [name_key(name) for name in names]
    return sorted({key[at : at + 2] for key in keys for at in range(len(key) - 1)})


def grams_asked(part: str) -> list[str]:
    """Pairs that together hold every character of a part of a name: enough to look it up by the rarest of them."""
    key = name_key(part)
    return sorted({key[max(0, at - 2) : at] for at in [*range(2, len(key), 2), len(key)]}) if len(key) > 1 else []
