"""A person's facts, given and decided: history in, facts out."""

import pytest

from services.member.domain.events import (
    MembershipBegan,
    MembershipEnded,
    NumberReleased,
    PersonEvent,
    PersonRecorded,
    PositionEnded,
    PositionGiven,
    RecordFilled,
)
from services.member.domain.person import (
    FieldNotMissing,
    FillRecord,
    GivePositions,
    JoinBranch,
    NumberAlreadyRegistered,
    PersonNotFound,
    Position,
    RecordPerson,
    WithdrawImported,
    fill_record,
    give_positions,
    join_branch,
    record_person,
    withdraw_imported,
)
from services.member.domain.person_state import PERSON
from services.member.published import publish
from shared.contracts import member as public
from shared.kernel.envelope import Personal
from shared.testing.scenario import given

RECORDED = PersonRecorded(number_hash="n", development_hash="d", import_id="import-1", row=2, missing=("mobile",))
BEGAN = MembershipBegan(branch="branch-1", import_id="import-1", missing=("mobile",))
SECRETARY = Position(organization="branch-1", position="书记")


def entering(**changes):
    values = {"person": "person-1", "record": {"name": "张三"}, "number_hash": "n", "branch": "branch-1"} | changes
    return RecordPerson(**values)


@pytest.mark.rule("MEM-03")
def test_entering_somebody_records_them_and_begins_the_membership() -> None:
    personal = Personal(person="person-1", values={"name": "张三"})
    given(PERSON).when(lambda s: record_person(entering(), s)).then(
        PersonRecorded(number_hash="n", personal=personal), MembershipBegan(branch="branch-1")
    )


@pytest.mark.rule("MEM-24")
def test_a_cadre_who_is_no_member_gets_a_position_and_no_membership() -> None:
    command = entering(branch=None, positions=(Position(organization="county", position="委员", kind="兼职"),))
    events = record_person(command, PERSON.initial)
    assert [type(e) for e in events] == [PersonRecorded, PositionGiven]


def test_entering_twice_changes_nothing() -> None:
    given(PERSON, RECORDED).when(lambda s: record_person(entering(), s)).then_nothing()


@pytest.mark.rule("MEM-24")
def test_positions_are_given_once() -> None:
    command = GivePositions(positions=(SECRETARY,))
    held = PositionGiven(organization="branch-1", position="书记")
    given(PERSON, RECORDED, BEGAN).when(lambda s: give_positions(command, s)).then_one(
        PositionGiven, organization="branch-1", position="书记", member_of="branch-1", missing=("mobile",)
    )
    given(PERSON, RECORDED, BEGAN, held).when(lambda s: give_positions(command, s)).then_nothing()
    given(PERSON).when(lambda s: give_positions(command, s)).refused(PersonNotFound)


@pytest.mark.rule("MEM-23")
def test_only_missing_fields_are_filled() -> None:
    command = FillRecord(person="person-1", values={"mobile": "13800001234"}, missing_after=())
    given(PERSON, RECORDED).when(lambda s: fill_record(command, s, {})).then_one(
        RecordFilled, fields=("mobile",), missing=(), mobile_changed=True
    )
    filled = RecordFilled(fields=("mobile",), missing=())
    given(PERSON, RECORDED, filled).when(lambda s: fill_record(command, s, {"mobile": "手机号码"})).refused(
        FieldNotMissing
    )


@pytest.mark.rule("MEM-23")
def test_what_another_form_filled_meanwhile_stays_filled() -> None:
    recorded = PersonRecorded(number_hash="hash-1", missing=("education", "mobile"))
    mobile = RecordFilled(fields=("mobile",), missing=("education",))
    judged_before = FillRecord(person="person-1", values={"education": "本科"}, missing_after=("mobile",))
    given(PERSON, recorded, mobile).when(lambda s: fill_record(judged_before, s, {})).then_one(
        RecordFilled, fields=("education",), missing=()
    )


@pytest.mark.rule("MEM-23")
@pytest.mark.parametrize(
    "event",
    [
        MembershipBegan(branch="branch-1", missing=("education",)),
        MembershipBegan(branch="branch-1", import_id="import-1", missing=("education",)),
        PositionGiven(organization="branch-1", position="书记", missing=("education",)),
        RecordFilled(fields=("mobile",), missing=("education",)),
    ],
)
def test_whoever_counts_people_is_told_what_a_record_lacks(event: PersonEvent) -> None:
    assert publish(event, "person-1", 2)[0].missing == ("education",)


@pytest.mark.rule("MEM-27")
def test_a_withdrawal_ends_positions_and_membership_and_frees_the_numbers() -> None:
    command = WithdrawImported(import_id="import-1")
    held = PositionGiven(organization="branch-1", position="书记", import_id="import-1")
    given(PERSON, RECORDED, BEGAN, held).when(lambda s: withdraw_imported(command, s)).then(
        PositionEnded(organization="branch-1", position="书记", cause="import_withdrawn"),
        MembershipEnded(branch="branch-1", cause="import_withdrawn"),
        NumberReleased(number_hash="n", development_hash="d"),
    )


@pytest.mark.rule("MEM-27")
def test_an_import_withdraws_only_whom_it_brought_in_and_only_once() -> None:
    another = WithdrawImported(import_id="import-2")
    given(PERSON, RECORDED, BEGAN).when(lambda s: withdraw_imported(another, s)).then_nothing()
    released = NumberReleased(number_hash="n", development_hash="d")
    mine = WithdrawImported(import_id="import-1")
    given(PERSON, RECORDED, released).when(lambda s: withdraw_imported(mine, s)).then_nothing()


@pytest.mark.rule("MEM-27")
def test_whoever_keeps_an_account_or_counts_members_is_told_of_the_withdrawal() -> None:
    said = {"branch": "branch-1", "cause": "import_withdrawn"}
    assert publish(MembershipEnded(**said), "person-1", 2) == [
        public.MembershipEnded(person="person-1", **said),
        public.MembershipOver(person="person-1", branch="branch-1"),
    ]
    released = NumberReleased(number_hash="n", development_hash="d")
    assert publish(released, "person-1", 2) == [public.PersonReleased(person="person-1", number_hash="n")]


CADRE = PersonRecorded(number_hash="n", missing=("education", "mobile"))
CHAIR = PositionGiven(organization="branch-1", position="书记", missing=("education", "mobile"))
JOINING = JoinBranch(
    person="person-1",
    branch="branch-1",
    values={"join_date": "2022-05", "development_number": "202233000001", "education": "本科"},
    missing_after=("mobile",),
    development_hash="d",
    positions=(SECRETARY,),
    import_id="import-2",
)
JOINED = MembershipBegan(branch="branch-1", import_id="import-2", missing=("mobile",), development_hash="d")


@pytest.mark.rule("MEM-03", "MEM-02")
def test_a_registered_cadre_becomes_a_member_with_what_the_record_lacked() -> None:
    filled = RecordFilled(
        fields=("join_date", "development_number", "education"),
        missing=("mobile",),
        personal=Personal(person="person-1", values=JOINING.values),
    )
    given(PERSON, CADRE, CHAIR).when(lambda s: join_branch(JOINING, s)).then(filled, JOINED)
    given(PERSON, CADRE, CHAIR, JOINED).when(lambda s: join_branch(JOINING, s)).refused(NumberAlreadyRegistered)
    given(PERSON).when(lambda s: join_branch(JOINING, s)).refused(PersonNotFound)


@pytest.mark.rule("MEM-27")
def test_a_withdrawal_ends_what_it_gave_somebody_registered_before_and_leaves_them_registered() -> None:
    command = WithdrawImported(import_id="import-2")
    with_it = [PositionGiven(organization="branch-1", position=p, import_id="import-2") for p in ("委员", "组织委员")]
    given(PERSON, CADRE, CHAIR, JOINED, *with_it).when(lambda s: withdraw_imported(command, s)).then(
        PositionEnded(organization="branch-1", position="委员", cause="import_withdrawn"),
        PositionEnded(organization="branch-1", position="组织委员", cause="import_withdrawn"),
        MembershipEnded(branch="branch-1", cause="import_withdrawn", development_hash="d"),
    )
    touched = RecordFilled(fields=("mobile",), missing=())
    given(PERSON, CADRE, CHAIR, JOINED, touched).when(lambda s: withdraw_imported(command, s)).then_nothing()
