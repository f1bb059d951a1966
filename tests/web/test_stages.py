"""What is drawn of a transfer: its stages, its time line, the time left (TRF-05 to TRF-09, TRF-14)."""

from datetime import timedelta

import pytest

from services.web.answers.transfer import Card
from services.web.formats import time_left
from services.web.stages import events, stages
from tests.web.county import BRANCH, NOW, made
from tests.web.transfers import ASSIGN, FAR, IN, LATE, MOVED, OUT, REFUSED, one


def card(identity: str, **changes: object) -> Card:
    return Card.model_validate(one(identity) | changes)


@pytest.mark.rule("TRF-05", "TRF-06", "TRF-07")
@pytest.mark.parametrize(
    ("identity", "assigns", "plan"),
    [
        (IN, True, "requested:done out:done in:now assign:ahead completed:ahead"),
        (OUT, False, "requested:done out:now in:ahead completed:ahead"),
        (ASSIGN, True, "requested:done out:done in:done assign:now completed:ahead"),
        (MOVED, True, "requested:done out:done in:done assign:done completed:done"),
        (REFUSED, True, "requested:done out:done in:ended"),
        (LATE, True, "requested:done out:done in:ended"),
    ],
)
def test_the_row_of_stages_says_who_has_agreed_and_who_is_next(identity: str, assigns: bool, plan: str) -> None:
    shown = stages(card(identity), assigns=assigns)
    assert " ".join(f"{stage.name}:{stage.mark}" for stage in shown) == plan


@pytest.mark.rule("TRF-05")
@pytest.mark.parametrize(("side", "waits"), [("out", "in"), ("in", "out")])
def test_a_transfer_of_one_side_takes_the_other_one_alone(side: str, waits: str) -> None:
    started = card(OUT, started_by=side, waits_for=FAR if waits == "in" else BRANCH)
    assert [stage.name for stage in stages(started, assigns=False)] == ["requested", waits, "completed"]
    assert started.turn == waits


@pytest.mark.rule("TRF-14", "TRF-09")
def test_the_time_line_says_what_happened_what_is_waited_for_and_what_comes_of_waiting() -> None:
    shown = [(event.name, event.mark) for event in events(card(IN))]
    assert shown == [
        ("requested_member", "done"),
        ("approved_out", "done"),
        ("waits_in", "now"),
        ("returns", "ahead"),
    ]
    assert [event.name for event in events(card(IN, automatic=True))][-1] == "approves"
    assert [event.name for event in events(card(ASSIGN))][-1] == "waits_assign"
    assert events(card(IN))[1].by == made("person", "何嘉言")
    assert events(card(MOVED))[-1].by == ""


@pytest.mark.rule("TRF-09")
def test_one_whose_time_is_over_is_drawn_as_ended_before_that_is_written() -> None:
    over = card(IN, state="timed_out", due_at=NOW.isoformat())
    assert [event.name for event in events(over)] == ["requested_member", "approved_out", "timed_out_in"]
    assert stages(over, assigns=True)[-1].mark == "ended"


def test_the_time_left_never_goes_below_nothing() -> None:
    assert time_left(NOW + timedelta(days=1, hours=22, minutes=30, seconds=59), NOW) == (1, 22, 30)
    assert time_left(NOW - timedelta(seconds=1), NOW) == (0, 0, 0)
