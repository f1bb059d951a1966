"""GRD-06: the cohort of a branch, how far its transfers are, and where they lead."""

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from services.stats.counting.ledger import Ledger
from services.stats.counting.vectors import DESTINATIONS, STUCK, Graduates
from tests.stats.counting.facts import (
    asked,
    complete,
    dissolved,
    drifts,
    ended,
    entered,
    established,
    frozen,
    left_out,
    moved,
    taken_back,
    taken_in,
    timed_out,
    turned_down,
    withdrawn_cohort,
)

TREE = (
    established("root", category="leading_body"), established("school", "root", "committee"),
    established("b", "school"), established("e", "root"),
)  # fmt: skip
PEOPLE = (entered("p", "b"), entered("q", "b"))
COHORT = frozen("b", "p", "q")


def given(*facts) -> Ledger:
    ledger = Ledger({}, {})
    ledger.take([*TREE, *PEOPLE, *facts])
    assert drifts([p for p in ledger.people.values() if p], ledger.nodes) == []
    return ledger


def graduates(ledger: Ledger, name: str = "root", year: str = "2026") -> dict[str, int]:
    """What is not zero, of an organization and all below it."""
    return {k: v for k, v in ledger.nodes[name].cohorts.get(year, Graduates())._asdict().items() if v}


def gone(name: str, person: str, a: str, b: str, destination: str = "employer"):
    return asked(name, person, a, b), moved(person, a, b, by=name), complete(name, person, a, b, destination)


@pytest.mark.rule("GRD-06")
def test_the_cohort_counts_for_its_branch_and_all_superiors_whoever_comes_later():
    ledger = given(COHORT, entered("late", "b"))
    assert graduates(ledger, "b") == graduates(ledger, "school") == graduates(ledger) == {
        "graduates": 2, "not_started": 2,
    }  # fmt: skip
    assert graduates(ledger, "e") == {}


@pytest.mark.rule("GRD-06")
@pytest.mark.parametrize("destination", DESTINATIONS)
def test_a_complete_transfer_counts_by_the_kind_of_its_destination(destination):
    assert graduates(given(COHORT, *gone("t", "p", "b", "e", destination))) == {
        "graduates": 2, "not_started": 1, destination: 1,
    }  # fmt: skip


@pytest.mark.rule("GRD-06", "GRD-07")
def test_who_only_changes_the_class_is_still_here_until_they_go_on_from_there():
    ledger = given(COHORT, *gone("t", "p", "b", "b2", "same_school"))
    assert graduates(ledger) == {"graduates": 2, "not_started": 2}
    ledger.take(gone("u", "p", "b2", "e", "employer"))
    assert graduates(ledger) == {"graduates": 2, "not_started": 1, "employer": 1}


@pytest.mark.rule("GRD-06")
def test_a_kind_that_is_not_known_counts_as_other_and_is_not_lost():
    assert graduates(given(COHORT, *gone("t", "p", "b", "e", "")))["other"] == 1


@pytest.mark.rule("GRD-06", "BEY-09")
def test_why_somebody_is_still_here_is_said_by_their_last_word():
    ledger = given(COHORT, asked("t", "p", "b"), asked("u", "q", "b"))
    assert graduates(ledger) == {"graduates": 2, "waiting": 2}
    ledger.take([turned_down("t", "p"), timed_out("u", "q")])
    assert graduates(ledger) == {"graduates": 2, "refused": 1, "timed_out": 1}
    ledger.take([asked("t2", "p", "b"), asked("u2", "q", "b")])
    assert graduates(ledger) == {"graduates": 2, "waiting": 2}


@pytest.mark.rule("GRD-06")
def test_a_transfer_that_was_taken_back_is_told_from_one_never_started():
    assert graduates(given(COHORT, asked("t", "p", "b"), taken_back("t", "p"))) == {
        "graduates": 2, "returned": 1, "not_started": 1,
    }  # fmt: skip


@pytest.mark.rule("GRD-06", "TRF-20")
def test_who_goes_on_from_a_floating_branch_to_an_employer_is_with_the_employer():
    first = gone("t", "p", "b", "f", "floating")
    assert graduates(given(COHORT, *first))["floating"] == 1
    then = graduates(given(COHORT, *first, *gone("u", "p", "f", "e", "employer")))
    assert then["employer"] == 1
    assert "floating" not in then


@pytest.mark.rule("GRD-06")
def test_who_comes_back_to_the_class_is_still_here():
    ledger = given(COHORT, *gone("t", "p", "b", "e"), *gone("u", "p", "e", "b", "school"))
    assert graduates(ledger)["not_started"] == 2


@pytest.mark.rule("GRD-04")
def test_who_stays_on_is_left_out_and_can_be_taken_in_again():
    ledger = given(COHORT, left_out("p", "b"))
    assert graduates(ledger) == {"graduates": 2, "left_out": 1, "not_started": 1}
    ledger.take([taken_in("p", "b")])
    assert graduates(ledger) == {"graduates": 2, "not_started": 2}


@pytest.mark.rule("GRD-06")
def test_who_is_no_member_any_more_has_nothing_to_transfer():
    assert graduates(given(COHORT, ended("p", "b"))) == {"graduates": 2, "ended": 1, "not_started": 1}


@pytest.mark.rule("GRD-03")
def test_a_cohort_that_is_withdrawn_counts_nowhere():
    ledger = given(COHORT, withdrawn_cohort("b", "p", "q"))
    assert ledger.nodes["root"].cohorts == {}
    ledger.take([frozen("b", "p", "q", year=2027)])
    assert graduates(ledger, year="2027") == {"graduates": 2, "not_started": 2}


@pytest.mark.rule("STA-06", "ORG-10", "GRD-06")
def test_the_cohort_of_a_dissolved_branch_stays_with_its_school_and_its_people_are_still_stuck():
    ledger = given(
        COHORT, moved("p", "b", "pending", by=""), *gone("t", "q", "b", "e"), dissolved("b", "school"),
    )  # fmt: skip
    assert graduates(ledger, "school") == {"graduates": 2, "employer": 1, "not_started": 1}
    ledger.take([asked("u", "p", "pending")])
    assert graduates(ledger, "school") == {"graduates": 2, "employer": 1, "waiting": 1}
    ledger.take([moved("p", "pending", "e", by="u"), complete("u", "p", "pending", "e")])
    assert graduates(ledger, "school") == {"graduates": 2, "employer": 2}


@pytest.mark.rule("GRD-06")
def test_a_later_cohort_does_not_change_what_became_of_an_earlier_one():
    college = (established("u", "root"), *gone("t", "p", "b", "u", "school"), frozen("u", "p", year=2030))
    ledger = given(COHORT, *college, *gone("w", "p", "u", "e", "employer"))
    assert graduates(ledger)["school"] == 1
    assert graduates(ledger, year="2030") == {"graduates": 1, "employer": 1}


@pytest.mark.rule("GRD-06")
def test_an_earlier_cohort_does_not_change_what_becomes_of_a_later_one():
    """Who goes through the class of an earlier year on the way is where they went in the end."""
    again = (
        *gone("t", "p", "e", "b"),
        COHORT,
        *gone("u", "p", "b", "e", "school"),
        *gone("w", "p", "e", "f", "floating"),
    )
    ledger = Ledger({}, {})
    ledger.take([*TREE, entered("p", "e"), frozen("e", "p", year=2025), *again])
    assert graduates(ledger)["floating"] == 1


@pytest.mark.rule("GRD-06", "BEY-09")
def test_what_was_refused_before_somebody_came_to_the_class_holds_nobody_back_now():
    ledger = Ledger({}, {})
    before = (entered("p", "e"), asked("t", "p", "e", "f"), turned_down("t", "p"), *gone("u", "p", "e", "b"))
    ledger.take([*TREE, *before, frozen("b", "p")])
    assert graduates(ledger) == {"graduates": 1, "not_started": 1}


STREAMS = [
    [established("root", category="leading_body"), established("school", "root", "committee")],
    [established("b", "school"), dissolved("b", "school")],
    [entered("p", "b"), moved("p", "b", "f", by="t"), moved("p", "f", "e", by="u")],
    [entered("q", "b"), moved("q", "b", "pending", by=""), ended("q", "pending")],
    [frozen("b", "p", "q", "r"), left_out("r", "b"), taken_in("r", "b")],
    [asked("t", "p", "b"), complete("t", "p", "b", "f", "floating")],
    [asked("u", "p", "f"), complete("u", "p", "f", "e", "employer")],
    [asked("v", "r", "b"), turned_down("v", "r")],
    [entered("r", "b")],
]


@pytest.mark.rule("STA-06", "STA-07", "GRD-06")
@settings(max_examples=300, deadline=None)
@hypothesis_given(st.data())
def test_in_whatever_order_streams_are_read_the_end_is_the_same_and_sums_hold_meanwhile(data):
    """Without this a rebuild of the figures would give others than those that were published."""
    queues, ledger = [list(stream) for stream in STREAMS], Ledger({}, {})
    while queues:
        queue = queues[data.draw(st.integers(0, len(queues) - 1))]
        ledger.take([queue.pop(0)])
        queues = [each for each in queues if each]
        assert drifts([p for p in ledger.people.values() if p], ledger.nodes) == []
    assert graduates(ledger, "school") == {"graduates": 3, "employer": 1, "ended": 1, "refused": 1}
    cohort = ledger.nodes["school"].cohorts["2026"]
    assert cohort.graduates == sum(getattr(cohort, name) for name in ("left_out", "ended", *DESTINATIONS, *STUCK))
