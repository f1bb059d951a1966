"""One image for every part: linted, of the tested packages only, and refusing to start without what it must be told."""

import re
import subprocess
from pathlib import Path

import pytest

from deploy.local.packaging_tools import tool
from shared.runtime.parts import PARTS
from tests.commands import tuan

PIN = re.compile(r"^([a-z0-9-]+(?:\[[a-z0-9,]+\])?)==(\S+)", re.MULTILINE)


def _pins(lock: Path) -> set[tuple[str, str]]:
    return set(PIN.findall(lock.read_text()))


def _hadolint(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tool("hadolint"), str(file)], capture_output=True, text=True, check=False)


def test_hadolint_finds_nothing(checkout: Path) -> None:
    result = _hadolint(checkout / "Dockerfile")
    assert result.returncode == 0, result.stdout


def test_hadolint_would_find_a_mistake(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        (checkout / "Dockerfile").read_text().replace("python:3.11-slim-bookworm", "python")
    )
    assert _hadolint(tmp_path / "Dockerfile").returncode != 0


def test_the_image_has_only_packages_that_are_tested_here(checkout: Path) -> None:
    tested = _pins(checkout / "requirements.lock")
    shipped = _pins(checkout / "deploy" / "image" / "requirements.lock")
    assert shipped
    assert shipped - tested == set()
    assert not {"pytest", "mypy", "ruff", "playwright"} & {name for name, _ in shipped}


def test_the_image_runs_as_nobody_and_starts_with_a_part_s_name(checkout: Path) -> None:
    text = (checkout / "Dockerfile").read_text()
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert 'ENTRYPOINT ["tuan", "run"]' in text
    assert not re.search(r"COPY .*(secrets|\.local|\.env)", text)
    ignored = (checkout / ".dockerignore").read_text().split()
    assert "*" in ignored
    assert "secrets" in ignored


@pytest.mark.parametrize("part", PARTS)
def test_a_process_that_is_told_nothing_ends_with_what_it_must_be_told(part: str, tmp_path: Path) -> None:
    told = {"PATH": "/usr/bin:/bin", "TUAN_HOST": "0.0.0.0", "TUAN_SECRETS_DIR": str(tmp_path)}
    done = tuan(told, "run", part)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert ("TUAN_CONSOLE_ORIGIN" if part == "web" else "TUAN_MONGO_URL: Field required") in done.stderr
