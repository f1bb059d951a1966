"""Commands about what the system holds: seed, verify."""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar

import httpx
import typer
from aiokafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.cli.copies import unfinished
from deploy.cli.machine import this_stack, told_in_one_sentence
from deploy.local.problems import SetUpProblem
from deploy.local.secrets import OPERATOR_LOGIN, OPERATOR_PASSWORD, make_secrets
from deploy.local.stack import Stack
from services.relay.audit import Behind, miscounts
from services.relay.checkpoint import CheckpointStore
from shared.eventstore.driver import Driver
from shared.runtime.parts import SOURCES
from shared.runtime.settings import Settings

T = TypeVar("T")
_DRIFTS_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Adds these commands to `tuan`."""
    for command in (seed, verify):
        app.command()(command)


def seed(
    demo: Annotated[bool, typer.Option("--demo", help="then play the demonstration province")] = False,
) -> None:
    """Make what every deployment begins with: the root, the provincial-level bodies, one central operator."""
    with told_in_one_sentence():
        stack = this_stack()
        bodies, made = seed_stack(stack)
        print(f"The root and {bodies} provincial-level bodies are there.")
        print(f"Central operator: {OPERATOR_LOGIN}{'' if made else ' (was there, its password kept)'}")
        print(f"The password is in {stack.secrets / OPERATOR_PASSWORD}")
        if demo:
            play(stack)


def play(stack: Stack) -> None:
    """Plays the demonstration province on a running stack, once. Raises SetUpProblem."""
    from deploy.local.seeding.client import Refused  # noqa: PLC0415 - `tuan run` must not load every service
    from deploy.local.seeding.demonstration import play_demonstration  # noqa: PLC0415

    try:
        played = asked(play_demonstration(stack, print))
    except (httpx.TransportError, Refused) as broken:
        raise SetUpProblem(
            f"The demonstration province was not finished: {type(broken).__name__} {broken}. See what is ill with "
            "`tuan doctor`, then begin anew with `make reset` and `make up`."
        ) from broken
    if played is None:
        print("The demonstration province is there.")
        return
    print(f"{played.organizations} organizations and {played.members} members in {played.seconds} s.")


def seed_stack(stack: Stack) -> tuple[int, bool]:
    """Seeds the stores of `stack`: how many provincial-level bodies there are, and whether the operator is new.

    A repeat changes nothing. The services need not run, the servers must. Raises SetUpProblem.
    """
    make_secrets(stack.secrets)
    password = (stack.secrets / OPERATOR_PASSWORD).read_text("ascii").strip()
    use_settings_of(stack)
    return asked(seeded(password))


async def seeded(password: str) -> tuple[int, bool]:
    """Seeds the stores that the settings of this process name."""
    from services.identity.app import seed_operator  # noqa: PLC0415 - `tuan run` must not load every service
    from services.identity.settings import IdentitySettings  # noqa: PLC0415
    from services.org.app import seed as seed_tree  # noqa: PLC0415
    from services.org.settings import OrgSettings  # noqa: PLC0415

    tree = await seed_tree(OrgSettings())
    return len(tree.bodies), await seed_operator(IdentitySettings(), OPERATOR_LOGIN, password)


def verify() -> None:
    """Recount the figures at equal positions and the relay's numbers: there must be no difference at all."""
    with told_in_one_sentence():
        use_settings_of(this_stack())
        differences = [*asked(drifts()), *asked(miscounted()), *_disagreements()]
    if differences:
        print(f"{len(differences)} differences, the first of them:")
        print(*differences[:_DRIFTS_SHOWN], sep="\n")
        print("-> keep this store as it is and report it with the log of stats (tuan logs stats)")
        raise typer.Exit(1)
    print("No drift.")


async def drifts() -> list[str]:
    """Where the figures differ from a recount at equal positions."""
    from services.stats.verify import Verification  # noqa: PLC0415

    async with open_driver() as (driver, settings):
        verification = Verification(driver, settings)
        found = []
        for how, act in (("kept documents", verification.recount), ("streams", verification.replay)):
            counted = await act()
            print(f"Figures against {how}: {counted.organizations} organizations, {counted.people} people")
            found += [
                f"{how}: {drift.node} {drift.what}: kept {drift.kept}, counted {drift.counted}"
                for drift in counted.drifts
            ]
        return found


async def miscounted() -> list[str]:
    """What the relay has numbered wrongly, or has yet to send."""
    async with open_driver() as (driver, settings):
        checkpoint = await CheckpointStore(driver.database(settings.database("relay")), "verify").load()
        if checkpoint is None:
            return ["the relay has never run; start it with make up"]
        try:
            found = await miscounts(driver, settings, SOURCES, checkpoint)
        except Behind as behind:
            return [str(behind)]
        print(f"Relay: {sum(checkpoint.ordinals.values())} commits numbered")
        return [str(each) for each in found]


def _disagreements() -> list[str]:
    """Rebuilds that found a difference; those that run, or were broken off, are said and are none."""
    settings, found = Settings(), []
    client: MongoClient[dict[str, Any]]
    with MongoClient(settings.mongo_url) as client:
        for each in unfinished(client, settings.namespace):
            if "differs" in each.what:
                found.append(each.what)
            else:
                print(f"Not finished: {each.what}{f' ({each.advice})' if each.advice else ''}")
    return found


def asked(work: Coroutine[Any, Any, T]) -> T:
    """Runs `work` to its end; a server that does not answer becomes a SetUpProblem."""
    try:
        return asyncio.run(work)
    except PyMongoError as problem:
        message = f"MongoDB does not answer ({type(problem).__name__}); start it with make up."
        raise SetUpProblem(message) from problem
    except KafkaError as problem:
        message = f"Kafka does not answer ({type(problem).__name__}); start it with make up."
        raise SetUpProblem(message) from problem


@asynccontextmanager
async def open_driver() -> AsyncIterator[tuple[Driver, Settings]]:
    """With the settings of the environment."""
    settings = Settings()
    driver = Driver(settings.mongo_url, settings.driver)
    try:
        yield driver, settings
    finally:
        await driver.close()


def use_settings_of(stack: Stack) -> None:
    """The services' composition roots read the environment, here that of the stack's own processes."""
    os.environ.update(stack.settings())
