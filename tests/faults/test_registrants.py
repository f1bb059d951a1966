"""P1, P2 of a registration by code: member or org dies at any call to the store, the next process hears it again."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.local.servers import Addresses
from services.member.reactions import Hears as MemberHears
from services.member.use_cases.registrants import Registrants
from services.member.use_cases.transfers import TransferredPeople
from services.org.app import Parts
from services.org.reactions import Hears as OrgHears
from services.org.use_cases.redeeming import Redemptions
from shared.contracts.member import PostTaken, RegistrantAdmitted
from shared.contracts.org import AdminAppointed, RegistrationCodeRedeemed
from shared.eventstore.driver import Driver
from shared.eventstore.store import EventStore
from shared.kernel.envelope import Recorded
from shared.privacy.vault import KeyReader
from tests.faults.commands import Entering, Process
from tests.faults.wire import Lost, Wire
from tests.member.conftest import member, secrets_dir  # noqa: F401 - fixtures
from tests.member.people import card
from tests.member.test_registrants import Stand, stand  # noqa: F401 - a fixture
from tests.org.conftest import World, person, world  # noqa: F401 - a fixture
from tests.org.test_api import CLASS_1, SCHOOL_ADMIN, school_of
from tests.org.test_redeeming import requested
from tests.org.test_registrants import entered

Facts = list[Recorded]


async def cut_at_every_call(
    url: str,
    process_of: Callable[[str, Facts], Process],
    begin: Callable[[int], Awaitable[Facts]],
    ended: Callable[[int], Awaitable[None]],
) -> int:
    """For each call that a process makes for the facts that `begin` gives: it dies there, and another one hears them
    twice more; then `ended` looks. Answers how many calls there are.
    """
    server = urlsplit(url.split(",", maxsplit=1)[0])
    numbers = itertools.count(1)
    async with Wire(server.hostname or "", server.port or 0) as wire:
        for lost in Lost:
            for at in itertools.count(1):
                number = next(numbers)
                facts = await begin(number)
                dies, lives = process_of(wire.url, facts), process_of(url, facts)
                await dies.driver.client.admin.command("ping")
                wire.arm(at, lost, heals_itself=False)
                await _until_cut(dies, wire)
                for _ in range(2):
                    await lives.command(number)
                await lives.driver.close()
                await ended(number)
                if not wire.cut.is_set():
                    break
    return at - 1


async def _until_cut(process: Process, wire: Wire) -> None:
    running, cut = asyncio.create_task(process.command(0)), asyncio.create_task(wire.cut.wait())
    await asyncio.wait([running, cut], return_when=asyncio.FIRST_COMPLETED)
    wire.heal()
    for task in (running, cut):
        task.cancel()
    await asyncio.gather(running, cut, return_exceptions=True)
    await process.die()
    await process.driver.close()


async def published(store: EventStore, kind: str, about: str) -> int:
    """How many public events of a kind speak of an id."""
    commits = await store.commits.find({"public.type": kind}).to_list(None)
    public = [entry for commit in commits for entry in commit["public"]]
    return sum(entry["type"] == kind and about in entry["data"].values() for entry in public)


@pytest.mark.rule("P1", "P2", "ADM-04")
async def test_member_cut_off_at_any_call_enters_a_registrant_once_and_says_so_once(
    stand: Stand,  # noqa: F811
    servers: Addresses,
    swept_namespace: str,
    secrets_dir: Path,  # noqa: F811
) -> None:
    """Fails if a person, a number, a key or the outcome is ever written twice, or lost with the process."""
    entering = Entering(swept_namespace, secrets_dir)
    store, database = stand.member.store, stand.member.store.database

    def process_of(url: str, facts: Facts) -> Process:
        driver = Driver(url)
        own, people, _ = entering._people(driver)
        intake = KeyReader.from_directory(driver, f"{swept_namespace}intake", secrets_dir)
        hears = MemberHears(Registrants(own, people, intake), TransferredPeople(own))

        async def react(_number: int) -> None:
            for fact in facts:
                await stand.react(hears, fact)

        return Process(driver, own, react)

    async def begin(number: int) -> Facts:
        name = f"registration-{number}"
        typed = {"number": card(sequence=f"{number:03d}")}
        facts = [await stand.requested(name, **typed), stand.redeemed(name)]
        return facts if number % 2 else facts[::-1]

    async def ended(number: int) -> None:
        name = f"registration-{number}"
        assert await published(store, RegistrantAdmitted.type_name(), name) == 1
        said = [each for each in await stand.told(RegistrantAdmitted) if each["registration"] == name]
        assert await published(store, PostTaken.type_name(), said[0]["person"]) == 1
        keys = store.driver.database(f"{swept_namespace}vault")["keys"]
        assert await database["claims"].count_documents({}) == number
        assert await keys.count_documents({}) == number
        assert len(await stand.told(PostTaken)) == number

    assert await cut_at_every_call(servers.mongo_url, process_of, begin, ended) >= 12


@pytest.mark.rule("P1", "P2", "ADM-03", "ADM-04")
async def test_org_cut_off_at_any_call_redeems_once_and_appoints_once(world: World, servers: Addresses) -> None:  # noqa: F811
    """Fails if a place is ever kept and its deadline not written, or used without the admin."""
    _, school = await school_of(world)
    branches: dict[int, str] = {}

    def process_of(url: str, facts: Facts) -> Process:
        parts = Parts(world.parts.settings, Driver(url), world.clock)
        hears = OrgHears(Redemptions(parts.store, parts.deadlines))

        async def react(_number: int) -> None:
            await hears.admin_registration_requested(facts[:1])
            await hears.registrant_admitted(facts[1:])

        return Process(parts.driver, parts.store, react)

    async def begin(number: int) -> Facts:
        body = CLASS_1 | {"full_name": f"育才中学第{number}团支部"}
        branches[number] = await world.establish(school, SCHOOL_ADMIN, **body)
        made = await world.post(f"/v1/organizations/{branches[number]}/registration-codes", {}, SCHOOL_ADMIN)
        name = f"registration-{number}"
        asked = await requested(world, made.json()["registration_code"], name)
        return [*asked, *await entered(world, branches[number], name, person(1000 + number))]

    async def ended(number: int) -> None:
        name, store = f"registration-{number}", world.parts.store
        for kind in (RegistrationCodeRedeemed, AdminAppointed):
            assert await published(store, kind.type_name(), name) == 1
        assert await world.parts.database["deadlines"].count_documents({"_id": name}) == 1
        assert await published(store, AdminAppointed.type_name(), person(1000 + number)) == 1

    assert await cut_at_every_call(servers.mongo_url, process_of, begin, ended) >= 8
