"""TRF-03, TRF-04: a branch that does not have the person gets a ticket for an exact pair of name and number."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from services.member.domain.names import read_name
from services.member.use_cases.people import ACCESS_LOG
from services.member.use_cases.records import NUMBER_CLAIM, Person, Records
from shared.eventstore.conditions import Claim
from shared.http.pace import even_pace
from shared.http.refusals import NothingHere
from shared.http.tickets import Tickets
from shared.kernel.clock import Clock, to_micros
from shared.kernel.envelope import Request
from shared.kernel.refusals import Kind, Refusal

LIFE = timedelta(minutes=10)
REFUSED_SECONDS = 0.1
"""X14: a pair that does not fit takes as long whether or not the number is known: its record is opened, or not."""


class NoMemberOfThisNameAndNumber(Refusal):
    """X14: one answer for an unknown number, another name, and somebody who is in no branch."""

    kind: ClassVar[Kind] = Kind.ABSENT
    rule = "TRF-03"
    zh = "没有找到姓名和证件号码都与此一致的团员。"
    en = "There is no member of exactly this name and number."
    way_out = "请与本人核对姓名和证件号码，两项须与团籍登记完全一致；尚未录入系统的，请由原团支部先录入。"
    way_out_en = (
        "Check both with the person: they must be exactly as registered. Who is not in the system yet has to be "
        "entered by the present branch first."
    )


class TooManyWrongPairs(Refusal):
    kind: ClassVar[Kind] = Kind.THROTTLED
    rule = "TRF-03"
    zh = "您今天输入的姓名与证件号码不一致的次数过多，今天不能再查找。"
    en = "Too many pairs of name and number did not fit today; you cannot look for more until tomorrow."
    way_out = "请明天再试，或者请团员本人、其现在的团支部发起转出。"
    way_out_en = "Try again tomorrow, or have the member or their present branch start the transfer."


class Tries(Protocol):
    async def begin(self, principal: str, now: datetime) -> bool:
        """Counts a try as wrong; False if there were too many today."""
        ...

    async def was_right(self, principal: str, at: datetime) -> None:
        """It was not wrong after all."""
        ...


@dataclass(frozen=True, slots=True)
class Ticket:
    """`text` says who it is and where they are, to transfer alone."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TransferTickets:
    """The use case. Whether the principal may act for the organization is checked by the caller before."""

    records: Records
    tickets: Tickets
    papers_of: Tickets
    tries: Tries
    clock: Clock

    async def give(self, request: Request, organization: str, name: str, kind: str, number: str) -> Ticket:
        """Ten minutes for this principal and organization. Every try is in the access log before it is answered.

        Raises NoMemberOfThisNameAndNumber, and TooManyWrongPairs after twenty of these on one day.
        """
        now, principal = self.clock.now(), request.actor.principal
        async with even_pace(REFUSED_SECONDS):
            if not await self.tries.begin(principal, now):
                raise TooManyWrongPairs
            found = await self._owner(kind, number)
            branch = _branch(found, name)
            await self._note(request, organization, found, branch, now)
            if found is None or branch is None:
                raise NoMemberOfThisNameAndNumber
        await self.tries.was_right(principal, now)
        until = now + LIFE
        return Ticket(self.tickets.write((organization, principal), (found.id, branch), until), until)

    async def papers(self, request: Request, person: str, found: Person) -> Ticket:
        """TRF-17: what another system has to know of a member who goes there, for transfer's eyes alone.

        Raises NothingHere for who is a member of no branch.
        """
        now, principal = self.clock.now(), request.actor.principal
        if found.record is None or found.known is None or found.known.branch is None:
            raise NothingHere
        branch, record, until = found.known.branch, found.record, now + LIFE
        await self._note(request, branch, found, branch, now, field="transfer_papers")
        values = (person, branch, record.name, record.number, record.document_kind)
        return Ticket(self.papers_of.write((principal,), values, until), until)

    async def _owner(self, kind: str, number: str) -> Person | None:
        try:
            claim = Claim(NUMBER_CLAIM, self.records.number_hash(kind, number))
        except (KeyError, ValueError):  # a kind that there is not, or nothing but blanks
            return None
        owner = await self.records.owner(claim)
        return (await self.records.load([owner])).get(owner) if owner else None

    async def _note(
        self,
        request: Request,
        organization: str,
        found: Person | None,
        branch: str | None,
        at: datetime,
        *,
        field: str = "transfer_ticket",
    ) -> None:
        entry = {
            "person": found.id if found else None,
            "field": field,
            "reason": "found" if branch else "not_found",
            "principal": request.actor.principal,
            "organization": organization,
            "at": to_micros(at),
        }
        await self.records.store.database[ACCESS_LOG].insert_one(entry)


def _branch(found: Person | None, name: str) -> str | None:
    """The branch of somebody of exactly this name."""
    if found is None or found.record is None or found.known is None or found.record.name != read_name(name):
        return None
    return found.known.branch
