"""Commands for backups: backup, erasures, restore and its rehearsal."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.backup.erasures import keep_register, newest, read_register
from deploy.backup.manifest import Manifest
from deploy.backup.problems import CannotRestore
from deploy.backup.restoring import Restored, refuse_running
from deploy.backup.restoring import restore as restored
from deploy.backup.taking import take
from deploy.cli.data import asked, open_driver, use_settings_of
from deploy.cli.machine import this_stack, told_in_one_sentence
from shared.observability.logging import configure_logging

if TYPE_CHECKING:
    from deploy.backup.rehearsal import Rehearsed

Directory = Annotated[Path, typer.Argument(help="the backup: a directory of its own")]
_MIB = 2**20
_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Adds these commands to `tuan`."""
    for command in (backup, erasures, restore):
        app.command()(command)


def backup(directory: Directory) -> None:
    """Write everything that cannot be derived into DIRECTORY, as of one moment, sealed; the system runs on."""
    with told_in_one_sentence():
        use_settings_of(this_stack())
        began = time.monotonic()
        made = asked(_take(directory))
    print(f"{_described(made)}, in {time.monotonic() - began:.1f} s.")
    print("The keys are not in it: keep the directory of the secrets elsewhere. Whoever was erased is in every older")
    print("backup: delete each after 30 days, and let `tuan erasures FILE` run often, to a file on another machine.")


def erasures(
    file: Annotated[Path, typer.Argument(help="the register; it is added to, keep it on another machine")],
) -> None:
    """Write down who was erased (ids only), so that no restore brings them back; run it every few minutes."""
    with told_in_one_sentence():
        use_settings_of(this_stack())
        count = asked(_keep_register(file))
    print(f"{file} holds {count} erasures.")


def restore(
    directory: Directory,
    erased: Annotated[Path | None, typer.Option("--erasures", help="the register that `tuan erasures` keeps")] = None,
    nobody_erased: Annotated[bool, typer.Option("--nobody-erased", help="nobody was erased since the backup")] = False,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="beside the running system: restore, compare, tell the seconds, forget")
    ] = False,
    into: Annotated[str | None, typer.Option("--into", help="another namespace than the present one")] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="where to list what had been published beyond it")
    ] = None,
) -> None:
    """Fill empty databases from the backup in DIRECTORY. Stop the relay and all services first, start them after it."""
    if rehearse:
        _rehearse(directory, erased)
        return
    if (erased is not None) == nobody_erased:
        raise typer.BadParameter("name the register with --erasures FILE, or say --nobody-erased")
    with told_in_one_sentence():
        use_settings_of(this_stack())
        began = time.monotonic()
        known = read_register(erased) if erased else {}
        listed = report or directory.with_name(f"{directory.name}.beyond.jsonl")
        done = asked(_restore(directory, known, into, listed))
    print(f"{_described(done.manifest)}, restored in {time.monotonic() - began:.1f} s.")
    print(f"Erased again: {done.erased} keys; the register's last erasure was {newest(known)}.")
    _tell_beyond(done, listed)
    print(f"Topics begin anew as generation {done.generation}. Now start the relay and the services, then: tuan verify")


def _rehearse(directory: Path, erased: Path | None) -> None:
    with told_in_one_sentence():
        use_settings_of(this_stack())
        found = asked(_rehearsed(directory, read_register(erased) if erased else {}))
    print(f"{_described(found.restored.manifest)}, rehearsed in {sum(found.seconds.values()):.1f} s.")
    if found.wrong:
        print(f"{len(found.wrong)} differences, the first of them:", *found.wrong[:_SHOWN], sep="\n")
        print("-> do not count on this backup; keep it as it is, take another one, and rehearse that")
        raise typer.Exit(1)
    print("Every document as in the backup, every event sent, all read models filled, no drift.")


def _tell_beyond(done: Restored, report: Path) -> None:
    beyond = done.beyond
    if not beyond.generations:
        print("Kafka has no topics of that system: what had been published beyond the backup is not known.")
    elif beyond.events:
        types = ", ".join(f"{count} {type_}" for type_, count in beyond.types.most_common())
        print(
            f"Published beyond the backup, and now of no commit: {beyond.events} events ({types}), listed in {report}."
        )
    else:
        print("Nothing had been published beyond the backup.")


def _described(manifest: Manifest) -> str:
    return f"{manifest.documents} documents of {manifest.at}, {manifest.size / _MIB:.1f} MiB"


async def _take(directory: Path) -> Manifest:
    async with open_driver() as (driver, settings):
        return await take(driver, settings, directory)


async def _rehearsed(directory: Path, known: dict[str, int]) -> "Rehearsed":
    from deploy.backup.rehearsal import rehearsed  # noqa: PLC0415 - `tuan run` must not load every service

    configure_logging("ERROR")  # the relay of the rehearsal runs in this process
    async with open_driver() as (driver, settings), rehearsed(driver, settings, directory, known, _said) as found:
        return found


def _said(step: str) -> None:
    """At once, also into a file: a rehearsal of a large system takes its time."""
    print(step, flush=True)


async def _keep_register(file: Path) -> int:
    async with open_driver() as (driver, settings):
        return await keep_register(driver, settings, file)


async def _restore(directory: Path, erased: dict[str, int], into: str | None, report: Path) -> Restored:
    async with open_driver() as (driver, settings):
        if into == settings.namespace:
            raise CannotRestore("--into names the present namespace; leave it out.")
        if into is None:
            await refuse_running(settings)
        target = settings if into is None else settings.model_copy(update={"namespace": into})
        return await restored(driver, target, directory, erased, report)
