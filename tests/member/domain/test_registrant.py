"""A registrant is heard of and cleared in any order, and decided once; judged like a cadre's form (ADM-04, MEM-10)."""

from typing import Any

import pytest

from services.member.domain.completeness import fill_missing
from services.member.domain.events import (
    PersonRecorded,
    PositionGiven,
    RegistrantAnnounced,
    RegistrantCleared,
    RegistrantEntered,
    RegistrantRefused,
    RegistrationClosed,
    SealedRequest,
)
from services.member.domain.person import GiveFirstPosition, Position, give_first_position
from services.member.domain.person_record import missing_fields
from services.member.domain.person_state import PERSON
from services.member.domain.record import judge_registrant
from services.member.domain.registrant import (
    REGISTRANT,
    AnnounceRegistrant,
    ClearRegistrant,
    CloseRegistration,
    EnterRegistrant,
    RefuseRegistrant,
    announce_registrant,
    clear_registrant,
    close_registration,
    enter_registrant,
    refuse_registrant,
)
from services.member.reference.positions import OF_REGISTRANTS, POSITIONS
from shared.testing.scenario import History, given
from tests.member.people import TODAY, Place, cadres, card, codes

COUNTY, SCHOOL = "organization-county", "organization-school"
REQUEST = SealedRequest(event_id="event-1", alg="A256GCM", kid="kid-1", nonce="AAAA", ciphertext="BBBB")
HEARD, CLEARED = RegistrantAnnounced(request=REQUEST), RegistrantCleared(organization=COUNTY)
ENTERED = RegistrantEntered(registration="registration-1", organization=COUNTY, person="person-1")
REFUSED = RegistrantRefused(registration="registration-1", organization=COUNTY, reason="missing")


def hear(history: History):
    return history.when(lambda r: announce_registrant(AnnounceRegistrant(request=REQUEST), r))


def clear(history: History):
    return history.when(lambda r: clear_registrant(ClearRegistrant(organization=COUNTY), r))


def close(history: History):
    return history.when(lambda r: close_registration(CloseRegistration(), r))


def enter(history: History):
    command = EnterRegistrant(registration="registration-1", person="person-1")
    return history.when(lambda r: enter_registrant(command, r))


def refuse(history: History):
    command = RefuseRegistrant(registration="registration-1", reason="missing")
    return history.when(lambda r: refuse_registrant(command, r))


@pytest.mark.rule("ADM-04")
def test_a_registrant_is_decided_when_request_and_clearance_are_there_in_either_order() -> None:
    cleared_last = clear(hear(given(REGISTRANT)).then(HEARD)).then(CLEARED)
    heard_last = hear(clear(given(REGISTRANT)).then(CLEARED)).then(HEARD)
    for history in (cleared_last, heard_last):
        enter(history).then(ENTERED)
        refuse(history).then(REFUSED)
    for history in (given(REGISTRANT), given(REGISTRANT, HEARD), given(REGISTRANT, CLEARED)):
        enter(history).then_nothing()
        refuse(history).then_nothing()


@pytest.mark.rule("ADM-04", "P2")
@pytest.mark.parametrize("end", [ENTERED, REFUSED, RegistrationClosed()], ids=["entered", "refused", "closed"])
def test_what_has_ended_is_decided_for_ever_whatever_comes_again(end) -> None:
    history = given(REGISTRANT, HEARD, CLEARED, end)
    for command in (hear, clear, close, enter, refuse):
        command(history).then_nothing()


@pytest.mark.rule("P2")
def test_what_is_heard_or_cleared_twice_is_so_once() -> None:
    hear(given(REGISTRANT, HEARD)).then_nothing()
    clear(given(REGISTRANT, CLEARED)).then_nothing()
    hear(given(REGISTRANT, HEARD, CLEARED)).then_nothing()
    clear(given(REGISTRANT, HEARD, CLEARED)).then_nothing()


@pytest.mark.rule("P8", "ADM-03")
def test_a_refused_or_lapsed_registration_is_closed_even_before_it_is_heard_of() -> None:
    for before in ((), (HEARD,), (CLEARED,), (HEARD, CLEARED)):
        after = close(given(REGISTRANT, *before)).then(RegistrationClosed())
        hear(after).then_nothing()
        enter(after).then_nothing()


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "name": "赵一",
        "document_kind": "居民身份证",
        "number": card("19900101"),
        "mobile": "13800001234",
    } | changes


@pytest.mark.rule("ADM-04", "MEM-23")
def test_a_registrant_is_a_cadre_whose_record_lacks_what_the_form_did_not_ask() -> None:
    judged = judge_registrant(typed(political_status="群众", positions="书记"), cadres())
    assert judged.record is not None
    assert (judged.record.is_member, judged.record.branch, judged.record.political_status) == (False, None, None)
    assert [(p.title, p.since) for p in judged.record.positions] == [("工作人员", TODAY)]
    assert missing_fields(judged.record) == ("political_status", "ethnicity", "education")


@pytest.mark.rule("MEM-17", "ADM-04")
def test_the_position_of_a_registrant_is_of_the_list_of_the_organization_and_leads_nothing() -> None:
    assert set(OF_REGISTRANTS) == set(POSITIONS)
    for category, title in OF_REGISTRANTS.items():
        judged = judge_registrant(typed(), cadres(own=Place(SCHOOL, "育才中学", category, "浙江省")))
        assert [p.title for p in judged.record.positions] == [title]
        assert title in POSITIONS[category]
        assert "书记" not in title


@pytest.mark.rule("MEM-10", "MEM-05", "ADM-04")
@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"number": "330102199001011235"}, [("number", "number_check_digit")]),
        ({"number": ""}, [("number", "missing")]),
        ({"name": "赵1"}, [("name", "name_with_digits")]),
        ({"document_kind": "学生证"}, [("document_kind", "not_in_list")]),
        ({"mobile": "12"}, [("mobile", "mobile_malformed")]),
        ({"number": card("20200101")}, [("birth_date", "too_young")]),
        ({"document_kind": "护照", "number": "E12"}, [("number", "number_malformed")]),
    ],
)
def test_what_a_form_would_be_refused_for_refuses_a_registrant(changes, faults) -> None:
    judged = judge_registrant(typed(**changes), cadres())
    assert judged.record is None
    assert codes(judged)[: len(faults)] == faults


@pytest.mark.rule("MEM-05", "MEM-10", "MEM-23")
def test_who_registers_with_a_document_without_birth_date_gives_it_afterwards_and_is_old_enough() -> None:
    record = judge_registrant(typed(document_kind="护照", number="E12345678"), cadres()).record
    assert record is not None
    assert missing_fields(record) == ("birth_date", "political_status", "ethnicity", "education")
    filled = fill_missing(record, {"birth_date": "1990-01-01", "political_status": "中共党员"}, TODAY)
    assert filled.record is not None
    assert missing_fields(filled.record) == ("ethnicity", "education")
    young = fill_missing(record, {"birth_date": "2020-01-01", "political_status": "党派"}, TODAY)
    assert codes(young) == [("birth_date", "too_young"), ("political_status", "not_in_list")]
    assert fill_missing(record, {}, TODAY).faults == ()


@pytest.mark.rule("ADM-04", "MEM-24")
def test_a_position_is_given_only_to_who_holds_none_there() -> None:
    known = PersonRecorded(number_hash="hash-1")
    command = GiveFirstPosition(position=Position(organization=COUNTY, position="工作人员"))
    elsewhere = PositionGiven(organization=SCHOOL, position="书记")
    given(PERSON, known, elsewhere).when(lambda p: give_first_position(command, p)).then_one(
        PositionGiven, organization=COUNTY, position="工作人员"
    )
    held = PositionGiven(organization=COUNTY, position="书记")
    given(PERSON, known, held).when(lambda p: give_first_position(command, p)).then_nothing()
