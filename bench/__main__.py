"""`make bench`: floor and product in turns on a stack of its own; `--small` for CI's margins against regressions."""

import argparse
import asyncio
import os
import shutil
from pathlib import Path

from bench import replay
from bench.floor import Floor
from bench.measured import Measured, median, quantile, told
from bench.product import Product, summary
from deploy.cli.data import seed_stack
from deploy.local.ports import free_block
from deploy.local.servers import CHECKOUT
from deploy.local.stack import Stack
from shared.runtime.settings import Settings

HOME = CHECKOUT / ".local" / "bench"
ARTEFACTS = CHECKOUT / "artefacts"


async def measure(stack: Stack, *, rows: int, rounds: int, seconds: float) -> list[Measured]:
    """Every measure, the floor before each round of the product."""
    addresses = stack.addresses
    product = await _product(stack)
    floors, settled, listed, counted = [], [], [], []
    try:
        for _ in range(rounds):
            floors.append(await _floor_import(addresses.mongo_url, addresses.kafka, rows))
            times = await product.import_people(rows)
            settled.append(times["settled"])
            listed.append(times["listed"])
            counted.append(times["counted"])
        floor = Floor(addresses.mongo_url, addresses.kafka)
        await floor.prepare()
        floor_single, _ = await floor.append_singly(seconds, 64)
        await floor.drop()
        single, latencies = await product.enter_singly(seconds)
        _, half = await product.enter_singly(seconds, clients=8)
        lone = await product.lone_commands(20)
    finally:
        await product.close()
    visible = median([max(a, b) for a, b in zip(listed, counted, strict=True)])
    return [
        Measured("import, upload to listed and counted", rows / visible, "rows/s", median(floors), goal=0.30),
        Measured(f"import of {rows} rows, upload to visible", visible, "s", at_most=5.0 * rows / 5000),
        Measured(f"import of {rows} rows, upload to settled", median(settled), "s"),
        Measured(
            "members entered by form, 64 clients",
            single,
            "commands/s",
            floor_single,
            goal=0.15,
            notes=summary(latencies),
        ),
        Measured("member entered by form, 8 clients, p99", quantile(half, 0.99), "ms", at_most=150.0),
        Measured("lone command to the next service's figures, p50", quantile(lone, 0.5), "ms"),
        Measured("lone command to the next service's figures, p99", quantile(lone, 0.99), "ms", at_most=1000.0),
        await _replay(),
    ]


async def _replay() -> Measured:
    settings = Settings()
    records, raw_seconds = await replay.raw(settings)
    seconds = await replay.replayed(settings)
    return Measured("replay into the statistics", records / seconds, "events/s", records / raw_seconds, goal=0.30)


async def _product(stack: Stack) -> Product:
    from services.org.app import seed  # noqa: PLC0415 - after the environment is set

    tree = await seed(Settings())
    product = Product(stack, tree.divisions)
    await product.prepare()
    return product


async def _floor_import(mongo_url: str, kafka: str, rows: int) -> float:
    floor = Floor(mongo_url, kafka)
    await floor.prepare()
    try:
        return await floor.import_people(rows)
    finally:
        await floor.drop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--home", type=Path, default=HOME)
    given = parser.parse_args()
    shutil.rmtree(given.home, ignore_errors=True)
    stack = Stack(given.home, free_block(), say=print)
    try:
        stack.start()
        seed_stack(stack)
        os.environ.update(stack.settings())
        figures = asyncio.run(measure(stack, rows=given.rows, rounds=given.rounds, seconds=given.seconds))
    finally:
        stack.stop()
        shutil.rmtree(given.home, ignore_errors=True)
    print(f"load of the machine, one minute's mean: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    told(figures, ARTEFACTS)


if __name__ == "__main__":
    main()
