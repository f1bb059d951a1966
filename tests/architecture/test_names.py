"""Names a newcomer can search for: facts in the past tense, one function for a command, one class for a refusal."""

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tests.architecture.tree import CODE, ROOT, classes, name, parsed, python_files

IRREGULAR = {
    *("Became", "Began", "Begun", "Chosen", "Found", "Given", "Held", "Left", "Read", "Sent", "Set", "Taken"),
    "Withdrawn",
}
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”）》][,;:!?]")
# Sentences of the present system that its users know, shown as they are.
KNOWN_WORDS = {"WrongTemplate"}
RULES = set(tomllib.loads((ROOT / "docs" / "rules.toml").read_text())["titles"])


def _words(camel: str) -> list[str]:
    return re.findall(r"[A-Z][a-z0-9]*", camel)


def _snake(camel: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", camel).lower()


def _services() -> list[str]:
    return sorted(path.name for path in (ROOT / "services").iterdir() if (path / "domain").is_dir())


def _text(node: ast.ClassDef, attribute: str) -> str | None:
    """A class attribute given as a literal; None if it is not."""
    for statement in node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == attribute for target in targets):
            value = statement.value
            return value.value if isinstance(value, ast.Constant) else None
    return None


def _concrete_refusals() -> list[tuple[Path, ast.ClassDef]]:
    """Refusals with a sentence of their own; classes without one are bases."""
    found = [pair for folder in CODE for pair in classes(folder, below="Refusal")]
    return [(path, node) for path, node in found if _text(node, "zh") is not None]


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
    names = Counter(node.name for _, node in _concrete_refusals())
    twice = [each for each, times in names.items() if times > 1]
    suffixed = [each for each in names if each.endswith(("Error", "Exception", "Refusal"))]
    assert not twice + suffixed, "\n".join(twice + suffixed)


def test_a_refusal_has_a_rule_and_both_sentences_in_their_own_punctuation() -> None:
    wrong = []
    for path, node in _concrete_refusals():
        zh, en = _text(node, "zh") or "", _text(node, "en") or ""
        rule = _text(node, "rule")
        if rule is not None and rule not in RULES:
            wrong.append(f"{name(path)}: {node.name} names the rule {rule!r}")
        ended = zh.endswith("。") or node.name in KNOWN_WORDS
        way_out = _text(node, "way_out") or ""
        if not ended or HALF_WIDTH.search(zh) or HALF_WIDTH.search(way_out):
            wrong.append(f"{name(path)}: {node.name} in Chinese: {zh} {way_out}")
        if not en.endswith(".") or re.search(r"[\u3000-\u303f\uff00-\uffef]", en):
            wrong.append(f"{name(path)}: {node.name} in English: {en}")
    assert not wrong, "\n".join(wrong)


def test_every_refusal_is_named_by_a_test() -> None:
    tests = "\n".join(path.read_text("utf-8") for path in python_files("tests"))
    silent = [
        f"{name(path)}: {node.name}"
        for path, node in _concrete_refusals()
        if not re.search(rf"\b({node.name}|{_snake(node.name)})\b", tests)
    ]
    assert not silent, "\n".join(silent)
