"""Which port belongs to whom: one block of numbers, shifted as a whole by TUAN_PORT_BASE."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from deploy.local.problems import SetUpProblem
from shared.runtime.parts import PORT_OFFSETS

DEFAULT_BASE = 18000
_BLOCK = 20
_APART = 37
_OFFSETS = {**PORT_OFFSETS, "web-metrics": 6, "kafka": 10, "kafka-controller": 11, "mongodb": 12, "simulators": 18}


@dataclass(frozen=True)
class Ports:
    """The block that begins at `base`; every listener is on 127.0.0.1."""

    base: int = DEFAULT_BASE

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Ports":
        """Raises SetUpProblem unless TUAN_PORT_BASE, when set, is a number from 1024 to 65000."""
        text = (environment if environment is not None else os.environ).get("TUAN_PORT_BASE", "")
        if not text:
            return cls()
        if not text.isdecimal() or not 1024 <= int(text) <= 65000:
            message = f"TUAN_PORT_BASE is {text!r}; set it to a number from 1024 to 65000, or unset it."
            raise SetUpProblem(message)
        return cls(int(text))

    def of(self, name: str) -> int:
        """The port of a service or server; KeyError for a name that has none."""
        return self.base + _OFFSETS[name]


def is_taken(port: int) -> bool:
    """Whether somebody listens on 127.0.0.1:`port` now."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def owner_of(port: int) -> str:
    """Who listens on `port`, as "pid 123 (command line)", as far as this user may see it."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return "a process that this user may not see"
    for connection in connections:
        if connection.status != psutil.CONN_LISTEN or not connection.laddr:
            continue
        if connection.laddr[1] == port and connection.pid:
            try:
                command = " ".join(psutil.Process(connection.pid).cmdline())
            except psutil.Error:
                command = "command unknown"
            return f"pid {connection.pid} ({command[:120]})"
    return "a process that this user may not see"


def require_free(port: int, purpose: str) -> None:
    """Raises SetUpProblem naming the owner if `port` is taken."""
    if is_taken(port):
        message = (
            f"Port {port}, needed for {purpose}, is taken by {owner_of(port)}. "
            "Stop that process, or set TUAN_PORT_BASE to a free block of ports."
        )
        raise SetUpProblem(message)


def free_block() -> Ports:
    """A block in which no port is taken, for a stack that must run beside others.

    The search starts at a place that depends on the process id, so that two test runs that start at the same moment
    seldom look at the same block, and processes with neighbouring ids are some blocks apart.
    """
    first = 21000 + os.getpid() * _APART % 500 * _BLOCK
    for base in [*range(first, 31000, _BLOCK), *range(21000, first, _BLOCK)]:
        if not any(is_taken(base + offset) for offset in range(_BLOCK)):
            return Ports(base)
    message = "No free block of 20 ports between 21000 and 31000; stop what is left of earlier test runs."
    raise SetUpProblem(message)
