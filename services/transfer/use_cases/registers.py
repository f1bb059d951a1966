"""TRF-16: transfers into the register branches of provincial bodies, which nobody chooses as a destination."""

from datetime import timedelta
from typing import Protocol

from services.transfer.domain.deciding import RequestTransfer
from services.transfer.domain.events import Side, Term
from services.transfer.domain.events_of_arrivals import RegisterPlace
from services.transfer.domain.refusals_of_arrivals import NoProvincialBodyAbove, RegisterIsNoChoice
from services.transfer.domain.refusals_of_exchange import HeldByAnotherSystem
from services.transfer.use_cases.rules import TransferRules, Tree, all_over, province_of
from shared.authority.decide import Line
from shared.contracts.org import Register, register_branch, register_branches
from shared.eventstore.execute import Answer
from shared.kernel.envelope import Request


class Begins(Protocol):
    async def begin_once(self, request: Request, command: RequestTransfer) -> Answer: ...


class RegisterTransfers:
    """The use case; the provincial body above the branch decides, by being the register branch's superior (ADM-08).

    `special_unit_hours`: how long it has for a special unit; 0: no time-out.
    """

    def __init__(
        self, commands: Begins, rules: TransferRules, tree: Tree, hold_life: timedelta, special_unit_hours: int
    ) -> None:
        self._commands = commands
        self._rules = rules
        self._tree = tree
        self._hold_life = hold_life
        self._special_unit_hours = special_unit_hours

    async def to_special_unit(
        self, request: Request, started_by: Side, person: str, from_branch: str, reason: str, note: str
    ) -> Answer:
        """Raises NoProvincialBodyAbove, AlreadyThere, TransferAlreadyOpen."""
        body, which = province_of(await self._tree.line(from_branch)), Register.SPECIAL_UNITS
        if body is None:
            raise NoProvincialBodyAbove
        to = register_branch(body, which)
        out, _ = await self._rules.terms(from_branch, to)
        command = RequestTransfer(
            person=person,
            from_branch=from_branch,
            to=to,
            assigns=False,
            started_by=started_by,
            reason=reason,
            hold_life=self._hold_life,
            terms=(out, self._term()),
            note=note,
            above=tuple(dict.fromkeys([*await all_over(self._tree, from_branch), to])),
            register_place=RegisterPlace(body=body, which=which.value),
        )
        return await self._commands.begin_once(request, command)

    def _term(self) -> Term:
        if self._special_unit_hours:
            return Term(side=Side.IN, hours=self._special_unit_hours)
        return Term(side=Side.IN, hours=self._rules.usual_hours, endless=True)


def require_not_outside(line: Line) -> None:
    """TRF-17: who is in another system comes back by an offer of that system alone. Raises HeldByAnotherSystem."""
    outside = [each for each in Register if each is not Register.SPECIAL_UNITS]
    if len(line.ids) > 1 and line.ids[0] in {register_branch(line.ids[1], each) for each in outside}:
        raise HeldByAnotherSystem


def require_no_register(line: Line, field: str) -> None:
    """Raises RegisterIsNoChoice."""
    if len(line.ids) > 1 and line.ids[0] in register_branches(line.ids[1]):
        raise RegisterIsNoChoice(field=field)
