"""What the document of a transfer says when its sides change, and of who came (TRF-16, TRF-20, TRF-21, TRF-23)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.transfer.domain.events import (
    REGISTRY,
    Side,
    TransferCompleted,
    TransferOpened,
    TransferRequested,
    TransferStepApproved,
)
from services.transfer.domain.events_of_arrivals import (
    CheckInRecorded,
    EmploymentVerified,
    HandOverNoted,
    MemberContacted,
    RegisterPlace,
    WorkSettled,
)
from services.transfer.domain.events_of_successions import TransferRedirected
from services.transfer.projections.steps import FAR
from services.transfer.projections.transfers import Transfers
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Actor, Event, Recorded

PERSON, OUT, IN, HEIR, ABOVE, BY = "person-1", "branch-out", "branch-in", "heir", "school", "person-admin"
DAY_1 = datetime(2026, 11, 2, 2, tzinfo=UTC)
DUE, AGAIN, LATE = (DAY_1 + timedelta(days=days) for days in (10, 15, 20))
FOUND = EmploymentVerified(organization=IN, finding="no_work_yet")


def day(number: int) -> int:
    return to_micros(DAY_1 + timedelta(days=number - 1))


def folded(*facts: Event) -> dict[str, Any]:
    """One fact a day."""
    document = None
    for number, fact in enumerate(facts, start=1):
        event = Recorded(
            event_id=str(number),
            type=REGISTRY.type_of(fact),
            stream="transfer-1",
            version=number,
            index=0,
            at=DAY_1 + timedelta(days=number - 1),
            actor=Actor(BY),
            correlation="",
            causation="",
            data=fact.model_dump(mode="json", exclude={"personal"}),
        )
        document = Transfers({"transfers_v8": None, "copies": None}, None).evolve(document, event, "transfer-1")  # type: ignore[arg-type]
    assert document is not None
    return document


def opened(started_by: Side = Side.OUT, **more: Any) -> tuple[Event, Event]:
    asked = {"person": PERSON, "from_branch": OUT, "to": IN, "assigns": False, "started_by": started_by}
    first = OUT if started_by is Side.MEMBER else IN
    side = Side.OUT if started_by is Side.MEMBER else Side.IN
    return (
        TransferRequested(**asked | more, reason="other", hold_due_at=DUE, above=(OUT, IN, ABOVE)),
        TransferOpened(person=PERSON, side=side, organization=first, due_at=DUE, late_at=LATE),
    )


def instead(of: str, **more: Any) -> TransferRedirected:
    places = {"from_branch": HEIR, "to": IN} if of == OUT else {"from_branch": OUT, "to": HEIR}
    side = "out" if of == OUT else "in"
    whose = {"person": PERSON, "side": side, "former": of, "organization": HEIR, "assigns": False}
    return TransferRedirected(**whose, **places, above=(HEIR, "city"), **more)


@pytest.mark.rule("TRF-23")
def test_who_succeeds_the_waited_for_is_waited_for_with_a_time_of_its_own() -> None:
    anew = folded(*opened(Side.MEMBER), instead(OUT, due_at=AGAIN, late_at=AGAIN))
    assert (anew["from_branch"], anew["to"], anew["starter"]) == (HEIR, IN, None)
    assert (anew["waits_for"], anew["ahead"]) == (HEIR, [HEIR, IN])
    assert (anew["due_at"], anew["urgency"], anew["late_at"]) == (to_micros(AGAIN), to_micros(AGAIN), to_micros(AGAIN))
    assert anew["above"] == [OUT, IN, ABOVE, HEIR, "city"]
    last = anew["steps"][-1]
    assert (last["what"], last["organization"], last["by"], last["at"]) == ("redirected", HEIR, BY, day(3))


@pytest.mark.rule("TRF-23")
def test_who_succeeds_another_takes_that_one_s_part_and_the_time_goes_on() -> None:
    later_step = folded(*opened(Side.MEMBER), instead(IN))
    assert (later_step["to"], later_step["waits_for"], later_step["ahead"]) == (HEIR, OUT, [OUT, HEIR])
    assert (later_step["due_at"], later_step["late_at"]) == (to_micros(DUE), to_micros(LATE))
    starter = folded(*opened(), instead(OUT))
    assert (starter["starter"], starter["waits_for"], starter["due_at"]) == (HEIR, IN, to_micros(DUE))


@pytest.mark.rule("TRF-23", "TRF-04")
def test_who_is_to_choose_a_branch_instead_waits_for_no_day() -> None:
    agreed = TransferStepApproved(person=PERSON, side=Side.IN, organization=IN, unassigned_from=DAY_1)
    chooses = folded(*opened(assigns=True), agreed, instead(IN, unassigned_from=AGAIN, late_at=AGAIN))
    assert (chooses["state"], chooses["waits_for"], chooses["to"]) == ("unassigned", HEIR, HEIR)
    assert (chooses["due_at"], chooses["urgency"], chooses["late_at"]) == (None, FAR, to_micros(AGAIN))


@pytest.mark.rule("TRF-20", "TRF-23")
def test_what_was_verified_is_forgotten_where_somebody_else_is_asked_and_nowhere_else() -> None:
    assert folded(*opened(), FOUND)["employment"] == "no_work_yet"
    assert folded(*opened(), FOUND, instead(IN, due_at=AGAIN))["employment"] is None
    assert folded(*opened(), FOUND, instead(OUT))["employment"] == "no_work_yet"
    asked_from = folded(*opened(Side.MEMBER), FOUND, instead(OUT, due_at=AGAIN))
    assert asked_from["employment"] == "no_work_yet"


def came(destination: str = "employer", *before: Event, **more: Any) -> tuple[Event, ...]:
    over = TransferCompleted(person=PERSON, from_branch=OUT, branch=IN, destination=destination)
    return (*opened(**more), *before, over)


CONTACTED = MemberContacted(organization=IN)
CHECKED_IN = CheckInRecorded(organization=IN, checked_in_on=date(2026, 11, 3))
SETTLED = WorkSettled(organization=IN, settled_on=date(2026, 11, 1))


@pytest.mark.rule("TRF-21")
def test_duties_are_left_until_contact_and_check_in_are_both_recorded_by_whom_and_when() -> None:
    arrived = folded(*came())
    nothing = {"contacted_at": None, "contacted_by": None, "checked_in_on": None, "checked_in_by": None}
    assert (arrived["duties"], arrived["arrival"]) == (True, nothing | {"unverified": False})
    for first, second in ((CONTACTED, CHECKED_IN), (CHECKED_IN, CONTACTED)):
        assert folded(*came(), first)["duties"] is True
        done = folded(*came(), first, second)
        assert done["duties"] is False
        assert {done["arrival"][each] for each in ("contacted_by", "checked_in_by")} == {BY}
        assert done["arrival"]["checked_in_on"] == "2026-11-03"
        assert done["arrival"]["contacted_at"] == day(4 if first is CONTACTED else 5)


@pytest.mark.rule("TRF-20")
def test_a_floating_branch_has_to_verify_who_came_without_it() -> None:
    both = (CONTACTED, CHECKED_IN)
    assert folded(*came("floating", FOUND), *both)["duties"] is False
    assert folded(*came("bridging"), *both)["duties"] is False
    waits = folded(*came("floating"), *both)
    assert (waits["duties"], waits["arrival"]["unverified"], waits["settled_on"]) == (True, True, None)
    found = folded(*came("floating"), *both, FOUND)
    assert (found["duties"], found["arrival"]["unverified"], found["employment"]) == (False, False, "no_work_yet")
    settled = folded(*came("floating"), *both, SETTLED)
    assert (settled["duties"], settled["arrival"]["unverified"], settled["settled_on"]) == (False, False, "2026-11-01")


@pytest.mark.rule("TRF-16", "TRF-21")
def test_whoever_is_in_a_register_branch_is_no_duty_of_anybody() -> None:
    there = folded(*came("special", register_place=RegisterPlace(body="province", which="special_units")))
    assert (there["register_of"], there["arrival"], there["duties"]) == ("special_units", None, False)


@pytest.mark.rule("TRF-26")
def test_a_paper_is_kept_with_who_noted_it_and_when_and_changes_nothing_else() -> None:
    paper = HandOverNoted(organization=OUT, issued_on=date(2026, 11, 1))
    [*_, noted] = folded(*opened(), paper, paper)["hand_overs"]
    said = {"letter": "", "issued_on": "2026-11-01", "organization": OUT, "by": BY, "at": day(4)}
    assert noted == said
    before, after = folded(*opened()), folded(*opened(), paper)
    assert after | {"hand_overs": []} == before


@pytest.mark.rule("TRF-19")
def test_what_a_leaver_said_is_in_the_document() -> None:
    said = folded(*opened(situation="has_work", place="employer"))
    assert (said["situation"], said["place"]) == ("has_work", "employer")
