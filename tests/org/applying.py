"""How the tests of org apply for an account: with a pass, and without a sign-in."""

from itertools import count
from typing import Any

import httpx

from services.org.use_cases.applying import APPLICATION_LAPSES
from services.org.use_cases.codes import CODE_EXPIRES
from services.org.use_cases.deciding import DATA_DESTROYED
from shared.contracts.identity import APPLYING
from shared.deadlines.worker import DeadlineWorker
from tests.org.conftest import World
from tests.org.test_api import CLASS_1, SCHOOL_ADMIN, school_of
from tests.org.test_documents import PDF

RESPONSIBLE, PHONE, FILE_NAME = "欧阳不露", "13900990099", "盖章的申请表.pdf"
STAMPED = PDF + b"% stamped by the class of Ouyang\n%%EOF\n"
PERSONAL = (RESPONSIBLE, PHONE, FILE_NAME, "stamped by the class")
_NUMBER = count(1)


def with_pass(world: World, key: str = "") -> dict[str, str]:
    number = next(_NUMBER)
    text = world.issuer.pass_for(APPLYING, number)
    return {"X-Pass": text, "Idempotency-Key": key or f"application-{number:08d}"}


async def apply(
    world: World, organization: str, *, key: str = "", file: bytes = STAMPED, **fields: str
) -> httpx.Response:
    data = {"organization": organization, "responsible": RESPONSIBLE, "phone": PHONE} | fields
    files = {"file": (FILE_NAME, file)}
    headers = with_pass(world, key=key)
    answer = await world.client.post("/v1/account-applications", data=data, files=files, headers=headers)
    await world.feed.catch_up()
    return answer


async def a_class(world: World) -> tuple[str, str]:
    """(a school with SCHOOL_ADMIN, a branch under it without an admin)."""
    _, school = await school_of(world)
    return school, await world.establish(school, SCHOOL_ADMIN, **CLASS_1)


async def applied(world: World) -> tuple[str, str, str]:
    """(the branch that applied, its application, the ticket)."""
    school, branch = await a_class(world)
    answer = await apply(world, branch)
    assert answer.status_code == 201, answer.text
    (row,) = (await listed(world, school))["items"]
    return branch, row["application"], answer.json()["ticket"]


async def listed(world: World, superior: str, by: str = SCHOOL_ADMIN, query: str = "") -> dict[str, Any]:
    answer = await world.get(f"/v1/organizations/{superior}/subordinates/account-applications{query}", by)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def outcome(world: World, ticket: str) -> dict[str, Any]:
    answer = await world.client.get(f"/v1/application-outcomes/{ticket}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def worker(world: World) -> DeadlineWorker:
    deciding = world.parts.deciding(world.rights.authority)
    codes = world.parts.codes(world.rights.authority)
    commands = {CODE_EXPIRES: codes.expire, APPLICATION_LAPSES: deciding.lapse, DATA_DESTROYED: deciding.destroy}
    return DeadlineWorker("org", world.parts.database, world.clock, commands)


async def found_in_the_databases(world: World, texts: tuple[str, ...]) -> list[str]:
    """Which of these texts stand anywhere in org's databases, in clear."""
    found = []
    for database in (world.parts.database, world.parts.driver.database(world.parts.settings.database("applications"))):
        for name in await database.list_collection_names():
            for document in await database[name].find({}).to_list(None):
                shown = str(document)
                found += [f"{text} in {name}" for text in texts if text in shown]
    return found
