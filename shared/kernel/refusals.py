"""Refusals: how the system says no.

A refusal is an exception class, one for each rule. Its name in snake_case is the public code, so that a code seen on
a screen leads by one search to one class, one function and one test. It knows nothing of HTTP: `shared/http/problem.py`
holds the only table from kinds to status numbers.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, ClassVar


class Kind(StrEnum):
    """What sort of no it is; the edge turns it into a status."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    ABSENT = "absent"
    CONFLICT = "conflict"
    RULE = "rule"
    TOO_LARGE = "too_large"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"


class Refusal(Exception):
    """Base of all refusals. Raising one means: nothing was changed.

    Class attributes: `rule` the id in the catalogue; `zh`, `en` the sentence, with `{name}` for parameters; `way_out`,
    `way_out_en` what to do next. `field` names the input at fault, if one is. Parameters are shown to the user and
    logged, so they never hold personal data; `rule_version` is set where reference data decided.
    """

    kind: ClassVar[Kind] = Kind.RULE
    rule: ClassVar[str] = ""
    zh: ClassVar[str]
    en: ClassVar[str]
    way_out: ClassVar[str] = ""
    way_out_en: ClassVar[str] = ""

    def __init__(self, *, field: str | None = None, **params: Any) -> None:
        self.field = field
        self.params = params
        super().__init__(self.code, params)

    @property
    def code(self) -> str:
        """The public code: the class name in snake_case."""
        return code_of(type(self))

    @property
    def passes(self) -> bool:
        """Busy, or overtaken: it says nothing about the command, which may do a moment later."""
        return self.kind is Kind.UNAVAILABLE or isinstance(self, ChangedMeanwhile)

    def sentence(self, language: str = "zh") -> str:
        """The sentence for a person, parameters filled in."""
        return (self.en if language == "en" else self.zh).format_map(_Missing(self.params))

    def advice(self, language: str = "zh") -> str:
        """What to do next; empty where the sentence says it all."""
        return (self.way_out_en if language == "en" else self.way_out).format_map(_Missing(self.params))


class _Missing(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def code_of(refusal: type[Refusal]) -> str:
    """`TransferAlreadyOpen` -> `transfer_already_open`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", refusal.__name__).lower()


class FormFaulty(Refusal):
    """A form with several faults, all of which are told at once."""

    kind = Kind.INVALID
    zh = "填写的内容有{count}处需要修改。"
    en = "What was filled in needs changes in {count} places."
    way_out = "请按每一项的提示修改后重新提交。"
    way_out_en = "Follow the remark at each of them and submit again."

    def __init__(self, faults: Sequence[Refusal]) -> None:
        self.faults = tuple(faults)
        super().__init__(count=len(self.faults))


def raise_all(faults: Sequence[Refusal]) -> None:
    """Refuses if anything is at fault: a single fault as itself, several as FormFaulty."""
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise FormFaulty(faults)


class IdempotencyKeyReused(Refusal):
    kind = Kind.CONFLICT
    rule = "P2"
    zh = "这个请求编号已用于另一项内容不同的操作，本次没有执行。"
    en = "This idempotency key was used for a different request; nothing was done."
    way_out = "请刷新页面后重新提交。"
    way_out_en = "Reload the page and submit again."


class ChangedMeanwhile(Refusal):
    kind = Kind.CONFLICT
    rule = "P2"
    zh = "您操作期间有人修改了同一条数据，本次没有执行。"
    en = "Somebody changed the same record meanwhile; nothing was done."
    way_out = "请刷新页面，查看最新内容后再试。"
    way_out_en = "Reload the page, look at the present state and try again."


class SystemBusy(Refusal):
    kind = Kind.UNAVAILABLE
    rule = "OPS-08"
    zh = "系统繁忙，本次没有执行。"
    en = "The system is busy; nothing was done."
    way_out = "请稍候几秒再试，已填写的内容会保留。"
    way_out_en = "Try again in a few seconds; what you typed is kept."
