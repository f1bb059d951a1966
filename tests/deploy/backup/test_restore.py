"""P15, R19: a restore fills empty databases, whole or not at all, erases again, and lists what others had heard beyond."""

import asyncio
import contextlib
import json

import pytest
from pymongo.errors import PyMongoError

from deploy.backup.contents import DATABASES
from deploy.backup.erasures import keep_register, read_register
from deploy.backup.problems import CannotRestore
from deploy.backup.restoring import refuse_running, restore
from deploy.backup.taking import take
from deploy.local.ports import free_block
from services.relay.checkpoint import RESTORING, CheckpointStore
from services.relay.generations import begin_generation, until_filled
from services.relay.stopped import RelayStopped
from shared.messaging.topics import Topics
from shared.privacy.vault import ERASED, Vault
from tests.deploy.backup.conftest import AT, PEOPLE, Desk
from tests.shared.messaging.support import EVENTS, LOG, System, commit

pytestmark = pytest.mark.rule("P15", "OPS-02")


def system_of(desk: Desk) -> System:
    return System(desk.settings)


@pytest.mark.parametrize("database", ["member", "vault", "relay"])
async def test_a_database_with_anything_in_it_is_left_alone(backup: Desk, database: str) -> None:
    rows = backup.rows(database, "anything", backup.apart)
    await rows.insert_one({"_id": 1})
    with pytest.raises(CannotRestore, match=rf"{database} is not empty \(anything\)"):
        await backup.restored()
    assert await rows.count_documents({}) == 1
    assert await backup.rows("member", "commits", backup.apart).count_documents({}) == 0


async def test_nothing_is_restored_under_a_running_process(desk: Desk) -> None:
    settings = desk.settings.model_copy(update={"port_base": free_block().base})
    await refuse_running(settings)
    server = await asyncio.start_server(_answer, "127.0.0.1", settings.port_of("relay"))
    async with server:
        with pytest.raises(CannotRestore, match="relay is running"):
            await refuse_running(settings)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 503 Not Ready\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await writer.drain()
    writer.close()


async def test_a_restore_that_was_cut_short_keeps_the_relay_down_and_is_begun_again(backup: Desk) -> None:
    """What is there of it: the mark, some of the people, a database that is not full."""
    await backup.rows("relay", RESTORING, backup.apart).insert_one({"_id": "restore", "backup": "another"})
    await backup.rows("member", "commits", backup.apart).insert_one(commit("person-1", 1))
    system = System(backup.apart)
    with pytest.raises(RelayStopped, match="`tuan restore` again"):
        await system.relay().run()
    await system.close()
    await backup.restored()
    derived = {"member/people_v1", "member/positions", "identity/sessions"}
    before = await backup.everything(backup.settings)
    assert await backup.everything(backup.apart) == {n: d for n, d in before.items() if n not in derived}
    assert await backup.rows("relay", RESTORING, backup.apart).count_documents({}) == 0


async def test_who_writes_meanwhile_is_found_out_and_the_restore_stays_unfinished(backup: Desk) -> None:
    async def write() -> None:
        rows = backup.rows("relay", RESTORING, backup.apart)
        while not await rows.count_documents({}):
            await asyncio.sleep(0.001)
        for number in range(10_000):
            with contextlib.suppress(PyMongoError):  # while what was there is dropped
                await backup.rows("member", "commits", backup.apart).insert_one({"_id": f"foreign-{number}"})

    writing = asyncio.create_task(write())
    with pytest.raises(CannotRestore, match="Somebody else wrote to"):
        await backup.restored()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    assert await CheckpointStore(backup.driver.database(backup.apart.database("relay")), "test").restoring()


@pytest.mark.rule("P11")
async def test_who_was_erased_after_the_backup_stays_erased(backup: Desk) -> None:
    """R19: the register lies outside the databases, so that the vault of a backup cannot bring keys back."""
    path = backup.directory.parent / "register.jsonl"
    await backup.vault.destroy(["person-3"], AT)
    assert await keep_register(backup.driver, backup.settings, path) == 1
    await backup.vault.destroy(["person-7"], AT)
    await backup.rows("intake", "keys").insert_one({"_id": "registration-1", "erased_at": 7})
    assert await keep_register(backup.driver, backup.settings, path) == 3

    done = await backup.restored(read_register(path))
    assert done.erased == 2
    vault = Vault.from_directory(backup.driver, backup.apart.database("vault"), backup.settings.secrets_dir)
    keys = await vault.keys(["person-1", "person-3", "person-7"])
    assert [owner for owner, key in keys.items() if key is ERASED] == ["person-3", "person-7"]
    owners = {row["owner"] async for row in backup.rows("member", "claims", backup.apart).find({})}
    assert len(owners) == PEOPLE - 2
    assert not owners & {"person-3", "person-7"}


async def test_the_register_forgets_nobody_and_is_refused_when_it_is_not_whole(desk: Desk) -> None:
    path = desk.directory.parent / "register.jsonl"
    await desk.vault.destroy(["person-3"], AT)
    await keep_register(desk.driver, desk.settings, path)
    assert await keep_register(desk.driver, desk.apart, path) == 1
    whole = path.read_bytes()
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    with pytest.raises(CannotRestore, match="not whole"):
        read_register(path)
    path.write_bytes(whole[:-9])
    with pytest.raises(CannotRestore, match="no register"):
        read_register(path)
    with pytest.raises(CannotRestore, match="no register"):
        read_register(path.with_name("nothing"))


async def test_what_had_been_published_beyond_the_backup_is_listed_and_nothing_else(desk: Desk) -> None:
    system = system_of(desk)
    try:
        await system.relay_once(PEOPLE)
        await take(desk.driver, desk.settings, desk.directory)
        async with system.relaying() as task:
            await system.commits().insert_many([commit(f"person-{n}", 2, public=n % 2) for n in range(4)])
            await system.relayed(PEOPLE + 4, task=task)
    finally:
        await system.close()
    done = await desk.restored()
    assert (done.beyond.generations, done.beyond.types) == ((1,), {"member.MemberEntered.v1": 6})
    lines = [json.loads(line) for line in desk.report.read_text().splitlines()]
    beyond = {(line["topic"].removeprefix(desk.settings.namespace), line["stream"], line["version"]) for line in lines}
    assert beyond == {(LOG, f"person-{n}", 2) for n in range(4)} | {(EVENTS, f"person-{n}", 2) for n in (1, 3)}
    assert all(line["id"] and line["at"] and line["offset"] >= 0 for line in lines)
    assert "organization-1" not in desk.report.read_text()


async def test_what_was_published_anew_since_is_listed_once(desk: Desk) -> None:
    system = system_of(desk)
    try:
        await system.relay_once(PEOPLE)
        await take(desk.driver, desk.settings, desk.directory)
        await system.commits().insert_one(commit("person-beyond", 1, public=0))
        await system.relay_once(PEOPLE + 1)
        generation = await begin_generation(desk.driver, desk.settings)
        async with system.relaying():
            await until_filled(desk.driver, desk.settings, generation)
    finally:
        await system.close()
    done = await desk.restored()
    assert (done.beyond.generations, done.beyond.events) == ((1, 2), 1)
    assert len(desk.report.read_text().splitlines()) == 1


async def test_a_restored_system_sends_everything_into_topics_that_nobody_has_seen(desk: Desk) -> None:
    """In the same namespace, where the former history still lies in Kafka with more than was restored."""
    system = system_of(desk)
    try:
        await system.relay_once(PEOPLE)
        await take(desk.driver, desk.settings, desk.directory)
        async with system.relaying() as task:
            await system.commits().insert_one(commit("person-beyond", 1))
            await system.relayed(PEOPLE + 1, task=task)
        for service in DATABASES:
            await desk.driver.client.drop_database(desk.settings.database(service))
        done = await restore(desk.driver, desk.settings, desk.directory, {}, desk.report)
        assert (done.generation, done.beyond.events) == (2, 2)
        read = await CheckpointStore(system.relay_database, "test").load()
        assert read is not None
        assert read.generation == 2
        async with system.relaying() as task:
            await system.relayed(PEOPLE, task=task)
            await system.commits().insert_one(commit("person-after", 1))
            await system.relayed(PEOPLE + 1, task=task)
        system.topics = Topics(desk.settings.namespace, 2)
        applied = await system.applied(LOG, EVENTS)
        assert {r.event.stream for r in applied if r.event} == {
            *(f"person-{n}" for n in range(PEOPLE)),
            "person-after",
        }
        assert len([r for r in applied if r.event]) == 2 * (PEOPLE + 1)
    finally:
        await system.close()


async def test_without_the_topics_of_the_former_system_what_is_beyond_is_said_to_be_unknown(backup: Desk) -> None:
    done = await backup.restored()
    assert (done.beyond.generations, done.generation) == ((), 2)
    assert list(backup.directory.parent.glob(backup.report.name)) == []
