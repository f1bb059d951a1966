"""The commands on applications for an account, cut like the others (ADM-07): sent by a visitor, approved with a code."""

import asyncio

from services.org.app import APPLICATIONS, Parts
from services.org.domain.establishing import EstablishOrganization
from services.org.domain.events import Category
from services.org.use_cases.applying import Submission, application_of
from shared.eventstore.driver import Driver
from shared.eventstore.execute import Answer
from shared.http.tokens import Principal
from shared.kernel.envelope import Request
from tests.faults.commands import ADMIN, Establishing, Everybody, Process

AT_HAND = 120
STAMPED = b"%PDF-1.4\n%%EOF\n"


class Applying(Establishing):
    """The fact with its key, its deadline and the claim; the form is put aside first and kept with them."""

    name = "apply"

    async def prepare(self, url: str) -> None:
        await super().prepare(url)
        parts = self._parts(url)
        commands, who = parts.commands(Everybody()), self._who()

        async def establish(number: int) -> str:
            fields = EstablishOrganization(
                superior=self._superior,
                category=Category.COMMITTEE,
                full_name=f"共青团第{number}中学委员会",
                short_name=f"第{number}中学团委",
                sector="5",
            )
            request = Request(ADMIN, f"establish-{number:05d}", str(number))
            return (await commands.establish_organization(who, request, fields)).stream

        self._organizations = await asyncio.gather(*(establish(number) for number in range(AT_HAND)))
        await parts.driver.close()

    def process(self, url: str) -> Process:
        parts = self._parts(url)

        async def apply(number: int) -> Answer:
            return Answer(await self._applied(parts, number), 1, ())

        return Process(parts.driver, parts.store, apply)

    async def left(self, driver: Driver) -> tuple[int, ...]:
        """Of one moment: a transaction that was given up on its last step may come to its end between two counts."""
        database = driver.database(f"{self._namespace}org")
        keys = driver.database(f"{self._namespace}{APPLICATIONS}")["keys"]
        counted = (database.commits, database.claims, database.deadlines, keys)
        async with driver.client.start_session(snapshot=True) as moment:
            counts = [await c.count_documents({}, session=moment) for c in counted]
            kept = await database.application_forms.count_documents({"kept": 1}, session=moment)
        return (*counts, kept)

    async def _applied(self, parts: Parts, number: int) -> str:
        submission = Submission(self._organizations[number], "欧阳测试", "13900001111", "申请表.pdf")
        sent = await parts.applying().submit(f"apply-{number:05d}", "", submission, STAMPED)
        return application_of("org", sent.ticket)

    def _who(self) -> Principal:
        return Principal(ADMIN.principal, "session", organization=self._superior)


class Approving(Applying):
    """Two streams in one transaction: the application ends, its organization has a code, or neither."""

    name = "approve"

    async def prepare(self, url: str) -> None:
        await super().prepare(url)
        parts = self._parts(url)
        applied = (self._applied(parts, number) for number in range(AT_HAND))
        self._applications = await asyncio.gather(*applied)
        await parts.driver.close()

    def process(self, url: str) -> Process:
        parts = self._parts(url)
        deciding = parts.deciding(Everybody())

        async def approve(number: int) -> Answer:
            request = Request(ADMIN, f"approve-{number:05d}", str(number))
            return (await deciding.approve(self._who(), request, self._applications[number])).answer

        return Process(parts.driver, parts.store, approve)
