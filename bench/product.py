"""The product measured as its users meet it: over HTTP, against a whole stack of its own."""

import asyncio
import json
import time
from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import uuid4

from bench.measured import quantile
from bench.posting import Posting
from deploy.local.secrets import OPERATOR_LOGIN, OPERATOR_PASSWORD
from deploy.local.seeding.client import Door, Refused, User
from deploy.local.seeding.demonstration import OPERATOR_KIND
from deploy.local.seeding.names import Inventor
from deploy.local.seeding.play import XLSX, Province, until_settled, workbook
from deploy.local.seeding.province import Plan
from deploy.local.stack import Stack
from shared.runtime.parts import SOURCES

BRANCHES = 50
CLIENTS = 64
CODE = "330000"


class Product:
    """A committee with fifty branches in a stack that is up, and its admin signed in."""

    def __init__(self, stack: Stack, divisions: dict[str, str]) -> None:
        self.stack = stack
        self._divisions = divisions
        self._invent = Inventor(seed=int(time.time()))
        settings = stack.settings()
        self.door = Door({name: stack.url(name) for name in SOURCES}, settings["TUAN_CAPTCHA_ANSWER"])
        self.committee = ""
        self.branches: list[tuple[str, str]] = []
        self.admin: User
        self.province: Province

    async def prepare(self) -> None:
        """The operator appoints, the province establishes a committee, the committee its branches."""
        password = (self.stack.secrets / OPERATOR_PASSWORD).read_text("ascii").strip()
        operator = await self.door.sign_in(OPERATOR_LOGIN, password, OPERATOR_KIND)
        province = self.province = Province(self.door, operator, self._divisions, lambda _text: None)
        body = self._divisions[CODE]
        governor = await province.admin(operator, "", body, "共青团浙江省委员会", "330102", "省级管理员")
        name = f"示范{uuid4().hex[:6]}"
        self.committee = await province.establish(
            governor, body, CODE, "共青团", Plan(f"{name}委员会", "committee", "8")
        )
        self.admin = await province.admin(governor, body, self.committee, name, "330102", "团委管理员")
        plans = [Plan(f"{name}第{i}支部委员会", "branch", "8") for i in range(1, BRANCHES + 1)]
        made = await asyncio.gather(*(province.establish(self.admin, self.committee, CODE, "共青团", p) for p in plans))
        self.branches = [(i, f"共青团{p.name}") for i, p in zip(made, plans, strict=True)]
        for branch, _ in self.branches:
            await self.known(branch, self.admin, self.committee)

    async def close(self) -> None:
        await self.door.http.aclose()

    async def import_people(self, rows: int) -> dict[str, float]:
        """Seconds from the upload until: every row is settled, the list shows all, the superior's live count does."""
        content = workbook([self._row(i) for i in range(rows)])
        listed, counted = await self._listed(), await self._counted()
        started = time.perf_counter()
        await imported(self.admin, self.committee, content, rows)
        settled = time.perf_counter() - started
        while await self._listed() < listed + rows:
            await asyncio.sleep(0.05)
        visible = time.perf_counter() - started
        while await self._counted() < counted + rows:
            await asyncio.sleep(0.05)
        return {"settled": settled, "listed": visible, "counted": time.perf_counter() - started}

    async def enter_singly(
        self, seconds: float, clients: int = CLIENTS, rate: float | None = None
    ) -> tuple[float, list[float]]:
        """Members entered by form a second with so many clients, and the latencies in ms.

        With `rate` so many begin a second, and latency counts from when each was due: waiting in line is not left out.
        """
        latencies: list[float] = []
        began = time.perf_counter()
        until = began + seconds
        due = iter(began + i / rate for i in count()) if rate else None

        async def client() -> None:
            async with Posting(self.stack.url("member")) as posting:
                while (started := next(due) if due else time.perf_counter()) < until:
                    await asyncio.sleep(max(0.0, started - time.perf_counter()))
                    row = self._row(0) | {"branch": ""}
                    path = f"/v1/organizations/{self.branches[len(latencies) % BRANCHES][0]}/members"
                    await posting.post(path, await self.admin.headers(self.committee), row)
                    latencies.append((time.perf_counter() - started) * 1000)

        await asyncio.gather(*(client() for _ in range(clients)))
        return len(latencies) / (time.perf_counter() - began), latencies

    async def lone_commands(self, count: int) -> list[float]:
        """Milliseconds from sending one command on an idle system until the next service's figures show it."""
        waits = []
        for _ in range(count):
            branch = self.branches[0][0]
            before = await self._counted()
            started = time.perf_counter()
            row = self._row(0) | {"branch": ""}
            await self.admin.ask("member", "POST", f"/v1/organizations/{branch}/members", row, acting=self.committee)
            while await self._counted() <= before:
                await asyncio.sleep(0.002)
            waits.append((time.perf_counter() - started) * 1000)
            await asyncio.sleep(0.2)
        return waits

    def _row(self, index: int) -> dict[str, str]:
        return self.row(self.branches[index % BRANCHES][1])

    def row(self, branch: str) -> dict[str, str]:
        """Of somebody new, for a branch by its full name."""
        person = self._invent.person("330102", youngest=18, oldest=26)
        return {
            "branch": branch,
            "name": person.name,
            "number": person.number,
            "ethnicity": "汉族",
            "political_status": "共青团员",
            "education": "本科",
            "join_date": f"{person.birth.year + 15}-05",
            "development_number": self._invent.development_number(person.birth.year + 15, "33"),
            "mobile": person.mobile,
        }

    async def known(self, organization: str, admin: User, acting: str) -> None:
        """Waits until member's copy of the tree has an organization; until then it refuses every command for it."""
        path = f"/v1/organizations/{organization}/members?limit=1"
        while True:
            try:
                await admin.ask("member", "GET", path, acting=acting)
            except Refused:
                await asyncio.sleep(0.1)
            else:
                return

    async def _listed(self) -> int:
        path = f"/v1/organizations/{self.committee}/members?scope=subordinates&limit=1"
        return int((await self.admin.ask("member", "GET", path, acting=self.committee))["total"])

    async def _counted(self) -> int:
        path = f"/v1/progress/members?organization={self.committee}&hour=live"
        answer: dict[str, Any] = await self.admin.ask("stats", "GET", path, acting=self.committee)
        return int(answer["total"]["members"])


async def imported(admin: User, organization: str, content: bytes, rows: int) -> None:
    """Returns when every row of a workbook is settled. Raises RuntimeError where one did not go in."""
    answer = await admin.do(
        "member",
        "POST",
        "/v1/imports",
        acting=organization,
        data={"organization": organization, "template": "members"},
        files={"file": ("bench.xlsx", content, XLSX)},
    )
    line = await until_settled(admin, answer["stream"], organization)
    if line["imported"] != rows:
        raise RuntimeError(f"{line['imported']} of {rows} rows went in: {json.dumps(line, ensure_ascii=False)[:500]}")


def summary(latencies: Sequence[float]) -> str:
    """p50 and p99 in words."""
    return f"p50 {quantile(latencies, 0.5):.0f} ms, p99 {quantile(latencies, 0.99):.0f} ms"
