"""What a batch may ask for, and that it ends once (TRF-08)."""

import pytest

from services.transfer.domain.batch import (
    BATCH,
    MEMBERS_MAX,
    CarryOutBatch,
    RequestBatch,
    carry_out_batch,
    request_batch,
)
from services.transfer.domain.events_of_batches import BatchCarriedOut, BatchMemberLeftOut, BatchMemberListed
from services.transfer.domain.refusals import AlreadyThere
from services.transfer.domain.refusals_of_batches import BatchEmpty, BatchTooLarge

NOBODY = BATCH.initial


def asked(count: int, to: str = "to", note: str = "", **more: frozenset[str]) -> RequestBatch:
    people = tuple(f"person-{number}" for number in range(count))
    where = {"organization": "school", "from_branch": "from", "to": to}
    return RequestBatch(**where, reason="other", people=people, note=note, **more)


@pytest.mark.rule("TRF-08")
@pytest.mark.parametrize(("count", "refusal"), [(0, BatchEmpty), (MEMBERS_MAX + 1, BatchTooLarge)])
def test_from_one_to_thirty_members_are_moved_at_a_time(count: int, refusal: type[Exception]) -> None:
    assert len(request_batch(asked(MEMBERS_MAX), NOBODY)) == 1 + 30
    with pytest.raises(refusal):
        request_batch(asked(count), NOBODY)


@pytest.mark.rule("TRF-08")
def test_somebody_named_twice_is_moved_once_and_counts_once() -> None:
    command = asked(MEMBERS_MAX)
    twice = command.model_copy(update={"people": (*command.people, *command.people)})
    listed = [event for event in request_batch(twice, NOBODY) if isinstance(event, BatchMemberListed)]
    assert [event.person for event in listed] == list(command.people)


@pytest.mark.rule("TRF-08")
def test_both_branches_differ() -> None:
    with pytest.raises(AlreadyThere):
        request_batch(asked(1, to="from"), NOBODY)


@pytest.mark.rule("TRF-08", "TRF-15", "P11")
def test_the_text_of_another_reason_is_sealed_with_each_person_s_own_key() -> None:
    command = asked(3, note="随家人迁居", sealable=frozenset({"person-0", "person-2"}))
    _, *listed = request_batch(command, NOBODY)
    sealed = {event.personal.person: event.personal.values for event in listed if event.personal}
    assert sealed == {"person-0": {"note": "随家人迁居"}, "person-2": {"note": "随家人迁居"}}


@pytest.mark.rule("TRF-08", "P8")
def test_it_is_carried_out_once_and_names_who_was_left_out() -> None:
    state = BATCH.fold(request_batch(asked(2), NOBODY))
    command = CarryOutBatch(left_out={"person-1": "transfer_already_open"})
    events = carry_out_batch(command, state)
    assert events == [BatchMemberLeftOut(person="person-1", cause="transfer_already_open"), BatchCarriedOut()]
    over = BATCH.fold([*request_batch(asked(2), NOBODY), *events])
    assert carry_out_batch(command, over) == request_batch(asked(2), over) == []
    assert carry_out_batch(command, NOBODY) == []
