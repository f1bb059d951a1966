"""STA-05, TRF-10: which steps of transfers were decided in time."""

import pytest

from services.stats.counting.ledger import Ledger
from services.stats.counting.vectors import summed
from tests.stats.counting.facts import (
    agreed,
    asked,
    assigned,
    became_late,
    dissolved,
    drifts,
    established,
    taken_back,
    timed_out,
    turned_down,
)

TREE = (established("root", category="leading_body"), established("c", "root", "committee"), established("b", "c"))


def figures(ledger: Ledger, name: str) -> tuple[int, int, int]:
    """(steps over, of these late, late and still open) of an organization and all below it."""
    all_ = summed(ledger.nodes[name].totals)
    return all_.steps, all_.steps_late, all_.steps_open_late


def given(*facts) -> Ledger:
    ledger = Ledger({}, {})
    ledger.take([*TREE, *facts])
    consistent(ledger)
    return ledger


def consistent(ledger: Ledger) -> None:
    people = [person for person in ledger.people.values() if person]
    assert drifts(people, ledger.nodes, [steps for steps in ledger.transfers.values() if steps]) == []


@pytest.mark.rule("STA-05", "TRF-10")
def test_a_step_counts_for_who_had_to_decide_and_for_all_superiors():
    ledger = given(asked("t", "p", "x"), agreed("t", "p", "b"))
    assert figures(ledger, "b") == figures(ledger, "c") == figures(ledger, "root") == (1, 0, 0)
    ledger.take([asked("u", "q", "x"), turned_down("u", "q", "b", late=True)])
    assert figures(ledger, "root") == (2, 1, 0)
    consistent(ledger)


@pytest.mark.rule("STA-05", "TRF-10")
def test_a_late_step_is_open_until_it_is_decided_and_stays_late():
    ledger = given(asked("t", "p", "x"), became_late("t", "p", "b"))
    assert figures(ledger, "root") == (0, 0, 1)
    ledger.take([agreed("t", "p", "b", late=True)])
    assert figures(ledger, "root") == (1, 1, 0)
    consistent(ledger)


@pytest.mark.rule("STA-05", "TRF-09")
def test_no_decision_at_all_is_a_late_one_whatever_it_led_to():
    ledger = given(asked("t", "p", "x"), timed_out("t", "p", "b"))
    assert figures(ledger, "b") == (1, 1, 0)
    ledger.take([asked("u", "q", "x"), agreed("u", "q", "c", automatic=True)])
    assert figures(ledger, "c") == (2, 2, 0)
    consistent(ledger)


@pytest.mark.rule("STA-05", "TRF-10", "TRF-11")
def test_what_the_starter_took_back_is_nobodys_delay_any_more():
    ledger = given(asked("t", "p", "x"), became_late("t", "p", "b"), taken_back("t", "p"))
    assert figures(ledger, "root") == (0, 0, 0)
    assert ledger.transfers["t"] is None


@pytest.mark.rule("STA-05", "TRF-04")
def test_each_step_of_a_transfer_counts_where_it_was_waited_for():
    ledger = given(
        asked("t", "p", "x"), agreed("t", "p", "b", "out"), agreed("t", "p", "c", "in", late=True),
        became_late("t", "p", "c"), assigned("t", "p", "c", late=True),
    )  # fmt: skip
    assert figures(ledger, "b") == (1, 0, 0)
    assert figures(ledger, "c") == (3, 2, 0)
    ledger.take([assigned("t", "p", "c", late=True)])
    assert figures(ledger, "c") == (3, 2, 0)
    consistent(ledger)


@pytest.mark.rule("STA-06", "ORG-09")
def test_what_a_dissolved_organization_decided_stays_with_its_superior():
    ledger = given(asked("t", "p", "x"), agreed("t", "p", "b", late=True), dissolved("b", "c"))
    assert figures(ledger, "c") == (1, 1, 0)
    assert ledger.nodes["b"].attached == "c"
    consistent(ledger)
