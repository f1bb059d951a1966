"""Apache Kafka's jars, resolved by a Maven client in pure Python and checked against a lock file."""

import hashlib
from pathlib import Path

from deploy.local.exclusive import one_at_a_time
from deploy.local.problems import SetUpProblem

# No log4j coordinates: their dependency management pulls kafka-clients 3.9.1 in, and the broker dies of it.
COORDINATES = "org.apache.kafka:kafka_2.13:4.3.0+org.slf4j:slf4j-simple:1.7.36"
LOCK_FILE = Path(__file__).with_name("kafka-jars.lock")


def kafka_class_path(cache: Path) -> str:
    """The class path of the broker, downloading into `cache` what is missing there.

    Every jar must be the one whose SHA-256 stands in the lock file, no more and no fewer.
    Raises SetUpProblem if the registry does not answer or a jar differs.
    """
    locked = _locked()
    with one_at_a_time(cache):
        jars = _present(cache)
        if {jar.name for jar in jars} != set(locked):
            jars = _resolve(cache)
            _check(jars, locked)
    return ":".join(str(jar) for jar in sorted(jars))


def lock_text(jars: list[Path]) -> str:
    """What the lock file must hold for these jars: one `sha256  name` a line, by name."""
    return "".join(f"{_digest(jar)}  {jar.name}\n" for jar in sorted(jars, key=lambda jar: jar.name))


def _locked() -> dict[str, str]:
    return {name: digest for digest, name in (line.split() for line in LOCK_FILE.read_text().splitlines())}


def _present(cache: Path) -> list[Path]:
    # Some jars lie under modules/, some under jars/: Environment.classpath would list only a part.
    return sorted((cache / "envs").rglob("*.jar"))


def _resolve(cache: Path) -> list[Path]:
    import jgo  # noqa: PLC0415  slow to import, and needed only until the jars are there

    try:
        jgo.build(COORDINATES, cache_dir=cache)
    except Exception as problem:  # the client raises whatever its transport raised
        message = (
            f"Kafka's jars could not be downloaded ({type(problem).__name__}: {problem}). Check that the "
            "Maven registry can be reached, or set TUAN_KAFKA to the address of a broker that is already there."
        )
        raise SetUpProblem(message) from problem
    return _present(cache)


def _check(jars: list[Path], locked: dict[str, str]) -> None:
    found = {jar.name: _digest(jar) for jar in jars}
    if found != locked:
        odd = sorted(name for name in found.keys() | locked.keys() if found.get(name) != locked.get(name))
        message = (
            f"Kafka's jars differ from {LOCK_FILE.name}: {', '.join(odd[:5])}. "
            "Delete .local/jars and try again; if it stays so, the registry serves other files than locked."
        )
        raise SetUpProblem(message)


def _digest(jar: Path) -> str:
    return hashlib.sha256(jar.read_bytes()).hexdigest()
