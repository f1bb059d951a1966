"""What a transfer to a special unit asks for: no destination but the register branch, and how long it waits (TRF-16)."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from services.transfer.domain.deciding import RequestTransfer
from services.transfer.domain.events import Side, Term
from services.transfer.domain.events_of_arrivals import RegisterPlace
from services.transfer.use_cases.registers import RegisterTransfers
from shared.authority.decide import Line, Scope
from shared.contracts.org import Register, register_branch

PERSON, BRANCH, PROVINCE, ROOT = "person-1", "branch", "province", "root"
REGISTER = register_branch(PROVINCE, Register.SPECIAL_UNITS)
LINE = Line(
    (Scope(BRANCH, PROVINCE, "branch", ""), Scope(PROVINCE, ROOT, "leading_body", ""), Scope(ROOT, None, "", ""))
)


class Tree:
    async def line(self, _scope: str) -> Line:
        return LINE


class Rules:
    usual_hours = 240

    async def terms(self, _from_branch: str, _to: str) -> tuple[Term, ...]:
        return (Term(side=Side.OUT, hours=480), Term(side=Side.IN, hours=480, automatic=True))


async def requested(special_unit_hours: int) -> RequestTransfer:
    asked: list[RequestTransfer] = []

    async def begin_once(_request: Any, command: RequestTransfer) -> None:
        asked.append(command)

    begins: Any = SimpleNamespace(begin_once=begin_once)
    rules: Any = Rules()
    registers = RegisterTransfers(begins, rules, Tree(), timedelta(hours=1), special_unit_hours)
    request: Any = None
    await registers.to_special_unit(request, Side.OUT, PERSON, BRANCH, "joined_army", "2026年9月参军入伍")
    [command] = asked
    return command


@pytest.mark.rule("TRF-16")
async def test_it_leads_to_the_register_branch_of_the_province_above_and_is_seen_by_all_over_both() -> None:
    command = await requested(0)
    assert (command.from_branch, command.to, command.assigns) == (BRANCH, REGISTER, False)
    assert command.register_place == RegisterPlace(body=PROVINCE, which="special_units")
    assert command.above == (BRANCH, PROVINCE, ROOT, REGISTER)
    assert (command.reason, command.note) == ("joined_army", "2026年9月参军入伍")


@pytest.mark.rule("TRF-16", "TRF-09")
@pytest.mark.parametrize(
    ("hours", "term"),
    [(0, Term(side=Side.IN, hours=240, endless=True)), (72, Term(side=Side.IN, hours=72))],
)
async def test_the_provincial_body_has_no_end_unless_one_is_set_and_silence_is_never_its_yes(
    hours: int, term: Term
) -> None:
    assert (await requested(hours)).terms == (Term(side=Side.OUT, hours=480), term)
