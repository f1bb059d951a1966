"""Begins parts of the system as copies of a process that has loaded what all of them load (docs/decisions/0045).

Two thirds of the work of a start are these imports. The process to copy ends with the one that asked for it, so no part
is ever older than the code: the next `make up` loads anew. What it began lives on.
"""

import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from deploy.local.problems import SetUpProblem
from shared.runtime.collector import collect_rarely

_COMMON = (
    "deploy.cli.main",
    "faststream.kafka",
    "joserfc.jwt",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
)
"""What `tuan run` loads whatever it runs, and what is slow to load of others' packages. Of the kernel no more: what a
module measures is shown by every process that has loaded it.
"""
# For glibc: large blocks go back to the system when they are freed, and threads share arenas. Left to itself a service
# keeps what its largest batch once took.
_FRUGAL = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "262144"}
_KEPT = ("PATH", "HOME", "TMPDIR", "LANG")


def process_environment() -> dict[str, str]:
    """What every part is told beside its settings."""
    return {**{name: os.environ[name] for name in _KEPT if name in os.environ}, **_FRUGAL, "PYTHONUNBUFFERED": "1"}


class ForkServer:
    """One process to copy, started when the first part is asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: TextIO

    def begin(self, arguments: Sequence[str], environment: Mapping[str, str], cwd: Path, log: Path) -> int:
        """Begins `tuan` with these arguments, in a session of its own; returns the pid.

        The environment is exactly the one given; only malloc's settings are those of the first start. Raises
        SetUpProblem when what parts have in common cannot be loaded; standard error says why.
        """
        order = json.dumps([list(arguments), dict(environment), str(cwd), str(log)])
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()
            try:
                self._line.write(order + "\n")
                self._line.flush()
                return int(self._line.readline())
            except (OSError, ValueError) as problem:
                message = "The services could not be loaded; what is above says why."
                raise SetUpProblem(message) from problem

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self._line = ours.makefile("rw")
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local.fork_server"],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                env=process_environment(),
                cwd=Path(__file__).parents[2],
                start_new_session=True,
            )


FORK_SERVER = ForkServer()


def _serve() -> None:
    """Forks for every line it reads and answers with the pid. A copy returns from here as the part."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends is waited for by nobody
    collect_rarely()
    for module in _COMMON:
        importlib.import_module(module)
    tuan = importlib.import_module(_COMMON[0]).app
    gc.freeze()
    for line in sys.stdin:
        arguments, environment, cwd, log = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(arguments, environment, cwd, log)
            tuan(arguments, prog_name="tuan")
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _become(arguments: list[str], environment: dict[str, str], cwd: str, log: str) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing, written = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for mine, standard in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(mine, standard)
    os.closerange(3, written + 1)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["tuan", *arguments]
    Path("/proc/self/comm").write_text(f"tuan {arguments[-1]}")


if __name__ == "__main__":
    _serve()
