"""GRD-09: who has not done a step of a year's campaign: start transfers, settle them, have freshmen check in."""

from datetime import datetime
from typing import Any

from services.transfer.projections.arrivals import still_there
from services.transfer.projections.graduates import NOT_STARTED
from services.transfer.projections.members import Members
from services.transfer.projections.transfers import Transfers
from services.transfer.shapes_graduates import CampaignStep, Late, LateLine
from services.transfer.views_graduates import GraduateViews, Rights, Tree
from shared.http.tokens import Principal
from shared.kernel.clock import SHANGHAI, from_micros, to_micros

LATE_SHOWN = 50
FURTHER_STUDY = "further_study"


class LateViews:
    """Reads only. Whether the day of a step is over, org knows, who keeps the days."""

    def __init__(
        self, graduates: GraduateViews, transfers: Transfers, members: Members, tree: Tree, rights: Rights
    ) -> None:
        self._graduates = graduates
        self._transfers = transfers
        self._members = members
        self._tree = tree
        self._rights = rights

    async def late(self, principal: Principal, organization: str, year: int, step: CampaignStep) -> Late:
        """Now. Raises OutsideAuthority, SubtreeTooLarge."""
        await self._rights.require_read(principal, organization)
        if step == "freshmen":
            waiting = await self._freshmen(organization, year)
        else:
            waiting = await self._graduates.waiting(organization, year, only=NOT_STARTED if step == "start" else "")
        ranked = sorted(waiting.items(), key=lambda each: (-each[1]["people"], each[1]["since"], each[0]))
        names = await self._tree.nodes([each for each, _ in ranked[:LATE_SHOWN]])
        return Late(
            step=step,
            organizations=len(ranked),
            people=sum(held["people"] for held in waiting.values()),
            items=[
                LateLine(
                    organization=each,
                    name=names[each].name if each in names else "",
                    people=held["people"],
                    since=from_micros(held["since"]),
                )
                for each, held in ranked[:LATE_SHOWN]
            ],
        )

    async def _freshmen(self, organization: str, year: int) -> dict[str, dict[str, Any]]:
        """Who came in the year to study further and has not checked in, or was not contacted, by branch (TRF-21)."""
        since, until = (to_micros(datetime(each, 1, 1, tzinfo=SHANGHAI)) for each in (year, year + 1))
        there = still_there((await self._members.current()).name)
        found = await self._transfers.awaited(organization, FURTHER_STUDY, (since, until), there)
        within = await self._graduates.within(organization, {each["_id"] for each in found})
        return {each["_id"]: each for each in found if each["_id"] in within}
