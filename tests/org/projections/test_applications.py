"""The list of applications: a pure fold without anything personal, and a query that uses its index (ADM-07)."""

import pytest

from services.org.domain.events import ApplicationDataDestroyed, ApplicationEvent
from services.org.projections.applications import AccountApplications
from shared.kernel.clock import to_micros
from tests.org.conftest import World
from tests.org.domain.test_application import APPROVED, DUE, LAPSED, REFUSED, SENT
from tests.org.projections.test_organizations import recorded
from tests.org.samples import UNIT

DONE = ApplicationDataDestroyed()


def folded(*events: ApplicationEvent) -> dict:
    document = None
    for event in recorded(*events):
        document = AccountApplications({"account_applications_v1": None, "copies": None}).evolve(
            document, event, "application-1"
        )
    assert document is not None
    return document


@pytest.mark.rule("ADM-07")
def test_it_waits_until_it_is_decided_and_stays_as_it_ended() -> None:
    waiting = folded(SENT)
    assert (waiting["organization"], waiting["state"], waiting["decided_at"]) == (UNIT, "waiting", None)
    assert waiting["due_at"] == to_micros(DUE)
    for end, state in ((APPROVED, "approved"), (REFUSED, "refused"), (LAPSED, "lapsed")):
        ended = folded(SENT, end)
        assert (ended["state"], ended["decided_at"] > ended["submitted_at"]) == (state, True)
        assert folded(SENT, end, DONE) == ended
    assert not {"responsible", "phone", "file_name", "form", "reason"} & set(waiting)


@pytest.mark.rule("ADM-07")
def test_facts_that_do_not_follow_stop_it() -> None:
    for events in ((APPROVED,), (SENT, SENT)):
        with pytest.raises(ValueError, match="does not fit"):
            folded(*events)


@pytest.mark.rule("ADM-07")
async def test_the_list_of_a_superior_is_answered_from_the_index(world: World) -> None:
    where = {"organization": {"$in": [UNIT, "organization-2"]}, "state": "waiting"}
    plan = await world.parts.applications.collection.find(where).sort([("submitted_at", 1), ("_id", 1)]).explain()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in str(plan["queryPlanner"]["winningPlan"])
