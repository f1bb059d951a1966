"""IDN-07, IDN-08: who the caller is and where they stand."""

from dataclasses import dataclass

from services.identity.projections.people import People
from services.identity.projections.standings import Organizations, Standing, Standings
from services.identity.use_cases.operators import Operators
from services.identity.use_cases.sessions import is_operator
from shared.http.tokens import Principal


@dataclass(frozen=True, slots=True)
class Me:
    """`kind` is `person` or `operator`; an operator stands at the root, a person wherever they have a role."""

    principal: str
    kind: str
    name: str
    standings: list[Standing]


class WhoAmI:
    """The query."""

    def __init__(
        self, people: People, standings: Standings, organizations: Organizations, operators: Operators
    ) -> None:
        self._people = people
        self._standings = standings
        self._organizations = organizations
        self._operators = operators

    async def me(self, principal: Principal) -> Me:
        if is_operator(principal.id):
            root = await self._organizations.root()
            name = await self._operators.login_of(principal.id)
            return Me(principal.id, "operator", name, [root] if root else [])
        known = await self._people.by_id(principal.id)
        standings = await self._organizations.named(await self._standings.roles(principal.id))
        return Me(principal.id, "person", known.name if known else "", standings)
