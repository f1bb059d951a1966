"""Invented people: names put together by chance, numbers with right check digits, all from one seed."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN = (
    "子雨梓浩宇欣怡涵晨曦佳琪思远嘉铭若瑶一诺俊杰语桐泽雅静文博明轩诗琪海睿志强晓峰婷芳慧敏立军国栋书瀚云舒安宁清和知远"
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
TODAY = date(2026, 11, 22)


@dataclass(frozen=True, slots=True)
class Invented:
    """A person nobody is. `number` is a valid citizen's number of the given division and birth date."""

    name: str
    number: str
    birth: date
    mobile: str


class Inventor:
    """Invents people; the same seed invents the same ones. No number comes twice."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - invented people need no secrecy
        self._sequences: dict[str, int] = {}
        self._mobiles = 0
        self._serials: dict[str, int] = {}

    def person(self, division: str, *, youngest: int, oldest: int) -> Invented:
        """Somebody between so many full years old, born in a division (six digits)."""
        span = (oldest - youngest + 1) * 365 - 30
        birth = TODAY - timedelta(days=youngest * 366 + self._chance.randrange(span))
        first = f"{division}{birth:%Y%m%d}"
        sequence = self._sequences[first] = self._sequences.get(first, 0) + 1
        digits = f"{first}{sequence:03d}"
        number = digits + CHECK[sum(int(d) * w for d, w in zip(digits, WEIGHTS, strict=True)) % 11]
        given = "".join(self._chance.choices(GIVEN, k=self._chance.choice((1, 2, 2, 2))))
        self._mobiles += 1
        return Invented(self._chance.choice(SURNAMES) + given, number, birth, f"1990{self._mobiles:07d}")

    def development_number(self, year: int, province: str) -> str:
        """Twelve digits: year, province, serial."""
        key = f"{year}{province}"
        self._serials[key] = self._serials.get(key, 0) + 1
        return f"{key}{self._serials[key]:06d}"

    def happens(self, share: float) -> bool:
        """True in about so many of a hundred cases."""
        return self._chance.random() < share

    def one_of(self, values: tuple[str, ...]) -> str:
        return self._chance.choice(values)

    def between(self, low: int, high: int) -> int:
        return self._chance.randint(low, high)
