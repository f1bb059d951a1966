"""The page of rules finds what names a rule, in code and in tests, and nothing else."""

from pathlib import Path

import pytest

from deploy.cli.rules_page import read_rules, render


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for folder in ("docs", "services/org/domain", "tests/org"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "docs" / "rules.toml").write_text(
        'built = ["ORG-01"]\n[titles]\nORG-01 = "One tree"\nORG-02 = "Kinds"\nORG-03 = "Top-down"\n'
    )
    (tmp_path / "services/org/domain/tree.py").write_text('"""ORG-01, and nothing of ORG-99."""\n')
    (tmp_path / "tests/org/test_tree.py").write_text(
        "import pytest\n"
        "pytestmark = [pytest.mark.rule('ORG-02')]\n"
        "@pytest.mark.rule('ORG-01')\n"
        "def test_there_is_one_root(): ...\n"
        "class TestMore:\n"
        "    @pytest.mark.rule('ORG-01')\n"
        "    async def test_another_root_is_refused(self): ...\n"
        "def helper(): 'ORG-03'\n"
    )
    return tmp_path


def test_marks_on_tests_classes_and_modules_are_found(tree: Path) -> None:
    rules = read_rules(tree)
    assert rules.tests["ORG-01"] == {
        "tests/org/test_tree.py::test_there_is_one_root",
        "tests/org/test_tree.py::test_another_root_is_refused",
    }
    assert len(rules.tests["ORG-02"]) == 2
    assert rules.tests["ORG-03"] == set()
    assert rules.code["ORG-01"] == {"services/org/domain/tree.py"}


def test_the_page_shows_what_is_in_force_and_what_is_not_yet(tree: Path) -> None:
    page = render(read_rules(tree))
    assert "1 of 3 rules are in force" in page
    assert "| ORG-03 | Top-down |  | not yet |" in page
    assert "| ORG-02 | Kinds |  | in part<br>[" in page
    assert "[there is one root](../tests/org/test_tree.py)" in page
