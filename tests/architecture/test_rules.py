"""A rule that no test names is not done."""

import pytest

from deploy.cli.rules_page import PAGE, main, read_rules, render
from tests.architecture.tree import ROOT


def test_every_rule_in_force_is_named_by_a_test() -> None:
    rules = read_rules()
    assert sorted(rules.built - rules.tests.keys()) == []


def test_a_rule_that_a_service_decides_stands_in_a_readme() -> None:
    """There the reader who comes from the rule finds its function and its tests."""
    rules = read_rules()
    told = "\n".join(path.read_text("utf-8") for path in ROOT.glob("services/*/README.md"))
    decided = {rule for rule in rules.built if any("/domain/" in path for path in rules.code[rule])}
    assert sorted(rule for rule in decided if rule not in told) == []


def test_the_page_of_rules_is_current() -> None:
    assert PAGE.read_text("utf-8") == render(read_rules()), "run `make rules`"


def test_a_page_that_is_out_of_date_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / "rules.md"
    stale.write_text("old")
    monkeypatch.setattr("deploy.cli.rules_page.PAGE", stale)
    assert main(["--check"]) == 1
    assert "make rules" in capsys.readouterr().err
