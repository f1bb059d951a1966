"""Which passwords are refused (X02): short ones, common ones, and those made of the person's own data.

Length over composition: no rule asks for capitals or signs, nothing is cut off, nothing expires. Instead of a list of
finished passwords, what is common in one is struck out (words of the list, sequences, rows of a keyboard, repeats,
years), whatever stands around it; so a list of stems speaks for the hundreds of thousands built from them.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from shared.kernel.refusals import Kind, Refusal

LENGTH_MIN = 15
LENGTH_MAX = 256
OWN_RUN = 6
OWN_CHARACTERS_MIN = 6
STEM_MAX = 16
STEM_ALONE = 4
"""A shorter stem counts where what is left between others is nothing but such: "nba" in "mianbao" is none."""

_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "!@#$%^&*()_+",
    "147258369",
)
_ROW_RUN = 4
_LEET = (str.maketrans("@4301!57$8", "aaeoiistsb"), str.maketrans("@4301!57$8", "aaeolistsb"))
_YEAR = re.compile(r"(19|20)\d{2}((0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?)?")


class PasswordTooShort(Refusal):
    kind = Kind.INVALID
    rule = "X02"
    zh = "密码至少需要 {minimum} 个字符。"
    en = "A password must have at least {minimum} characters."
    way_out = "可以用几个互不相关的词连成一句，便于记忆。"
    way_out_en = "A few unrelated words in a row are easy to remember."


class PasswordTooLong(Refusal):
    kind = Kind.INVALID
    rule = "X02"
    zh = "密码最多 {maximum} 个字符。"
    en = "A password may have at most {maximum} characters."


class PasswordTooCommon(Refusal):
    kind = Kind.INVALID
    rule = "X02"
    zh = "密码太常见：去掉常见词、连续或重复的字符以及年份后，剩下的不同字符不足 {minimum} 个。"
    en = "Too common: without usual words, sequences, repeats and years fewer than {minimum} characters differ."
    way_out = "可以用几个互不相关的词连成一句；常见的姓名、词语不算在内，不够时再加一个词。"
    way_out_en = "Take a few unrelated words in a row; usual names and words do not count, so add another."


class PasswordFromOwnData(Refusal):
    kind = Kind.INVALID
    rule = "X02"
    zh = "密码不能包含本人的姓名、登录名，也不能包含证件号码、出生日期或手机号码中连续的 {run} 位。"
    en = "A password must not contain your name, or {run} characters in a row of your number, birth date or phone."


@dataclass(frozen=True, slots=True)
class Owner:
    """What is known of whoever sets the password; empty where nothing is."""

    number: str = ""
    mobile: str = ""
    name: str = ""


def normalised_password(password: str) -> str:
    """The form that is checked and hashed: full-width and composed characters made one (NFKC), nothing removed."""
    return unicodedata.normalize("NFKC", password)


def check_password_form(password: str, stems: frozenset[str]) -> None:
    """What can be said without knowing whose it is. Raises a refusal of X02. `stems` are in lower case."""
    text = normalised_password(password)
    if len(text) < LENGTH_MIN:
        raise PasswordTooShort(field="new_password", minimum=LENGTH_MIN)
    if len(text) > LENGTH_MAX:
        raise PasswordTooLong(field="new_password", maximum=LENGTH_MAX)
    if _own_characters(text, stems) < OWN_CHARACTERS_MIN:
        raise PasswordTooCommon(field="new_password", minimum=OWN_CHARACTERS_MIN)


def check_own_data(password: str, owner: Owner) -> None:
    """Raises PasswordFromOwnData. The birth date is part of an identity number, so its runs are among the number's."""
    text = normalised_password(password).lower()
    bare = "".join(c for c in text if c.isalnum())
    runs = {r for value in (owner.number, owner.mobile) for r in _runs(value.lower())}
    name = normalised_password(owner.name).lower()
    if any(run in bare for run in runs) or (len(name) > 1 and name in text):
        raise PasswordFromOwnData(field="new_password", run=OWN_RUN)


def _runs(value: str) -> Iterator[str]:
    for start in range(len(value) - OWN_RUN + 1):
        yield value[start : start + OWN_RUN]


def _own_characters(text: str, stems: frozenset[str]) -> int:
    """How many different characters remain when all that is common is struck out."""
    lower = text.lower()
    struck = [not c.isalnum() for c in lower]
    forms = (lower, *(lower.translate(table) for table in _LEET))
    for form in forms:
        for start, end in (*_stems_in(form, stems), *_row_runs(form), *_repeats(form)):
            struck[start:end] = [True] * (end - start)
    for year in _YEAR.finditer(lower):
        struck[year.start() : year.end()] = [True] * (year.end() - year.start())
    for left in re.finditer("x+", "".join(" " if gone else "x" for gone in struck)):
        start, end = left.span()
        if any(_made_of(form[start:end], stems) for form in forms):
            struck[start:end] = [True] * (end - start)
    return len({c for c, gone in zip(lower, struck, strict=True) if not gone})


def _stems_in(text: str, stems: frozenset[str]) -> Iterator[tuple[int, int]]:
    for start in range(len(text)):
        for end in range(start + STEM_ALONE, min(len(text), start + STEM_MAX) + 1):
            if text[start:end] in stems:
                yield start, end


def _made_of(text: str, stems: frozenset[str]) -> bool:
    """Whether a text is nothing but stems, one after the other."""
    reached = [True] + [False] * len(text)
    for end in range(2, len(text) + 1):
        reached[end] = any(
            reached[start] and text[start:end] in stems for start in range(max(0, end - STEM_MAX), end - 1)
        )
    return reached[-1]


def _row_runs(text: str) -> Iterator[tuple[int, int]]:
    for start in range(len(text) - _ROW_RUN + 1):
        run = text[start : start + _ROW_RUN]
        if any(run in row or run[::-1] in row for row in _ROWS):
            yield start, start + _ROW_RUN


def _repeats(text: str) -> Iterator[tuple[int, int]]:
    """Later copies of what stands right before them: aaa, abcabc."""
    for size in range(1, len(text) // 2 + 1):
        for start in range(size, len(text) - size + 1):
            if text[start : start + size] == text[start - size : start]:
                yield start, start + size
