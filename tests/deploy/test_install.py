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


def _interpreter(at: Path, *, configured: str, version: tuple[int, int] = (3, 11)) -> Path:
    at.parent.mkdir(exist_ok=True)
    says = f"import sys, sysconfig; sysconfig.get_config_vars()['CONFIG_ARGS'] = {configured!r}"
    at.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{says}; sys.version_info = {version}\n$2"\n')
    at.chmod(0o755)
    return at


@pytest.mark.parametrize(
    ("first", "system", "chosen"),
    [
        ("--enable-optimizations --with-lto", (3, 12), "python3"),
        ("--enable-shared", (3, 12), "system"),
        ("--enable-shared", (3, 9), "python3"),
        ("--enable-shared", None, "python3"),
    ],
)
def test_a_python_compiled_without_optimizations_gives_way_to_the_systems_own(
    checkout: Path, tmp_path: Path, first: str, system: tuple[int, int] | None, chosen: str
) -> None:
    found = _interpreter(tmp_path / "bin" / "python3", configured=first)
    own = tmp_path / "system" / "python3"
    if system:
        _interpreter(own, configured="", version=system)
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
