"""Composition root of stats: the only place that builds clients and puts the parts together."""

from services.stats.api import Stats, router
from services.stats.hours import Hours
from services.stats.projections.below import GraduatesBelow
from services.stats.projections.live import LiveTotals
from services.stats.projections.progress import Progress
from services.stats.projections.trend import Trend
from services.stats.retention import Retention
from services.stats.worker import FiguresWriter, Sweep
from shared.authority.authority import Authority
from shared.contracts import member, org, transfer
from shared.eventstore.driver import Driver
from shared.http.auth import TokenVerifier, keys_over_http
from shared.http.client import service_client
from shared.http.edge import new_app
from shared.kernel.clock import SystemClock
from shared.messaging.consumer import connection
from shared.messaging.generations import current_topics
from shared.runtime.service import Role, Service, serve
from shared.runtime.settings import Settings

SERVICE = "stats"


def build(settings: Settings) -> Service:
    """The service over its database; nothing is connected before it runs."""
    driver = Driver(settings.mongo_url, settings.driver)
    database = driver.database(settings.database(SERVICE))
    clock = SystemClock(settings.clock_offset_seconds)
    client = service_client(settings)
    authority = Authority.of(driver, SERVICE, settings, clock)
    hours = Hours(driver, database)
    totals = LiveTotals(database)
    app = new_app(SERVICE, TokenVerifier(keys_over_http(client, settings.address("identity")), clock), [router])
    app.state.stats = Stats(Progress(database), Trend(database), GraduatesBelow(database), authority)

    async def make_topics() -> None:
        topics = await current_topics(driver, settings)
        await topics.ensure(
            connection(settings),
            (org.EVENTS, org.WITHDRAWALS, member.EVENTS, member.POSTS, transfer.EVENTS, transfer.COHORTS),
            settings.partitions,
            settings.replication,
        )

    return Service(
        name=SERVICE,
        app=app,
        settings=settings,
        loops=(
            *authority.loops,
            FiguresWriter(driver, totals, hours, settings, clock, database),
            Sweep(Retention(database), clock, database),
        ),
        prepare=(driver.check_server, make_topics, hours.prepare),
        close=(client.aclose, driver.close),
    )


def run(settings: Settings, role: Role = Role.ALL) -> None:
    """Runs the process until it is told to stop."""
    serve(build(settings), role)
