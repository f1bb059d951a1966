"""A small tree built as users build it: a province's admin, counties with branches, an admin in each."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from deploy.local.secrets import OPERATOR_LOGIN, OPERATOR_PASSWORD
from deploy.local.seeding.client import Door, User, until_accepted
from deploy.local.seeding.demonstration import OPERATOR_KIND
from deploy.local.seeding.names import Invented, Inventor
from deploy.local.seeding.play import CADRES_SHEET, XLSX
from deploy.local.stack import Stack
from shared.runtime.parts import SOURCES
from tests.faults.system import patiently

PASSWORD = "suiyue-qinghuan-6071"
PROVINCE = "共青团浙江省委员会"
DIVISION = "331123"
BRANCHES = 20

_KEYS = itertools.count(1)


@dataclass(frozen=True)
class Admin:
    """Somebody appointed and signed in."""

    person: str
    user: User


@dataclass(frozen=True)
class County:
    """A county's committee, its branches (id by full name), and an admin of it."""

    id: str
    name: str
    admin: Admin
    branches: dict[str, str]


@dataclass
class Tree:
    """What the tests act in. `entered` counts the people that tests entered by form, for the sums."""

    door: Door
    operator: User
    root: str
    province: str
    governor: Admin
    invent: Inventor
    counties: list[County] = field(default_factory=list)

    def someone(self, youngest: int = 16, oldest: int = 24) -> Invented:
        return self.invent.person(DIVISION, youngest=youngest, oldest=oldest)

    async def appoint(self, by: User, acting: str, organization: str) -> Admin:
        """Enters a cadre, appoints them, hands over a code; they activate their account."""
        person = self.someone(29, 45)
        entered = await self.enter_cadre(by, acting, organization, person)
        path = f"/v1/organizations/{organization}/admins"
        await by.do("org", "POST", path, {"person": entered}, acting=acting)
        code = await by.do("identity", "POST", f"/v1/people/{entered}/activation-codes", {}, acting=acting)
        return Admin(entered, await self.door.activate(person.number, code["code"], PASSWORD))

    async def enter_cadre(self, by: User, acting: str, organization: str, person: Invented) -> str:
        """The secretary of an organization; answers the person's id."""
        body = CADRES_SHEET | {
            "name": person.name,
            "number": person.number,
            "ethnicity": "汉族",
            "political_status": "中共党员",
            "education": "本科",
            "mobile": person.mobile,
        }
        path = f"/v1/organizations/{organization}/cadres"
        return str((await by.do("member", "POST", path, body, acting=acting))["stream"])

    async def establish(self, by: User, superior: str, name: str, category: str) -> str:
        sector = "" if category == "leading_body" else "15"
        body = {"superior": superior, "full_name": name, "short_name": name, "category": category, "sector": sector}
        answer = await by.do("org", "POST", "/v1/organizations", body, acting=superior)
        return str(answer["stream"])

    async def county(self, name: str, branches: int = BRANCHES) -> County:
        """One more county under the province."""
        made = await self.establish(self.governor.user, self.province, f"共青团{name}委员会", "leading_body")
        admin = await self.appoint(self.governor.user, self.province, made)
        names = [f"{name}第{i}村团支部" for i in range(1, branches + 1)]
        ids = await asyncio.gather(*(self.establish(admin.user, made, n, "branch") for n in names))
        await asyncio.gather(*(self._until_known(admin.user, made, branch) for branch in ids))
        self.counties.append(County(made, name, admin, dict(zip(names, ids, strict=True))))
        return self.counties[-1]

    async def _until_known(self, admin: User, acting: str, branch: str) -> None:
        """A row of a branch that member has not heard of yet would fail."""
        path = f"/v1/organizations/{branch}/members"
        await until_accepted(lambda: admin.ask("member", "GET", path, acting=acting))

    def rows(self, county: County, people: Sequence[Invented]) -> list[dict[str, str]]:
        """Rows of the member template without a fault, shared out among a county's branches."""
        branches = itertools.cycle(county.branches)
        return [self._row(branch, person) for branch, person in zip(branches, people, strict=False)]

    def _row(self, branch: str, person: Invented) -> dict[str, str]:
        joined = date(person.birth.year + 14, 12, 4)
        number = self.invent.development_number(joined.year, "33") if joined.year >= 2017 else ""
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


async def build(stack: Stack, seed: int) -> Tree:
    """The operator appoints the province's first admin; counties come with `Tree.county`."""
    settings = stack.settings()
    door = Door({name: stack.url(name) for name in SOURCES}, settings["TUAN_CAPTCHA_ANSWER"])
    password = (stack.secrets / OPERATOR_PASSWORD).read_text("ascii").strip()
    operator = await door.sign_in(OPERATOR_LOGIN, password, OPERATOR_KIND)

    async def found() -> dict[str, Any]:
        return await operator.ask("org", "GET", "/v1/organizations", params={"q": PROVINCE})

    while not (items := (await until_accepted(found))["items"]):
        await asyncio.sleep(0.2)
    province = items[0]["id"]
    tree = Tree(door, operator, items[0]["path"][0]["id"], province, Admin("", operator), Inventor(seed))
    tree.governor = await tree.appoint(operator, "", province)
    return tree


async def upload(user: User, organization: str, content: bytes, *, file_name: str = "团员名单.xlsx") -> dict[str, Any]:
    """Uploads a workbook of members, again with the same key until it is answered."""
    key = f"upload-{next(_KEYS):06d}"
    form = {"organization": organization, "template": "members"}
    files = {"file": (file_name, content, XLSX)}
    return await patiently(
        lambda: user.ask("member", "POST", "/v1/imports", acting=organization, key=key, data=form, files=files)
    )


async def settled(user: User, organization: str, import_id: str) -> dict[str, Any]:
    """Waits until an import is over, through whatever happens meanwhile; answers its line."""
    while True:
        line = await patiently(lambda: user.ask("member", "GET", f"/v1/imports/{import_id}", acting=organization))
        if line["state"] in ("completed", "refused", "cancelled"):
            return line
        await asyncio.sleep(0.2)
