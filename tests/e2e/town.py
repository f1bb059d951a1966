"""The small tree the journeys share, entered over HTTP: centre, 浙江, 杭州, 西湖, below it a street and branches."""

import asyncio
import os
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from deploy.local.secrets import OPERATOR_LOGIN, OPERATOR_PASSWORD
from deploy.local.seeding.client import Door, User
from deploy.local.seeding.names import Invented, Inventor
from deploy.local.seeding.play import CADRES_SHEET, PASSWORD, workbook
from deploy.local.seeding.province import Plan
from deploy.local.stack import Stack
from services.org.app import seed as seed_tree
from services.org.settings import OrgSettings
from shared.runtime.parts import SOURCES

OPERATOR_KIND = "操作员"
XIHU = "330106"
PREFIX = "共青团浙江省杭州市西湖区"
BRANCHES = ("mended", "withdrawn", "phone", "hour")


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who can sign in."""

    name: str
    number: str
    person: str
    password: str = PASSWORD
    kind: str = ""


@dataclass(slots=True)
class Town:
    """Ids of the organizations by name, full names of the branches, and who signs in, by role."""

    captcha: str
    inventor: Inventor
    ids: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    people: dict[str, Login] = field(default_factory=dict)

    def rows(self, branch: str, count: int) -> list[dict[str, str]]:
        """So many members of a branch, as the member template wants them."""
        return [self._row(self.names[branch], self.invented()) for _ in range(count)]

    def invented(self) -> Invented:
        return self.inventor.person(XIHU, youngest=16, oldest=24)

    def _row(self, branch: str, person: Invented) -> dict[str, str]:
        joined = date(person.birth.year + 14, 12, 4)
        number = self.inventor.development_number(joined.year, "33") if joined.year >= 2017 else ""
        return {
            "branch": branch,
            "name": person.name,
            "number": person.number,
            "ethnicity": "汉族",
            "political_status": "共青团员",
            "education": "高中",
            "join_date": f"{joined:%Y-%m}",
            "development_number": number,
            "mobile": person.mobile,
        }


def save_workbook(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_bytes(workbook(rows))
    return path


async def build(stack: Stack) -> Town:
    """Plays the tree on a seeded stack, through the same commands as the console's."""
    os.environ.update(stack.settings())
    tree = await seed_tree(OrgSettings(), ["330000"])
    town = Town(stack.settings()["TUAN_CAPTCHA_ANSWER"], Inventor(seed=20261203))
    password = (stack.secrets / OPERATOR_PASSWORD).read_text("ascii").strip()
    door = Door({name: stack.url(name) for name in SOURCES}, town.captcha)
    try:
        town.people["centre"] = Login("", OPERATOR_LOGIN, "", password, OPERATOR_KIND)
        operator = await door.sign_in(OPERATOR_LOGIN, password, OPERATOR_KIND)
        town.ids = {"centre": tree.root} | {
            name: tree.divisions[code] for name, code in (("province", "330000"), ("city", "330100"), ("county", XIHU))
        }
        await _Play(door, town).all(operator)
    finally:
        await door.http.aclose()
    return town


def in_a_thread(work: Coroutine[Any, Any, None]) -> None:
    """In one without an event loop: the browser keeps one running in the test's own."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(work)).result()


async def with_a_park(stack: Stack, town: Town) -> None:
    """Below the county the working committee of a park, and a group with one branch; each of the two has an admin."""
    if "park" in town.ids:
        return
    door = Door({name: stack.url(name) for name in SOURCES}, town.captcha)
    try:
        play, login = _Play(door, town), town.people["county"]
        await play.park(await door.sign_in(login.number, login.password))
    finally:
        await door.http.aclose()


async def graduating(stack: Stack, town: Town, members: int) -> None:
    """A school below the county with an admin of its own, and a class of so many members."""
    door = Door({name: stack.url(name) for name in SOURCES}, town.captcha)
    try:
        play, login = _Play(door, town), town.people["county"]
        county = await door.sign_in(login.number, login.password)
        await play.school(county, members)
    finally:
        await door.http.aclose()


class _Play:
    def __init__(self, door: Door, town: Town) -> None:
        self._door = door
        self._town = town

    async def all(self, operator: User) -> None:
        ids = self._town.ids
        governor = await self._admin(operator, "", "province", "province")
        city = await self._admin(governor, ids["province"], "city", "city")
        county = await self._admin(city, ids["city"], "county", "county")
        await self._admin(city, ids["city"], "county", "second", position="副书记")
        for at, branch in enumerate(BRANCHES, start=1):
            await self._establish(county, branch, Plan(f"第{at}社区支部委员会", "branch", "14"))
        await self._establish(county, "street", Plan("文新街道工作委员会", "working_committee", "14"))
        await self._admin(county, ids["county"], "street", "street")
        await self._secretary(county)

    async def park(self, county: User) -> None:
        await self._establish(county, "park", Plan("云谷园区工作委员会", "working_committee", "10"))
        await self._establish(county, "group", Plan("云谷科技集团委员会", "committee", "10"))
        await self._admin(county, self._town.ids["county"], "park", "park")
        head = await self._admin(county, self._town.ids["county"], "group", "group")
        await self._establish(head, "works", Plan("云谷科技集团第一支部委员会", "branch", "10"), "group")

    async def school(self, county: User, members: int) -> None:
        """Also a factory, which has an admin too: a place to go to."""
        ids, town = self._town.ids, self._town
        await self._establish(county, "school", Plan("文澜职业学校委员会", "committee", "3"))
        await self._establish(county, "factory", Plan("绿谷机械有限公司支部委员会", "branch", "10"))
        await self._admin(county, ids["county"], "factory", "factory")
        head = await self._admin(county, ids["county"], "school", "school")
        plan = Plan("文澜职业学校2024级数控（1）班支部委员会", "branch", "3")
        await self._establish(head, "class", plan, "school")
        for row in town.rows("class", members):
            person = Invented(row["name"], row["number"], date.min, row["mobile"])
            sheet = {key: value for key, value in row.items() if key != "branch" and value}
            await self._enter(head, ids["school"], "class", "members", person, sheet)

    async def _establish(self, by: User, key: str, plan: Plan, superior: str = "county") -> None:
        body = {
            "superior": self._town.ids[superior],
            "full_name": PREFIX + plan.name,
            "short_name": plan.short_name,
            "category": plan.category,
            "branch_kind": "ordinary",
            "sector": plan.sector,
            "region": XIHU,
        }
        answer = await by.do("org", "POST", "/v1/organizations", body, acting=body["superior"])
        self._town.ids[key], self._town.names[key] = str(answer["stream"]), PREFIX + plan.name

    async def _admin(self, by: User, acting: str, organization: str, role: str, position: str = "书记") -> User:
        person = self._town.inventor.person(XIHU, youngest=29, oldest=45)
        body = {"political_status": "中共党员", "education": "本科", "positions": position, "mobile": person.mobile}
        entered = await self._enter(by, acting, organization, "cadres", person, CADRES_SHEET | body)
        return await self._appoint(by, acting, organization, role, person, entered)

    async def _secretary(self, county: User) -> None:
        """One who leads a branch and sits on the county's committee: two organizations to choose from (IDN-07)."""
        town = self._town
        row = town.rows("phone", 1)[0]
        person = Invented(row["name"], row["number"], date.min, row["mobile"])
        sheet = {key: value for key, value in row.items() if key != "branch" and value}
        sheet |= {"positions": "书记", "position_since": "2025-09-01"}
        acting = town.ids["county"]
        entered = await self._enter(county, acting, "phone", "members", person, sheet)
        await self._appoint(county, acting, "phone", "secretary", person, entered)
        body = CADRES_SHEET | {"political_status": "共青团员", "positions": "委员"}
        await self._enter(county, acting, "county", "cadres", person, body)

    async def _enter(
        self, by: User, acting: str, organization: str, kind: str, person: Invented, body: dict[str, Any]
    ) -> str:
        path = f"/v1/organizations/{self._town.ids[organization]}/{kind}"
        whole = {"ethnicity": "汉族", **body, "name": person.name, "number": person.number}
        return str((await by.do("member", "POST", path, whole, acting=acting))["stream"])

    async def _appoint(
        self, by: User, acting: str, organization: str, role: str, person: Invented, entered: str
    ) -> User:
        path = f"/v1/organizations/{self._town.ids[organization]}/admins"
        await by.do("org", "POST", path, {"person": entered}, acting=acting)
        code = await by.do("identity", "POST", f"/v1/people/{entered}/activation-codes", {}, acting=acting)
        self._town.people[role] = Login(person.name, person.number, entered)
        return await self._door.activate(person.number, code["code"], PASSWORD)
