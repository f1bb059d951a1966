"""A person's name: Han characters, `·`, Latin letters and spaces, 2 to 50 characters, no digits."""

import re
import unicodedata

from services.member.domain.text import plain

_LEAST, _MOST = 2, 50
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_DOTS = re.compile("[·•‧∙⋅・᛫]")
_DOT_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}])\s*[·.]\s*(?=[{_HAN}])")
_SPACE_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}]) (?=[{_HAN}])")
_HAN_NAME = re.compile(rf"[{_HAN}]+(·[{_HAN}]+)*")
_HAN_CHARACTER = re.compile(rf"[{_HAN}]")


def read_name(text: str) -> str:
    """The name as stored: one kind of dot and of space, no blanks that only spread a Chinese name out (张  三)."""
    name = _DOTS.sub("·", plain(text))
    return _SPACE_BETWEEN_HAN.sub("", _DOT_BETWEEN_HAN.sub("·", name))


def fault_of(name: str) -> str | None:
    """The fault's code: `name_length`, `name_with_digits`, `name_characters`; None where the name is right."""
    if not _LEAST <= len(name) <= _MOST:
        return "name_length"
    if any(character.isdigit() for character in name):
        return "name_with_digits"
    if _HAN_NAME.fullmatch(name) or all(map(_belongs, name)):
        return None
    return "name_characters"


def _belongs(character: str) -> bool:
    if character in "· " or _HAN_CHARACTER.match(character):
        return True
    return character.isalpha() and unicodedata.name(character, "").startswith("LATIN")
