"""The university of a graduation day: founded, filled and graduated through the public commands, and read by admins."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import quote

import httpx

from bench.product import Product, imported
from deploy.local.seeding.client import Refused, User
from deploy.local.seeding.play import workbook
from deploy.local.seeding.province import Plan
from shared.kernel.clock import SystemClock, local_date

CLASS = 500
"""Members of a class at most: larger than any, so that a hundred thousand people need no thousands of branches."""

WORKBOOK, MARKED, PAGE = 5_000, 30, 100
PATIENCE_SECONDS = 600.0
UNIVERSITY, REGION = "3", "330102"


class University:
    """Below the committee of `product`, whose own branches are the units that take its graduates in."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.units = [branch for branch, _ in product.branches]
        self.classes: list[tuple[str, str]] = []
        self.id = ""
        self.dean: User

    async def prepare(self, people: int) -> None:
        """The university, its classes with so many members in all, and all of them in cohorts that are frozen."""
        classes = -(-people // CLASS) if people > 10 * CLASS else 10
        await self._found(classes)
        for start in range(0, people, WORKBOOK):
            some = range(start, min(people, start + WORKBOOK))
            rows = [self.product.row(self.classes[i * classes // people][1]) for i in some]
            await imported(self.dean, self.id, workbook(rows), len(rows))
            print(f"graduation: {some.stop:,} of {people:,} members imported", flush=True)

        async def missing() -> int:
            return people - await self.in_school()

        async def unfrozen() -> int:
            return people - await self.frozen()

        await until("everybody is listed", missing)
        await self._graduate()
        await until("all cohorts are frozen", unfrozen, pause=3.0)

    async def _found(self, classes: int) -> None:
        product, name = self.product, "毕业日大学"
        plan = Plan(f"{name}委员会", "committee", UNIVERSITY)
        prefix = f"共青团{product.committee[-6:]}"
        self.id = await product.province.establish(product.admin, product.committee, REGION, prefix, plan)
        self.dean = await product.province.admin(
            product.admin, product.committee, self.id, name, REGION, "校团委管理员"
        )
        plans = [Plan(f"{name}{i}班支部委员会", "branch", UNIVERSITY) for i in range(1, classes + 1)]
        made = await asyncio.gather(
            *(product.province.establish(self.dean, self.id, REGION, prefix, each) for each in plans)
        )
        self.classes = [(branch, f"{prefix}{each.name}") for branch, each in zip(made, plans, strict=True)]
        for branch, _ in self.classes:
            await product.known(branch, self.dean, self.id)

    async def _graduate(self) -> None:
        """GRD-02, GRD-03: the months of this year, after whose date a branch graduates at once."""
        path, branches = f"/v1/organizations/{self.id}/graduation-months", [branch for branch, _ in self.classes]
        for start in range(0, len(branches), MARKED):
            body = {"branches": branches[start : start + MARKED], "year": year(), "month": 1}
            answer = await self.dean.do("org", "POST", path, body, acting=self.id)
            if answer["refused"]:
                raise RuntimeError(f"not marked: {answer['items'][:2]}")

    async def in_school(self) -> int:
        """Members in the lists of the classes."""
        path = f"/v1/organizations/{self.id}/members?scope=subordinates&limit=1"
        return int((await self.get("member", path))["total"])

    async def frozen(self) -> int:
        """Of how many both the cohorts and the list to start from are there."""
        path = f"/v1/organizations/{self.id}/graduates/situation?year={year()}"
        situation = await self.get("transfer", path)
        return min(int(situation["members"]), int(situation["left_behind"]))

    async def figures(self) -> dict[str, int]:
        """Live members of each unit."""
        path = f"/v1/progress/members?organization={self.product.committee}&hour=live"
        return {str(row["organization"]): int(row["members"]) for row in (await self.get("stats", path))["rows"]}

    async def members(self, branch: str) -> AsyncIterator[str]:
        """All of a list, page by page."""
        cursor = ""
        while True:
            path = f"/v1/organizations/{branch}/members?limit={PAGE}{cursor and f'&cursor={quote(cursor)}'}"
            page = await self.get("member", path)
            for item in page["items"]:
                yield str(item["person"])
            cursor = page["next"]
            if not cursor:
                return

    async def get(self, service: str, path: str) -> dict[str, Any]:
        """As the committee above all of them; asked again while the service is busy, or does not show it yet."""
        latest = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return await self.product.admin.ask(service, "GET", path, acting=self.product.committee)
            except (Refused, httpx.TransportError) as error:
                passing = not isinstance(error, Refused) or error.status in (404, 500, 502, 503, 504)
                if not passing or time.monotonic() > latest:
                    raise
                await asyncio.sleep(1)

    async def heads(self) -> dict[str, str]:
        return await self.product.admin.headers(self.product.committee)

    async def heads_of_school(self) -> dict[str, str]:
        return await self.dean.headers(self.id)


async def until(what: str, left: Callable[[], Awaitable[int]], pause: float = 0.5) -> None:
    """Asks until `left` answers 0. Raises RuntimeError where that takes too long."""
    latest = time.monotonic() + PATIENCE_SECONDS
    while still := await left():
        if time.monotonic() > latest:
            raise RuntimeError(f"{PATIENCE_SECONDS:.0f} s and still {still} until {what}")
        await asyncio.sleep(pause)


def year() -> int:
    return local_date(SystemClock().now()).year
