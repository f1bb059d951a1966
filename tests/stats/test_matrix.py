"""stats: every route x role x relation, beside the oracle (X10)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.local.servers import Addresses
from services.stats.api import Stats
from services.stats.app import build
from services.stats.hours import Hours
from services.stats.projections.below import GraduatesBelow
from services.stats.projections.live import LiveTotals
from services.stats.projections.progress import Progress
from services.stats.projections.trend import Trend
from shared.authority.projection import AuthorityGrants, AuthorityScopes
from shared.eventstore.driver import Driver
from shared.kernel.clock import ManualClock
from shared.runtime.settings import Environment, Settings
from shared.testing.authority import Rights
from shared.testing.feed import Feed
from shared.testing.tokens import Issuer
from tests.matrix import NOWHERE, Matrix, Row, Rule, facts, organization

FIGURES = (
    *("members", "members/sectors", "members/trend", "members.xlsx"),
    *("cadres", "cadres/sectors", "cadres/trend", "cadres.xlsx"),
    *("information", "timeliness", "timeliness/trend", "graduates", "graduates/trend"),
    *("graduates/schools", "graduates/regions", "graduates.xlsx"),
)


@pytest.fixture
async def matrix(servers: Addresses, namespace: str, tmp_path: Path) -> AsyncIterator[Matrix]:
    settings = Settings(
        environment=Environment.TEST,
        mongo_url=servers.mongo_url,
        kafka=servers.kafka,
        namespace=namespace,
        secrets_dir=tmp_path,
    )
    driver, clock = Driver(settings.mongo_url), ManualClock(datetime(2026, 11, 22, 4, 0, tzinfo=UTC))
    database: Any = driver.database(settings.database("stats"))
    totals = LiveTotals(database)
    copies = (AuthorityScopes(database), AuthorityGrants(database))
    hours = Hours(driver, database)
    for part in (totals, hours, *copies):
        await part.prepare()
    await hours.load(clock.now())
    feed = Feed(driver, None, (totals, *copies))
    for stream, event in facts():
        await feed.hear(event, stream=stream)
    issuer, service = Issuer(clock), build(settings)
    service.app.state.verifier = issuer.verifier()
    service.app.state.stats = Stats(
        Progress(database), Trend(database), GraduatesBelow(database), Rights(database, settings).authority
    )

    async def commits() -> int:
        return 0  # stats has no commands

    yield Matrix(service.app, issuer, commits, (), rows())
    for closing in service.close:
        await closing()
    await driver.client.drop_database(database.name)
    await driver.close()


def rows() -> list[Row]:
    found = [Row("GET /v1/progress/hours", Rule.SIGNED_IN, lambda: {"url": "/v1/progress/hours"})]
    for path in FIGURES:
        for place, target in ((organization("target"), "target"), (NOWHERE, "nowhere"), ("$ne", "nowhere")):
            url = f"/v1/progress/{path}?hour=live&organization={place}"
            found.append(Row(f"GET /v1/progress/{path}", Rule.READ, lambda url=url: {"url": url}, target=target))
    return found


@pytest.mark.rule("X10", "P12", "ADM-08", "IDN-08")
async def test_every_route_answers_everybody_as_the_rules_say(matrix: Matrix) -> None:
    matrix.assert_complete()
    await matrix.check()
    assert matrix.asked > 600
