"""GRD-09: the dated steps of graduation campaigns: what applies where, and who sets them."""

from collections.abc import Sequence
from datetime import date
from typing import cast

from services.org.domain.campaigns import CAMPAIGNS, Campaigns, SetCampaign, StepDay, campaign_of, set_campaign
from services.org.domain.events_of_graduation import CampaignStepSet, Step
from services.org.reference.campaigns import USUAL
from services.org.use_cases.superiors import OWN_ADMINS, Rights, state_of
from services.org.use_cases.tree_rows import TreeRows
from shared.eventstore.execute import Answer, execute
from shared.eventstore.store import EventStore
from shared.http.tokens import Principal
from shared.kernel import ids
from shared.kernel.clock import local_date
from shared.kernel.envelope import Request
from shared.kernel.refusals import Refusal

LEVELS = 2
"""The centre and the provinces set steps."""


class GraduationCampaigns:
    """The use cases. `rights`: None where nobody sets anything (the worker)."""

    def __init__(self, store: EventStore, rows: TreeRows, rights: Rights | None = None) -> None:
        self._store = store
        self._rows = rows
        self._rights = rights

    async def of(self, organization: str, year: int) -> list[StepDay]:
        """The steps of a year that apply to an organization, in order."""
        return await self._at((await self._rows.path(organization))[:LEVELS], year)

    async def graduation_day(self, year: int) -> date:
        """GRD-03: the same everywhere."""
        root = await self._rows.root()
        steps = await self._at([root] if root else [], year)
        return next(each.day for each in steps if each.step is Step.GRADUATE)

    async def may_set(self, principal: Principal, organization: str) -> list[str]:
        """What to offer; decided again by the command."""
        level = len(await self._rows.path(organization))
        if self._rights is None or not 1 <= level <= LEVELS:
            return []
        try:
            await self._rights.require_duty(principal, OWN_ADMINS, organization)
        except Refusal:
            return []
        return [step.value for step in Step if level == 1 or step is not Step.GRADUATE]

    async def set(self, principal: Principal, request: Request, organization: str, command: SetCampaign) -> Answer:
        """By own admins of the root or a provincial body. Raises what `set_campaign` raises, OutsideAuthority."""
        if self._rights is None:
            raise PermissionError("nobody sets steps here")
        await self._rights.require_duty(principal, OWN_ADMINS, organization)
        at = await state_of(self._store, organization)
        above = [*at.ancestors, organization][:LEVELS]
        others = [(each, await self._campaigns(each)) for each in above if each != organization]
        today = local_date(self._store.codec.now())

        def decide(state: Campaigns) -> list[CampaignStepSet]:
            present = campaign_of(command.year, USUAL, [*others, (organization, state)])
            return set_campaign(command, organization, at, present, today)

        return await execute(self._store, CAMPAIGNS, _stream(organization), request, decide)

    async def _at(self, path: Sequence[str], year: int) -> list[StepDay]:
        return campaign_of(year, USUAL, [(each, await self._campaigns(each)) for each in path])

    async def _campaigns(self, organization: str) -> Campaigns:
        commits = await self._store.load(_stream(organization))
        return CAMPAIGNS.fold(cast("CampaignStepSet", e) for c in commits for e in c.events)


def _stream(organization: str) -> str:
    return f"{CAMPAIGNS.kind}-{ids.derived(CAMPAIGNS.kind, organization)}"
