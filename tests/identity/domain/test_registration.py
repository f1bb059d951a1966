"""ADM-03, ADM-04, P8: a registration waits, and ends once; slips of the pen are seen before it begins."""

from datetime import UTC, datetime, timedelta

import pytest

from services.identity.domain.account import (
    ACCOUNT,
    AccountAbsent,
    ActivateByRegistration,
    activate_by_registration,
)
from services.identity.domain.events import (
    AccountActivated,
    AccountOpened,
    AccountReleased,
    RegistrationCompleted,
    RegistrationEvent,
    RegistrationLapsed,
    RegistrationRefused,
    RegistrationRequested,
)
from services.identity.domain.registrant import Registrant, slips
from services.identity.domain.registration import (
    REGISTRATION,
    REGISTRATION_LIFE,
    CompleteRegistration,
    ExpireRegistration,
    LapseRegistration,
    RefuseRegistration,
    RequestRegistration,
    complete_registration,
    expire_registration,
    lapse_registration,
    refuse_registration,
    request_registration,
)
from shared.kernel.envelope import Personal

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)
DUE = NOW + REGISTRATION_LIFE
PERSONAL = Personal(person="registration-1", values={"name": "欧阳测试"})
REQUEST = RequestRegistration(code_hash="k.1", personal=PERSONAL)
REQUESTED = RegistrationRequested(code_hash="k.1", due_at=DUE)
COMPLETE = CompleteRegistration(person="person-1", own_password=False)
COMPLETED = RegistrationCompleted(person="person-1", own_password=False)
REFUSE = RefuseRegistration(reason="registration_code_void")
REFUSED = RegistrationRefused(reason="registration_code_void")
ENDS: list[RegistrationEvent] = [COMPLETED, REFUSED, RegistrationLapsed()]
RIGHT = Registrant("欧阳测试", "居民身份证", "11010119900307803X", "13900001111")
CODE = "ABCDEFGH2345"


@pytest.mark.rule("ADM-03")
def test_a_request_waits_until_its_deadline_and_is_taken_once() -> None:
    assert request_registration(REQUEST, REGISTRATION.initial, NOW) == [
        REQUESTED.model_copy(update={"personal": PERSONAL})
    ]
    assert request_registration(REQUEST, REGISTRATION.fold([REQUESTED]), NOW) == []


@pytest.mark.rule("ADM-04", "P8")
def test_a_waiting_registration_ends_in_each_of_four_ways() -> None:
    waiting = REGISTRATION.fold([REQUESTED])
    assert complete_registration(COMPLETE, waiting) == [COMPLETED]
    assert refuse_registration(REFUSE, waiting) == [REFUSED]
    assert lapse_registration(LapseRegistration(), waiting) == [RegistrationLapsed()]
    assert expire_registration(ExpireRegistration(), waiting, DUE) == [RegistrationLapsed()]


@pytest.mark.rule("P8")
def test_a_deadline_is_never_early() -> None:
    waiting = REGISTRATION.fold([REQUESTED])
    assert expire_registration(ExpireRegistration(), waiting, DUE - timedelta(microseconds=1)) == []


@pytest.mark.rule("ADM-03", "P8")
@pytest.mark.parametrize("end", ENDS, ids=lambda e: type(e).__name__)
def test_one_that_ended_stays_as_it_ended(end: RegistrationEvent) -> None:
    state = REGISTRATION.fold([REQUESTED, end])
    assert refuse_registration(REFUSE, state) == []
    assert lapse_registration(LapseRegistration(), state) == []
    assert expire_registration(ExpireRegistration(), state, DUE) == []


@pytest.mark.rule("ADM-04")
def test_an_account_made_active_at_the_moment_of_the_deadline_is_what_counts() -> None:
    assert complete_registration(COMPLETE, REGISTRATION.fold([REQUESTED, RegistrationLapsed()])) == [COMPLETED]
    for end in (COMPLETED, REFUSED):
        assert complete_registration(COMPLETE, REGISTRATION.fold([REQUESTED, end])) == []


@pytest.mark.rule("ADM-04", "IDN-02")
def test_a_registration_opens_and_activates_an_account_and_takes_no_active_one_over() -> None:
    opened = AccountOpened(person="person-1", initial_until=NOW)  # lapsed: the code vouches for the person
    activated = AccountActivated(activated_at=NOW)
    command = ActivateByRegistration(person="person-1")
    assert activate_by_registration(command, ACCOUNT.initial, NOW) == [opened, activated]
    assert activate_by_registration(command, ACCOUNT.fold([opened]), NOW) == [activated]
    assert activate_by_registration(command, ACCOUNT.fold([opened, activated]), NOW) == []
    for history in ([AccountReleased()], [opened, AccountReleased()]):
        with pytest.raises(AccountAbsent):
            activate_by_registration(command, ACCOUNT.fold(history), NOW)


@pytest.mark.rule("ADM-03")
def test_what_is_typed_right_has_no_slip() -> None:
    assert list(slips(RIGHT, CODE)) == []
    for kind, number in (("护照", "E12345678"), ("港澳居民来往内地通行证", "H12345678")):
        assert list(slips(Registrant("Ann Lee", kind, number, "+85291234567"), CODE)) == []


@pytest.mark.rule("ADM-03", "MEM-10")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "欧"}, "name"),
        ({"name": "欧阳3"}, "name"),
        ({"name": "欧" * 51}, "name"),
        ({"number": "110101199003078031"}, "number"),
        ({"number": "11010119901307803X"}, "number"),
        ({"number": "1101011990030780"}, "number"),
        ({"document_kind": "护照", "number": "E1-2"}, "number"),
        ({"mobile": "1390000111"}, "mobile"),
        ({"mobile": "057187654321"}, "mobile"),
        ({"code": "ABCDEFGH234"}, "registration_code"),
        ({"code": "ABCDEFGH2340"}, "registration_code"),
    ],
)
def test_a_slip_is_told_at_its_field_before_the_code_is_used_up(changes: dict[str, str], field: str) -> None:
    who = {"name": RIGHT.name, "document_kind": RIGHT.document_kind, "number": RIGHT.number, "mobile": RIGHT.mobile}
    values = who | {"code": CODE} | changes
    code = values.pop("code")
    assert [slip.field for slip in slips(Registrant(**values), code)] == [field]


@pytest.mark.rule("ADM-03")
def test_all_slips_are_told_at_once() -> None:
    fields = [slip.field for slip in slips(Registrant("", "居民身份证", "1", ""), "")]
    assert fields == ["registration_code", "name", "number", "mobile"]
