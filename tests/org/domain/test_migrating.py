"""A migration is asked for and decided, step by step, or its time is over (ORG-17)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.org.domain.events import Category
from services.org.domain.events_of_moves import (
    MigrationApproved,
    MigrationRefused,
    MigrationRequested,
    MigrationTimedOut,
    MigrationWithdrawn,
)
from services.org.domain.migrating import (
    MIGRATION,
    ApproveMigration,
    GroundWantsNote,
    MigrationOver,
    RefuseMigration,
    RequestMigration,
    SuperiorDecidesMigrations,
    TimeOutMigration,
    WithdrawMigration,
    approve_migration,
    check_decides,
    refuse_migration,
    request_migration,
    time_out_migration,
    withdraw_migration,
)
from services.org.domain.organization import ORGANIZATION, EstablishedOrganization
from shared.kernel.refusals import ChangedMeanwhile
from shared.testing.scenario import Decided, History, given
from tests.org.samples import NOW, PROVINCE, ROOT, facts

LIFE, MOMENT = timedelta(days=10), timedelta(microseconds=1)
ASKED = MigrationRequested(organization="school", superior="east", to="west", note="", due_at=NOW + LIFE)
RELEASED = MigrationApproved(superior="east", due_at=NOW + LIFE + LIFE)

Happened = History[Any, Any]


def approves(of: Happened, superior: str, now: datetime, *, released: bool = False) -> Decided[Any, Any]:
    command = ApproveMigration(superior=superior, released=released)
    return of.when(lambda state: approve_migration(command, state, now, LIFE))


def times_out(of: Happened, now: datetime) -> Decided[Any, Any]:
    return of.when(lambda state: time_out_migration(TimeOutMigration(), state, now))


def withdraws(of: Happened, now: datetime) -> Decided[Any, Any]:
    return of.when(lambda state: withdraw_migration(WithdrawMigration(), state, now))


def refuses(of: Happened, now: datetime) -> Decided[Any, Any]:
    return of.when(lambda state: refuse_migration(RefuseMigration(ground="papers_missing"), state, "east", now))


@pytest.mark.rule("ORG-17")
def test_the_present_superior_agrees_and_then_the_new_one_each_in_ten_days() -> None:
    command = RequestMigration(to="west")
    request = given(MIGRATION).when(lambda s: request_migration(command, s, "school", "east", NOW + LIFE))
    asked = request.then(ASKED)
    asked.when(lambda s: request_migration(command, s, "school", "east", NOW + LIFE)).then_nothing()
    approves(asked, "west", NOW, released=True).refused(ChangedMeanwhile)
    released = approves(asked, "east", NOW + LIFE - MOMENT).then_one(
        MigrationApproved, superior="east", due_at=NOW + LIFE + LIFE - MOMENT
    )
    approves(released, "east", NOW + LIFE).refused(ChangedMeanwhile)
    moved = approves(released, "west", NOW + LIFE, released=True).then(MigrationApproved(superior="west", due_at=None))
    approves(moved, "west", NOW + LIFE, released=True).refused(MigrationOver)


@pytest.mark.rule("ORG-17", "P8")
@pytest.mark.parametrize(("so_far", "due_at"), [((ASKED,), NOW + LIFE), ((ASKED, RELEASED), NOW + LIFE + LIFE)])
def test_at_the_very_instant_its_time_is_over_and_not_one_moment_before(so_far: Any, due_at: datetime) -> None:
    of = given(MIGRATION, *so_far)
    times_out(of, due_at - MOMENT).then_nothing()
    withdraws(of, due_at - MOMENT).then(MigrationWithdrawn())
    over = times_out(of, due_at).then(MigrationTimedOut())
    times_out(over, due_at).then_nothing()
    for decided in (approves(of, "east", due_at, released=len(so_far) > 1), withdraws(of, due_at), refuses(of, due_at)):
        decided.refused(MigrationOver)


@pytest.mark.rule("ORG-17")
def test_refused_or_withdrawn_it_is_over() -> None:
    of = given(MIGRATION, ASKED)
    refused = refuses(of, NOW).then(MigrationRefused(superior="east", ground="papers_missing", note=""))
    for ended in (refused, withdraws(of, NOW).then(MigrationWithdrawn())):
        for decided in (approves(ended, "east", NOW), refuses(ended, NOW), withdraws(ended, NOW)):
            decided.refused(MigrationOver)
        times_out(ended, NOW + LIFE).then_nothing()
    with pytest.raises(GroundWantsNote):
        RefuseMigration(ground="other")


@pytest.mark.rule("ORG-17")
def test_what_was_said_with_the_request_and_with_the_refusal_is_kept() -> None:
    asks, no = RequestMigration(to="west", note="学校整体搬迁"), RefuseMigration(ground="other", note="名册没有核对")
    asked = given(MIGRATION).when(lambda s: request_migration(asks, s, "school", "east", NOW + LIFE))
    history = asked.then(ASKED.model_copy(update={"note": "学校整体搬迁"}))
    refused = history.when(lambda s: refuse_migration(no, s, "east", NOW))
    refused.then(MigrationRefused(superior="east", ground="other", note="名册没有核对"))


@pytest.mark.rule("ORG-17")
def test_a_step_is_decided_by_the_superior_s_own_admins() -> None:
    above = given(ORGANIZATION, facts(Category.LEADING_BODY, above=(ROOT, PROVINCE))).state
    assert isinstance(above, EstablishedOrganization)
    check_decides(above, None)
    with pytest.raises(SuperiorDecidesMigrations):
        check_decides(above, "person-stranger")
