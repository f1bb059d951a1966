"""`tuan` as an operator types it: a process of its own, but a copy of one that has loaded what every command loads."""

import importlib
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from shared.runtime.parts import PARTS

_COPIES = multiprocessing.get_context("forkserver")
_COPIES.set_forkserver_preload(["deploy.cli.main", *(f"services.{part}.app" for part in PARTS)])


class Command:
    """A command that runs. What it prints is kept in a folder that is gone with this object."""

    def __init__(self, environment: Mapping[str, str], *arguments: str) -> None:
        self._arguments = arguments
        self._kept = tempfile.TemporaryDirectory(prefix="tuan-")
        self._printed = tuple(Path(self._kept.name) / name for name in ("out", "err"))
        for path in self._printed:
            path.touch()  # of one that is killed at once nothing was printed
        self._process = _COPIES.Process(target=_run, args=(arguments, dict(environment), Path.cwd(), self._printed))
        self._process.start()

    def runs(self) -> bool:
        return self._process.is_alive()

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def done(self, seconds: float | None = None) -> "subprocess.CompletedProcess[str]":
        """Waits for it. Raises TimeoutExpired for one that still runs after so long."""
        self._process.join(seconds)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._arguments, seconds or 0)
        out, err = (path.read_text() for path in self._printed)
        return subprocess.CompletedProcess(self._arguments, self._process.exitcode, out, err)


def tuan(environment: Mapping[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command with exactly these settings, to its end."""
    return Command(environment, *arguments).done()


def _run(arguments: tuple[str, ...], environment: dict[str, str], where: Path, printed: tuple[Path, ...]) -> None:
    for number, path in zip((1, 2), printed, strict=True):
        os.dup2(os.open(path, os.O_WRONLY), number)
    os.chdir(where)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["tuan", *arguments]
    importlib.import_module("deploy.cli.main").app(list(arguments), prog_name="tuan")
