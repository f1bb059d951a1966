"""GRD-06, STA-05: rates on the hour over the real servers; a recount and a replay of everything find no drift."""

from datetime import timedelta

import pytest

from services.stats import rates
from services.stats.counting.vectors import Figures, Graduates
from services.stats.projections.progress import Standing
from services.stats.projections.trend import Trend
from services.stats.reference.formulas import COMPLETION, EMPLOYMENT, FORMULAS, TIMELINESS, formula_on
from services.stats.verify import Verification
from tests.stats.conftest import NOON, World
from tests.stats.counting.facts import (
    agreed,
    asked,
    became_late,
    complete,
    dissolved,
    entered,
    established,
    frozen,
    left_out,
    moved,
    timed_out,
    turned_down,
)

ONE, TWO = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
TREE = (
    established("root", category="leading_body"), established("school", "root", "committee", sector="3"),
    established("class", "school", sector="3"), established("works", "root", sector="8"),
)  # fmt: skip
PEOPLE = tuple(f"p{n}" for n in range(6))


def leaves(person: str, destination: str) -> tuple:
    transfer = f"t-{person}"
    return (
        asked(transfer, person, "class", "works"), agreed(transfer, person, "works"),
        moved(person, "class", "works", by=transfer), complete(transfer, person, "class", "works", destination),
    )  # fmt: skip


async def standing(world: World, organization: str, hour: object) -> Standing:
    return await world.progress.standing(organization, await world.progress.moment(hour))


@pytest.mark.rule("GRD-06", "STA-05", "STA-06", "STA-07", "P10")
async def test_rates_of_graduates_and_of_timeliness_change_on_the_hour_and_hold_at_a_recount(world: World) -> None:
    async with world.writing():
        await world.tell(*TREE, *(entered(each, "class") for each in PEOPLE), frozen("class", *PEOPLE))
        await world.tell(left_out("p5", "class"), *leaves("p0", "employer"), *leaves("p1", "school"))
        await world.tell(asked("t-p2", "p2", "class", "works"), became_late("t-p2", "p2", "works"))
        await world.tell(asked("t-p3", "p3", "class", "works"), turned_down("t-p3", "p3", "works", late=True))
        await world.until_applied()
        world.clock.at = ONE
        await world.until_published(ONE)
        await world.tell(timed_out("t-p2", "p2", "works"), dissolved("class", "school"))
        await world.until_applied()
        world.clock.at = TWO
        await world.until_published(TWO)
        first, second = await standing(world, "root", ONE), await standing(world, "root", TWO)
        verification = Verification(world.driver, world.settings)
        drifts = [*(await verification.recount()).drifts, *(await verification.replay()).drifts]
        trend = rates.graduates_trend(await Trend(world.database).cohorts("root"), None)
        school = await standing(world, "school", TWO)
    assert drifts == []
    counted = rates.graduates(first, None)
    total = counted["total"]
    assert (total["graduates"], total["left_out"], total["to_transfer"], total["complete"]) == (6, 1, 5, 2)
    assert (total["completion_rate"], total["employment_rate"]) == (40.0, 25.0)
    assert (total["waiting"], total["refused"], total["not_started"]) == (1, 1, 1)
    assert counted["year"] == 2026
    assert [row["organization"] for row in counted["rows"]] == ["school"]
    assert [each["version"] for each in counted["formulas"]] == ["completion-1", "employment-1"]
    timely = rates.timeliness(first, None)
    assert timely["total"] == {"steps": 3, "steps_late": 1, "steps_open_late": 1, "rate": 50.0}
    assert timely["formula"]["version"] == "timeliness-1"
    assert rates.timeliness(second, None)["total"]["steps_late"] == 2
    assert [(p["complete"], p["timed_out"]) for p in trend["points"]] == [(2, 0), (2, 1)]
    assert rates.graduates(school, None)["own"]["graduates"] == 6, "what is dissolved stays with its school"


@pytest.mark.rule("STA-05")
def test_a_formula_that_is_shown_is_the_one_that_is_computed() -> None:
    codes = {each.code for each in FORMULAS}
    assert codes == {TIMELINESS, COMPLETION, EMPLOYMENT}
    timeliness = formula_on(TIMELINESS, NOON.date())
    assert timeliness.of({"steps": 8, "steps_late": 2, "steps_open_late": 2}) == 60.0
    assert timeliness.of({"steps": 0, "steps_late": 0, "steps_open_late": 0}) is None
    with pytest.raises(KeyError):
        formula_on("nothing", NOON.date())


@pytest.mark.rule("GRD-06", "GRD-04")
def test_who_counts_in_which_rate_of_graduates() -> None:
    """Of a hundred ten stay on and ten are members no more; everybody else is to be transferred, wherever to."""
    moved_on = {"employer": 20, "school": 16, "community": 1, "floating": 2, "bridging": 3, "special": 4, "outside": 5}
    cohort = Graduates(graduates=100, left_out=10, ended=10, other=6, not_started=23, **moved_on)
    [shown] = rates.graduates_trend([(0, {"2026": cohort})], 2026)["points"]
    assert (shown["to_transfer"], shown["complete"]) == (80, 57)
    assert (shown["completion_rate"], shown["employment_rate"]) == (71.2, 31.2)


@pytest.mark.rule("TRF-10", "STA-05")
def test_a_late_step_counts_against_who_decided_it_and_so_does_one_that_waits_beyond_its_time() -> None:
    figures = Figures(steps=10, steps_late=3, steps_open_late=2)
    [shown] = rates.timeliness_trend([(0, {"school": figures})], None)["points"]
    assert shown["rate"] == 58.3
