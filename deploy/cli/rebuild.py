"""`tuan rebuild`, `tuan republish`: read models built anew beside the present ones, and all topics filled anew (P7)."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Annotated

import typer

from deploy.cli.data import asked, open_driver, use_settings_of
from deploy.cli.machine import this_stack, told_in_one_sentence
from deploy.local.problems import SetUpProblem
from deploy.rebuilding.rebuild import GRACE_SECONDS, NotRebuilt, Rebuild
from deploy.roots import root_of, settings_of
from services.relay.generations import begin_generation, delete_older, until_filled
from shared.kernel.clock import SystemClock
from shared.messaging.generations import current_topics
from shared.messaging.topics import Topics
from shared.projections.runner import ProjectionLoop
from shared.runtime.parts import SOURCES
from shared.runtime.service import Service

_TOLD_SECONDS = 10.0
AT_ONCE = 4
"""So many read models; each waits more than it works."""
_FIRST = "authority"
"""Copies that commands are decided by."""


def register(app: typer.Typer) -> None:
    """Adds these commands to `tuan`."""
    for command in (rebuild, republish):
        app.command()(command)


def rebuild(
    name: Annotated[
        str, typer.Argument(help="service and read model, such as org.organizations; without it: which")
    ] = "",
    abandon: Annotated[bool, typer.Option("--abandon", help="give up a copy that was begun")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="switch even if documents differ")] = False,
) -> None:
    """Build a read model anew beside the present one, compare the two, and switch; reads go on meanwhile."""
    with told_in_one_sentence():
        use_settings_of(this_stack())
        asked(_rebuild(name, abandon=abandon, accept=accept))


def republish(
    delete_old: Annotated[
        bool, typer.Option("--delete-old", help="delete the topics that nobody reads any more")
    ] = False,
) -> None:
    """Have the relay send everything anew, into new topics, and rebuild every read model from these."""
    with told_in_one_sentence():
        use_settings_of(this_stack())
        asked(_delete_old() if delete_old else _republish())


async def _rebuild(name: str, *, abandon: bool, accept: bool) -> None:
    async with every_rebuild() as rebuilds:
        found = [each for each in rebuilds if each.name == name]
        if not found:
            names = ", ".join(sorted(each.name for each in rebuilds))
            raise SetUpProblem(f"{'Name one' if not name else f'There is no read model {name}'}; there are {names}.")
        with _told():
            await (found[0].abandon() if abandon else found[0].run(accept=accept))
            await found[0].tidy()


async def _republish() -> None:
    """A republish that was broken off is taken up where it was."""
    async with open_driver() as (driver, settings), every_rebuild() as rebuilds:
        generation = (await current_topics(driver, settings)).generation
        behind = [each for each in rebuilds if await each.generation() not in (None, generation)]
        if not behind:
            generation = await begin_generation(driver, settings)
            print(f"Generation {generation}: the relay fills its topics", flush=True)
            filling = asyncio.create_task(until_filled(driver, settings, generation))
            while not (await asyncio.wait([filling], timeout=_TOLD_SECONDS))[0]:
                print(
                    "Waiting for the relay: does it run (tuan status), and what does it say (tuan logs relay)?",
                    flush=True,
                )
            behind = [each for each in rebuilds if await each.generation() is not None]
        with _told():
            first = [each for each in behind if each.name.partition(".")[2].startswith(_FIRST)]
            await rebuild_all(first)
            await rebuild_all([each for each in behind if each not in first])
            await asyncio.sleep(GRACE_SECONDS)
            for each in rebuilds:
                with suppress(NotRebuilt):
                    await each.tidy(grace_seconds=0)
        suffix = Topics(settings.namespace, generation).suffix
    print(f"Everything is read from generation {generation}. When you are content: tuan republish --delete-old")
    print(f"On Kubernetes consumers follow their lag again after: helm upgrade … --set lag.groupSuffix={suffix}")


async def rebuild_all(rebuilds: Sequence[Rebuild]) -> None:
    """A few at once, each to its end: what stops one keeps no other back. Raises what stopped the first of them."""
    room = asyncio.Semaphore(AT_ONCE)

    async def run(each: Rebuild) -> None:
        async with room:
            await each.run()

    done = await asyncio.gather(*map(run, rebuilds), return_exceptions=True)
    for stopped in filter(None, done):
        raise stopped


async def _delete_old() -> None:
    async with open_driver() as (driver, settings), every_rebuild() as rebuilds:
        generation = (await current_topics(driver, settings)).generation
        if late := [each.name for each in rebuilds if await each.generation() not in (None, generation)]:
            raise SetUpProblem(f"These still read older topics: {', '.join(late)}. Finish tuan republish first.")
        gone = await delete_older(driver, settings)
    print(f"Deleted {len(gone)} topics of older generations." if gone else "There are no older topics.")


@asynccontextmanager
async def every_rebuild() -> AsyncIterator[Sequence[Rebuild]]:
    """Every read model of every service, as its own composition root makes it."""
    services: list[Service] = []
    try:
        rebuilds = []
        for name in SOURCES:
            service: Service = root_of(name).build(settings_of(name)())
            services.append(service)
            clock = SystemClock(service.settings.clock_offset_seconds)
            rebuilds += [Rebuild(loop, clock, _say) for loop in service.loops if isinstance(loop, ProjectionLoop)]
        yield rebuilds
    finally:
        for service in services:
            for closing in service.close:
                await closing()


def _say(sentence: str) -> None:
    print(sentence, flush=True)


@contextmanager
def _told() -> Iterator[None]:
    """A rebuild that stopped ends the command with its sentence."""
    try:
        yield
    except NotRebuilt as reason:
        raise SetUpProblem(str(reason)) from reason
