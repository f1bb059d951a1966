"""What is shown of applications for an account: to who applies, and to the superior (ADM-07)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from services.org.domain.application import EndedApplication, ForgottenApplication, OpenApplication
from services.org.domain.organization import OrganizationUnknown
from services.org.projections.applications import LAPSED, WAITING, AccountApplications
from services.org.projections.organizations import Organizations
from services.org.shapes import Applicant, ApplicationOutcome, ApplicationRecord, ApplicationRow, Node
from services.org.use_cases.dossiers import Dossier
from shared.http.paging import Cursors, Page
from shared.http.refusals import NothingHere
from shared.http.tokens import Principal
from shared.kernel.clock import from_micros, to_micros

FOUND_MAX = 10


class Rights(Protocol):
    async def require_write(self, principal: Principal, scope: str) -> object:
        """ADM-08. Raises the refusal that names who could."""
        ...


class Waiting(Protocol):
    async def waiting(self, organizations: Sequence[str]) -> set[str]:
        """Those that have an open application."""
        ...


class ApplicationViews:
    """Reads only."""

    def __init__(
        self,
        applications: AccountApplications,
        organizations: Organizations,
        open_ones: Waiting,
        rights: Rights,
        cursors: Cursors,
    ) -> None:
        self._applications = applications
        self.collection = applications.collection
        self._organizations = organizations
        self._open = open_ones
        self._rights = rights
        self._cursors = cursors

    async def applicants(self, part: str) -> list[Applicant]:
        """X14: by a part of the name, names and whether each may apply; never why not. At most ten."""
        return await self._applicants(await self._organizations.search(part, None, FOUND_MAX))

    async def applicant(self, organization: str) -> Applicant:
        """The same of one. Raises NothingHere."""
        found = await self._organizations.get(organization)
        if found is None:
            raise NothingHere
        (shown,) = await self._applicants([found])
        return shown

    async def _applicants(self, found: Sequence[Mapping[str, Any]]) -> list[Applicant]:
        lines = await self._organizations.lines(found)
        names = await self._organizations.names([each for line in lines.values() for each in line])
        above = await self._organizations.many([one["superior"] for one in found if one["superior"]])
        waiting = await self._open.waiting([one["_id"] for one in found])
        return [
            Applicant(
                **_node(one),
                path=[Node(**_node(names[each])) for each in lines[one["_id"]] if each in names],
                may_apply=_may_apply(one, above) and one["_id"] not in waiting,
            )
            for one in found
        ]

    async def outcome(self, dossier: Dossier, now: datetime) -> ApplicationOutcome:
        """What the ticket shows: nothing personal but the reason, while it is kept."""
        names = await self._organizations.names([dossier.submitted.organization])
        name = names.get(dossier.submitted.organization, {}).get("full_name", "")
        return ApplicationOutcome(
            full_name=name,
            state=state_of(dossier, now),
            submitted_at=dossier.submitted_at,
            due_at=dossier.submitted.due_at,
            decided_at=dossier.decided_at,
            reason=dossier.personal.get("reason"),
        )

    async def record(self, dossier: Dossier, now: datetime) -> ApplicationRecord:
        document = await self._organizations.get(dossier.submitted.organization)
        if document is None:
            raise OrganizationUnknown
        destroyed = isinstance(dossier.state, ForgottenApplication)
        return ApplicationRecord(
            **_node(document),
            application=dossier.application,
            superior=document["superior"] or "",
            admins=len(document["admins"]),
            state=state_of(dossier, now),
            submitted_at=dossier.submitted_at,
            due_at=dossier.submitted.due_at,
            decided_at=dossier.decided_at,
            decided_by=dossier.decided_by or None,
            destroyed=destroyed,
            destroy_at=dossier.state.destroy_at if isinstance(dossier.state, EndedApplication) else None,
            **dossier.personal,
        )

    async def page(
        self, principal: Principal, superior: str, now: datetime, *, ended: bool, limit: int, cursor: str | None
    ) -> Page[ApplicationRow]:
        """Of the direct subordinates: those that wait, the oldest first, or those that ended, the newest first."""
        await self._rights.require_write(principal, superior)
        below = [each["_id"] for each in await self._organizations.direct(superior, {})]
        of = ["applications", superior, ended]
        after = self._cursors.read(of, cursor)
        found = await self._applications.page(below, ended=ended, limit=limit + 1, after=after)
        shown, more = found[:limit], len(found) > limit
        names = await self._organizations.names([each["organization"] for each in shown])
        return Page[ApplicationRow](
            items=[_row(each, names[each["organization"]], now) for each in shown],
            next=self._cursors.write(of, [shown[-1]["submitted_at"], shown[-1]["_id"]]) if more else None,
            total=await self._applications.count(below, ended=ended),
        )


def _may_apply(organization: Mapping[str, Any], above: Mapping[str, Mapping[str, Any]]) -> bool:
    """As the command decides it, by what is known here."""
    superior = above.get(organization["superior"] or "")
    if superior is None or organization["admins"]:
        return False
    return bool(superior["admins"]) or superior["superior"] is None


def state_of(dossier: Dossier, now: datetime) -> str:
    """`waiting`, `approved`, `refused` or `lapsed`; as of `now` one whose time is over has lapsed."""
    match dossier.state:
        case OpenApplication(due_at=due_at):
            return WAITING if now < due_at else LAPSED
        case EndedApplication(outcome=outcome) | ForgottenApplication(outcome=outcome):
            return outcome.value
        case _:
            raise ValueError(f"{dossier.application} has no state to show")


def _row(document: Mapping[str, Any], organization: Mapping[str, Any], now: datetime) -> ApplicationRow:
    lapsed = document["state"] == WAITING and to_micros(now) >= document["due_at"]
    return ApplicationRow(
        **_node(organization),
        application=document["_id"],
        state=LAPSED if lapsed else document["state"],
        submitted_at=from_micros(document["submitted_at"]),
        due_at=from_micros(document["due_at"]),
        decided_at=from_micros(document["decided_at"]) if document["decided_at"] else None,
    )


def _node(document: Mapping[str, Any]) -> dict[str, str]:
    return {"id": document["_id"], "short_name": document["short_name"], "full_name": document["full_name"]}
