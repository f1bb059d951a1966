"""For central operators: how each part of the system does, and what to do next where it does not (OPS-08)."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from services.web.answers.operation import LoopState, ParkedLines, Readiness
from services.web.answers.stats import Hours
from services.web.clients import Gap, attempt
from services.web.pages.parked import HEARING, service_of
from services.web.settings import SERVICES
from services.web.texts import say
from services.web.view import View
from services.web.visit import AsOperator

OVERDUE = timedelta(minutes=75)
"""An hour is published within minutes of its stroke; the next one after this time is overdue."""

# What loops say of themselves: a pattern, the text that says it to operators, what to do while it is not ready.
SENTENCES = (
    (r"stopped: (?P<reason>.+)", "stopped", "mend"),
    (r"failed, starts again: (?P<reason>.+)", "failed", "logs"),
    (r"tried again after failures: (?P<reason>.+)", "failed", "logs"),
    (r"(?:\d+ partitions, )?lag 0|idle|works|(?:a|no) child waits|", "idle", "wait"),
    (r"(?:\d+ partitions, )?lag (?P<records>\d+)", "lag", "wait"),
    (r"lag (?P<seconds>[\d.]+) s", "lag_seconds", "wait"),
    (r"rights are known as of (?P<seconds>[\d.]+) s ago", "rights", "lane"),
    (r"last beat (?P<seconds>[\d.]+) s ago", "beat", "lane"),
    (r"no beat on the lane of withdrawals yet.*", "no_beat", "lane"),
    (r"(?P<lines>\d+) lines with (?P<records>\d+) records are parked", "parked", "logs"),
    (r"busy for (?P<seconds>\d+) s", "busy", "logs"),
    (
        r"(?:not looked|no partition assigned) yet|not started|stopped|starting|starts again|checking its start",
        "starting",
        "wait",
    ),
    (r"another process .*|standing by: .*", "elsewhere", "logs"),
)
PAGE = "/operation/health"
routes = APIRouter()


@dataclass(frozen=True, slots=True)
class Line:
    """One loop: its name without that of its service, what it says, and what to do next; empty where it is well."""

    name: str
    ready: bool
    says: Markup | str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the system; `lines` is None where it does not answer."""

    name: str
    role: str
    lines: tuple[Line, ...] | None

    @property
    def well(self) -> bool:
        return self.lines is not None and all(line.ready for line in self.lines)


def line_of(part: str, name: str, state: LoopState) -> Line:
    """A sentence that nobody foresaw is shown as it is."""
    says: Markup | str = state.detail
    todo = "logs"
    for pattern, text, following in SENTENCES:
        if found := re.fullmatch(pattern, state.detail):
            says, todo = say(f"loop_says.{text}", **found.groupdict()), following
            break
    return Line(
        name.removeprefix(f"{part}."), state.ready, says, "" if state.ready else say(f"loop_todo.{todo}", part=part)
    )


def parts_of(answers: Sequence[Readiness | Gap]) -> Iterator[Part]:
    """Where a service's roles are processes of their own, the console does not reach the relay."""
    apart = any(isinstance(answer, Readiness) and answer.role != "all" for answer in answers)
    for name, answer in zip(SERVICES, answers, strict=True):
        if not isinstance(answer, Gap):
            lines = tuple(line_of(name, loop, state) for loop, state in answer.loops.items())
            yield Part(name, answer.role, lines)
        elif not (apart and name == "relay"):
            yield Part(name, "all", None)


def overdue(hours: Hours | Gap, now: datetime) -> bool:
    """Whether the newest published hour is not the one that it should be by now (STA-01)."""
    return not isinstance(hours, Gap) and bool(hours.items) and now - hours.items[0] > OVERDUE


@routes.get(PAGE)
async def health(request: Request, visit: AsOperator) -> Response:
    view: View = request.app.state.view
    answers, parked, hours = await asyncio.gather(
        asyncio.gather(*(attempt(service_of(visit, name).health(Readiness)) for name in SERVICES)),
        asyncio.gather(*(attempt(service_of(visit, name).get(ParkedLines, "/v1/parked")) for name in HEARING)),
        attempt(visit.services.stats.get(Hours, "/v1/progress/hours", {"limit": 1})),
    )
    parts = list(parts_of(answers))
    standing_still = [line for each in parked if not isinstance(each, Gap) for line in each.items]
    is_overdue = overdue(hours, view.now())
    return view.page(
        request,
        "operation/health.html",
        parts=parts,
        apart=any(part.role != "all" for part in parts),
        parked=standing_still,
        oldest=min((line.since for line in standing_still), default=None),
        hours=hours,
        is_overdue=is_overdue,
        ills=sum(not part.well for part in parts) + is_overdue + bool(standing_still),
        at=view.now(),
    )
