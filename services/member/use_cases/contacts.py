"""TRF-13, TRF-14: while a transfer is open, its two sides and the member call each other's admins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from services.member.use_cases.people import ACCESS_LOG
from services.member.use_cases.records import Person, Records
from shared.kernel import ids
from shared.kernel.clock import Clock, to_micros
from shared.kernel.envelope import Actor, Request
from shared.kernel.refusals import Kind, Refusal

ADMINS_MAX = 10


class NoOpenTransferBetween(Refusal):
    """The same whether there is no transfer, or the organization is none of its sides."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    rule = "TRF-14"
    zh = "这名团员没有与该组织有关的转接正在办理，不能查看其管理员的联系方式。"
    en = "No transfer of this member with that organization is open, so its admins' phones are not shown."
    way_out = "请通过该组织登记的办公电话联系。"
    way_out_en = "Call the office of the organization."


class Rights(Protocol):
    async def may_as(self, actor: Actor, scope: str) -> bool:
        """Whether somebody acting for an organization may act for the scope."""
        ...


@dataclass(frozen=True, slots=True)
class Contact:
    """`mobile` in clear; empty where none is recorded."""

    person: str
    name: str
    mobile: str


@dataclass(frozen=True, slots=True)
class Contacts:
    """The use case. Whether the principal may is checked by the caller before."""

    records: Records
    rights: Rights
    clock: Clock

    async def give(
        self, request: Request, about: Person, side: str, organization: str, admins: Sequence[str]
    ) -> list[Contact]:
        """Of those that do administer the side. Each is in the access log before it is answered, once a request.

        Raises NoOpenTransferBetween.
        """
        known = about.known
        if known is None or known.hold is None or side not in (known.branch, known.held_to):
            raise NoOpenTransferBetween
        wanted = [each for each in dict.fromkeys(admins) if await self.rights.may_as(Actor(each, organization), side)]
        people = await self.records.load([each for each in wanted if each.startswith("person-")])
        found = [
            Contact(id_, record.name, record.mobile or "")
            for id_, person in people.items()
            if (record := person.record) is not None
        ]
        for contact in found:
            await self._note(request, contact.person)
        return found

    async def _note(self, request: Request, person: str) -> None:
        entry = {
            "_id": ids.commit_id("member", request.actor.principal, request.key, person),
            "person": person,
            "field": "mobile",
            "reason": "transfer",
            "principal": request.actor.principal,
            "organization": request.actor.organization,
            "at": to_micros(self.clock.now()),
        }
        log = self.records.store.database[ACCESS_LOG]
        await log.update_one({"_id": entry["_id"]}, {"$setOnInsert": entry}, upsert=True)
