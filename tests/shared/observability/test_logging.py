"""Logs tell what happened and never to whom by name or number."""

import ast
import json
import subprocess
import sys

import pytest

from shared.observability.redaction import LOG_KEYS, cleaned, described, redact
from tests.architecture.tree import CODE, name, parsed, python_files

LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}

PROGRAM = """
import asyncio, logging, structlog
from pydantic import BaseModel
from shared.observability.logging import bind, configure_logging
configure_logging("INFO", "org")
log = structlog.get_logger()
bind(correlation="c-1")
class Form(BaseModel):
    age: int
log.info("import.row", stream="person-1", name="张三", number="11010119900307123X", rows=3)
log.info("latin", name="Maimaiti Wei", detail={"name": "Maimaiti Wei", "rows": 1})
log.info("row 11010119900307123X of 欧阳娜娜 13812345678 done")
log.warning("odd", reason="张三 at 13812345678", detail={"name": "张三", "rows": ["李四"]}, value=object())
for make in (lambda: Form(age="张三"), lambda: {}["张三"], lambda: int("11010119900307123X"), lambda: 1 / 0):
    try:
        make()
    except Exception:
        log.exception("failed")
        logging.getLogger("library").exception("library failed for 张三")
logging.getLogger("asyncio").error("Task exception was never retrieved\\nfuture: <Task exception=ValueError('zhang san')>")
logging.getLogger("chatty").info("not shown")
log.debug("not shown")
"""


@pytest.fixture(scope="module")
def output() -> str:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout.decode()


@pytest.mark.rule("P11")
@pytest.mark.parametrize(
    "secret", ["张三", "李四", "欧阳", "zhang san", "Maimaiti", "11010119900307123", "13812345678"]
)
def test_no_name_and_no_number_reaches_the_log(output: str, secret: str) -> None:
    assert secret not in output
    assert secret not in json.dumps([json.loads(line) for line in output.splitlines()], ensure_ascii=False)


def test_a_line_is_json_with_time_level_correlation_and_what_was_withheld(output: str) -> None:
    lines = [json.loads(line) for line in output.splitlines()]
    first = lines[0]
    assert {key: first[key] for key in ("event", "level", "stream", "rows", "correlation", "withheld")} == {
        "event": "import.row",
        "level": "info",
        "stream": "person-1",
        "rows": 3,
        "correlation": "c-1",
        "withheld": ["name", "number"],
    }
    assert first["timestamp"].endswith("Z")
    assert {line["part"] for line in lines} == {"org"}
    assert "not shown" not in output


def test_an_exception_tells_its_types_and_places(output: str) -> None:
    lines = [json.loads(line) for line in output.splitlines()]
    found = [line["exception"] for line in lines if "exception" in line]
    kinds = [each["type"] for each in found]
    assert kinds[::2] == kinds[1::2] == ["ValidationError", "KeyError", "ValueError", "ZeroDivisionError"]
    assert all("<string>" in " ".join(each["position"]) for each in found)


@pytest.mark.parametrize(
    "harmless",
    [
        "person-6f0c1f0e-58c5-5a57-9d0b-138123456781",
        "1795305600000000",
        "offset 123456789012",
        "a5dd7b3d.59ba13812345678f",
    ],
)
def test_ids_stamps_and_offsets_stay_readable(harmless: str) -> None:
    assert cleaned(harmless) == harmless or harmless == "1795305600000000"
    assert redact(None, "", {"value": int(harmless) if harmless.isdecimal() else harmless})["value"] != "[number]"


@pytest.mark.parametrize(
    "telling",
    [
        "１１０１０１１９９００３０７１２３Ｘ",
        "110101900307123",
        "+86 138-1234-5678",
        "8613812345678",
        "买买提·艾力",
        "𠮷田",
    ],
)
def test_unusual_forms_are_seen_too(telling: str) -> None:
    assert cleaned(f"row {telling}.") in {"row [number].", "row [phone].", "row [text]."}


def test_a_number_given_as_a_number_is_seen_too() -> None:
    assert redact(None, "", {"value": 110101199003071234, "count": 13812345678}) == {
        "value": "[number]",
        "count": "[phone]",
    }


def test_our_own_exceptions_may_speak() -> None:
    assert described(RuntimeError("topic 张三 is gone"))["detail"] == "topic [text] is gone"
    assert "detail" not in described(ValueError("secret"))


def test_every_key_that_code_logs_is_listed() -> None:
    """A key that is not in LOG_KEYS would be withheld in silence: list it there if its values are never personal."""
    wrong = [
        f"{name(path)}:{node.lineno} {keyword.arg}"
        for path in python_files(*CODE)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS
        if ast.unparse(node.func.value) in {"log", "self._log"}
        for keyword in node.keywords
        if keyword.arg not in LOG_KEYS | {"exc_info"}
    ]
    assert wrong == []
