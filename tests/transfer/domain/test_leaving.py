"""Where a leaver may go, by what they say of themselves and by the branch that is chosen (TRF-19)."""

import pytest

from services.transfer.domain.asked import Asked
from services.transfer.domain.events import Side
from services.transfer.domain.refusals_of_arrivals import (
    BranchIsNoSuchPlace,
    PlaceDoesNotFit,
    ReasonLeadsElsewhere,
    WorksSoNotHome,
)
from services.transfer.reference.leavers import PLACES, situations
from services.transfer.use_cases.leaving import check_branch, check_named, check_place
from tests.transfer.domain.histories import COMMITTEE, OUT, PERSON

OTHER = "leaving_after_graduation"
RULE = {
    "has_work": ["employer", "floating_of_work", "bridging_of_park"],
    "agency_worker": ["using_unit", "agency", "floating_of_using_unit"],
    "accepted_by_school": ["school"],
    "no_work_yet": ["floating_of_home"],
    "left_a_job": ["employer", "floating_of_work", "town_of_household"],
}
HOME = {"floating_of_home", "talent_centre"}
FLOATING = {"floating_of_work", "floating_of_using_unit", *HOME}
EVERYWHERE = {row.code for row in PLACES}


def refused(said: str, place: str, reason: str = OTHER, kind: str = "", *, talent_centre: bool = False) -> type | None:
    try:
        check_place(said, place, reason, kind, talent_centre=talent_centre)
    except (WorksSoNotHome, PlaceDoesNotFit) as refusal:
        return type(refusal) if refusal.field == "place" else None
    except ReasonLeadsElsewhere as refusal:
        return type(refusal) if refusal.field == "reason" else None
    return None


@pytest.mark.rule("TRF-19")
@pytest.mark.parametrize("situation", list(RULE))
def test_of_all_places_only_those_of_the_situation_are_chosen(situation: str) -> None:
    works = situation in {"has_work", "agency_worker"}
    for place in EVERYWHERE:
        no = WorksSoNotHome if works and place in HOME else PlaceDoesNotFit
        assert refused(situation, place) is (None if place in RULE[situation] else no), place
    assert refused(situation, "") is PlaceDoesNotFit
    assert refused(situation, "nowhere") is PlaceDoesNotFit


@pytest.mark.rule("TRF-19")
@pytest.mark.parametrize("talent_centre", [False, True])
def test_the_first_choice_of_a_situation_comes_first(talent_centre: bool) -> None:
    more = {"no_work_yet": [*RULE["no_work_yet"], "talent_centre"]} if talent_centre else {}
    assert {each.code: list(each.places) for each in situations(talent_centre=talent_centre)} == RULE | more


@pytest.mark.rule("TRF-19")
def test_a_place_is_one_of_the_list_also_where_nobody_says_more() -> None:
    for place in EVERYWHERE - {"talent_centre"}:
        assert refused("", place) is None, place
    assert refused("", "talent_centre") is refused("", "nowhere") is refused("retired", "employer") is PlaceDoesNotFit
    assert refused("", "") is None


@pytest.mark.rule("TRF-19")
def test_where_a_province_allows_it_who_has_no_work_goes_to_a_talent_exchange_centre_and_nobody_else_does() -> None:
    for situation in RULE:
        no = WorksSoNotHome if situation in {"has_work", "agency_worker"} else PlaceDoesNotFit
        found = refused(situation, "talent_centre", talent_centre=True)
        assert found is (None if situation == "no_work_yet" else no), situation
    assert refused("no_work_yet", "floating_of_home", talent_centre=True) is None
    assert refused("", "talent_centre", talent_centre=True) is None


@pytest.mark.rule("TRF-19")
@pytest.mark.parametrize("reason", ["work_with_organization", "work_without_organization", "change_of_work"])
def test_whoever_states_work_by_the_reason_goes_to_no_place_of_those_without_it(reason: str) -> None:
    for place in HOME:
        for situation in ("", "no_work_yet"):
            assert refused(situation, place, reason, talent_centre=True) is WorksSoNotHome
    led = ReasonLeadsElsewhere if reason == "work_with_organization" else None
    assert refused("", "floating_of_work", reason) is led
    assert refused("left_a_job", "town_of_household", reason) is ReasonLeadsElsewhere


@pytest.mark.rule("TRF-19")
def test_whoever_has_work_is_not_undecided() -> None:
    for situation, place in (("has_work", "employer"), ("agency_worker", "agency")):
        assert refused(situation, place, "undecided") is WorksSoNotHome
    assert refused("no_work_yet", "floating_of_home", "undecided") is refused("", "", "undecided") is None


@pytest.mark.rule("TRF-19")
@pytest.mark.parametrize(("kind", "fitting"), [("floating", FLOATING), ("bridging", {"bridging_of_park"})])
def test_a_branch_of_a_kind_is_only_the_places_that_are_such_branches(kind: str, fitting: set[str]) -> None:
    for place in EVERYWHERE:
        no = None if place in fitting else PlaceDoesNotFit
        assert refused("", place, kind=kind, talent_centre=True) is no, place
        asked = Asked(PERSON, OUT, COMMITTEE, assigns=True, started_by=Side.OUT, place=place)
        if no:
            with pytest.raises(PlaceDoesNotFit) as refusal:
                check_branch(asked, kind)
            assert refusal.value.field == "branch"
        else:
            check_branch(asked, kind)
    assert refused("", "", kind=kind) is None


@pytest.mark.rule("TRF-19")
@pytest.mark.parametrize("kind", ["", "ordinary", "graduate", "floating", "bridging"])
def test_the_branch_that_somebody_starts_to_is_of_the_kind_that_was_said(kind: str) -> None:
    wanted = dict.fromkeys(FLOATING - {"talent_centre"}, "floating") | {"bridging_of_park": "bridging"}
    for place in EVERYWHERE:
        if wanted.get(place, kind) == kind:
            check_named(place, kind)
        else:
            with pytest.raises(BranchIsNoSuchPlace):
                check_named(place, kind)
