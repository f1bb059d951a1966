"""`make bench`: floor and product in turns on a stack of its own; every figure beside the floor of the same run."""

import argparse
import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import replay
from bench.floor import Floor
from bench.graduation import Graduation
from bench.machine import Machine
from bench.measured import Measured, median, quantile, told
from bench.product import CLIENTS, Product, summary
from bench.transfers import Transfers
from bench.university import University
from deploy.cli.data import seed_stack
from deploy.local import kafka, mongodb
from deploy.local.ports import free_block
from deploy.local.servers import CHECKOUT
from deploy.local.stack import Stack
from shared.runtime.collector import rest_the_collector
from shared.runtime.settings import Settings

HOME = CHECKOUT / ".local" / "bench"
ARTEFACTS = CHECKOUT / "artefacts"
PARTS = ("imports", "commands", "lone", "transfers", "replay")
GRADUATION = "graduation"
"""Only where it is asked for: it takes as long as a day of so many transfers does."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done of each kind; `only` names the parts to measure, all of them when it is empty."""

    rows: int
    rounds: int
    seconds: float
    transfers: int
    only: frozenset[str]


async def measure(stack: Stack, size: Size) -> list[Measured]:
    """Every measure, the floor before each round of the product."""
    machine = Machine(stack)
    product = await _product(stack)
    figures = _resident(machine, "at rest", bounded=True)
    measures: tuple[Callable[[], Awaitable[list[Measured]]], ...] = (
        lambda: _imports(stack, machine, product, size.rows, size.rounds),
        lambda: _commands(stack, machine, product, size.rounds, size.seconds),
        lambda: _lone(product),
        lambda: _transfers(machine, product, size),
        lambda: _replay(size.rounds),
    )
    try:
        for part, figures_of in zip(PARTS, measures, strict=True):
            if not size.only or part in size.only:
                figures += await figures_of()
        if GRADUATION in size.only:
            figures += await _graduation(machine, product, size.transfers)
    finally:
        await product.close()
    return [*figures, *_resident(machine, "after the load")]


async def _imports(stack: Stack, machine: Machine, product: Product, rows: int, rounds: int) -> list[Measured]:
    floors, settled, visible, notes = [], [], [], ""
    for _ in range(rounds):
        async with _floor(stack) as floor:
            floors.append(await floor.import_people(rows))
        before = machine.read()
        times = await product.import_people(rows)
        notes = machine.told(before, rows)
        settled.append(times["settled"])
        visible.append(max(times["listed"], times["counted"]))
    figures, bound = [rows / seconds for seconds in visible], 5.0 * rows / 5000
    return [
        Measured.beside("import, upload to listed and counted", figures, "rows/s", floors, 0.30, notes),
        Measured(f"import of {rows} rows, upload to visible", median(visible), "s", at_most=bound),
        Measured(f"import of {rows} rows, upload to settled", median(settled), "s"),
    ]


async def _commands(stack: Stack, machine: Machine, product: Product, rounds: int, seconds: float) -> list[Measured]:
    floors, rates, half, notes = [], [], [], ""
    for _ in range(rounds):
        async with _floor(stack) as floor:
            floors.append((await floor.append_singly(seconds, CLIENTS))[0])
        before = machine.read()
        rate, latencies = await product.enter_singly(seconds)
        notes = f"{summary(latencies)}; {machine.told(before, len(latencies))}"
        rates.append(rate)
        half += (await product.enter_singly(seconds, rate=rate / 2))[1]
    name = f"members entered by form, {CLIENTS} clients"
    return [
        Measured.beside(name, rates, "commands/s", floors, 0.15, notes),
        Measured("member entered by form at half load, p99", quantile(half, 0.99), "ms", at_most=150.0),
    ]


async def _lone(product: Product) -> list[Measured]:
    lone = await product.lone_commands(20)
    return [
        Measured("lone command to the next service's figures, p50", quantile(lone, 0.5), "ms"),
        Measured("lone command to the next service's figures, p99", quantile(lone, 0.99), "ms", at_most=1000.0),
    ]


async def _transfers(machine: Machine, product: Product, size: Size) -> list[Measured]:
    await product.import_people(2 * size.transfers)
    moving, rates, lags, notes = Transfers(product), [], [], ""
    for _ in range(size.rounds):
        before = machine.read()
        done = await moving.move(size.transfers)
        commands = f"start {summary(done.started)}; approval {summary(done.approved)}, {done.early} too early"
        notes = f"{commands}; {machine.told(before, size.transfers)}"
        rates.append(done.rate)
        lags.append(done.lag)
    lone = await moving.lone(20)
    return [
        Measured("transfers started, approved, seen by both sides", median(rates), "transfers/s", notes=notes),
        Measured("last approval until both sides show all", median(lags), "s"),
        Measured("lone approval until both sides show it, p50", quantile(lone, 0.5), "ms"),
        Measured("lone approval until both sides show it, p99", quantile(lone, 0.99), "ms"),
    ]


async def _graduation(machine: Machine, product: Product, people: int) -> list[Measured]:
    university = University(product)
    await university.prepare(people)
    graduation = Graduation(university, machine)
    before = machine.read()
    began = time.perf_counter()
    await graduation.play(people)
    rate, notes = people / (time.perf_counter() - began), machine.told(before, people)
    await graduation.proven(people)
    lags = graduation.day.lags
    return [
        Measured(f"graduation day of {people:,}, shown by both sides", rate, "transfers/s", notes=notes),
        Measured("graduation day, last click until both sides show it, p50", quantile(lags, 0.5), "s"),
        Measured("graduation day, last click until both sides show it, p99", quantile(lags, 0.99), "s"),
    ]


def _resident(machine: Machine, when: str, *, bounded: bool = False) -> list[Measured]:
    """At rest is what is bounded; after the load a process keeps some of what its largest batches took."""
    resident = machine.resident()
    services = {name: size for name, size in resident.items() if name not in {mongodb.NAME, kafka.NAME}}
    largest = max(services, key=lambda name: services[name])
    notes = ", ".join(f"{name} {size:.0f}" for name, size in resident.items())
    all_at_most, one_at_most = (3584, 130) if bounded else (None, None)
    return [
        Measured(f"all processes, resident {when}", sum(resident.values()), "MiB", at_most=all_at_most, notes=notes),
        Measured(f"largest service, resident {when} ({largest})", services[largest], "MiB", at_most=one_at_most),
    ]


async def _replay(rounds: int) -> list[Measured]:
    settings = Settings()
    floors, replays = [], []
    for _ in range(rounds):
        records, seconds = await replay.floor(settings)
        floors.append(records / seconds)
        replays.append(records / await replay.replayed(settings))
    notes = f"{records:,} records"
    return [Measured.beside("replay into the statistics", replays, "events/s", floors, 0.30, notes)]


async def _product(stack: Stack) -> Product:
    from services.org.app import seed  # noqa: PLC0415 - after the environment is set
    from services.org.settings import OrgSettings  # noqa: PLC0415

    tree = await seed(OrgSettings())
    product = Product(stack, tree.divisions)
    await product.prepare()
    return product


@asynccontextmanager
async def _floor(stack: Stack) -> AsyncIterator[Floor]:
    floor = Floor(stack.addresses.mongo_url, stack.addresses.kafka)
    await floor.prepare()
    try:
        yield floor
    finally:
        await floor.drop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--transfers", type=int, default=2000)
    parser.add_argument(
        "--only", nargs="*", choices=(*PARTS, GRADUATION), default=(), help="the parts to measure; all by default"
    )
    parser.add_argument("--home", type=Path, default=HOME)
    given = parser.parse_args()
    size = Size(given.rows, given.rounds, given.seconds, given.transfers, frozenset(given.only))
    shutil.rmtree(given.home, ignore_errors=True)
    stack = Stack(given.home, free_block(), say=print)
    try:
        stack.start()
        seed_stack(stack)
        os.environ.update(stack.settings())
        rest_the_collector()  # as every service does; the floor's own loops and the replay run in this process
        figures = asyncio.run(measure(stack, size))
    finally:
        stack.stop()
        shutil.rmtree(given.home, ignore_errors=True)
    print(f"load of the machine, one minute's mean: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    told(figures, ARTEFACTS)


if __name__ == "__main__":
    main()
