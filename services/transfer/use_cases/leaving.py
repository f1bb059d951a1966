"""TRF-19: whether a destination goes with what a member says of themselves."""

from typing import NamedTuple

from services.transfer.domain.asked import Asked
from services.transfer.domain.refusals_of_arrivals import (
    BranchIsNoSuchPlace,
    PlaceDoesNotFit,
    ReasonLeadsElsewhere,
    WorksSoNotHome,
)
from services.transfer.reference import reasons_named
from services.transfer.reference.leavers import (
    BRIDGING,
    FLOATING,
    REASONS_OF,
    SAYS_WHERE,
    TALENT_CENTRE,
    UNDECIDED,
    WITHOUT_WORK,
    WORK_REASONS,
    named,
    situations,
)
from shared.contracts.org import BranchKind


class Why(NamedTuple):
    """TRF-15, TRF-19: codes of the reason, of a leaver's situation and of the kind of place; `note` goes with the
    reason.
    """

    reason: str
    note: str = ""
    situation: str = ""
    place: str = ""


_NAMED = {BranchKind.FLOATING: FLOATING - {TALENT_CENTRE}, BranchKind.BRIDGING: frozenset({BRIDGING})}
"""Places that are branches of a kind."""


def check_place(said: str, place: str, reason: str, kind: str, *, talent_centre: bool) -> None:
    """`said` is a code of a situation, `place` of a kind of destination; both may be empty where nobody asks.

    `kind` is the kind of the destination, empty where it is not known; `talent_centre`: that is a place too.
    Raises WorksSoNotHome, PlaceDoesNotFit, ReasonLeadsElsewhere.
    """
    known = situations(talent_centre=talent_centre)
    stated = next((each for each in known if each.code == said), None)
    works = reason in WORK_REASONS or (stated is not None and stated.works)
    if works and (place in WITHOUT_WORK or (stated is not None and reason == UNDECIDED)):
        raise WorksSoNotHome(field="place")
    allowed = stated.places if stated else tuple(dict.fromkeys(p for each in known for p in each.places))
    if (said and stated is None) or (place and place not in allowed) or (stated and not place):
        raise _unfit("place", allowed)
    if place and reason in SAYS_WHERE and reason not in REASONS_OF[place]:
        raise _leads_elsewhere(place)
    if not _fits(place, kind):
        raise _unfit("place", tuple(p for p in allowed if _fits(p, kind)) or allowed)


def check_branch(asked: Asked, kind: str) -> None:
    """Of a branch of that kind that is assigned: what the leaver said still holds. Raises PlaceDoesNotFit."""
    if not _fits(asked.place, kind):
        raise _unfit("branch", (asked.place,))


def check_named(place: str, kind: str) -> None:
    """Of a branch of that kind that somebody starts a transfer to. Who assigns one is not bound to what was meant then:
    there may be no floating branch, and nobody waits for ever for what is not there. Raises BranchIsNoSuchPlace.
    """
    for named_kind, places in _NAMED.items():
        if place in places and kind != named_kind:
            zh, en = named((place,))
            raise BranchIsNoSuchPlace(field="to", place=zh, place_en=en)


def _fits(place: str, kind: str) -> bool:
    fitting = {BranchKind.FLOATING: FLOATING, BranchKind.BRIDGING: frozenset({BRIDGING})}
    return not place or kind not in fitting or place in fitting[BranchKind(kind)]


def _leads_elsewhere(place: str) -> ReasonLeadsElsewhere:
    (zh, en), (reasons, reasons_en) = named((place,)), reasons_named(REASONS_OF[place])
    return ReasonLeadsElsewhere(field="reason", place=zh, place_en=en, allowed=reasons, allowed_en=reasons_en)


def _unfit(field: str, places: tuple[str, ...]) -> PlaceDoesNotFit:
    zh, en = named(places)
    return PlaceDoesNotFit(field=field, allowed=zh, allowed_en=en)
