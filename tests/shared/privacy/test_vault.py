"""Keys of people: wrapped in the database, opened in memory, destroyed for good."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local.servers import Addresses
from shared.eventstore.driver import Driver
from shared.privacy.secrets import SecretMissing, create_secret, read_secret
from shared.privacy.vault import ERASED, KeyReader, KeysMissing, Vault, WrappingKeyUnknown

AT = datetime(2026, 11, 22, tzinfo=UTC)
KEK = bytes(range(32))


@pytest.fixture
async def driver(servers: Addresses) -> AsyncIterator[Driver]:
    driver = Driver(servers.mongo_url)
    yield driver
    await driver.close()


@pytest.fixture
async def vault(driver: Driver, namespace: str) -> Vault:
    vault = Vault(driver, f"{namespace}vault", KEK)
    await vault.prepare()
    await vault.prepare()
    return vault


async def test_it_is_made_ready_once_however_many_begin_at_once(driver: Driver, namespace: str) -> None:
    """A seeding and the service itself begin at the same time: neither may fail because the other came first."""
    await asyncio.gather(*(Vault(driver, f"{namespace}vault", KEK).prepare() for _ in range(20)))
    assert await driver.database(f"{namespace}vault").list_collection_names() == ["keys"]


async def _entered(driver: Driver, vault: Vault, *owners: str) -> dict[str, bytes]:
    """Keys as the event store brings them in: rows in the transaction of the commit."""
    made = {owner: vault.new_key(owner, AT) for owner in owners}
    rows = [row for _, row in made.values()]

    async def insert(session: object) -> None:
        await driver.database(rows[0].database)[rows[0].collection].insert_many(
            [dict(row.document) for row in rows], session=session
        )

    await driver.transaction(insert)
    return {owner: key for owner, (key, _) in made.items()}


async def test_keys_come_back_for_a_whole_batch(driver: Driver, vault: Vault, namespace: str) -> None:
    made = await _entered(driver, vault, *(f"person-{i}" for i in range(1_500)))
    assert await vault.keys(made) == made
    assert len(set(made.values())) == 1_500
    assert await KeyReader(driver, f"{namespace}vault", KEK).keys(["person-7"]) == {"person-7": made["person-7"]}
    assert await vault.keys([]) == {}


async def test_no_row_shows_a_key(driver: Driver, vault: Vault, namespace: str) -> None:
    made = await _entered(driver, vault, "person-1")
    row = await driver.database(f"{namespace}vault")["keys"].find_one({"_id": "person-1"})
    assert made["person-1"] not in bytes(row["wrapped"])
    assert (row["alg"], row["kid"], row["at"]) == ("A256GCM", vault.kid, 1795305600000000)


@pytest.mark.rule("P11")
async def test_a_destroyed_key_is_gone_and_its_tombstone_says_so(driver: Driver, vault: Vault, namespace: str) -> None:
    made = await _entered(driver, vault, "person-1", "person-2")
    await vault.keys(made)
    assert await vault.destroy(["person-1", "person-absent"], AT) == 1
    assert await vault.destroy(["person-1"], AT) == 0
    assert await vault.keys(made) == {"person-1": ERASED, "person-2": made["person-2"]}
    rows = driver.database(f"{namespace}vault")["keys"]
    assert await rows.find_one({"_id": "person-1"}) == {"_id": "person-1", "erased_at": 1795305600000000}
    assert await rows.count_documents({}) == 2


async def test_a_missing_key_is_an_error_and_never_looks_erased(driver: Driver, vault: Vault) -> None:
    """kernel.md 6: a restore or a lagging copy must not make people look erased for ever."""
    await _entered(driver, vault, "person-1")
    with pytest.raises(KeysMissing) as refused:
        await vault.keys(["person-1", "person-2"])
    assert refused.value.owners == ("person-2",)


async def test_a_destruction_rolled_back_destroys_nothing(driver: Driver, vault: Vault) -> None:
    made = await _entered(driver, vault, "person-1")

    async def fail(session: object) -> None:
        await vault.destroy(["person-1"], AT, session)
        raise RuntimeError("after the destruction")

    with pytest.raises(RuntimeError):
        await driver.transaction(fail)
    assert await vault.keys(["person-1"]) == made


async def test_a_wrapped_key_moved_to_another_owner_does_not_open(driver: Driver, vault: Vault, namespace: str) -> None:
    await _entered(driver, vault, "person-1", "person-2")
    rows = driver.database(f"{namespace}vault")["keys"]
    one = await rows.find_one({"_id": "person-1"})
    await rows.update_one({"_id": "person-2"}, {"$set": {"wrapped": one["wrapped"], "nonce": one["nonce"]}})
    with pytest.raises(WrappingKeyUnknown):
        await vault.keys(["person-2"])


async def test_another_key_encryption_key_is_named(driver: Driver, vault: Vault, namespace: str) -> None:
    await _entered(driver, vault, "person-1")
    with pytest.raises(WrappingKeyUnknown, match=vault.kid):
        await KeyReader(driver, f"{namespace}vault", bytes(32)).keys(["person-1"])


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    directory = tmp_path / "secrets"
    assert create_secret(directory, "kek") is True
    first = read_secret(directory, "kek")
    assert create_secret(directory, "kek") is False
    assert read_secret(directory, "kek") == first
    assert ((directory / "kek").stat().st_mode & 0o777, directory.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [path.name for path in directory.iterdir()] == ["kek"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "short",
        "%%%%",
        base64.urlsafe_b64encode(bytes(31)).decode(),
        base64.urlsafe_b64encode(b"changeme" * 4).decode(),
    ],
)
def test_what_is_no_secret_is_refused_with_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "kek").write_text(text)
    with pytest.raises(SecretMissing, match="backup"):
        read_secret(tmp_path, "kek")


def test_an_absent_secret_is_never_made_up(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing, match="backup"):
        read_secret(tmp_path, "kek")
