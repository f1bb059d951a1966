"""Commands for the processes on this machine: down, reset, status, logs."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import psutil
import typer

from deploy.local.ports import Ports
from deploy.local.problems import SetUpProblem
from deploy.local.processes import LocalProcess
from deploy.local.servers import CHECKOUT
from deploy.local.stack import Stack

HOME = CHECKOUT / ".local"
_KEPT_AT_RESET = {"jars", "packaging", "prometheus", "test", "uv"}


@contextmanager
def told_in_one_sentence() -> Iterator[None]:
    """A SetUpProblem ends the command with its sentence and status 1, without a traceback."""
    try:
        yield
    except SetUpProblem as problem:
        print(problem, file=sys.stderr)
        raise typer.Exit(1) from problem


def this_stack() -> Stack:
    """The stack of this checkout, with the TUAN_* settings of the environment."""
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - started:5.1f} s] {text}", flush=True)

    return Stack(HOME, Ports.from_environment(), environment=os.environ, say=say)


def register(app: typer.Typer) -> None:
    """Adds these commands to `tuan`."""
    for command in (down, reset, status, logs):
        app.command()(command)


def down() -> None:
    """Stop what up started, and nothing else; the data stays."""
    with told_in_one_sentence():
        stopped = this_stack().stop()
        print(f"Stopped: {', '.join(stopped)}" if stopped else "Nothing was running.")


def reset(
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Stop everything and forget the data, the logs and the secrets of this checkout."""
    with told_in_one_sentence():
        stack = this_stack()
        if not yes:
            typer.confirm(f"Delete all data under {HOME}?", abort=True)
        stack.stop()
        for path in sorted(HOME.glob("*")):
            if path.name not in _KEPT_AT_RESET:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        print("The data is gone; make up starts anew.")


def status() -> None:
    """Show each process: since when, with how much memory; the last log lines of those that died."""
    with told_in_one_sentence():
        stack = this_stack()
    total = 0
    for name in stack.names():
        process = stack.process(name)
        running = process.running()
        if running is None:
            print(f"{name:10} {'died' if process.died() else 'not running'}")
            if process.died():
                print(*(f"    {line}" for line in process.log_tail()), sep="\n")
            continue
        memory = _memory(running)
        total += memory
        print(f"{name:10} {_state(stack, name):10} pid {running.pid:<8} {memory // 2**20:5} MiB  {_uptime(running)}")
    print(f"{'together':10} {'':10} {'':12} {total // 2**20:5} MiB")


def logs(
    name: Annotated[str, typer.Argument(help="which process; see tuan status")],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="go on as lines come")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="how many of the last lines")] = 50,
) -> None:
    """Print the log of one process."""
    with told_in_one_sentence():
        stack = this_stack()
        path = _log_of(stack, name)
        print(*stack.process(name).log_tail(lines), sep="\n", flush=True)
        if follow:
            subprocess.run(["tail", "-n", "0", "-f", str(path)], check=False)


def _log_of(stack: Stack, name: str) -> Path:
    if name not in stack.names():
        raise SetUpProblem(f"There is no process {name}; there are {', '.join(stack.names())}.")
    path = LocalProcess(name, stack.directory).log_file
    if not path.exists():
        raise SetUpProblem(f"{name} has no log yet; start it with make up.")
    return path


def _state(stack: Stack, name: str) -> str:
    if name not in stack.services():
        return "running"
    ready, _ = stack.ready(name)
    return "ready" if ready else "not ready"


def _memory(process: psutil.Process) -> int:
    """Resident bytes of the process and its children."""
    family = [process, *process.children(recursive=True)]
    return sum(member.memory_info().rss for member in family if member.is_running())


def _uptime(process: psutil.Process) -> str:
    seconds = int(time.time() - process.create_time())
    hours, rest = divmod(seconds, 3600)
    return f"up {hours} h {rest // 60:02} min" if hours else f"up {rest // 60} min {rest % 60:02} s"
