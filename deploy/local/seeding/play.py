"""Plays the demonstration province: everything a person could do in the console, in the same order, over HTTP."""

import asyncio
import io
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import xlsxwriter

from deploy.local.seeding.client import Door, User, until_accepted
from deploy.local.seeding.names import TODAY, Invented, Inventor
from deploy.local.seeding.province import Plan, suichang, university, xihu
from services.member.domain.fields import LABELS
from shared.kernel.clock import SystemClock, local_date

PASSWORD = "qingshan-lvshui-8042"  # noqa: S105 - printed for everybody who tries the demonstration
ESTABLISHING_AT_ONCE = 12
IMPORTS_AT_ONCE = 3
UPLOADED_AFTER_SECONDS = (0, 1, 2, 4, 8)
TOO_NEW = "branch.branch_unknown"
"""A branch established a moment before may not have reached member's copy of the tree yet."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CADRES_SHEET = {"positions": "书记", "appointment_kind": "专职", "position_since": "2024-09-01"}

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Account:
    """A log-in of the demonstration, for people who try it and for scripts."""

    role: str
    organization: str
    organization_name: str
    name: str
    login: str
    password: str
    document_kind: str = "居民身份证"


@dataclass(slots=True)
class Played:
    """What is there after playing."""

    accounts: list[Account] = field(default_factory=list)
    organizations: int = 0
    members: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Province:
    """One play. `divisions` are the committees seeded for divisions, by code; `operator` a central operator."""

    def __init__(self, door: Door, operator: User, divisions: dict[str, str], progress: Progress) -> None:
        self._door = door
        self._operator = operator
        self._divisions = divisions
        self._progress = progress
        self._invent = Inventor(seed=20261122)
        self._played = Played()
        self._establishing = asyncio.Semaphore(ESTABLISHING_AT_ONCE)
        self._importing = asyncio.Semaphore(IMPORTS_AT_ONCE)

    async def play(self) -> Played:
        """From the operator's first appointment down to the members of every branch."""
        started = time.monotonic()
        province, hangzhou, lishui = (self._divisions[c] for c in ("330000", "330100", "331100"))
        governor = await self.admin(self._operator, "", province, "共青团浙江省委员会", "330100", "省级管理员")
        self._progress("the province has its first admin")
        cities = await asyncio.gather(
            self.admin(governor, province, hangzhou, "共青团浙江省杭州市委员会", "330102", "市级管理员"),
            self.admin(governor, province, lishui, "共青团浙江省丽水市委员会", "331102", "市级管理员"),
        )
        counties = await asyncio.gather(
            self._county(cities[0], hangzhou, "330106", "共青团浙江省杭州市西湖区", xihu()),
            self._county(cities[1], lishui, "331123", "共青团浙江省丽水市遂昌县", suichang()),
            self._below(cities[0], hangzhou, "330106", "共青团浙江省杭州市", [university()]),
        )
        self._played.organizations = sum(counties)
        self._played.seconds = round(time.monotonic() - started, 1)
        return self._played

    async def _county(self, city: User, above: str, code: str, prefix: str, plans: list[Plan]) -> int:
        county = self._divisions[code]
        admin = await self.admin(city, above, county, f"{prefix}委员会", code, "县级管理员")
        return await self._below(admin, county, code, prefix, plans)

    async def _below(self, admin: User, superior: str, code: str, prefix: str, plans: Sequence[Plan]) -> int:
        """Establishes organizations, then goes on below those that have subordinates; answers how many it made."""
        made = await asyncio.gather(*(self.establish(admin, superior, code, prefix, p) for p in plans))
        self._progress(f"{prefix}: {len(plans)} organizations")
        branches = [(p, i) for p, i in zip(plans, made, strict=True) if p.category == "branch"]
        if branches:
            await self._import(admin, superior, code, prefix, [p for p, _ in branches])
            await self._mark(admin, superior, branches)
        further = [(p, i) for p, i in zip(plans, made, strict=True) if p.below]
        counts = await asyncio.gather(*(self._inside(admin, superior, i, code, prefix, p) for p, i in further))
        return len(plans) + sum(counts)

    async def _mark(self, admin: User, superior: str, branches: Sequence[tuple[Plan, str]]) -> None:
        """GRD-02: the graduation months of classes; those of this year become graduate branches at once."""
        years: dict[int, list[str]] = {}
        present = local_date(SystemClock().now()).year
        for plan, branch in branches:
            if plan.graduates_in is not None:
                years.setdefault(present + plan.graduates_in, []).append(branch)
        for year, classes in years.items():
            body = {"branches": classes, "year": year, "month": 6}
            path = f"/v1/organizations/{superior}/graduation-months"
            await admin.do("org", "POST", path, body, acting=superior)

    async def _inside(self, above: User, above_id: str, own: str, code: str, prefix: str, plan: Plan) -> int:
        admin = await self.admin(above, above_id, own, f"{prefix}{plan.name}", code, "团委管理员")
        return await self._below(admin, own, code, f"{prefix}{plan.stem}", plan.below)

    async def establish(self, admin: User, superior: str, code: str, prefix: str, plan: Plan) -> str:
        body = {
            "superior": superior,
            "full_name": f"{prefix}{plan.name}",
            "short_name": plan.short_name,
            "category": plan.category,
            "branch_kind": plan.kind,
            "sector": plan.sector,
            "region": code,
            "founded_on": "2018-05-04",
            "phone": f"0578{self._invent.between(8000000, 8999999)}",
            "email": "" if plan.category == "branch" else f"tw{self._invent.between(1000, 9999)}@example.cn",
            "address": "" if self._invent.happens(0.1) else f"{plan.name[:6]}办公楼",
        }
        async with self._establishing:
            answer = await admin.do("org", "POST", "/v1/organizations", body, acting=superior)
        return str(answer["stream"])

    async def admin(self, by: User, acting: str, organization: str, name: str, code: str, role: str) -> User:
        """Enters two or three cadres, appoints the first, hands over a code; the new admin activates the account."""
        people = [self._invent.person(code, youngest=29, oldest=45) for _ in range(3)]
        first = await self._enter_cadre(by, acting, organization, people[0], "书记")
        others = zip(people[1:], ("副书记", "委员"), strict=True)
        await asyncio.gather(*(self._enter_cadre(by, acting, organization, p, held) for p, held in others))
        await by.do("org", "POST", f"/v1/organizations/{organization}/admins", {"person": first}, acting=acting)
        code_answer = await by.do("identity", "POST", f"/v1/people/{first}/activation-codes", {}, acting=acting)
        user = await self._door.activate(people[0].number, code_answer["code"], PASSWORD)
        self._played.accounts.append(Account(role, organization, name, people[0].name, people[0].number, PASSWORD))
        return user

    async def _enter_cadre(self, by: User, acting: str, organization: str, person: Invented, position: str) -> str:
        body = CADRES_SHEET | {
            "name": person.name,
            "number": person.number,
            "ethnicity": "汉族",
            "political_status": "中共党员",
            "education": "本科",
            "positions": position,
            "mobile": "" if self._invent.happens(0.1) else person.mobile,
        }
        answer = await by.do("member", "POST", f"/v1/organizations/{organization}/cadres", body, acting=acting)
        return str(answer["stream"])

    async def _import(self, admin: User, organization: str, code: str, prefix: str, plans: Sequence[Plan]) -> None:
        """One workbook for all branches of an organization; as people do, again if some of them were too new for it."""
        rows = [row for plan in plans for row in self._members(code, prefix, plan)]
        content = workbook(rows)
        for pause in UPLOADED_AFTER_SECONDS:
            await asyncio.sleep(pause)
            async with self._importing:
                settled = await self._upload(admin, organization, content)
            self._played.members += settled["imported"]
            self._progress(f"{prefix}: {settled['imported'] + settled['unchanged']} of {settled['rows']} members")
            if not settled["failed"]:
                return
            reasons = await admin.ask("member", "GET", f"/v1/imports/{settled['id']}/reasons", acting=organization)
            if pause == UPLOADED_AFTER_SECONDS[-1] or {each["reason"] for each in reasons["items"]} != {TOO_NEW}:
                raise RuntimeError(f"{prefix}: {settled['failed']} members could not be imported: {reasons['items']}")

    async def _upload(self, admin: User, organization: str, content: bytes) -> dict[str, Any]:
        """An import as it stands once every row has its verdict."""
        form, files = {"organization": organization, "template": "members"}, {"file": ("团员名单.xlsx", content, XLSX)}
        answer = await admin.do("member", "POST", "/v1/imports", acting=organization, data=form, files=files)
        return await until_settled(admin, answer["stream"], organization)

    def _members(self, code: str, prefix: str, plan: Plan) -> list[dict[str, str]]:
        rows = []
        for i in range(self._invent.between(*plan.size)):
            person = self._invent.person(code, youngest=plan.ages[0], oldest=plan.ages[1])
            joined = date(person.birth.year + 14, 12, 4) if person.birth.year + 14 < TODAY.year else TODAY
            position = {0: "书记", 1: "组织委员", 2: "宣传委员"}.get(i, "")
            rows.append(
                {
                    "branch": f"{prefix}{plan.name}",
                    "name": person.name,
                    "number": person.number,
                    "ethnicity": "畲族" if self._invent.happens(0.06) else "汉族",
                    "political_status": "共青团员",
                    "education": self._invent.one_of(plan.education),
                    "join_date": f"{joined:%Y-%m}",
                    "development_number": self._number(joined),
                    "mobile": "" if self._invent.happens(0.06) else person.mobile,
                    "occupation": plan.occupation,
                    "positions": position,
                    "position_since": "2025-09-01" if position else "",
                }
            )
        return rows

    def _number(self, joined: date) -> str:
        return self._invent.development_number(joined.year, "33") if joined.year >= 2017 else ""


async def until_settled(user: User, import_id: str, acting: str) -> dict[str, Any]:
    """Waits until an import is over; answers its figures."""
    while True:
        line = await until_accepted(lambda: user.ask("member", "GET", f"/v1/imports/{import_id}", acting=acting))
        if line["state"] in ("completed", "refused", "cancelled"):
            return line
        await asyncio.sleep(0.1)


def workbook(rows: Sequence[dict[str, str]]) -> bytes:
    """The member template filled in, every cell as text."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("团员团干部")
    fields = list(rows[0])
    sheet.write_row(0, 0, [LABELS[f] for f in fields])
    for at, row in enumerate(rows, start=1):
        for column, name in enumerate(fields):
            sheet.write_string(at, column, row[name])
    book.close()
    return buffer.getvalue()
