"""transfer: every route x role x relation, beside the oracle (X10)."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from deploy.local.servers import Addresses
from services.transfer.use_cases.waits import OPEN
from shared.contracts.member import TRANSFER_TICKET, MemberEntered, TransferCarriedOut, TransferHoldPlaced
from shared.contracts.org import BranchKind, Category, OrganizationInformationChanged
from shared.http.tickets import Tickets
from tests.matrix import NOWHERE, TREE, Asker, Matrix, Role, Row, Rule, facts, name_of, organization, person
from tests.parked_rows import parked_rows
from tests.transfer.conftest import World, unfounded
from tests.transfer.matrix_of_exchange import Offered, rows_of_exchange
from tests.transfer.matrix_rows import rows_of_arrivals, rows_of_batches, rows_of_graduates

TARGET, BELOW, BESIDE = (organization(place) for place in ("target", "below", "beside"))
NO_TRANSFER = "transfer-00000000-0000-4000-8000-000000000009"
WHO = person("who is transferred")
PLACED = TransferHoldPlaced(transfer=NO_TRANSFER, person=WHO)
_NUMBER = count(1)


@pytest.fixture(scope="module")
async def world(
    servers: Addresses, module_namespace: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    async with unfounded(servers, module_namespace, tmp_path_factory.mktemp("secrets")) as world:
        for stream, event in facts():
            await world.feed.hear(event, stream=stream)
        yield world


class Given:
    """What the requests of the matrix are about: a transfer from `from_` to `to`, as far as the row needs it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.transfer = NO_TRANSFER
        self.person = WHO
        self.batch = "batch-none"
        self.ticket = "no ticket"
        self.tickets = Tickets.from_directory(world.parts.settings.secrets_dir, TRANSFER_TICKET)

    async def free(self, who: str, branch: str) -> None:
        """A member of the branch, of whom no transfer is open."""
        await self.world.parts.database["claims"].delete_one({"_id": f"{OPEN}:{who}"})
        await self.world.feed.hear(MemberEntered(person=who, branch=branch), stream=who)
        vault = self.world.members.parts.vault
        _, row = vault.new_key(who, self.world.clock.now())
        await vault._rows.update_one({"_id": who}, {"$setOnInsert": row.document}, upsert=True)

    def begins(self, from_: str, to: str, *, agreed: bool = False) -> Callable[[Asker | None], Awaitable[object]]:
        async def ready(_: Asker | None) -> None:
            await self.floats(BELOW, floats=False)
            self.person = person(f"somebody {next(_NUMBER)}")
            await self.free(self.person, from_)
            body = {"person": self.person, "to": to, "reason": "further_study"}
            admin = person(f"{Role.ADMIN} of target")
            answer = await self.world.send(f"organizations/{from_}/transfers-out", body, admin)
            assert answer.status_code == 201, answer.text
            self.transfer = str(answer.json()["stream"])
            [placed] = await self.world.feed.hear(
                TransferHoldPlaced(transfer=self.transfer, person=self.person), stream=self.person
            )
            await self.world.hand(placed)
            if agreed:
                assert (await self.world.send(f"transfers/{self.transfer}/approval", {}, admin)).status_code == 201
            await self.world.feed.catch_up()

        return ready

    async def floats(self, branch: str, *, floats: bool = True) -> None:
        """Whether a branch is a floating one (TRF-20)."""
        kind = BranchKind.FLOATING if floats else BranchKind.ORDINARY
        name = next(name_of(place) for place in TREE if organization(place) == branch)
        names = {"full_name": name, "short_name": name}
        told = OrganizationInformationChanged(organization=branch, category=Category.BRANCH, branch_kind=kind, **names)
        await self.world.feed.hear(told, stream=branch)

    def special(self, from_: str) -> Callable[[Asker | None], Awaitable[object]]:
        """A transfer of somebody of `from_` to a special unit (TRF-16)."""

        async def ready(_: Asker | None) -> None:
            self.person = person(f"somebody {next(_NUMBER)}")
            await self.free(self.person, from_)
            body = {"person": self.person, "reason": "joined_army", "note": "入伍"}
            admin = person(f"{Role.ADMIN} of target")
            answer = await self.world.send(f"organizations/{from_}/transfers-to-special-unit", body, admin)
            assert answer.status_code == 201, answer.text
            self.transfer = str(answer.json()["stream"])

        return ready

    def arrives(self, *, floats: bool = False) -> Callable[[Asker | None], Awaitable[object]]:
        """Somebody came to `below`, or is to be let in there where it is a floating branch and `waits`."""
        begin = self.begins(BESIDE, BELOW, agreed=True)

        async def ready(asker: Asker | None) -> None:
            await begin(asker)
            [done] = await self.world.feed.hear(
                TransferCarriedOut(transfer=self.transfer, person=self.person), stream=self.person
            )
            await self.world.hand(done)
            await self.floats(BELOW, floats=floats)

        return ready

    async def verifies(self, asker: Asker | None) -> None:
        await self.begins(BESIDE, BELOW)(asker)
        await self.floats(BELOW)

    async def asks_batch(self, _: Asker | None) -> None:
        """A batch of `target`, of somebody of `below`."""
        body = {"from_branch": BELOW, "to": BESIDE, "people": [WHO], "reason": "further_study"}
        admin = person(f"{Role.ADMIN} of target")
        answer = await self.world.send(f"organizations/{TARGET}/transfer-batches", body, admin)
        assert answer.status_code == 201, answer.text
        self.batch = str(answer.json()["stream"])
        await self.world.feed.catch_up()

    async def starts_in(self, asker: Asker | None) -> None:
        """A ticket for the asker, about somebody of `beside`."""
        self.person = person(f"somebody {next(_NUMBER)}")
        if asker is not None:
            until = self.world.clock.now() + timedelta(minutes=10)
            self.ticket = self.tickets.write((BELOW, asker.id), (self.person, BESIDE), until)

    def goes_on(self, from_: str, to: str, *acts: str) -> Callable[[Asker | None], Awaitable[object]]:
        """A transfer that `from_` started, with an objection of the member, a refusal, or a case after it."""
        begin = self.begins(from_, to)

        async def ready(asker: Asker | None) -> None:
            await begin(asker)
            admin = person(f"{Role.ADMIN} of target")
            bodies = {
                "objection": {"objection": "not_asked"},
                "refusal": {"ground": "wrong_person"},
                "coordination": {},
            }
            for act in acts:
                by = self.person if act == "objection" else admin
                answer = await self.world.send(f"transfers/{self.transfer}/{act}", bodies[act], by)
                assert answer.status_code == 201, answer.text
            await self.world.feed.catch_up()

        return ready

    async def of_asker(self, asker: Asker | None) -> None:
        """A transfer of the asker, which `below` started."""
        if asker is None:
            return
        await self.free(asker.id, BELOW)
        body = {"person": asker.id, "to": BESIDE, "reason": "further_study"}
        admin = person(f"{Role.ADMIN} of target")
        answer = await self.world.send(f"organizations/{BELOW}/transfers-out", body, admin)
        assert answer.status_code == 201, answer.text
        self.transfer = str(answer.json()["stream"])

    async def own(self, asker: Asker | None) -> None:
        if asker is not None:
            await self.free(asker.id, BESIDE)


def asks(path: str, **more: Any) -> Callable[[], Mapping[str, Any]]:
    return lambda: {"url": f"/v1/{path}"} | more


def rows_of(given: Given) -> list[Row]:
    def of_transfer(leaf: str = "", **more: Any) -> Callable[[], Mapping[str, Any]]:
        return lambda: {"url": f"/v1/transfers/{given.transfer}{leaf}"} | more

    one, hidden = "/v1/transfers/{transfer}", {"hides": "nothing_here"}
    absent: dict[str, Any] = {"target": "nowhere", "about": "that is not there", **hidden}
    in_below = {"target": "below", "ready": given.begins(BESIDE, BELOW), **hidden}
    from_below = in_below | {"ready": given.begins(BELOW, BESIDE)}
    to_target = {"ready": given.begins(BESIDE, TARGET, agreed=True), **hidden}
    ground, branch = {"ground": "wrong_person"}, {"branch": BELOW}
    out = {"person": WHO, "to": BESIDE, "reason": "further_study"}
    listed = "GET /v1/organizations/{organization}/transfers"
    below = "GET /v1/organizations/{organization}/subtree/transfers"
    start = "POST /v1/organizations/{organization}/transfers-out"
    take = "POST /v1/organizations/{organization}/transfers-in"
    nowhere: dict[str, Any] = {"target": "nowhere", "about": "that is not there"}

    def takes(place: str) -> Callable[[], Mapping[str, Any]]:
        body = {"reason": "further_study"}
        return lambda: {"url": f"/v1/organizations/{place}/transfers-in", "json": body | {"ticket": given.ticket}}

    async def at_below(_: Asker | None) -> None:
        await given.free(WHO, BELOW)

    return [
        Row(start, Rule.WRITE, asks(f"organizations/{BELOW}/transfers-out", json=out), target="below", ready=at_below),
        Row(start, Rule.WRITE, asks(f"organizations/{NOWHERE}/transfers-out", json=out), **nowhere),
        Row(take, Rule.WRITE, takes(BELOW), target="below", ready=given.starts_in),
        Row(take, Rule.WRITE, takes(NOWHERE), **nowhere),
        Row(
            "POST /v1/me/transfers",
            Rule.SELF,
            asks("me/transfers", json={"to": BELOW, "reason": "further_study"}),
            ready=given.own,
        ),
        Row("GET /v1/me/transfers", Rule.SELF, asks("me/transfers")),
        Row(f"POST {one}/approval", Rule.WRITE, of_transfer("/approval", json={}), **in_below),
        Row(f"POST {one}/approval", Rule.WRITE, asks(f"transfers/{NO_TRANSFER}/approval", json={}), **absent),
        Row(f"POST {one}/refusal", Rule.WRITE, of_transfer("/refusal", json=ground), **in_below),
        Row(f"POST {one}/refusal", Rule.WRITE, asks(f"transfers/{NO_TRANSFER}/refusal", json=ground), **absent),
        Row(f"POST {one}/assignment", Rule.WRITE, of_transfer("/assignment", json=branch), **to_target),
        Row(f"POST {one}/assignment", Rule.WRITE, asks(f"transfers/{NO_TRANSFER}/assignment", json=branch), **absent),
        Row(f"POST {one}/withdrawal", Rule.WRITE, of_transfer("/withdrawal", json={}), **from_below),
        Row(f"POST {one}/withdrawal", Rule.WRITE, asks(f"transfers/{NO_TRANSFER}/withdrawal", json={}), **absent),
        Row(f"GET {one}", Rule.READ, of_transfer(), target="below", ready=given.begins(BESIDE, BELOW), **hidden),
        Row(f"GET {one}", Rule.READ, asks(f"transfers/{NO_TRANSFER}"), **absent),
        Row(listed, Rule.READ, asks(f"organizations/{TARGET}/transfers")),
        Row(listed, Rule.READ, asks(f"organizations/{NOWHERE}/transfers"), **nowhere),
        Row(below, Rule.READ, asks(f"organizations/{TARGET}/subtree/transfers")),
        Row(below, Rule.READ, asks(f"organizations/{NOWHERE}/subtree/transfers"), **nowhere),
        Row(
            "GET /v1/people/{person}/transfers",
            Rule.READ,
            asks(f"people/{WHO}/transfers"),
            target="below",
            ready=at_below,
            **hidden,
        ),
        Row("GET /v1/people/{person}/transfers", Rule.READ, asks(f"people/{NOWHERE}/transfers"), **absent),
        *rows_of_rules(),
        *rows_of_batches(given),
        *rows_of_arrivals(given),
        *rows_of_disputes(given),
        *rows_of_exchange(Offered(given)),
        Row("GET /v1/reference/transfers", Rule.SIGNED_IN, asks("reference/transfers")),
        *rows_of_graduates(),
        *parked_rows(given.world.parts.parking, PLACED),
    ]


def rows_of_disputes(given: Given) -> list[Row]:
    def of_transfer(leaf: str, json: Any) -> Callable[[], Mapping[str, Any]]:
        return lambda: {"url": f"/v1/transfers/{given.transfer}/{leaf}", "json": json}

    rows, one = [], "POST /v1/transfers/{transfer}"
    below: dict[str, Any] = {"target": "below", "hides": "nothing_here"}
    absent: dict[str, Any] = {"target": "nowhere", "about": "that is not there", "hides": "nothing_here"}
    for leaf, json, rule, ready in (
        ("delay", {"explanation": "needs_meeting"}, Rule.WRITE, given.begins(BESIDE, BELOW)),
        ("objection-decision", {"upheld": False}, Rule.SUPERIOR, given.goes_on(BELOW, BESIDE, "objection")),
        ("coordination", {}, Rule.WRITE, given.goes_on(BELOW, BESIDE, "refusal")),
        (
            "coordination-answer",
            {"answer": "start_again"},
            Rule.WRITE,
            given.goes_on(BELOW, BESIDE, "refusal", "coordination"),
        ),
    ):
        rows.append(Row(f"{one}/{leaf}", rule, of_transfer(leaf, json), **below, ready=ready))
        rows.append(Row(f"{one}/{leaf}", rule, asks(f"transfers/{NO_TRANSFER}/{leaf}", json=json), **absent))
    mine = of_transfer("objection", {"objection": "not_asked"})
    return [*rows, Row(f"{one}/objection", Rule.SELF, mine, ready=given.of_asker)]


def rows_of_rules() -> list[Row]:
    province, nowhere = organization("province"), {"target": "nowhere", "about": "that is not there"}
    periods, days = "organizations/{}/transfer-periods", "reference/working-days/2027"
    route = f"/v1/{periods.format('{organization}')}"
    period = {"days": 12, "effective_from": "2026-12-01"}
    centre, allows = "organizations/{}/talent-centre", {"allowed": True, "effective_from": "2026-12-01"}
    centres = f"/v1/{centre.format('{organization}')}"
    put = asks(days, json={"off": ["2027-01-01"], "on": []})
    return [
        Row(f"POST {route}", Rule.WRITE, asks(periods.format(province), json=period), target="province"),
        Row(f"POST {route}", Rule.WRITE, asks(periods.format(NOWHERE), json=period), **nowhere),
        Row(f"GET {route}", Rule.READ, asks(periods.format(TARGET))),
        Row(f"GET {route}", Rule.READ, asks(periods.format(NOWHERE)), **nowhere),
        Row(f"POST {centres}", Rule.WRITE, asks(centre.format(province), json=allows), target="province"),
        Row(f"POST {centres}", Rule.WRITE, asks(centre.format(NOWHERE), json=allows), **nowhere),
        Row(f"GET {centres}", Rule.READ, asks(centre.format(TARGET))),
        Row(f"GET {centres}", Rule.READ, asks(centre.format(NOWHERE)), **nowhere),
        Row("PUT /v1/reference/working-days/{year}", Rule.OPERATOR, put),
        Row("GET /v1/reference/working-days/{year}", Rule.SIGNED_IN, asks(days)),
    ]


@pytest.mark.rule("X10", "P12", "ADM-08", "TRF-14", "IDN-08")
async def test_every_route_answers_everybody_as_the_rules_say(world: World) -> None:
    async def commits() -> int:
        return int(await world.parts.store.commits.count_documents({}))

    matrix = Matrix(world.service.app, world.issuer, commits, [WHO], rows_of(Given(world)))
    matrix.assert_complete()
    await matrix.check()
    assert matrix.asked > 400
