"""What a fresh machine may lack is said in one sentence."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import outside_tools
from deploy.local.problems import SetUpProblem
from deploy.local.secrets import make_secrets
from shared.privacy.secrets import KEY_ENCRYPTION_KEY, LOOKUP_KEY, read_secret


def _install(checkout: Path, python: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(checkout / "deploy" / "local" / "install.sh")],
        env={**os.environ, "PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_is_refused_with_its_version_and_the_way_out(checkout: Path, tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\n[ \"$1\" = --version ] && echo 'Python 3.9.2' && exit 0\nexit 1\n")
    old.chmod(0o755)
    result = _install(checkout, str(old))
    assert result.returncode == 1
    assert "Python 3.9.2 is too old" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_missing_python_is_refused_with_the_way_out(checkout: Path) -> None:
    result = _install(checkout, "python-that-is-not-there")
    assert result.returncode == 1
    assert "install Python 3.11 or newer" in result.stderr


def _interpreter(at: Path, **said: object) -> Path:
    """A python3 that says of itself what is said here; `without` names a module that it lacks."""
    at.parent.mkdir(exist_ok=True)
    says = [
        "import sys, sysconfig",
        f"sysconfig.get_config_vars()['CONFIG_ARGS'] = {said.get('configured', '')!r}",
        f"sys.base_prefix = {said.get('prefix', '/home/any/.pyenv')!r}",
        f"sys.version_info = {said.get('version', (3, 12))!r}",
        f"sys.modules[{said.get('without', 'nothing')!r}] = None",
    ]
    at.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{"; ".join(says)}\n$2"\n')
    at.chmod(0o755)
    return at


@pytest.mark.parametrize(
    ("first", "system", "chosen"),
    [
        ({"configured": "--enable-optimizations --with-lto"}, {}, "python3"),
        ({"configured": "--enable-shared"}, {}, "system"),
        ({"configured": "--enable-shared", "prefix": "/usr"}, {}, "python3"),
        ({"configured": "--enable-shared"}, {"version": (3, 9)}, "python3"),
        ({"configured": "--enable-shared"}, {"without": "ensurepip"}, "python3"),
        ({"configured": "--enable-shared"}, None, "python3"),
    ],
)
def test_a_python_compiled_without_optimizations_gives_way_to_the_systems_own(
    checkout: Path, tmp_path: Path, first: dict[str, object], system: dict[str, object] | None, chosen: str
) -> None:
    found = _interpreter(tmp_path / "bin" / "python3", **first)
    own = tmp_path / "system" / "python3"
    if system is not None:
        _interpreter(own, **system)
    answer = subprocess.run(
        [str(checkout / "deploy" / "local" / "choose_python.sh")],
        env={"PATH": f"{found.parent}:/usr/bin:/bin", "SYSTEM_PYTHON": str(own)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert answer == {"python3": "python3", "system": str(own)}[chosen]


def test_a_missing_program_of_the_tests_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUAN_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(SetUpProblem, match=r"deploy\.local\.outside_tools"):
        outside_tools.chromium()
    monkeypatch.setenv("TUAN_KCAT", "/nowhere/kcat")
    with pytest.raises(SetUpProblem, match="TUAN_KCAT"):
        outside_tools.kcat()


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    directory = tmp_path / "secrets"
    make_secrets(directory)
    first = {path.name: path.read_text() for path in directory.iterdir()}
    make_secrets(directory)
    assert {path.name: path.read_text() for path in directory.iterdir()} == first
    assert {path.stat().st_mode & 0o777 for path in directory.iterdir()} == {0o600}
    assert directory.stat().st_mode & 0o777 == 0o700
    assert read_secret(directory, KEY_ENCRYPTION_KEY) != read_secret(directory, LOOKUP_KEY)
    assert len(first["operator-password"]) >= 15


def test_make_help_explains_every_target(checkout: Path) -> None:
    makefile = (checkout / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert targets is not None
    explained = subprocess.run(["make", "help"], cwd=checkout, capture_output=True, text=True, check=True).stdout
    hidden = {"help", "assets"}
    assert [each for each in targets[1].split() if each not in hidden and f"make {each} " not in explained] == []
