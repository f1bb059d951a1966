"""OPS-02: a backup holds what cannot be derived, of one moment, sealed; what is not the same any more is refused."""

import asyncio
import json
import os
import shutil
import tracemalloc
from collections.abc import Callable

import pytest

from deploy.backup.contents import KEPT, KEPT_OF, LEFT, undecided, wanted
from deploy.backup.problems import BackupRefused, CannotBackUp
from deploy.backup.restoring import checked
from deploy.backup.taking import take
from deploy.local.secrets import make_secrets
from tests.deploy.backup.conftest import CANARY, PEOPLE, Desk

pytestmark = pytest.mark.rule("OPS-02")


async def test_a_restored_backup_has_every_document_and_index_and_nothing_that_is_derived(backup: Desk) -> None:
    before = await backup.everything(backup.settings)
    await backup.restored()
    after = await backup.everything(backup.apart)
    derived = {"member/people_v1", "member/positions", "identity/sessions"}
    assert before.keys() - after.keys() == derived
    assert after == {name: documents for name, documents in before.items() if name not in derived}
    for service, name in (("member", "commits"), ("org", "approval_documents"), ("stats", "figures_v1")):
        original = await backup.rows(service, name).index_information()
        assert await backup.rows(service, name, backup.apart).index_information() == original


async def test_a_backup_is_of_one_moment_while_others_write(desk: Desk) -> None:
    """Without one cluster time for all reads, people have claims and no commit, or commits and no key."""
    written = 0

    async def write() -> None:
        nonlocal written
        while True:
            await desk.enters([f"person-late-{written}-{n}" for n in range(20)])
            written += 20

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.5)
    before = written
    await take(desk.driver, desk.settings, desk.directory)
    assert written > before
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await desk.restored()
    people = {row["stream"] async for row in desk.rows("member", "commits", desk.apart).find({})}
    assert before <= len(people) - PEOPLE <= written
    assert {row["owner"] async for row in desk.rows("member", "claims", desk.apart).find({})} == people
    assert {row["_id"] async for row in desk.rows("vault", "keys", desk.apart).find({})} == people


@pytest.mark.rule("P11", "OPS-01")
async def test_nothing_in_a_backup_can_be_read_without_the_keys(backup: Desk) -> None:
    files = [path for path in backup.directory.rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files)
    assert CANARY.encode() not in content
    assert b"person-1" not in content
    assert {path.stat().st_mode & 0o077 for path in (backup.directory, *files)} == {0}


def test_every_collection_is_decided_once() -> None:
    there = ["commits", "people_v1", "people_v1_c12", "sessions", "positions", "figures_v1", "something_new"]
    assert wanted("stats", there) == ["commits", "figures_v1", "something_new"]
    assert undecided("stats", there) == ["something_new"]
    assert [name for names in (KEPT, *KEPT_OF.values()) for name in names & LEFT] == []


def truncated(desk: Desk) -> None:
    path = desk.directory / "member" / "commits.sealed"
    os.truncate(path, path.stat().st_size - 1)


def flipped(desk: Desk) -> None:
    path = desk.directory / "member" / "commits.sealed"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lengthened(desk: Desk) -> None:
    with (desk.directory / "member" / "commits.sealed").open("ab") as file:
        file.write(b"\x00")


def exchanged(desk: Desk) -> None:
    shutil.copy(desk.directory / "member" / "claims.sealed", desk.directory / "member" / "commits.sealed")


def lost(desk: Desk) -> None:
    (desk.directory / "vault" / "keys.sealed").unlink()


def edited(desk: Desk) -> None:
    change(desk, lambda told: told["collections"].pop())


def older(desk: Desk) -> None:
    change(desk, lambda told: told.update(format=0))


def unreadable(desk: Desk) -> None:
    (desk.directory / "manifest.json").write_text("[]")


def unfinished(desk: Desk) -> None:
    (desk.directory / "manifest.json").unlink()


def of_another_system(desk: Desk) -> None:
    shutil.rmtree(desk.settings.secrets_dir)
    make_secrets(desk.settings.secrets_dir)


def without_lookup_key(desk: Desk) -> None:
    (desk.settings.secrets_dir / "lookup.key").unlink()
    make_secrets(desk.settings.secrets_dir)


def change(desk: Desk, how: Callable[[dict[str, object]], object]) -> None:
    path = desk.directory / "manifest.json"
    told = json.loads(path.read_text())
    how(told)
    path.write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (truncated, "commits.sealed is not what the backup wrote"),
        (flipped, "commits.sealed is not what the backup wrote"),
        (lengthened, "commits.sealed is not what the backup wrote"),
        (exchanged, "commits.sealed is not what the backup wrote"),
        (lost, "keys.sealed is not what the backup wrote"),
        (edited, "manifest.json is not what the backup wrote"),
        (unreadable, "manifest.json is not what the backup wrote"),
        (older, "has the format 0, this program reads 1"),
        (unfinished, "holds no finished backup"),
        (of_another_system, "was made with the secret kek"),
        (without_lookup_key, "was made with the secret lookup.key"),
    ],
)
async def test_what_is_not_the_backup_any_more_is_refused_in_a_sentence_and_nothing_is_restored(
    backup: Desk, spoil: Callable[[Desk], None], said: str
) -> None:
    spoil(backup)
    with pytest.raises(BackupRefused, match=said) as refused:
        await backup.restored()
    assert "\n" not in str(refused.value)
    assert await backup.everything(backup.apart) == {}


async def test_a_directory_with_anything_in_it_is_not_written_to(backup: Desk) -> None:
    manifest = (backup.directory / "manifest.json").read_bytes()
    with pytest.raises(CannotBackUp, match="is not empty"):
        await take(backup.driver, backup.settings, backup.directory)
    assert (backup.directory / "manifest.json").read_bytes() == manifest


async def test_memory_stays_flat_however_much_there_is(desk: Desk) -> None:
    """100 MB of documents that do not compress; whoever holds a collection in memory shows here."""
    rows = desk.rows("member", "uploads")
    for start in range(0, 10_000, 500):
        await rows.insert_many([{"_id": start + n, "content": os.urandom(10_000)} for n in range(500)])
    tracemalloc.start()
    try:
        await take(desk.driver, desk.settings, desk.directory)
        taken = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        checked(desk.directory, desk.settings.secrets_dir)
        read = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        await desk.restored()
        restored = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    sizes = [size // 2**20 for size in (taken, read, restored)]
    assert max(sizes) < 64, sizes
    assert sum(path.stat().st_size for path in desk.directory.rglob("*") if path.is_file()) > 95 * 2**20
