"""Who of a cohort is left behind, why, and whom to call: from facts that come in any order (GRD-06, GRD-04, GRD-07)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.transfer.domain.events import (
    REGISTRY,
    Side,
    TransferApproved,
    TransferCompleted,
    TransferFailed,
    TransferOpened,
    TransferRefused,
    TransferRequested,
    TransferStepApproved,
    TransferTimedOut,
    TransferWithdrawn,
)
from services.transfer.domain.events_of_cohorts import CohortFrozen, CohortWithdrawn, GraduateExcluded, GraduateIncluded
from services.transfer.domain.events_of_successions import TransferRedirected
from services.transfer.projections.graduates import Graduates
from shared.contracts.member import MembershipOver
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Actor, Event, Recorded

PERSON, OUT, IN, OTHER = "person-1", "branch-out", "branch-in", "branch-other"
DAY_1 = datetime(2026, 6, 1, tzinfo=UTC)
WHOSE = {"branch": OUT, "year": 2026}
FROZEN = CohortFrozen(**WHOSE, members=(PERSON,))

Fact = tuple[int, Event | MembershipOver] | tuple[int, Event | MembershipOver, str]


def day(number: int) -> int:
    return to_micros(DAY_1 + timedelta(days=number - 1))


def seen(*facts: Fact) -> tuple[str | None, str | None, int | None]:
    """(why, whom to call, since which day) after facts of (day, fact, transfer), as they are read."""
    document: dict[str, Any] | None = None
    for number, fact, *of in facts:
        ended = isinstance(fact, MembershipOver)
        event = Recorded(
            event_id=str(number),
            type=fact.type_name() if isinstance(fact, MembershipOver) else REGISTRY.type_of(fact),
            stream=of[0] if of else "transfer-1",
            version=1,
            index=0,
            at=DAY_1 + timedelta(days=number - 1),
            actor=Actor("service:test"),
            correlation="",
            causation="",
            data=fact.model_dump(mode="json") if ended else fact.model_dump(mode="json", exclude={"personal"}),
        )
        document = Graduates({"graduates_v3": None, "copies": None}).evolve(document, event, PERSON)
    assert document is not None
    since = document["since"]
    return document["stuck"], document["call"], since and (since - day(1)) // (day(2) - day(1)) + 1


def requested(from_branch: str = OUT) -> TransferRequested:
    asked = {"person": PERSON, "from_branch": from_branch, "to": IN, "assigns": False, "reason": "other"}
    return TransferRequested(**asked, started_by=Side.OUT, hold_due_at=DAY_1)


def completed(branch: str = IN, destination: str = "employer") -> TransferCompleted:
    return TransferCompleted(person=PERSON, from_branch=OUT, branch=branch, destination=destination)


OPENED = TransferOpened(person=PERSON, side=Side.IN, organization=IN)
REFUSED = TransferRefused(person=PERSON, side=Side.IN, organization=IN, ground="not_ours")
NOT_STARTED, SETTLED = ("not_started", OUT, 10), (None, None, None)


@pytest.mark.rule("GRD-06")
def test_a_transfer_waits_for_who_has_to_act_since_they_have_to() -> None:
    assert seen((10, FROZEN)) == NOT_STARTED
    so_far: list[Fact] = [(10, FROZEN), (12, requested())]
    assert seen(*so_far) == ("waiting", OUT, 12)
    so_far.append((13, OPENED))
    assert seen(*so_far) == ("waiting", IN, 13)
    agreed = TransferStepApproved(person=PERSON, side=Side.IN, organization=IN, next_organization=OTHER)
    so_far.append((15, agreed))
    assert seen(*so_far) == ("waiting", OTHER, 15)
    so_far.append((16, TransferApproved(person=PERSON, from_branch=OUT, branch=IN)))
    assert seen(*so_far) == ("waiting", OUT, 16)
    assert seen(*so_far, (17, completed())) == SETTLED


@pytest.mark.rule("GRD-06")
@pytest.mark.parametrize(
    ("end", "why"),
    [
        (REFUSED, "refused"),
        (TransferTimedOut(person=PERSON, side=Side.IN), "timed_out"),
        (TransferWithdrawn(person=PERSON), "returned"),
        (TransferFailed(person=PERSON, cause="held", held=False), "returned"),
    ],
)
def test_one_that_ended_in_nothing_is_told_with_the_reason_and_is_the_branch_s_again(end: Event, why: str) -> None:
    assert seen((10, FROZEN), (12, requested()), (13, OPENED), (14, end)) == (why, OUT, 14)
    assert seen((12, requested()), (13, OPENED), (14, end), (20, FROZEN)) == ("not_started", OUT, 20)


@pytest.mark.rule("GRD-06")
def test_what_was_under_way_when_the_cohort_was_frozen_still_is() -> None:
    assert seen((2, requested()), (3, OPENED), (10, FROZEN)) == ("waiting", IN, 3)


@pytest.mark.rule("GRD-06")
def test_only_the_newest_transfer_counts_whichever_is_read_first() -> None:
    newer: list[Fact] = [(10, FROZEN), (15, requested(), "transfer-2"), (16, OPENED, "transfer-2")]
    for late in (requested(), REFUSED):
        assert seen(*newer, (12, late, "transfer-1")) == ("waiting", IN, 16)
    assert seen((10, FROZEN), (12, requested()), (13, REFUSED), *newer[1:]) == ("waiting", IN, 16)


@pytest.mark.rule("GRD-06")
def test_whoever_left_the_branch_after_the_freeze_is_settled_and_who_came_back_is_not() -> None:
    assert seen((8, completed(OUT)), (10, FROZEN)) == NOT_STARTED
    assert seen((8, completed(IN)), (10, FROZEN)) == NOT_STARTED
    assert seen((10, completed(IN)), (10, FROZEN)) == SETTLED
    assert seen((10, FROZEN), (12, completed(IN), "transfer-1"), (14, completed(OUT), "transfer-2")) == NOT_STARTED
    assert seen((10, FROZEN), (14, completed(IN), "transfer-2"), (12, completed(OUT), "transfer-1")) == SETTLED


@pytest.mark.rule("GRD-07", "GRD-06")
def test_who_only_changed_the_class_is_left_behind_still() -> None:
    class_changed: list[Fact] = [(10, FROZEN), (12, requested()), (13, completed(OTHER, "same_school"))]
    assert seen(*class_changed) == NOT_STARTED
    assert seen(*class_changed, (20, requested(OTHER), "transfer-2")) == ("waiting", OTHER, 20)


@pytest.mark.rule("GRD-06")
def test_the_end_of_the_membership_in_the_cohort_s_branch_settles_it_and_no_other_does() -> None:
    for branch, then in ((OUT, SETTLED), (OTHER, NOT_STARTED)):
        ended = MembershipOver(person=PERSON, branch=branch)
        assert seen((10, FROZEN), (12, ended)) == then


@pytest.mark.rule("GRD-04", "GRD-03")
def test_who_is_left_out_or_whose_cohort_is_withdrawn_is_nobody_s_concern() -> None:
    left_out = GraduateExcluded(**WHOSE, person=PERSON, frozen=True)
    assert seen((10, FROZEN), (12, left_out)) == SETTLED
    back = GraduateIncluded(**WHOSE, person=PERSON, frozen=True)
    assert seen((10, FROZEN), (12, left_out), (14, back)) == ("not_started", OUT, 14)
    assert seen((10, FROZEN), (12, CohortWithdrawn(**WHOSE, members=(PERSON,)))) == SETTLED
    for other in ({"branch": OTHER, "year": 2026}, {"branch": OUT, "year": 2025}):
        assert seen((10, FROZEN), (12, CohortWithdrawn(**other, members=(PERSON,)))) == NOT_STARTED


@pytest.mark.rule("GRD-06")
def test_of_two_cohorts_the_newest_year_s_counts() -> None:
    earlier = CohortFrozen(branch=OTHER, year=2025, members=(PERSON,))
    assert seen((10, FROZEN), (12, earlier)) == seen((5, earlier), (10, FROZEN)) == NOT_STARTED


@pytest.mark.rule("GRD-06", "TRF-23")
def test_who_took_the_part_of_one_that_is_gone_is_called_instead() -> None:
    where = {"person": PERSON, "from_branch": OUT, "to": OTHER, "assigns": False, "organization": OTHER}
    waits: list[Fact] = [(10, FROZEN), (12, requested()), (13, OPENED)]
    instead = TransferRedirected(**where, side="in", former=IN)
    assert seen(*waits, (15, instead)) == ("waiting", OTHER, 15)
    elsewhere = TransferRedirected(**where | {"from_branch": OTHER, "to": IN}, side="out", former=OUT)
    assert seen(*waits, (15, elsewhere)) == ("waiting", IN, 13)
