"""Sealed parts open for one person, one event and one key, and for nothing else."""

from datetime import date

import pytest

from shared.privacy.sealing import SealBroken, fingerprint, new_key, open_, open_blob, seal, seal_blob

KEY = bytes(range(32))
VALUES = {"name": "测试甲", "number": "11010119900307123X", "born": date(1990, 3, 7), "none": None}


def test_sealed_values_open_again_for_their_person_and_event() -> None:
    sealed = seal(KEY, "person-1", "event-1", VALUES)
    assert open_(KEY, sealed, "person-1", "event-1") == VALUES | {"born": "1990-03-07"}
    assert (sealed.person, sealed.alg, sealed.kid) == ("person-1", "A256GCM", fingerprint(KEY))


def test_a_sealed_part_shows_nothing_of_its_values() -> None:
    sealed = seal(KEY, "person-1", "event-1", VALUES)
    whole = sealed.ciphertext + sealed.nonce + sealed.kid.encode()
    assert all(part not in whole for part in ("测试甲".encode(), b"1101011990", b"name", KEY[:8]))


@pytest.mark.parametrize(
    ("person", "event"), [("person-2", "event-1"), ("person-1", "event-2"), ("person-1event", "-1")]
)
def test_a_sealed_part_moved_to_another_person_or_event_does_not_open(person: str, event: str) -> None:
    """X33: without it one person's number could be shown as another's by copying bytes."""
    sealed = seal(KEY, "person-1", "event-1", VALUES)._replace(person=person)
    with pytest.raises(SealBroken):
        open_(KEY, sealed, person, event)


@pytest.mark.parametrize("field", ["nonce", "ciphertext"])
def test_every_changed_byte_is_noticed(field: str) -> None:
    sealed = seal(KEY, "person-1", "event-1", {"name": "测试甲"})
    good: bytes = getattr(sealed, field)
    for place in range(len(good)):
        bad = bytearray(good)
        bad[place] ^= 1
        with pytest.raises(SealBroken):
            open_(KEY, sealed._replace(**{field: bytes(bad)}), "person-1", "event-1")


@pytest.mark.parametrize("change", [{"alg": "none"}, {"kid": "00"}, {"nonce": b""}, {"ciphertext": b""}])
def test_a_damaged_envelope_is_refused(change: dict[str, object]) -> None:
    sealed = seal(KEY, "person-1", "event-1", VALUES)._replace(**change)
    with pytest.raises(SealBroken):
        open_(KEY, sealed, "person-1", "event-1")


def test_another_key_is_named_before_anything_is_tried() -> None:
    sealed = seal(KEY, "person-1", "event-1", VALUES)
    with pytest.raises(SealBroken, match=fingerprint(KEY)):
        open_(new_key(), sealed, "person-1", "event-1")


def test_the_same_values_are_never_sealed_alike() -> None:
    """A repeated nonce would give away both texts and the authentication key."""
    nonces = {seal(KEY, "person-1", "event-1", {}).nonce for _ in range(20_000)}
    assert len(nonces) == 20_000


def test_a_blob_opens_with_its_owner_key_only() -> None:
    content = b"PK\x03\x04" + bytes(100_000)
    sealed = seal_blob(KEY, "import-1", "file-1", content)
    assert open_blob(KEY, "import-1", "file-1", sealed) == content
    assert b"PK\x03\x04" not in sealed
    for key, owner, blob in (
        (new_key(), "import-1", "file-1"),
        (KEY, "import-2", "file-1"),
        (KEY, "import-1", "file-2"),
    ):
        with pytest.raises(SealBroken):
            open_blob(key, owner, blob, sealed)


@pytest.mark.parametrize("cut", [0, 3, 4, 12, 24, 30, 39])
def test_a_truncated_blob_is_refused(cut: int) -> None:
    sealed = seal_blob(KEY, "import-1", "file-1", b"")
    with pytest.raises(SealBroken):
        open_blob(KEY, "import-1", "file-1", sealed[:cut])


def test_an_event_part_is_no_blob() -> None:
    part = seal(KEY, "a", "b", {})
    forged = b"TSB1" + bytes.fromhex(part.kid) + part.nonce + part.ciphertext
    with pytest.raises(SealBroken):
        open_blob(KEY, "a", "b", forged)


def test_a_blob_above_the_limit_is_not_taken() -> None:
    with pytest.raises(ValueError, match="16777216"):
        seal_blob(KEY, "import-1", "file-1", bytes(16 * 1024 * 1024 + 1))
