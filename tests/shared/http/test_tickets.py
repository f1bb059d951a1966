"""Tickets: what one service found out for a caller, of use to nobody else (TRF-03)."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.http.paging import Cursors
from shared.http.tickets import Tickets

NOW = datetime(2026, 11, 28, 2, tzinfo=UTC)
TEN = timedelta(minutes=10)
FOR = ("organization-1", "person-9")


@pytest.mark.rule("TRF-03")
def test_a_ticket_gives_its_values_to_whom_it_was_made_for_and_shows_none_of_them() -> None:
    tickets = Tickets(bytes(32), "transfer")
    ticket = tickets.write(FOR, ("person-1", "branch-1"), NOW + TEN)
    assert tickets.read(FOR, ticket, NOW + TEN - timedelta(microseconds=1)) == ["person-1", "branch-1"]
    assert tickets.read(FOR, ticket, NOW + TEN) is None
    assert ticket.isascii()
    assert ticket != tickets.write(FOR, ("person-1", "branch-1"), NOW + TEN)


@pytest.mark.rule("TRF-03")
def test_a_ticket_of_others_for_something_else_or_changed_opens_nothing() -> None:
    tickets = Tickets(bytes(32), "transfer")
    ticket = tickets.write(FOR, ("person-1",), NOW + TEN)
    flipped = ticket[:-2] + ("A" if ticket[-2] != "A" else "B") + ticket[-1]
    for of, text, reader in (
        (("organization-2", "person-9"), ticket, tickets),
        (("organization-1", "person-8"), ticket, tickets),
        (FOR, flipped, tickets),
        (FOR, "", tickets),
        (FOR, "no ticket", tickets),
        (FOR, ticket, Tickets(bytes(32), "another purpose")),
        (FOR, ticket, Tickets(b"\x01" * 32, "transfer")),
        (FOR, Cursors(bytes(32)).write(FOR, [0, "person-1"]), tickets),
    ):
        assert reader.read(of, text, NOW) is None
