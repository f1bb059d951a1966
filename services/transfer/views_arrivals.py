"""What is shown of who arrived: the duties of the branch, and until when they are to move on (TRF-20, TRF-21)."""

from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Protocol

from services.transfer.domain.arrivals import NOTES_MAX, PASSING
from services.transfer.projections.steps import PENDING
from services.transfer.projections.transfers import UNASSIGNED
from services.transfer.shapes_arrivals import ArrivalShown
from services.transfer.use_cases.rules import Kinds
from shared.contracts.org import BranchKind
from shared.http.tokens import Principal
from shared.kernel.clock import from_micros


class Members(Protocol):
    async def branches(self, people: Collection[str]) -> dict[str, str]: ...


class Rights(Protocol):
    async def may_write(self, principal: Principal, scope: str) -> bool: ...


def move_on_by(document: Mapping[str, Any]) -> date | None:
    """TRF-20: within one month after work or study was settled; None for whom nobody said so of."""
    if document["settled_on"] is None:
        return None
    since = date.fromisoformat(document["settled_on"])
    year, month = (since.year, since.month + 1) if since.month < 12 else (since.year + 1, 1)
    return date(year, month, min(since.day, monthrange(year, month)[1]))


def duties_of(document: Mapping[str, Any]) -> list[str]:
    """TRF-20, TRF-21: what the new branch has still to do for who arrived."""
    if not document["duties"]:
        return []
    done = document["arrival"]
    left = {"contact": not done["contacted_at"], "check_in": not done["checked_in_on"], "verify": done["unverified"]}
    return [duty for duty, open_ in left.items() if open_]


async def moved_on(members: Members, document: Mapping[str, Any]) -> bool:
    """Whoever arrived is in another branch by now, or in none: nothing is left to do here."""
    if document["arrival"] is None:
        return False
    branches = await members.branches([document["person"]])
    return branches.get(document["person"], "") != str(document["branch"])


def arrival_of(document: Mapping[str, Any], *, left: bool) -> ArrivalShown | None:
    """TRF-21; of who has `left` without a day to move on by."""
    if document["arrival"] is None:
        return None
    done = document["arrival"]
    at = from_micros(done["contacted_at"]) if done["contacted_at"] else None
    until = None if left else move_on_by(document)
    return ArrivalShown(**done | {"contacted_at": at}, settled_on=document["settled_on"], move_on_by=until)


async def may_receive(
    rights: Rights, kinds: Kinds, principal: Principal, document: Mapping[str, Any], *, undecided: bool, left: bool
) -> dict[str, bool]:
    """What the sides may do beside the steps (TRF-20, TRF-21, TRF-26)."""
    branch = document["branch"] or document["to"]
    out, in_ = await rights.may_write(principal, document["from_branch"]), await rights.may_write(principal, branch)
    kind = await kinds.kind(branch) if in_ else ""
    waits = document["state"] == PENDING and undecided and document["waits_for"] == document["to"]
    arrived = in_ and document["arrival"] is not None and not left
    return {
        "note_hand_over": (out or in_) and len(document["hand_overs"]) < NOTES_MAX,
        "verify_employment": (kind == BranchKind.FLOATING and waits)
        or (in_ and document["state"] == UNASSIGNED)
        or (arrived and document["arrival"]["unverified"]),
        "receive": bool(arrived and document["duties"]),
        "settle_work": arrived and kind in PASSING,
    }
