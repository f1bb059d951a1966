"""Composition root of member: the only place that builds clients and puts the parts together."""

from services.member import api_imports, api_people, api_reference
from services.member.parts import MemberParts
from services.member.projections.imports import ImportList
from services.member.projections.people import PeopleList
from services.member.published import REGISTRY, publish
from services.member.settings import MemberSettings
from services.member.use_cases.imports import UPLOADS, Imports
from services.member.use_cases.people import ACCESS_LOG, People
from services.member.use_cases.places import Places
from services.member.use_cases.records import ROSTERS, Records
from services.member.use_cases.settle import Settler
from services.member.workbooks.sandbox import Sandbox
from services.member.worker import ImportWorker
from shared.authority.authority import Authority
from shared.contracts import member as contracts
from shared.contracts import org as org_contracts
from shared.eventstore.commits import Codec
from shared.eventstore.driver import Driver, ensure_collections
from shared.eventstore.store import EventStore
from shared.http.auth import TokenVerifier, keys_over_http
from shared.http.client import service_client
from shared.http.edge import new_app
from shared.http.paging import Cursors
from shared.kernel.clock import SystemClock
from shared.messaging.topics import Topics
from shared.privacy.lookup import LookupKey
from shared.privacy.vault import Vault
from shared.projections.runner import ProjectionLoop
from shared.runtime.service import Role, Service, serve

SERVICE = "member"
TOPICS = ("member.log.v1", contracts.EVENTS, contracts.IDENTITY, org_contracts.EVENTS, org_contracts.WITHDRAWALS)


def build(settings: MemberSettings) -> Service:
    """The service, put together and not started."""
    clock = SystemClock(settings.clock_offset_seconds)
    driver = Driver(settings.mongo_url, settings.driver)
    store = EventStore(driver, settings.database(SERVICE), Codec(SERVICE, REGISTRY, publish, clock))
    vault = Vault.from_directory(driver, settings.database("vault"), settings.secrets_dir)
    records = Records(store, vault, LookupKey.from_directory(settings.secrets_dir), clock)
    authority = Authority.of(driver, SERVICE, settings, clock)
    places = Places(authority.tree, authority)
    sandbox = Sandbox(settings.sandbox_slots)
    imports = Imports(records, sandbox, places, clock)
    import_list, people_list = ImportList(store.database, vault), PeopleList(store.database, vault)
    worker = ImportWorker(imports, import_list, records, Settler(records, places.names), places, sandbox)
    parts = MemberParts(
        imports=imports,
        import_list=import_list,
        people=People(records, places, clock),
        people_list=people_list,
        records=records,
        places=places,
        authority=authority,
        cursors=Cursors.from_directory(settings.secrets_dir),
        clock=clock,
    )
    client = service_client()
    verifier = TokenVerifier(keys_over_http(client, settings.address("identity")), clock)
    app = new_app(SERVICE, verifier, (api_imports.router, api_people.router, api_reference.router))
    app.state.member = parts

    async def prepare_collections() -> None:
        await driver.check_server()
        await store.prepare()
        await vault.prepare()
        await ensure_collections(store.database, UPLOADS, ROSTERS, ACCESS_LOG)
        await store.database[UPLOADS].create_index("at")
        await store.database[ACCESS_LOG].create_index([("person", 1), ("at", -1)])

    async def prepare_topics() -> None:
        await Topics(settings.namespace).ensure(settings.kafka, TOPICS, settings.partitions, settings.replication)

    return Service(
        name=SERVICE,
        app=app,
        settings=settings,
        loops=(
            *authority.loops,
            ProjectionLoop(driver, SERVICE, import_list, settings),
            ProjectionLoop(driver, SERVICE, people_list, settings),
            worker,
        ),
        prepare=(prepare_collections, prepare_topics),
        close=(client.aclose, driver.close),
    )


def run(settings: MemberSettings, role: Role = Role.ALL) -> None:
    """Runs the process until it is told to stop."""
    serve(build(settings), role)
