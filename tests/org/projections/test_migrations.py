"""What the list of migrations shows of one, step by step: whom it waits for, until when, and how it ended (ORG-17)."""

from datetime import UTC, datetime, timedelta

import pytest

from services.org.domain.events_of_moves import (
    MigrationApproved,
    MigrationEvent,
    MigrationRefused,
    MigrationRequested,
    MigrationTimedOut,
    MigrationWithdrawn,
)
from services.org.projections.migrations import Migrations
from shared.kernel.clock import to_micros
from tests.org.projections.test_organizations import recorded
from tests.org.samples import NOW

DUE, LATER = NOW + timedelta(days=10), NOW + timedelta(days=19)
ASKED = MigrationRequested(organization="school", superior="east", to="west", note="学校整体搬迁", due_at=DUE)
RELEASED = MigrationApproved(superior="east", due_at=LATER)
ADMITTED = MigrationApproved(superior="west", due_at=None)
REFUSED = MigrationRefused(superior="east", ground="other", note="名册还没有核对")


def folded(*events: MigrationEvent) -> dict:
    document = None
    for event in recorded(*events):
        document = Migrations({"migrations_v1": None, "copies": None}).evolve(document, event, "migration-1")
    assert document is not None
    return document


def day(number: int) -> int:
    return to_micros(datetime(2026, 11, number, tzinfo=UTC))


@pytest.mark.rule("ORG-17")
def test_it_waits_for_the_present_superior_and_then_for_the_new_one_each_with_a_day_of_its_own() -> None:
    asked = folded(ASKED)
    sides = {"organization": "school", "superior": "east", "to": "west", "note": "学校整体搬迁"}
    assert {name: asked[name] for name in sides} == sides
    assert (asked["state"], asked["waits_for"], asked["due_at"]) == ("pending", "east", to_micros(DUE))
    assert (asked["requested_at"], asked["ended_at"]) == (day(1), None)
    released = folded(ASKED, RELEASED)
    assert (released["state"], released["waits_for"], released["due_at"]) == ("pending", "west", to_micros(LATER))


@pytest.mark.rule("ORG-17")
@pytest.mark.parametrize(
    ("so_far", "end", "state", "step"),
    [
        ((ASKED, RELEASED), ADMITTED, "moved", ("approved", "west")),
        ((ASKED,), REFUSED, "refused", ("refused", "east")),
        ((ASKED, RELEASED), MigrationWithdrawn(), "withdrawn", ("withdrawn", "school")),
        ((ASKED,), MigrationTimedOut(), "timed_out", ("timed_out", "east")),
        ((ASKED, RELEASED), MigrationTimedOut(), "timed_out", ("timed_out", "west")),
    ],
)
def test_once_it_has_ended_it_waits_for_nobody_and_says_how_by_whom_and_when(
    so_far: tuple[MigrationEvent, ...], end: MigrationEvent, state: str, step: tuple[str, str]
) -> None:
    ended = folded(*so_far, end)
    assert (ended["state"], ended["waits_for"], ended["due_at"]) == (state, None, None)
    assert ended["ended_at"] == day(len(so_far) + 1)
    before = [("requested", "school"), ("approved", "east")][: len(so_far)]
    assert [(each["what"], each["organization"]) for each in ended["steps"]] == [*before, step]
    assert {each["by"] for each in ended["steps"]} == {"person-a"}
    assert [each["at"] for each in ended["steps"]] == [day(number + 1) for number in range(len(so_far) + 1)]
    why = ("other", "名册还没有核对") if end is REFUSED else (None, "")
    assert (ended["ground"], ended["ground_note"]) == why
