"""The matrix's rows of transfers to and from other systems (TRF-17, BEY-08)."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import Any

from services.transfer.domain.events_of_exchange import PublicKey
from services.transfer.domain.outside_systems import AgreeWithSystem
from services.transfer.exchange.gate import Admitted
from services.transfer.exchange.protocol import Listed, Offer, Outcome, Person
from services.transfer.exchange.signing import seal
from shared.contracts.member import PAPERS_TICKET
from shared.contracts.org import Category, OrganizationEstablished, Register, register_branch
from shared.http.tickets import Tickets
from shared.kernel.envelope import Actor, Request
from tests.matrix import NOWHERE, OPERATOR, Asker, Role, Row, Rule, name_of, organization, person

SYSTEM, THERE = "fujian", "共青团福建第一中学委员会"
BELOW, BESIDE, PROVINCE = organization("below"), organization("beside"), organization("province")
REGISTER = register_branch(PROVINCE, Register.FUJIAN)
NO_OFFER, NO_TRANSFER = (f"{kind}-00000000-0000-4000-8000-000000000009" for kind in ("exchange", "transfer"))
_NUMBER = count(1)

Ready = Callable[[Asker | None], Awaitable[object]]


class Offered:
    """What the requests are about: somebody whom 福建 offers to `below`, or who is to go there."""

    def __init__(self, given: Any) -> None:
        self.given = given
        self.world = given.world
        self.offer = NO_OFFER
        self.papers = self.ticket = "none"
        self.person = person("who goes")

    @property
    def receiving(self) -> Any:
        return self.world.service.app.state.exchange.receiving

    async def agreed(self) -> None:
        exchange = self.world.parts.exchange
        keys = tuple(PublicKey(**key.model_dump()) for key in exchange.peers.own.public)
        command = AgreeWithSystem(system=SYSTEM, address="https://exchange.example.org", keys=keys)
        await exchange.peers.agree(Request(Actor(OPERATOR), "agree-fujian", "hash"), command)
        await exchange.directory.take(SYSTEM, [Listed(organization="fujian-0001", name=THERE)])
        established = {"superior": PROVINCE, "category": Category.BRANCH, "full_name": "登记", "short_name": "登记"}
        await self.world.feed.hear(OrganizationEstablished(organization=REGISTER, **established), stream=REGISTER)

    async def goes(self, asker: Asker | None, who: str) -> None:
        if asker is not None:
            _, row = self.world.members.parts.records.vault.new_key(who, self.world.clock.now())
            keys = self.world.parts.driver.database(row.database)[row.collection]
            await keys.update_one({"_id": who}, {"$setOnInsert": row.document}, upsert=True)
            tickets = Tickets.from_directory(self.world.parts.settings.secrets_dir, PAPERS_TICKET)
            values = (who, BELOW, "林某某", "110101200701011239", "居民身份证")
            self.papers = tickets.write((asker.id,), values, self.world.clock.now() + timedelta(minutes=10))

    async def leaves_below(self, asker: Asker | None) -> None:
        await self.agreed()
        self.person = person(f"who goes {next(_NUMBER)}")
        await self.given.free(self.person, BELOW)
        await self.goes(asker, self.person)

    async def leaves(self, asker: Asker | None) -> None:
        await self.agreed()
        if asker is not None:
            await self.given.free(asker.id, BELOW)
            await self.goes(asker, asker.id)

    async def comes(self, _asker: Asker | None) -> None:
        await self.agreed()
        reference, exchange = f"fujian-{next(_NUMBER)}", self.world.parts.exchange
        sealed = seal(Person(name="林某某", number="1", document_kind="护照"), exchange.peers.own.public)
        values = {"message": f"m-{reference}", "transfer": reference, "organization": BELOW, "from_name": THERE}
        more = {"reason": "further_study", "decide_until": self.world.clock.now() + timedelta(days=3), "person": sealed}
        offer = Offer.model_validate(values | more | {"organization_name": name_of("below")})
        came = Admitted(SYSTEM, reference, b"{}")
        receipt = await self.receiving.offer(came, offer)
        assert receipt.state == "received", receipt
        await self.world.feed.catch_up()
        rows = await self.world.parts.exchange.exchanges.find({"reference": reference}, [("_id", 1)], 1)
        self.offer = rows[0]["_id"]
        self.reference = reference

    async def comes_back(self, asker: Asker | None) -> None:
        await self.comes(asker)
        await self.finds(asker, REGISTER)

    async def came(self, asker: Asker | None) -> None:
        await self.comes(asker)
        admin = person(f"{Role.ADMIN} of target")
        answer = await self.world.send(f"outside-offers/{self.offer}/newcomer", {}, admin)
        assert answer.status_code == 201, answer.text
        ended = Outcome(message=f"e-{self.reference}", transfer=self.reference, outcome="completed")
        await self.receiving.outcome(Admitted(SYSTEM, f"e-{self.reference}", b"{}"), ended)
        await self.finds(asker, BELOW)

    async def finds(self, asker: Asker | None, branch: str) -> None:
        who = person(f"who comes {next(_NUMBER)}")
        await self.given.free(who, branch)
        if asker is not None:
            until = self.world.clock.now() + timedelta(minutes=10)
            self.ticket = self.given.tickets.write((BELOW, asker.id), (who, branch), until)


def rows_of_exchange(offered: Offered) -> list[Row]:
    """What other systems send proves itself: whoever else sends it is refused all alike."""
    given = offered.given

    def asks(path: str, json: Any = None) -> Callable[[], Mapping[str, Any]]:
        return lambda: {"url": path} | ({} if json is None else {"json": json() if callable(json) else json})

    def start(**more: Any) -> Callable[[], Mapping[str, Any]]:
        body = {"system": SYSTEM, "organization_name": THERE, "reason": "further_study"}
        return lambda: body | {"papers": offered.papers} | ({"person": offered.person} if more else {})

    def of_offer(leaf: str = "", json: Any = None) -> Callable[[], Mapping[str, Any]]:
        def ask() -> Mapping[str, Any]:
            return asks(f"/v1/outside-offers/{offered.offer}{leaf}", json)()

        return ask

    hidden: dict[str, Any] = {"hides": "nothing_here"}
    absent: dict[str, Any] = {"target": "nowhere", "about": "that is not there", **hidden}
    nowhere: dict[str, Any] = {"target": "nowhere", "about": "that is not there"}
    below: dict[str, Any] = {"target": "below", **hidden}
    out, listed = "/v1/organizations/{}/transfers-outside", "/v1/organizations/{}/outside-offers"
    keys = [{"kid": kid, "use": use, "x": "A" * 43} for kid, use in (("k1", "sig"), ("k2", "enc"))]
    agreement = {"address": "https://exchange.example.org", "keys": keys}
    wire = [("POST", leaf) for leaf in ("offers", "decisions", "outcomes", "reconciliations", "keys")]
    wire += [("GET", "directory"), ("GET", "transfers/{transfer}")]
    in_form, out_form = {"organization": "{organization}"}, start(person=True)
    started = f"POST {out.format(in_form['organization'])}"
    shown, one = f"GET {listed.format(in_form['organization'])}", "/v1/outside-offers/{exchange}"
    all_of = "/v1/organizations/{}/exchanges"
    subtree = f"GET {all_of.format(in_form['organization'])}"
    of_transfer = "GET /v1/transfers/{transfer}/exchange"
    ticket = lambda: {"ticket": offered.ticket}  # noqa: E731
    acts: list[tuple[str, Any, Ready]] = [
        ("/match", ticket, offered.comes_back),
        ("/newcomer", {}, offered.comes),
        ("/refusal", {"ground": "wrong_person"}, offered.comes),
        ("/entry", ticket, offered.came),
    ]
    return [
        *[
            Row(f"{how} /exchange/v1/{leaf}", Rule.PUBLIC, asks(f"/exchange/v1/{leaf.replace('{transfer}', 'x')}"))
            for how, leaf in wire
        ],
        Row(started, Rule.WRITE, asks(out.format(BELOW), out_form), target="below", ready=offered.leaves_below),
        Row(started, Rule.WRITE, asks(out.format(NOWHERE), out_form), **nowhere),
        Row(
            "POST /v1/me/transfers-outside", Rule.SELF, asks("/v1/me/transfers-outside", start()), ready=offered.leaves
        ),
        Row(
            of_transfer,
            Rule.READ,
            lambda: {"url": f"/v1/transfers/{given.transfer}/exchange"},
            ready=given.begins(BESIDE, BELOW),
            **below,
        ),
        Row(of_transfer, Rule.READ, asks(f"/v1/transfers/{NO_TRANSFER}/exchange"), **absent),
        Row(shown, Rule.READ, asks(listed.format(organization("target")))),
        Row(shown, Rule.READ, asks(listed.format(NOWHERE)), **nowhere),
        Row(subtree, Rule.READ, asks(all_of.format(organization("target")))),
        Row(subtree, Rule.READ, asks(all_of.format(NOWHERE)), **nowhere),
        Row(f"GET {one}", Rule.WRITE, of_offer(), ready=offered.comes, **below),
        Row(f"GET {one}", Rule.WRITE, asks(f"/v1/outside-offers/{NO_OFFER}"), **absent),
        *[
            Row(f"POST {one}{leaf}", Rule.WRITE, of_offer(leaf, json), ready=ready, **below)
            for leaf, json, ready in acts
        ],
        *[
            Row(f"POST {one}{leaf}", Rule.WRITE, asks(f"/v1/outside-offers/{NO_OFFER}{leaf}", json), **absent)
            for leaf, json, _ in acts
        ],
        Row(
            "GET /v1/outside-systems/{system}/organizations",
            Rule.SIGNED_IN,
            asks("/v1/outside-systems/fujian/organizations?q=a"),
        ),
        Row("GET /v1/outside-systems", Rule.OPERATOR, asks("/v1/outside-systems")),
        Row("PUT /v1/outside-systems/{system}", Rule.OPERATOR, asks("/v1/outside-systems/beijing", agreement)),
    ]
