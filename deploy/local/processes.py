"""A child process that outlives its starter: one pid file and one log beside its data."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.local.problems import SetUpProblem

_LOG_BYTES_MAX = 20 * 1024 * 1024
_POLL_SECONDS = 0.05

Begin = Callable[[Sequence[str], Mapping[str, str], Path, Path], int]
"""Begins a command with an environment in a folder, writing to a log; returns the pid."""


def _executed(command: Sequence[str], environment: Mapping[str, str], cwd: Path, log: Path) -> int:
    with log.open("ab") as written:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=cwd,
            start_new_session=True,
        ).pid


@dataclass(frozen=True)
class LocalProcess:
    """The process called `name` under `directory`, whether it runs or not.

    The pid file remembers when it began as well, so that a pid that the system has given to
    somebody else is never taken for ours, let alone stopped.
    """

    name: str
    directory: Path

    @property
    def pid_file(self) -> Path:
        return self.directory / "run" / f"{self.name}.pid"

    @property
    def log_file(self) -> Path:
        return self.directory / "logs" / f"{self.name}.log"

    def running(self) -> psutil.Process | None:
        """The live process, or None if it never started, ended, or its pid is somebody else's now."""
        try:
            known = json.loads(self.pid_file.read_text())
            process = psutil.Process(known["pid"])
            ours = _begun(process.pid) == known["begun"]
            alive = process.status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
        except (OSError, ValueError, KeyError, TypeError, psutil.Error):
            return None
        return process if ours and alive else None

    def died(self) -> bool:
        """Whether it was started and has ended without being stopped."""
        return self.pid_file.exists() and self.running() is None

    def start(
        self, command: Sequence[str], environment: Mapping[str, str], *, cwd: Path, begin: Begin = _executed
    ) -> None:
        """Starts it in a session of its own; does nothing if it runs already.

        The environment is exactly the one given. An old log above 20 MiB is kept as one `.1` file.
        """
        if self.running() is not None:
            return
        for path in (self.pid_file, self.log_file):
            path.parent.mkdir(parents=True, exist_ok=True)
        if self.log_file.exists() and self.log_file.stat().st_size > _LOG_BYTES_MAX:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        pid = begin(command, environment, cwd, self.log_file)
        try:
            begun = _begun(pid)
        except OSError:
            begun = "ended at once"
        self.pid_file.write_text(json.dumps({"pid": pid, "begun": begun}))

    def stop(self, *, grace_seconds: float = 20) -> bool:
        """Asks it to end (SIGTERM), insists after `grace_seconds` (SIGKILL); True if it was running."""
        process = self.running()
        if process is not None:
            tell(process.terminate)
            if not _ended(process, grace_seconds):
                tell(process.kill)
                _ended(process, 5)
        self.pid_file.unlink(missing_ok=True)
        return process is not None

    def kill(self) -> None:
        """Ends it at once (SIGKILL), as a crash would; the pid file stays, so it counts as dead."""
        process = self.running()
        if process is not None:
            tell(process.kill)
            _ended(process, 5)

    def log_tail(self, lines: int = 8) -> list[str]:
        """Its last log lines, oldest first; empty if there is no log."""
        try:
            with self.log_file.open("rb") as log:
                log.seek(max(0, self.log_file.stat().st_size - 64 * 1024))
                return log.read().decode("utf-8", "replace").splitlines()[-lines:]
        except OSError:
            return []

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Returns once `ready()`; raises SetUpProblem, with the end of the log, if it ends or is too slow."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.running() is None:
                raise SetUpProblem(self.explain("ended while starting"))
            if time.monotonic() > deadline:
                raise SetUpProblem(self.explain(f"was not ready after {seconds:.0f} s"))
            time.sleep(_POLL_SECONDS)

    def explain(self, what: str) -> str:
        """What happened to it, with the end of its log."""
        tail = "\n    ".join(self.log_tail())
        return f"{self.name} {what}. Its log is {self.log_file}; the last lines:\n    {tail}"


def tell(signal: Callable[[], None]) -> None:
    """Sends a process's signal. It may have ended since it was looked for: told before, or with another one."""
    with suppress(psutil.NoSuchProcess):
        signal()


def _begun(pid: int) -> str:
    """The machine's boot and the ticks from it to the process's beginning. By the wall clock, a second's correction of
    which moves the beginning of everything that runs, our own processes would be strangers. Raises OSError.
    """
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}/{ticks}"


def _ended(process: psutil.Process, seconds: float) -> bool:
    """Waits for the end; a child of this very process is also reaped."""
    try:
        process.wait(timeout=seconds)
    except psutil.TimeoutExpired:
        return False
    return True
