"""Servers for the whole run, a namespace for each test, and the marks that say which rule a test holds to."""

import asyncio
import itertools
import os
import shutil
import tomllib
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psutil
import pytest
import uvloop
from aiokafka.admin import AIOKafkaAdminClient
from pymongo import MongoClient
from pymongo.database import Database
from xdist.remote import Producer
from xdist.workermanage import WorkerController

from deploy.local.exclusive import one_at_a_time
from deploy.local.ports import Ports, free_block
from deploy.local.processes import LocalProcess
from deploy.local.servers import CHECKOUT, NAMES, Addresses, start_servers
from deploy.local.stack import Stack
from shared.runtime.collector import collect_rarely, rest_the_collector
from tests.order import ByFile, place_of, scope_of

SERVER_FIXTURES = {"servers"}
ON_DISK, IN_MEMORY = CHECKOUT / ".local" / "test", Path(f"/dev/shm/tuan-test-{os.getuid()}")
ROOM_BYTES = 8 * 2**30
SERVERS = "servers"
WHOLE_SYSTEM = {"TUAN_ENVIRONMENT": "test", "TUAN_PARTITIONS": "3"}
"""Settings of a whole system. With twelve partitions, most of them idle, its processes and Kafka take twice the CPU."""
SYSTEMS: "pytest.StashKey[dict[str, Stack]]" = pytest.StashKey()
"""The whole systems that run now, by the scope of the tests that share them."""
_PREFIX = f"t{uuid.uuid4().hex[:6]}"
_COUNTER = itertools.count(1)
_GIVEN = {name: value for name, value in os.environ.items() if name.startswith("TUAN_")}


def _test_data() -> Path:
    """Where the servers of this process keep their data: in memory where there is room, for half of a test's time is
    the making of collections, each of which waits for the disk. A process that is killed loses nothing there either.
    """
    roomy = IN_MEMORY.parent.is_dir() and shutil.disk_usage(IN_MEMORY.parent).free > ROOM_BYTES
    return IN_MEMORY if roomy and psutil.virtual_memory().available > ROOM_BYTES else ON_DISK


TEST_DATA = _test_data()
TEST_DATA.mkdir(parents=True, exist_ok=True)
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(TEST_DATA))  # where tmp_path lies: servers keep their data there too


collect_rarely()
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # the services' own loop


def pytest_collection_finish() -> None:
    """What was collected stays to the end: a sixth of the time of many small tests went into looking at it again."""
    rest_the_collector()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Before the first test, and once for all workers."""
    if not hasattr(session.config, "workerinput"):
        _sweep_dead_runs()


def pytest_configure_node(node: WorkerController) -> None:
    """All workers share one Kafka and one MongoDB, which the first that needs them starts: even idle ones take CPU."""
    node.workerinput[SERVERS] = str(TEST_DATA / str(os.getpid()) / SERVERS)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The run's servers end with it, not with a worker."""
    if not hasattr(session.config, "workerinput"):
        directory = TEST_DATA / str(os.getpid()) / SERVERS
        end(directory, *NAMES)
        shutil.rmtree(directory, ignore_errors=True)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`connected` follows from the fixtures a test asks for, so `-m "not connected"` is always right.

    Workers begin with what takes longest, so that none is left with it at the end.
    """
    if hasattr(config, "workerinput"):
        items.sort(key=place_of)
    known = set(tomllib.loads((CHECKOUT / "docs" / "rules.toml").read_text())["titles"])
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if SERVER_FIXTURES & fixtures:
            item.add_marker(pytest.mark.connected)
        for mark in item.iter_markers("rule"):
            if not mark.args or set(mark.args) - known:
                message = f"{item.nodeid}: {mark.args} is no rule of docs/rules.toml"
                raise pytest.UsageError(message)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """A system ends with the last test of its worker that shares it: idle processes take their time too."""
    scope, systems = scope_of(item.nodeid), item.session.stash.get(SYSTEMS, {})
    over = nextitem is None or scope_of(nextitem.nodeid) != scope
    if hasattr(item.config, "workerinput") and over and (whole := systems.pop(scope, None)):
        end(whole.directory, *whole.names())


def end(directory: Path, *names: str) -> None:
    """Ends processes of a folder that nobody needs any more: to let them tidy up takes longer than many a test."""
    for name in names:
        LocalProcess(name, directory).kill()


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Iterator[Addresses]:
    """Addresses of a real Kafka and MongoDB: those of TUAN_MONGO_URL and TUAN_KAFKA, or fresh ones.

    Fresh ones lie on a free block of ports beside a running `make up` and are gone after the run. A test that stops
    them, or changes what holds for all of them, has its own.
    """
    given = {name: os.environ[name] for name in ("TUAN_MONGO_URL", "TUAN_KAFKA") if os.environ.get(name)}
    told = getattr(request.config, "workerinput", {SERVERS: TEST_DATA / str(os.getpid()) / SERVERS})
    directory = Path(told[SERVERS])
    with one_at_a_time(directory):
        addresses = start_servers(directory, _block_of(directory), given=given)
    yield addresses
    if given:
        _drop_what_this_run_made(addresses)


def _block_of(directory: Path) -> Ports:
    """The one that servers of this folder were started on, if they were."""
    note = directory / "run" / "port-base"
    return Ports(int(note.read_text())) if note.exists() else free_block()


@pytest.fixture(autouse=True)
def environment_as_it_was() -> Iterator[None]:
    """Seeding a stack sets TUAN_* in this process: no test sees what another left."""
    _restore_environment()
    yield
    _restore_environment()


@pytest.fixture(scope="session")
def sweeper(servers: Addresses) -> "Iterator[MongoClient[dict[str, object]]]":
    client: MongoClient[dict[str, object]]
    with MongoClient(servers.mongo_url) as client:
        yield client


@pytest.fixture(scope="session")
def broom(sweeper: "MongoClient[dict[str, object]]") -> Iterator[Callable[[str], object]]:
    """Drops the databases of a namespace beside the tests that follow. With six thousand collections the next one takes
    MongoDB four times the work that it takes with a few hundred.
    """

    def drop(namespace: str) -> None:
        for database in sweeper.list_databases(nameOnly=True, filter={"name": {"$regex": f"^{namespace}"}}):
            sweeper.drop_database(str(database["name"]))

    with ThreadPoolExecutor(max_workers=1) as beside:
        yield partial(beside.submit, drop)


@pytest.fixture
def namespace(broom: Callable[[str], object]) -> Iterator[str]:
    """A prefix for the names of databases and topics that no other test uses; setting TUAN_NAMESPACE."""
    name = f"{_PREFIX}x{next(_COUNTER)}_"
    yield name
    broom(name)


@pytest.fixture
def swept_namespace(sweeper: "MongoClient[dict[str, object]]", request: pytest.FixtureRequest) -> str:
    """A namespace that the tests of a folder share, one after the other, each from empty collections: to make them all
    is more than half of a short test. For services that are called by the test alone; what runs in loops or writes to
    topics takes `namespace`.
    """
    namespace = f"{_PREFIX}{request.path.relative_to(CHECKOUT / 'tests').parts[0]}_"
    for database in sweeper.list_databases(nameOnly=True, filter={"name": {"$regex": f"^{namespace}"}}):
        rows = sweeper[str(database["name"])]
        for collection in _not_empty(rows):
            rows[collection].delete_many({})
    return namespace


def _not_empty(rows: "Database[dict[str, object]]") -> list[str]:
    """The names of collections that hold anything, asked for at once: most are empty before most tests."""
    names = rows.list_collection_names(filter={"name": {"$not": {"$regex": "^system"}}})
    found = {name: [{"$limit": 1}, {"$project": {"_id": 0, "name": {"$literal": name}}}] for name in names}
    union = [{"$unionWith": {"coll": name, "pipeline": one}} for name, one in found.items()]
    nothing = [{"$match": {"$expr": False}}]
    return [str(each["name"]) for each in rows["swept"].aggregate([*nothing, *union])]


@pytest.fixture(scope="module")
def module_namespace(broom: Callable[[str], object]) -> Iterator[str]:
    """Like `namespace`, for a module whose tests share one costly state."""
    name = f"{_PREFIX}x{next(_COUNTER)}_"
    yield name
    broom(name)


def _restore_environment() -> None:
    for name in [n for n in os.environ if n.startswith("TUAN_")]:
        del os.environ[name]
    os.environ.update(_GIVEN)


def _sweep_dead_runs() -> None:
    """A run that was killed left its servers behind: they are stopped by the next one."""
    for directory in (*ON_DISK.glob("*"), *IN_MEMORY.glob("*")):
        if directory.name.isdecimal() and not psutil.pid_exists(int(directory.name)):
            for run in directory.glob("*/run"):
                Stack(run.parent, Ports()).stop()
            shutil.rmtree(directory, ignore_errors=True)


def _drop_what_this_run_made(addresses: Addresses) -> None:
    """Somebody else's servers are left as they were found."""
    client: MongoClient[dict[str, object]]
    with MongoClient(addresses.mongo_url) as client:
        for name in client.list_database_names():
            if name.startswith(_PREFIX):
                client.drop_database(name)
    asyncio.run(_delete_topics(addresses.kafka))


async def _delete_topics(kafka: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        ours = [topic for topic in await admin.list_topics() if topic.startswith(_PREFIX)]
        if ours:
            await admin.delete_topics(ours)
    finally:
        await admin.close()


@pytest.fixture(scope="session")
def stack(servers: Addresses, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The whole system on the run's servers, every service a process, with the settings of a test deployment.

    For tests of what users see. Those that kill servers start a Stack of their own.
    """
    settings = {**servers.environment(), **WHOLE_SYSTEM, "TUAN_NAMESPACE": f"{_PREFIX}s_"}
    whole = Stack(TEST_DATA / str(os.getpid()) / "stack", free_block(), environment=settings)
    try:
        whole.start()
        request.session.stash.setdefault(SYSTEMS, {})["stack"] = whole
        yield whole
    finally:
        end(whole.directory, *whole.names())


@pytest.fixture
def checkout() -> Path:
    """The root of the checkout."""
    return CHECKOUT
