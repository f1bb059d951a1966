"""What is wrong with an input, in the words of the screen: from pydantic's kinds of errors to sentences."""

from collections.abc import Mapping
from typing import Any

_SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": ("该项必填", "This is required"),
    "extra_forbidden": ("不接受这一项", "This is not accepted here"),
    "string_too_short": ("至少{min_length}个字符", "At least {min_length} characters"),
    "string_too_long": ("最多{max_length}个字符", "At most {max_length} characters"),
    "string_pattern_mismatch": ("格式不对", "The format is not right"),
    "string_type": ("应填写文字", "This must be text"),
    "bytes_too_long": ("超过大小限制", "This is larger than the limit"),
    "enum": ("不在可选范围内", "This is not one of the choices"),
    "literal_error": ("不在可选范围内", "This is not one of the choices"),
    "greater_than": ("应大于{gt}", "This must be greater than {gt}"),
    "greater_than_equal": ("不能小于{ge}", "This must be at least {ge}"),
    "less_than": ("应小于{lt}", "This must be less than {lt}"),
    "less_than_equal": ("不能大于{le}", "This must be at most {le}"),
    "too_short": ("至少{min_length}项", "At least {min_length} entries"),
    "too_long": ("最多{max_length}项", "At most {max_length} entries"),
    "date_past": ("应早于今天", "This must lie in the past"),
    "date_future": ("应晚于今天", "This must lie in the future"),
}
_FAMILIES: Mapping[str, tuple[str, str]] = {
    "int": ("应填写整数", "This must be a whole number"),
    "float": ("应填写数字", "This must be a number"),
    "finite": ("应填写数字", "This must be a number"),
    "decimal": ("应填写数字", "This must be a number"),
    "bool": ("应填写是或否", "This must be yes or no"),
    "date": ("日期不正确，应为年-月-日", "This is no date; write year-month-day"),
    "datetime": ("时间不正确", "This is no instant"),
    "timezone": ("时间不正确", "This is no instant"),
    "uuid": ("编号不正确", "This is no id"),
}
_OTHERWISE = ("填写的内容不正确", "What was given is not right")


def sentence_of(kind: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Chinese and English, without the full stop. `context` has pydantic's bounds, never the input."""
    if kind == "string_too_short" and context.get("min_length") == 1:
        kind = "missing"
    zh, en = _SENTENCES.get(kind) or _FAMILIES.get(kind.partition("_")[0]) or _OTHERWISE
    return zh.format_map(_Bounds(context)), en.format_map(_Bounds(context))


class _Bounds(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""
