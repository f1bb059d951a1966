"""What the processor time went into: by process, children included, and what others on the machine took meanwhile."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from deploy.local.stack import Stack

OWN = "bench"


@dataclass(frozen=True, slots=True)
class Reading:
    """Seconds of processor time so far, of each process and of the whole machine, at one moment."""

    at: float
    processes: Mapping[str, float]
    machine: float


class Machine:
    """Reads the meters of one stack's processes and of this one."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def read(self) -> Reading:
        processes = {OWN: _seconds(psutil.Process())}
        for name in self._stack.names():
            if running := self._stack.process(name).running():
                processes[name] = _seconds(running)
        times = psutil.cpu_times()
        return Reading(time.perf_counter(), processes, times.user + times.system + times.nice)

    def told(self, before: Reading, units: int) -> str:
        """Milliseconds of processor time a unit since `before`, the dearest process first, and the others' share."""
        now = self.read()
        used = {name: now.processes[name] - before.processes.get(name, 0.0) for name in now.processes}
        dearest = sorted(used.items(), key=lambda item: -item[1])
        parts = ", ".join(f"{name} {1000 * seconds / units:.2f}" for name, seconds in dearest if seconds > 0)
        others = max(0.0, now.machine - before.machine - sum(used.values())) / (now.at - before.at)
        return f"{1000 * sum(used.values()) / units:.2f} ms of CPU each ({parts}); others used {others:.1f} cores"

    def resident(self) -> dict[str, float]:
        """MiB that each process holds."""
        found = {name: self._stack.process(name).running() for name in self._stack.names()}
        return {name: running.memory_info().rss / 2**20 for name, running in found.items() if running}


def _seconds(process: psutil.Process) -> float:
    """Of the process and of the children it has waited for."""
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)
