"""GRD-06: what kind of place a graduate came to."""

import pytest

from services.transfer.domain.destinations import destination_of


@pytest.mark.rule("GRD-06", "GRD-07")
def test_who_only_changes_the_class_has_gone_nowhere() -> None:
    assert destination_of("ordinary", "3", "change_of_school", same_school=True) == "same_school"
    assert destination_of("floating", "3", "undecided", same_school=True) == "floating"


@pytest.mark.rule("GRD-06", "TRF-19")
@pytest.mark.parametrize(
    ("kind", "sector", "reason", "destination"),
    [
        ("floating", "14", "work_without_organization", "floating"),
        ("bridging", "8", "work_with_organization", "bridging"),
        ("special", "", "joined_army", "special"),
        ("outside", "", "work_with_organization", "outside"),
        ("ordinary", "3", "further_study", "school"),
        ("ordinary", "3", "work_with_organization", "employer"),
        ("ordinary", "3", "other", "school"),
        ("ordinary", "10", "leaving_after_graduation", "employer"),
        ("ordinary", "15", "return_home", "community"),
        ("ordinary", "15", "work_with_organization", "employer"),
        ("ordinary", "14", "undecided", "community"),
        ("pending", "10", "work_with_organization", "other"),
        ("", "", "work_with_organization", "employer"),
        ("", "", "other", "other"),
        ("ordinary", "10", "further_study", "school"),
        ("ordinary", "10", "change_of_school", "school"),
        ("ordinary", "10", "study_abroad", "school"),
        ("ordinary", "3", "change_of_work", "employer"),
        ("ordinary", "3", "sent_abroad", "employer"),
        ("ordinary", "3", "joined_army", "special"),
        ("ordinary", "3", "classified_unit", "special"),
    ],
)
def test_a_destination_is_told_by_the_branch_then_the_reason_then_the_sector(kind, sector, reason, destination) -> None:
    assert destination_of(kind, sector, reason) == destination
