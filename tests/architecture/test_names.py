"""Names a newcomer can search for: facts in the past tense, one function for a command, one class for a refusal."""

import ast
import importlib
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from shared.kernel.refusals import Refusal, code_of
from tests.architecture.tree import CODE, ROOT, classes, name, parsed, python_files

IRREGULAR = {
    *("Became", "Began", "Begun", "Chosen", "Found", "Given", "Held", "Left", "Read", "Sent", "Set", "Taken"),
    "Withdrawn",
}
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”）》][,;:!?]")
FULL_WIDTH = re.compile(r"[\u3000-\u303f\uff00-\uffef]")
HAN = re.compile(r"[\u4e00-\u9fff]")
# Sentences of the present system that its users know, shown as they are.
KNOWN_WORDS = {"WrongTemplate"}
RULES = set(tomllib.loads((ROOT / "docs" / "rules.toml").read_text())["titles"])


def _words(camel: str) -> list[str]:
    return re.findall(r"[A-Z][a-z0-9]*", camel)


def _snake(camel: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", camel).lower()


def _services() -> list[str]:
    return sorted(path.name for path in (ROOT / "services").iterdir() if (path / "domain").is_dir())


def _refusals() -> list[tuple[Path, type[Refusal]]]:
    """All refusals there are, as they are raised: with what they inherit."""
    found = [(path, node.name) for folder in CODE for path, node in classes(folder, below="Refusal")]
    return [(path, getattr(importlib.import_module(_module(path)), each)) for path, each in found]


def _module(path: Path) -> str:
    return name(path).removesuffix(".py").replace("/", ".")


def _concrete_refusals() -> list[tuple[Path, type[Refusal]]]:
    """Refusals with a sentence of their own."""
    return [(path, each) for path, each in _refusals() if "zh" in vars(each)]


@pytest.mark.parametrize("service", _services())
def test_an_event_is_a_fact_in_the_past_tense_without_a_suffix(service: str) -> None:
    events = [
        node.name
        for path, node in classes(f"services/{service}", below="Event")
        if path.name == "events.py" and node.body and not node.name.endswith("Event")
    ]
    wrong = [
        event
        for event in events
        if "Updated" in event or not any(word.endswith("ed") or word in IRREGULAR for word in _words(event))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("service", _services())
def test_a_command_is_decided_by_the_function_of_its_name(service: str) -> None:
    """Bases of commands and the parts that commands are made of are no commands."""
    folder = f"services/{service}/domain"
    functions = {
        node.name
        for path in python_files(folder)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef)
    }
    classes_ = [node for _, node in classes(folder, below="Command")]
    parts = {
        name.id
        for node in classes_
        for inside in [*node.bases, *(part.annotation for part in node.body if isinstance(part, ast.AnnAssign))]
        for name in ast.walk(inside)
        if isinstance(name, ast.Name)
    }
    commands = [node.name for node in classes_ if node.name not in parts]
    wrong = [each for each in commands if each.endswith("Command") or _snake(each) not in functions]
    assert not wrong, "\n".join(wrong)


def test_a_refusal_states_the_broken_rule_once_in_the_whole_tree() -> None:
    names = Counter(each.__name__ for _, each in _concrete_refusals())
    twice = [each for each, times in names.items() if times > 1]
    suffixed = [each for each in names if each.endswith(("Error", "Exception", "Refusal"))]
    assert not twice + suffixed, "\n".join(twice + suffixed)


def test_a_refusal_has_a_sentence_or_is_the_base_of_some_that_have() -> None:
    """Or makes one where it is raised, like the fault of a form."""
    wrong = [
        f"{name(path)}: {each.__name__}"
        for path, each in _refusals()
        if not (hasattr(each, "zh") or each.__subclasses__() or "sentence" in vars(each))
    ]
    assert not wrong, "\n".join(wrong)


def test_a_refusal_has_a_rule_and_both_sentences_in_their_own_punctuation() -> None:
    """Only what shared/ refuses may be without a rule: a malformed request breaks none of the catalogue."""
    wrong = []
    for path, each in _concrete_refusals():
        where = f"{name(path)}: {each.__name__}"
        if each.rule not in RULES and (each.rule or not name(path).startswith("shared/")):
            wrong.append(f"{where} names the rule {each.rule!r}")
        zh, en = each.zh, getattr(each, "en", "")
        ended = zh.endswith("。") or each.__name__ in KNOWN_WORDS
        if not ended or HALF_WIDTH.search(zh) or HALF_WIDTH.search(each.way_out):
            wrong.append(f"{where} in Chinese: {zh} {each.way_out}")
        if not en.endswith(".") or FULL_WIDTH.search(en + each.way_out_en) or HAN.search(en + each.way_out_en):
            wrong.append(f"{where} in English: {en} {each.way_out_en}")
        if bool(each.way_out) != bool(each.way_out_en):
            wrong.append(f"{where} knows the way out in one language: {each.way_out}{each.way_out_en}")
    assert not wrong, "\n".join(wrong)


def test_every_refusal_is_named_by_a_test() -> None:
    words = {word for path in python_files("tests") for word in re.findall(r"\w+", path.read_text("utf-8"))}
    silent = [
        f"{name(path)}: {each.__name__}"
        for path, each in _concrete_refusals()
        if not {each.__name__, code_of(each)} & words
    ]
    assert not silent, "\n".join(silent)
