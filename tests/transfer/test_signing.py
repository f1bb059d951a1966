"""What a signature of another system proves and what it does not, and who reads what is sealed (BEY-08)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.transfer.exchange.protocol import Key, Person
from services.transfer.exchange.signing import (
    WINDOW,
    NotSigned,
    OwnKeys,
    Pair,
    SealUnreadable,
    Signed,
    answered,
    asked,
    check,
    seal,
)

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
ABOUT, BODY = asked("POST", "/exchange/v1/decisions"), b'{"decision":"accepted"}'
SOMEBODY = Person(name="欧阳不露", number="110101200701011239", document_kind="居民身份证")


def keys(system: str, *numbers: int) -> OwnKeys:
    """A pair of each kind for each number, the oldest first."""
    return OwnKeys(system, [Pair.of(use, bytes([n]) * 32) for n in numbers for use in ("sig", "enc")])


THEIRS, OURS = keys("beijing", 1), keys("national", 3, 4)


def signed(*, to: str = "national", at: datetime = NOW, by: OwnKeys = THEIRS, about: str = ABOUT) -> Signed:
    return by.sign(to, [], about, BODY, at)


def doubt(message: Signed, *, about: str = ABOUT, body: bytes = BODY, known: tuple[Key, ...] = THEIRS.public) -> str:
    """Why the message proves nothing here; empty where it does."""
    try:
        check(message, known, "national", about, body, NOW)
    except NotSigned as doubted:
        return doubted.why
    return ""


@pytest.mark.rule("BEY-08")
def test_a_message_is_proven_for_its_receiver_by_a_known_key_for_five_minutes_either_way() -> None:
    assert doubt(signed()) == ""
    assert doubt(signed(to="fujian")) == "for_somebody_else"
    assert doubt(signed(by=keys("beijing", 2))) == "unknown_key"
    for at in (NOW - WINDOW, NOW + WINDOW):
        assert doubt(signed(at=at)) == ""
    for at in (NOW - WINDOW - MOMENT, NOW + WINDOW + MOMENT):
        assert doubt(signed(at=at)) == "clock"


@pytest.mark.rule("BEY-08")
def test_nothing_of_a_message_can_be_exchanged_for_something_else() -> None:
    message = signed()
    assert doubt(message, body=b'{"decision":"refused"}') == "signature"
    for about in (asked("POST", "/exchange/v1/outcomes"), asked("PUT", "/exchange/v1/decisions")):
        assert doubt(message, about=about) == "signature"
    for other in ({"from_": "guangdong"}, {"nonce": "another"}, {"time": "2026-11-30T02:01:00Z"}):
        assert doubt(replace(message, **other)) == "signature"


@pytest.mark.rule("BEY-08")
def test_an_answer_is_proven_for_its_own_question_alone() -> None:
    answer = signed(about=answered(200, "first"))
    assert doubt(answer, about=answered(200, "first")) == ""
    for about in (answered(200, "second"), answered(404, "first"), ABOUT):
        assert doubt(answer, about=about) == "signature"


@pytest.mark.rule("BEY-08")
def test_a_key_that_is_for_sealing_signs_nothing() -> None:
    message = signed()
    for_sealing = tuple(key.model_copy(update={"use": "enc"}) for key in THEIRS.public)
    assert doubt(message, known=for_sealing) == "unknown_key"


@pytest.mark.rule("BEY-08")
def test_a_new_key_signs_for_who_has_taken_it_and_the_first_one_for_all_others() -> None:
    first, _, second, _ = (key.kid for key in OURS.public)
    for taken, kid in (((), first), ((first,), first), ((first, second), second), (("unknown",), first)):
        assert OURS.sign("beijing", taken, ABOUT, BODY, NOW).key == kid
    with pytest.raises(NotSigned, match="no_key_of_ours"):
        keys("national").sign("beijing", (), ABOUT, BODY, NOW)


@pytest.mark.rule("BEY-08")
def test_who_is_offered_is_sealed_for_the_newest_key_and_what_was_sealed_for_a_former_one_is_still_read() -> None:
    former, newest = keys("national", 3), keys("national", 4)
    now = seal(SOMEBODY, OURS.public)
    assert OURS.unseal(now) == newest.unseal(now) == SOMEBODY
    assert OURS.unseal(seal(SOMEBODY, former.public)) == SOMEBODY
    for reader in (former, THEIRS):
        with pytest.raises(SealUnreadable):
            reader.unseal(now)
    with pytest.raises(NotSigned, match="no_key_of_theirs"):
        seal(SOMEBODY, [key for key in OURS.public if key.use == "sig"])
