"""The whole system on one machine: two servers, the relay and the services, each a process of its own."""

import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import httpx

from deploy.local import kafka, mongodb
from deploy.local.fork_server import FORK_SERVER, process_environment
from deploy.local.ports import Ports, require_free
from deploy.local.problems import SetUpProblem
from deploy.local.processes import LocalProcess, tell
from deploy.local.secrets import make_secrets
from deploy.local.servers import CHECKOUT, JARS, Addresses, start_servers, stop_servers
from shared.runtime.parts import PARTS
from shared.runtime.service import Health
from shared.runtime.settings import Environment

# What makes a demonstration easy to enter; production refuses to start with it.
_SHORTCUTS = {"TUAN_CAPTCHA_ANSWER": "8642"}
SIMULATORS = "simulators"
"""Of the systems of 北京, 广东 and 福建, beside a demonstration (deploy/local/simulators)."""
_READY_SECONDS = 120.0
_ASK_SECONDS = 2.0
_CLEAR = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Here nothing is encrypted: to load whom the machine trusts would take longer than each question."""


class Stack:
    """A system with its data, logs and pid files under `directory` and its listeners in `ports`.

    `environment` are further TUAN_* settings of the services; TUAN_MONGO_URL (it may be a secret, as for every process)
    and TUAN_KAFKA in it name servers that are already there. Processes outlive this object; another one on the same
    directory finds them.
    """

    def __init__(
        self,
        directory: Path,
        ports: Ports,
        *,
        environment: Mapping[str, str] | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.directory = directory.resolve()
        self.ports = ports
        self._given = {name: value for name, value in (environment or {}).items() if name.startswith("TUAN_")}
        self.secrets = Path(self._given.get("TUAN_SECRETS_DIR") or self.directory / "secrets").resolve()
        url = self.secrets / "tuan_mongo_url"
        if "TUAN_MONGO_URL" not in self._given and url.is_file():
            self._given["TUAN_MONGO_URL"] = url.read_text().strip()
        self._say = say

    @property
    def addresses(self) -> Addresses:
        """Where the servers are, or will be once started."""
        own = Addresses(
            f"mongodb://127.0.0.1:{self.ports.of('mongodb')}/?replicaSet=rs0",
            f"127.0.0.1:{self.ports.of('kafka')}",
        )
        return Addresses(self._given.get("TUAN_MONGO_URL") or own.mongo_url, self._given.get("TUAN_KAFKA") or own.kafka)

    def names(self) -> tuple[str, ...]:
        """What this stack starts, in that order."""
        servers = [mongodb.NAME] if not self._given.get("TUAN_MONGO_URL") else []
        servers += [kafka.NAME] if not self._given.get("TUAN_KAFKA") else []
        return (*servers, *self.services())

    def services(self) -> tuple[str, ...]:
        """The parts that answer /health/ready."""
        return PARTS

    def process(self, name: str) -> LocalProcess:
        return LocalProcess(name, self.directory)

    def url(self, service: str) -> str:
        """Where a service answers."""
        return f"http://127.0.0.1:{self.ports.of(service)}"

    def settings(self) -> dict[str, str]:
        """The TUAN_* settings each service gets; what was given wins over the defaults of one machine."""
        return {
            "TUAN_ENVIRONMENT": "demonstration",
            "TUAN_INSTANCE": "local",
            **({} if self._given.get("TUAN_ENVIRONMENT") == Environment.PRODUCTION else _SHORTCUTS),
            **self._given,
            "TUAN_PORT_BASE": str(self.ports.base),
            "TUAN_SECRETS_DIR": str(self.secrets),
            **self.addresses.environment(),
        }

    def start(self) -> None:
        """Starts what does not run and returns once everything is ready. Raises SetUpProblem."""
        make_secrets(self.secrets)
        start_servers(self.directory, self.ports, given=self._given, say=self._say)
        for name in self.services():
            self._spawn(name)
        self._say(f"Services: starting {', '.join(self.services())}")
        self.wait_ready(self.services())

    def restart(self, name: str) -> None:
        """Starts one process again after `kill` or `stop_one`, and returns once it is ready."""
        if name == mongodb.NAME:
            mongodb.start_mongodb(self.directory, self.ports)
        elif name == kafka.NAME:
            kafka.start_kafka(self.directory, self.ports, JARS)
        else:
            self._spawn(name)
            self.wait_ready([name])

    def kill(self, name: str) -> None:
        """Ends one process at once, as a crash would."""
        self.process(name).kill()

    def stop_one(self, name: str) -> None:
        self.process(name).stop()

    def stop(self) -> list[str]:
        """Stops everything that this directory's pid files name, services first; returns what ran.

        All are told to end before any is waited for, so that stopping takes as long as the slowest.
        """
        services = [self.process(name) for name in (SIMULATORS, *reversed(self.services()))]
        running = [(process, alive) for process in services if (alive := process.running()) is not None]
        for _, alive in running:
            tell(alive.terminate)
        for process in services:
            process.stop()
        stopped = [process.name for process, _ in running]
        return stopped + stop_servers(self.directory)

    def health(self, name: str) -> dict[str, Health] | None:
        """What a service says of its loops, by name (none for the console); None if it does not answer."""
        try:
            answer = httpx.get(f"{self.url(name)}/health/ready", timeout=_ASK_SECONDS, trust_env=False, verify=_CLEAR)
            loops = answer.json().get("loops", {})
        except (httpx.TransportError, ValueError):
            return None
        return {loop: Health(state["ready"], state["detail"]) for loop, state in loops.items()}

    def ready(self, name: str) -> tuple[bool, str]:
        """Whether a service does all its work, and what it waits for otherwise."""
        health = self.health(name)
        if health is None:
            return False, "no answer"
        waiting = [f"{loop}: {state.detail or 'not ready'}" for loop, state in health.items() if not state.ready]
        return not waiting, "; ".join(waiting)

    def wait_ready(self, names: Sequence[str], *, seconds: float = _READY_SECONDS) -> None:
        """Returns once all are ready; raises SetUpProblem if one ends or is too slow, saying what it waits for.

        One that has ended is told of first: the others may be waiting for what it would have done.
        """
        deadline = time.monotonic() + seconds
        for name in names:
            while not (state := self.ready(name))[0]:
                self._require_running(names)
                if time.monotonic() > deadline:
                    raise SetUpProblem(self.process(name).explain(f"is not ready ({state[1]})"))
                time.sleep(0.1)
            self._say(f"{name}: ready at {self.url(name)}")
        self._require_running(names)

    def _require_running(self, names: Sequence[str]) -> None:
        for process in map(self.process, names):
            if process.running() is None:
                raise SetUpProblem(process.explain("ended while starting"))

    def _spawn(self, name: str) -> None:
        process = self.process(name)
        if process.running() is not None:
            return
        require_free(self.ports.of(name), name)
        environment = process_environment() | self.settings()
        process.start(["run", name], environment, cwd=CHECKOUT, begin=FORK_SERVER.begin)
