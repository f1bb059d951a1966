"""How a transfer goes, as its page draws it: the row of its stages, and the time line of who did what (TRF-14)."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.web.answers.transfer import APPROVERS, DONE, MEMBER, Card, Lists
from services.web.texts import say

LAST = "completed"
ENDS = ("refused", "withdrawn", "timed_out", "failed")


@dataclass(frozen=True)
class Stage:
    """`name` is a code of texts; `mark`: done, now, ended (here it stopped) or ahead."""

    name: str
    mark: str
    at: datetime | None = None


@dataclass(frozen=True)
class Event:
    """One line of the time line. `name` is a code of texts; `by` a principal, empty where nobody did it.

    `mark`: done, now, ended, ahead, or said for what decides nothing; `text` is what was said.
    """

    name: str
    mark: str
    at: datetime | None = None
    by: str = ""
    organization: str = ""
    text: str = ""


def stages(card: Card, *, assigns: bool) -> list[Stage]:
    """All that it takes; up to where it stopped, for one that came to nothing."""
    plan = ["requested", *APPROVERS.get(card.started_by, ()), *(["assign"] if assigns else []), LAST]
    passed = [step.at for step in card.steps if step.what in DONE]
    shown = [Stage(name, "done", at) for name, at in zip(plan, passed, strict=False)]
    ahead = plan[len(shown) :]
    if card.is_open:
        shown += [Stage(name, "ahead" if index else "now") for index, name in enumerate(ahead)]
    elif ahead:
        shown.append(Stage(ahead[0], "ended", _ended_at(card)))
    return shown


def events(card: Card, lists: Lists | None = None) -> list[Event]:
    """What happened, then what is waited for and what comes of waiting too long.

    With the lists also what a leaver said (TRF-19), and what was said beside the steps: reminders, delays, an
    objection, a case to coordinate.
    """
    shown = [_happened(card, at) for at in range(len(card.steps))]
    if lists is not None:
        shown[0] = replace(shown[0], text=lists.leaver(card))
        shown = sorted([*shown, *_said(card, lists)], key=lambda event: event.at or card.requested_at)
    if card.state == "timed_out" and card.steps[-1].what != "timed_out":
        shown.append(Event(f"timed_out_{card.side(card.waits_for)}", "ended", card.due_at))
    if card.is_open:
        above = say("transfers.without_admin") if card.without_admin else ""
        shown.append(Event(f"waits_{card.standing}", "now", organization=card.waits_for_name, text=above))
    if card.is_open and card.due_at:
        shown.append(Event("approves" if card.automatic else "returns", "ahead", card.due_at))
    return shown


def _happened(card: Card, at: int) -> Event:
    step = card.steps[at]
    side = card.started_by if step.what == "requested" else card.side(step.organization)
    sided = step.what in ("requested", "approved", "refused", "timed_out")
    objected = step.what == "withdrawn" and card.objection is not None and card.objection.state == "upheld"
    name = f"{step.what}_{side}" if sided else "withdrawn_objected" if objected else step.what
    nobody = step.what in ("timed_out", "failed", LAST)
    by_member = step.what == "requested" and card.started_by == MEMBER
    return Event(
        name,
        "ended" if step.what in ENDS else "done",
        step.at,
        by="" if nobody else step.by,
        organization="" if nobody or by_member or objected else step.organization_name,
    )


def _said(card: Card, lists: Lists) -> list[Event]:
    """What decides nothing; an objection that was upheld stands among the steps, which withdrew it."""
    found = [
        Event(
            "reminded_superior" if each.superior else "reminded", "said", each.at, organization=each.organization_name
        )
        for each in card.reminders
    ]
    found += [
        Event("hand_over", "said", each.at, each.by, each.organization_name, each.letter) for each in card.hand_overs
    ]
    for each in card.explanations:
        why = lists.said(lists.explanations, each.explanation)
        found.append(Event("explained", "said", each.at, each.by, each.organization_name, why))
    if objection := card.objection:
        why = lists.said(lists.objections, objection.objection)
        found.append(Event("objected", "said", objection.at, objection.by, text=why))
        if objection.state == "dismissed":
            found.append(Event("objection_dismissed", "said", objection.decided_at, objection.decided_by or ""))
    if case := card.coordination:
        found.append(Event("coordination", "said", case.at, case.by, case.organization_name))
        if case.answer:
            why = lists.said(lists.answers, case.answer)
            by = case.answered_by or ""
            found.append(Event("coordinated", "said", case.answered_at, by, case.organization_name, why))
    return found


def _ended_at(card: Card) -> datetime | None:
    return card.ended_at or card.due_at
