"""Members go to another system, and come from one: what people here ask for and decide (TRF-17)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from services.transfer.domain import exchange as domain
from services.transfer.domain.deciding import RequestTransfer
from services.transfer.domain.events import Side, Term
from services.transfer.domain.events_of_arrivals import RegisterPlace
from services.transfer.domain.events_of_exchange import Outside
from services.transfer.domain.exchange_states import Incoming
from services.transfer.domain.refusals import NoMembershipToTransfer
from services.transfer.domain.refusals_of_exchange import (
    OfferedToSomebodyElse,
    OutsideOrganizationUnknown,
    PapersNotOfThisMember,
    SystemNotConnected,
)
from services.transfer.exchange.dialogue import Dialogue
from services.transfer.exchange.directories import OutsideDirectory
from services.transfer.exchange.peers import Peers
from services.transfer.exchange.protocol import Person
from services.transfer.exchange.telling import Telling
from services.transfer.use_cases.rules import TransferRules, all_over, province_of
from services.transfer.use_cases.transfers import TransferCommands
from services.transfer.use_cases.visible import NOT_FOUND_SECONDS
from shared.authority.decide import Line
from shared.contracts.org import Category, Register, register_branch
from shared.eventstore.execute import Answer
from shared.http.pace import even_pace
from shared.http.refusals import NothingHere
from shared.http.tickets import Tickets
from shared.http.tokens import Principal
from shared.kernel import ids
from shared.kernel.clock import Clock
from shared.kernel.envelope import Request

THEIR_OUTCOME = timedelta(days=60)
"""How long the end of a transfer that we accepted is waited for, before it comes to nothing here."""
SYSTEM_NAMES: Mapping[str, str] = {"beijing": "北京", "guangdong": "广东", "fujian": "福建"}


class Tree(Protocol):
    async def line(self, scope: str) -> Line: ...


class Rights(Protocol):
    async def may_read(self, principal: Principal, scope: str) -> bool: ...
    async def require_write(self, principal: Principal, scope: str) -> None: ...


def exchange_of(transfer: str) -> str:
    """The stream of what is said about a transfer that began here."""
    return f"exchange-{ids.derived('exchange', transfer)}"


class OutsideTransfers:
    """The use cases. `papers` are member's tickets of who goes, `tickets` of who is looked for by name and number."""

    def __init__(
        self,
        commands: TransferCommands,
        rules: TransferRules,
        dialogue: Dialogue,
        telling: Telling,
        peers: Peers,
        directory: OutsideDirectory,
        tree: Tree,
        rights: Rights,
        papers: Tickets,
        tickets: Tickets,
        clock: Clock,
        hold_life: timedelta,
    ) -> None:
        self._commands = commands
        self._rules = rules
        self._dialogue = dialogue
        self._telling = telling
        self._peers = peers
        self._directory = directory
        self._tree = tree
        self._rights = rights
        self._papers = papers
        self._tickets = tickets
        self._clock = clock
        self._hold_life = hold_life

    async def start(
        self,
        request: Request,
        started_by: Side,
        papers: str,
        system: str,
        name: str,
        reason: str,
        note: str,
        person: str,
        branch: str,
    ) -> Answer:
        """To the organization of exactly this full name. Raises PapersNotOfThisMember, SystemNotConnected,
        OutsideOrganizationUnknown, NoMembershipToTransfer, and as `begin` does.
        """
        found = self._papers.read((request.actor.principal,), papers, self._clock.now())
        if found is None or found[:2] != [person, branch]:
            raise PapersNotOfThisMember(field="papers")
        if not (await self._peers.agreement(system)).address or not self._peers.own.ready:
            raise SystemNotConnected(field="system", **_named(system))
        organization = await self._directory.exactly(system, name)
        if organization is None:
            raise OutsideOrganizationUnknown(field="organization_name", **_named(system))
        body = await self._body(branch)
        transfer = self._commands.begun_by(request)
        outside = Outside(exchange=exchange_of(transfer), system=system, organization=organization, name=name.strip())
        out = next(term for term in await self._rules.terms(branch, branch) if term.side is Side.OUT)
        command = RequestTransfer(
            person=person,
            from_branch=branch,
            to=register_branch(body, Register(system)),
            assigns=False,
            started_by=started_by,
            reason=reason,
            hold_life=self._hold_life,
            above=await all_over(self._tree, branch, branch),
            terms=(out, Term(side=Side.IN, hours=self._rules.usual_hours)),
            note=note,
            papers=dict(zip(("name", "number", "document_kind"), found[2:5], strict=True)),
            register_place=RegisterPlace.model_validate({"body": body, "which": system}),
            outside=outside,
        )
        return await self._commands.begin(request, transfer, command)

    async def offered(self, principal: Principal, exchange: str) -> tuple[Incoming, Person | None]:
        """An offer of theirs with who it is about, for the organization that is to decide. Raises NothingHere."""
        offer = await self._visible(principal, exchange)
        await self._rights.require_write(principal, offer.offer.organization)
        return offer, await self._telling.offered(exchange)

    async def take(self, principal: Principal, request: Request, exchange: str, ticket: str) -> Answer:
        """Somebody whom member found by name and number comes back: an ordinary approval follows.

        Raises PapersNotOfThisMember, OfferedToSomebodyElse, OfferOver, TransferAlreadyOpen.
        """
        offer = await self._visible(principal, exchange)
        to = offer.offer.organization
        await self._rights.require_write(principal, to)
        domain.matchable(offer, self._clock.now())
        person, branch = self._found(request, to, ticket)
        body = await self._body(branch)
        if branch != register_branch(body, Register(offer.offer.system)):
            raise OfferedToSomebodyElse
        line = await self._tree.line(to)
        transfer = self._commands.begun_by(request)
        inward = next(term for term in await self._rules.terms(to, to) if term.side is Side.IN)
        hours = int(THEIR_OUTCOME / timedelta(hours=1))
        outside = {"exchange": exchange, "system": offer.offer.system, "organization": ""}
        command = RequestTransfer(
            person=person,
            from_branch=branch,
            to=to,
            assigns=line.scopes[0].category != Category.BRANCH,
            started_by=Side.OUTSIDE,
            reason=offer.offer.reason,
            hold_life=self._hold_life,
            above=await all_over(self._tree, branch, to),
            terms=(inward, Term(side=Side.OUT, hours=hours)),
            outside=Outside.model_validate(outside | {"name": offer.offer.from_name}),
        )
        answer = await self._commands.begin(request, transfer, command)
        await self._dialogue.match(exchange, transfer, person)
        return answer

    async def take_newcomer(self, principal: Principal, request: Request, exchange: str) -> Answer:
        """Somebody not registered here is accepted, and entered once they left over there. Raises OfferOver."""
        return await self._decide(principal, request, exchange, "accepted", "", newcomer=True)

    async def refuse(self, principal: Principal, request: Request, exchange: str, ground: str) -> Answer:
        """Raises OfferOver."""
        return await self._decide(principal, request, exchange, "refused", ground, newcomer=False)

    async def entered(self, principal: Principal, request: Request, exchange: str, ticket: str) -> Answer:
        """The newcomer is a member of the organization, or below it. Raises OfferedToSomebodyElse, OfferOver."""
        offer = await self._visible(principal, exchange)
        to = offer.offer.organization
        await self._rights.require_write(principal, to)
        person, branch = self._found(request, to, ticket)
        if to not in (await self._tree.line(branch)).ids:
            raise OfferedToSomebodyElse
        return await self._dialogue.record(request, exchange, lambda state: domain.note_entry(person, state))

    async def _decide(
        self, principal: Principal, request: Request, exchange: str, decision: str, ground: str, *, newcomer: bool
    ) -> Answer:
        offer, now = await self._visible(principal, exchange), self._clock.now()
        await self._rights.require_write(principal, offer.offer.organization)
        decide = domain.answer_offer
        return await self._dialogue.record(
            request, exchange, lambda state: decide(decision, ground, state, now, newcomer=newcomer)
        )

    async def _visible(self, principal: Principal, exchange: str) -> Incoming:
        """For who may read the organization that it is offered to. Raises NothingHere (X14)."""
        async with even_pace(NOT_FOUND_SECONDS):
            state: Any = await self._dialogue.state(exchange) if exchange.startswith("exchange-") else None
            if not isinstance(state, Incoming) or not await self._rights.may_read(principal, state.offer.organization):
                raise NothingHere
            return state

    def _found(self, request: Request, to: str, ticket: str) -> tuple[str, str]:
        found = self._tickets.read((to, request.actor.principal), ticket, self._clock.now())
        if found is None:
            raise PapersNotOfThisMember(field="ticket")
        return found[0], found[1]

    async def _body(self, branch: str) -> str:
        body = province_of(await self._tree.line(branch))
        if body is None:
            raise NoMembershipToTransfer
        return body


def _named(system: str) -> dict[str, str]:
    """As the sentences of refusals name it, in both languages."""
    return {"system": SYSTEM_NAMES[system], "system_en": system.capitalize()}
