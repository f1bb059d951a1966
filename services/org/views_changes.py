"""What is shown of a tree that changes: migrations, what ends with an organization, what moves along, explanations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from services.org.domain.organization import OrganizationUnknown
from services.org.projections.cadres import Cadres
from services.org.projections.migrations import PENDING, TIMED_OUT, Migrations
from services.org.projections.organizations import Organizations
from services.org.shapes import Ending, Explaining, Explanation, MigrationShown, MigrationStep, Node, Reach
from shared.http.paging import Cursors, Page
from shared.http.refusals import NothingHere
from shared.http.tokens import Principal
from shared.kernel.clock import from_micros, to_micros

COUNTED_MOST = 20_000
LISTS: Mapping[str, tuple[str, ...]] = {"waiting": ("waits_for",), "own": ("organization",), "seen": ("superior", "to")}
"""The lists of an organization: what it has to decide, what it asked for itself, what was asked of it."""


class Rights(Protocol):
    """ADM-08."""

    async def require_read(self, principal: Principal, scope: str) -> None: ...
    async def require_write(self, principal: Principal, scope: str) -> None: ...
    async def may_write(self, principal: Principal, scope: str) -> bool: ...


class ChangeViews:
    """Reads only. Raises OrganizationUnknown for what is not there, and what `Rights` raises."""

    def __init__(
        self, organizations: Organizations, migrations: Migrations, cadres: Cadres, rights: Rights, cursors: Cursors
    ) -> None:
        self._organizations = organizations
        self._migrations = migrations
        self._cadres = cadres
        self._rights = rights
        self._cursors = cursors

    async def current(self) -> Any:
        """The collection of migrations to read."""
        return await self._migrations.current()

    async def ending(self, principal: Principal, organization: str) -> Ending:
        """ORG-09, for who may write there."""
        await self._rights.require_write(principal, organization)
        document = await self._organizations.get(organization)
        if document is None:
            raise OrganizationUnknown
        return Ending(
            subordinates=(await self._organizations.counts_below([organization]))[organization][0],
            cadres=await self._cadres.of(organization),
            admins=[a["person"] for a in document["admins"]],
        )

    async def reach(self, principal: Principal, organization: str) -> Reach:
        """BEY-05, for who may read there."""
        await self._rights.require_read(principal, organization)
        total, branches, admins = await self._organizations.below(organization, COUNTED_MOST)
        return Reach(organizations=total, branches=branches, admins=admins, more=total > COUNTED_MOST)

    async def explaining(self, principal: Principal, superior: str) -> Page[Explaining]:
        """ORG-21: what its direct subordinates explained and nobody settled, for who may write there."""
        await self._rights.require_write(principal, superior)
        items = [
            Explaining(
                **dict(_node(each)),
                explanations=[Explanation.of(e) for e in each["explanations"] if e["settled_at"] is None],
            )
            for each in await self._organizations.explaining(superior)
        ]
        return Page[Explaining](items=items, total=len(items))

    async def migrations(
        self, principal: Principal, organization: str, which: str, now: datetime, limit: int, cursor: str | None
    ) -> Page[MigrationShown]:
        """ORG-17: one of the LISTS, the newest first, for who may read there."""
        await self._rights.require_read(principal, organization)
        where = {"$or": [{field: organization} for field in LISTS[which]]}
        of = ["migrations", organization, which]
        found = await self._migrations.page(where, limit + 1, self._cursors.read(of, cursor))
        shown, more = found[:limit], len(found) > limit
        names = await self._names(shown)
        return Page[MigrationShown](
            items=[_shown(each, names, now) for each in shown],
            next=self._cursors.write(of, [shown[-1]["requested_at"], shown[-1]["_id"]]) if more else None,
            total=await self._migrations.count(where),
        )

    async def migration(self, principal: Principal, migration: str, now: datetime) -> MigrationShown:
        """The caller has seen to it that the asker may see it. Raises NothingHere while it is on its way here."""
        document = await self._migrations.get(migration)
        if document is None:
            raise NothingHere
        shown = _shown(document, await self._names([document]), now)
        open_ = shown.state == PENDING
        decides = open_ and await self._decides(principal, str(document["waits_for"]))
        withdraws = open_ and await self._rights.may_write(principal, document["organization"])
        return shown.model_copy(update={"may_decide": decides, "may_withdraw": withdraws})

    async def _decides(self, principal: Principal, superior: str) -> bool:
        """Whether to offer it: one of the own admins, who acts for it."""
        document = await self._organizations.get(superior)
        named = principal.organization in (None, superior)
        return bool(document and named and any(a["person"] == principal.id for a in document["admins"]))

    async def _names(self, documents: Sequence[Mapping[str, Any]]) -> dict[str, Node]:
        named = {each[field] for each in documents for field in ("organization", "superior", "to")}
        return {id_: _node(each) for id_, each in (await self._organizations.names(list(named))).items()}


def _shown(document: Mapping[str, Any], names: Mapping[str, Node], now: datetime) -> MigrationShown:
    """As of `now` one whose time is over has ended."""
    over = document["state"] == PENDING and to_micros(now) >= document["due_at"]

    def name(organization: str | None) -> Node | None:
        if organization is None:
            return None
        return names.get(organization) or Node(id=organization, short_name="", full_name="")

    return MigrationShown(
        migration=document["_id"],
        organization=name(document["organization"]),
        superior=name(document["superior"]),
        to=name(document["to"]),
        note=document["note"],
        state=TIMED_OUT if over else document["state"],
        waits_for=None if over else name(document["waits_for"]),
        due_at=_at(document["due_at"]),
        requested_at=_at(document["requested_at"]),
        ended_at=_at(document["ended_at"]),
        steps=[
            MigrationStep(what=s["what"], organization=name(s["organization"]), by=s["by"], at=_at(s["at"]))
            for s in document["steps"]
        ],
        ground=document["ground"],
        ground_note=document["ground_note"],
    )


def _at(micros: int | None) -> Any:
    return None if micros is None else from_micros(micros)


def _node(document: Mapping[str, Any]) -> Node:
    return Node(id=document["_id"], short_name=document["short_name"], full_name=document["full_name"])
