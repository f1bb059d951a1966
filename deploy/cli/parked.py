"""`tuan parked`: what services could not handle, and what becomes of it (P5)."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from deploy.cli.data import asked, open_driver, use_settings_of
from deploy.cli.machine import this_stack, told_in_one_sentence
from deploy.local.problems import SetUpProblem
from shared.kernel.clock import SystemClock
from shared.kernel.refusals import Refusal
from shared.messaging.parked import NotParked, Parked, ParkedLine
from shared.runtime.parts import SOURCES

commands = typer.Typer(help="Records that reactions could not handle: see them, retry them, drop them with a reason.")
Record = Annotated[str, typer.Argument(help="the record, as `tuan parked list` names it")]


def register(app: typer.Typer) -> None:
    """Adds these commands to `tuan`."""
    app.add_typer(commands, name="parked", no_args_is_help=True)


@commands.command("list")
def list_lines() -> None:
    """Show each key that stands still: its first record, why, and how many wait behind it."""
    with _told():
        found = asked(_lines())
    for service, line in found:
        print(f"{line.record}  {service}  {line.type}  {line.stream} version {line.version}")
        print(f"    since {line.since}, {line.waiting} behind it, retried {line.retries} times: {_why(line)}")
        if line.asked_by:
            print(f"    {line.asked_by} has asked for a retry")
    print(f"{len(found)} keys are parked." if found else "Nothing is parked.")
    if found:
        print("-> mend the cause, then tuan parked retry RECORD (or --all), or tuan parked drop RECORD --reason WHY")


@commands.command()
def retry(
    record: Annotated[str, typer.Argument(help="the record, as `tuan parked list` names it")] = "",
    everything: Annotated[bool, typer.Option("--all", help="every key that stands still")] = False,
) -> None:
    """Ask the service to handle a parked record again, and then those behind it in their order."""
    if bool(record) == everything:
        raise typer.BadParameter("name one record, or say --all")
    with _told():
        count = asked(_retry(record))
    print(f"Asked for {count} retries; the services do them within seconds. Then: tuan parked list")


@commands.command()
def drop(
    record: Record,
    reason: Annotated[str, typer.Option("--reason", help="why; it is kept with your name")],
) -> None:
    """Give a parked record up for good; those behind it follow."""
    if len(reason.strip()) < 2:
        raise typer.BadParameter("say why")
    with _told():
        asked(_drop(record, reason.strip()))
    print(f"Dropped by {_who()}; those behind it follow.")


@contextmanager
def _told() -> Iterator[None]:
    """With this stack's settings; a refusal too ends the command with its sentence."""
    with told_in_one_sentence():
        use_settings_of(this_stack())
        try:
            yield
        except Refusal as refusal:
            raise SetUpProblem(f"{refusal.sentence('en')} {refusal.advice('en')}") from refusal


def _who() -> str:
    return f"shell:{getpass.getuser()}"


async def _lines() -> list[tuple[str, ParkedLine]]:
    async with open_driver() as (driver, settings):
        clock = SystemClock(settings.clock_offset_seconds)
        desks = {service: Parked(driver, settings.database(service), clock) for service in SOURCES}
        return [(service, line) for service, desk in desks.items() for line in await desk.lines()]


async def _retry(record: str) -> int:
    """Answers how many. Raises NotParked."""
    async with open_driver() as (driver, settings):
        clock = SystemClock(settings.clock_offset_seconds)
        count = 0
        for service in SOURCES:
            desk = Parked(driver, settings.database(service), clock)
            for line in await desk.lines():
                if record in ("", line.record):
                    await desk.ask_retry(line.record, _who())
                    count += 1
        if record and not count:
            raise NotParked
        return count


async def _drop(record: str, reason: str) -> None:
    async with open_driver() as (driver, settings):
        clock = SystemClock(settings.clock_offset_seconds)
        for service in SOURCES:
            desk = Parked(driver, settings.database(service), clock)
            if any(line.record == record for line in await desk.lines()):
                await desk.drop(record, _who(), reason)
                return
        raise NotParked


def _why(line: ParkedLine) -> str:
    refused = f" ({line.why['code']}: {line.why['en']})" if "code" in line.why else ""
    places = " at " + ", ".join(line.why["position"][-1:]) if line.why["position"] else ""
    return f"{line.why['type']}{refused}{places}"
