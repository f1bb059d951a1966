"""One line of a list of transfers, from its document (TRF-14)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from services.transfer.projections.transfers import TIMED_OUT
from services.transfer.views_arrivals import duties_of, move_on_by
from shared.kernel.clock import from_micros, to_micros


def said(stored: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What somebody said, with its instants, and the name of the organization where there is one."""
    instants = {name: from_micros(at) for name, at in stored.items() if name.endswith("at") and at is not None}
    organization = {"organization_name": names.get(stored["organization"], "")} if "organization" in stored else {}
    return dict(stored) | instants | organization


def overdue(document: Mapping[str, Any], now: datetime) -> bool:
    """Its time is over, whether or not that is written."""
    return document["due_at"] is not None and to_micros(now) >= document["due_at"]


def late(document: Mapping[str, Any], now: datetime) -> bool:
    """TRF-10: a step was, or is by now."""
    return any(step["late"] for step in document["steps"]) or (
        document["late_at"] is not None and to_micros(now) >= document["late_at"]
    )


def state_of(document: Mapping[str, Any], now: datetime) -> str:
    """With what is over by its time, and not written yet."""
    state: str = document["state"]
    return TIMED_OUT if overdue(document, now) and not document["automatic"] else state


def cause_of(document: Mapping[str, Any], now: datetime) -> str | None:
    """Why it came to nothing; BEY-04: of what was returned, which side had not decided."""
    if state_of(document, now) != TIMED_OUT:
        cause: str | None = document["cause"]
        return cause
    waited_for = document["waits_for"] or document["steps"][-1]["organization"]
    return "out_undecided" if waited_for == document["from_branch"] else "in_undecided"


def reminded(document: Mapping[str, Any]) -> int:
    """BEY-04: how often who is waited for was; telling their superior is no reminder."""
    given = [each for each in document["reminders"] if not each["superior"]]
    return len([each for each in given if each["organization"] == document["waits_for"]])


def sides_of(document: Mapping[str, Any]) -> list[str]:
    """The organizations that a transfer is between, and who is to coordinate it (TRF-12)."""
    sides = (
        document["from_branch"],
        document["to"],
        document["branch"],
        (document["coordination"] or {}).get("organization"),
    )
    return [side for side in sides if side]


def line(
    document: Mapping[str, Any], names: Mapping[str, str], now: datetime, unattended: Collection[str]
) -> dict[str, Any]:
    """The fields of a TransferLine. `unattended`: of those who are waited for, who has no admin."""
    who = ("person", "from_branch", "to", "branch", "started_by", "waits_for", "batch", "register_of")
    why = ("reason", "situation", "place", "ground")
    instants = {
        name: from_micros(at) if (at := document[name]) else None
        for name in ("due_at", "late_at", "requested_at", "ended_at")
    }
    return (
        {name: document[name] for name in (*who, *why)}
        | instants
        | {
            "transfer": document["_id"],
            "by_weekdays": document["by_weekdays"],
            "move_on_by": move_on_by(document),
            "duties": duties_of(document),
            "automatic": document["automatic"],
            "late": late(document, now),
            "reminded": reminded(document),
            "without_admin": document["waits_for"] in unattended,
            "explanation": next(
                (
                    each["explanation"]
                    for each in reversed(document["explanations"])
                    if each["organization"] == document["waits_for"]
                ),
                None,
            ),
            "state": state_of(document, now),
            "cause": cause_of(document, now),
            "from_name": names.get(document["from_branch"], ""),
            "to_name": names.get(document["to"], ""),
            "branch_name": names.get(document["branch"] or "", ""),
            "waits_for_name": names.get(document["waits_for"] or "", ""),
        }
    )
