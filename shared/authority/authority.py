"""What use cases and handlers ask: may this principal act there? Raises the refusal that says who could."""

from collections.abc import Callable, Sequence
from typing import Any

from shared.authority.decide import Act, Allowed, Decision, Duty, Standing, may
from shared.authority.freshness import Freshness
from shared.authority.grants import Grants, Withdrawals
from shared.authority.lane import WithdrawalsLane
from shared.authority.projection import AuthorityGrants, AuthorityScopes
from shared.authority.refusals import AuthorityTooOld, OutsideAuthority
from shared.authority.tree import Tree
from shared.eventstore.driver import Driver
from shared.http.tokens import Principal
from shared.kernel.clock import Clock
from shared.kernel.envelope import Actor
from shared.projections.runner import ProjectionLoop
from shared.runtime.service import Loop
from shared.runtime.settings import Settings


class Authority:
    """One per process. Compose it with `Authority.of`, and give the service its `loops`.

    Commands are refused while the knowledge of withdrawn rights is older than 60 s, reading of personal data from 15
    minutes on (settings `authority_commands_seconds`, `authority_reading_seconds`); `freshness` tells that age.
    """

    def __init__(
        self,
        tree: Tree,
        grants: Grants,
        freshness: Callable[[], Freshness],
        settings: Settings,
        loops: Sequence[Loop] = (),
    ) -> None:
        self.tree = tree
        self.loops = tuple(loops)
        self.freshness = freshness
        self._grants = grants
        self._settings = settings

    @classmethod
    def of(cls, driver: Driver, service: str, settings: Settings, clock: Clock) -> "Authority":
        """Authority over the copies in the service's own database, with the loops that fill them."""
        database: Any = driver.database(settings.database(service))
        withdrawals = Withdrawals()
        lane = WithdrawalsLane(driver, service, settings, clock, withdrawals)
        scopes = ProjectionLoop(driver, service, AuthorityScopes(database), settings)
        grants = ProjectionLoop(driver, service, AuthorityGrants(database), settings)
        mine = Grants(database, withdrawals)
        return cls(Tree(database, withdrawals), mine, lane.freshness, settings, (scopes, grants, lane))

    async def may_read(self, principal: Principal, scope: str) -> bool:
        """Whether personal data of a scope may be shown. Raises AuthorityTooOld."""
        return await self.may_read_one(principal, (scope,))

    async def may_read_one(self, principal: Principal, scopes: Sequence[str]) -> bool:
        """For what belongs to several scopes: one of them is enough. Raises AuthorityTooOld."""
        self._not_older_than(self._settings.authority_reading_seconds)
        standing, lines = await self._standing(principal), await self.tree.lines(scopes)
        return any(isinstance(may(standing, lines[scope], Act.READ), Allowed) for scope in scopes)

    async def may_write(self, principal: Principal, scope: str) -> bool:
        """Whether to offer a command. For showing only: while nobody may, it answers False and raises nothing."""
        if self.freshness().age_seconds >= self._settings.authority_commands_seconds:
            return False
        return isinstance(await self._decided(principal, scope, Act.WRITE), Allowed)

    async def may_as(self, actor: Actor, scope: str, act: Act | Duty = Act.WRITE) -> bool:
        """For work that goes on after its request (an import): whether its actor still may. Raises AuthorityTooOld."""
        self._not_older_than(self._settings.authority_commands_seconds)
        return isinstance(await self._decided(_principal(actor), scope, act), Allowed)

    async def require_read(self, principal: Principal, scope: str) -> None:
        """For people's data of a scope: its admins, post holders, and those above. Raises OutsideAuthority."""
        if not await self.may_read(principal, scope):
            raise OutsideAuthority

    async def require_write(self, principal: Principal, scope: str) -> None:
        """For commands: admins of the scope or of its direct superior. Raises OutsideAuthority, AuthorityTooOld."""
        await self._require(principal, (scope,), Act.WRITE)

    async def require_write_to_one(self, principal: Principal, scopes: Sequence[str]) -> None:
        """For somebody who belongs to several scopes: one of them is enough. Raises as `require_write` does."""
        await self._require(principal, scopes, Act.WRITE)

    async def require_write_as(self, actor: Actor, scope: str) -> None:
        """As `require_write`, where a command turns out to reach a further scope."""
        await self._require(_principal(actor), (scope,), Act.WRITE)

    async def require_duty(self, principal: Principal, duty: Duty, scope: str) -> None:
        """For rights with a reach of their own (ADM-08). Raises OutsideAuthority, AuthorityTooOld."""
        await self._require(principal, (scope,), duty)

    async def _require(self, principal: Principal, scopes: Sequence[str], act: Act | Duty) -> None:
        """The refusal names who could in scopes that the principal may read; it is the same for all others (X14)."""
        self._not_older_than(self._settings.authority_commands_seconds)
        standing, lines = await self._standing(principal), await self.tree.lines(scopes)
        named: dict[str, None] = {}
        for line in (lines[scope] for scope in scopes):
            decision = may(standing, line, act)
            if isinstance(decision, Allowed):
                return
            if isinstance(may(standing, line, Act.READ), Allowed):
                named |= dict.fromkeys(decision.who_could)
        nodes = await self.tree.nodes(named) if named else {}
        raise OutsideAuthority([nodes[scope] for scope in named if scope in nodes])

    async def _decided(self, principal: Principal, scope: str, act: Act | Duty) -> Decision:
        return may(await self._standing(principal), await self.tree.line(scope), act)

    async def _standing(self, principal: Principal) -> Standing:
        return await self._grants.standing(principal.id, acting=principal.organization, operator=principal.central)

    def _not_older_than(self, seconds: float) -> None:
        if self.freshness().age_seconds >= seconds:
            raise AuthorityTooOld


def _principal(actor: Actor) -> Principal:
    return Principal(actor.principal, "", actor.central, actor.organization)
