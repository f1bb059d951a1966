"""Kafka and MongoDB: started here, or somebody else's if their addresses are in the environment."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.local import kafka, mongodb
from deploy.local.ports import Ports
from deploy.local.problems import SetUpProblem
from deploy.local.processes import LocalProcess

CHECKOUT = Path(__file__).resolve().parents[2]
JARS = CHECKOUT / ".local" / "jars"
NAMES = (mongodb.NAME, kafka.NAME)
_BLOCK_NOTE = "port-base"


@dataclass(frozen=True)
class Addresses:
    """Where the two servers are, in the words of the settings TUAN_MONGO_URL and TUAN_KAFKA."""

    mongo_url: str
    kafka: str

    def environment(self) -> dict[str, str]:
        return {"TUAN_MONGO_URL": self.mongo_url, "TUAN_KAFKA": self.kafka}


def start_servers(
    directory: Path,
    ports: Ports,
    *,
    given: dict[str, str] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Addresses:
    """Starts what `given` (the environment) has no address for; returns once both take requests.

    Servers of this directory that run already are left alone. Raises SetUpProblem.
    """
    given = given or {}
    _require_same_block(directory, ports)
    mongo_url = given.get("TUAN_MONGO_URL", "")
    broker = given.get("TUAN_KAFKA", "")
    if not mongo_url:
        say("MongoDB: starting")
        mongo_url = mongodb.start_mongodb(directory, ports)
    say(f"MongoDB: {mongo_url}")
    if not broker:
        say("Kafka: starting (the first time its jars are downloaded)")
        broker = kafka.start_kafka(directory, ports, JARS)
    say(f"Kafka: {broker}")
    return Addresses(mongo_url, broker)


def block_in_use(directory: Path) -> str:
    """The port base of what runs in this directory; empty if nothing does."""
    note, pid_files = directory / "run" / _BLOCK_NOTE, (directory / "run").glob("*.pid")
    runs = any(LocalProcess(path.stem, directory).running() for path in pid_files)
    return note.read_text() if runs and note.exists() else ""


def _require_same_block(directory: Path, ports: Ports) -> None:
    """Servers that run at one block of ports cannot be found at another."""
    note = directory / "run" / _BLOCK_NOTE
    running = [name for name in NAMES if LocalProcess(name, directory).running()]
    if running and note.exists() and note.read_text() != str(ports.base):
        message = (
            f"{' and '.join(running)} of {directory} run at TUAN_PORT_BASE={note.read_text()}, not {ports.base}. "
            "Stop them first (make down), or use that port base."
        )
        raise SetUpProblem(message)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(str(ports.base))


def stop_servers(directory: Path) -> list[str]:
    """Stops the servers of this directory, the broker first; returns the names of those that ran."""
    return [name for name in reversed(NAMES) if LocalProcess(name, directory).stop()]


def main(arguments: list[str]) -> int:
    """`python -m deploy.local.servers start|stop DIRECTORY`: only the servers, for trying and developing."""
    parser = argparse.ArgumentParser(prog="deploy.local.servers")
    parser.add_argument("act", choices=["start", "stop"])
    parser.add_argument("directory", type=Path)
    options = parser.parse_args(arguments)
    directory = options.directory.resolve()
    if options.act == "stop":
        stop_servers(directory)
        return 0
    try:
        addresses = start_servers(directory, Ports.from_environment(), given=None, say=_say)
    except SetUpProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    for name, value in addresses.environment().items():
        print(f"export {name}='{value}'")
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
