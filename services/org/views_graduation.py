"""What the pages of schools and graduation show (GRD-01, GRD-02, GRD-09): read models put together."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from services.org.domain.graduation import Marker, who_marks
from services.org.projections.graduation import Schools
from services.org.projections.organizations import Organizations, name_part
from services.org.reference import reference_on
from services.org.shapes import Node
from services.org.shapes_graduation import (
    BranchRow,
    Late,
    Month,
    Progress,
    ProgressRow,
    SchoolRow,
)
from services.org.views import Rights
from shared.http.paging import Cursors, Page
from shared.http.tokens import Principal

Lacking = Literal["", "admin", "branch"]
Marking = Literal["", "unmarked", "marked"]
SCANNED = 500
LATE_SHOWN = 200


class GraduationViews:
    """Reads only. Raises what `Rights` raises."""

    def __init__(self, organizations: Organizations, rights: Rights, cursors: Cursors) -> None:
        self._organizations = organizations
        self._schools = Schools(organizations)
        self._rights = rights
        self._cursors = cursors

    async def progress(self, principal: Principal, organization: str) -> Progress:
        """Below the organization, and below each direct subordinate that has schools or is part of one."""
        await self._rights.require_read(principal, organization)
        direct = [
            each["_id"] for each in await self._organizations.direct(organization, {"category": {"$ne": "branch"}})
        ]
        marked = await self._schools.marked([organization, *direct])
        schools = await self._schools.schools([organization, *direct])
        documents = await self._organizations.many([organization, *direct])
        shown = [each for each in direct if marked[each][0] or schools[each][0] or documents[each]["school"]]
        return Progress(
            **_counts(marked[organization], schools[organization]),
            school=organization in documents and documents[organization]["school"],
            rows=[_progress_row(documents[each], marked[each], schools[each]) for each in shown],
        )

    async def schools(
        self, principal: Principal, organization: str, lacking: Lacking, limit: int, cursor: str | None
    ) -> Page[SchoolRow]:
        """Looks through at most SCANNED schools a page, so one may be short, or empty, and go on."""
        await self._rights.require_read(principal, organization)
        of = ["schools", organization, lacking]
        after = self._cursors.read(of, cursor)
        last = str(after[0]) if after else None
        scanned = limit if not lacking else SCANNED
        found = await self._schools.schools_below(organization, scanned, last)
        bare = await self._schools.without_branch(found)
        wanted = [each for each in found if _lacks(each, bare, lacking)][:limit]
        end = wanted[-1] if len(wanted) == limit else (found[-1] if len(found) == scanned else None)
        marked = await self._schools.marked([each["_id"] for each in wanted])
        names = await self._organizations.names([each["superior"] for each in wanted])
        return Page[SchoolRow](
            items=[_school_row(each, names, each["_id"] in bare, marked[each["_id"]]) for each in wanted],
            next=self._cursors.write(of, [end["_id"]]) if end else None,
        )

    async def branches(
        self,
        principal: Principal,
        organization: str,
        marking: Marking,
        part: str,
        today: date,
        limit: int,
        cursor: str | None,
    ) -> Page[BranchRow]:
        """The branches below that need a month, with who may mark them; by name, those whose names hold `part`."""
        await self._rights.require_read(principal, organization)
        of = ["graduation-branches", organization, marking, part]
        after = self._cursors.read(of, cursor)
        found = await self._schools.branches_below(
            organization,
            marking or None,
            name_part(part) if part else {},
            limit + 1,
            (str(after[0]), str(after[1])) if after else None,
        )
        page = found[:limit]
        above = await self._organizations.many([a for each in page for a in each["ancestors"]])
        return Page[BranchRow](
            items=[_branch_row(each, organization, above, today) for each in page],
            next=self._cursors.write(of, [page[-1]["full_name"], page[-1]["_id"]]) if len(found) > limit else None,
        )

    async def late(self, principal: Principal, organization: str, day: date, today: date) -> Late:
        """GRD-09: nobody is late before the day of marking is over."""
        await self._rights.require_read(principal, organization)
        if today <= day:
            return Late(day=day, over=False, items=[])
        found = await self._schools.superiors_of_unmarked(organization, LATE_SHOWN)
        documents = await self._schools.placed([each for each, _ in found])
        above = await self._organizations.names([a for d in documents.values() for a in d["ancestors"]])
        items = [
            ProgressRow.late(documents[each], count, _path(documents[each], organization, above))
            for each, count in found
            if each in documents
        ]
        return Late(day=day, over=True, items=items)


def _lacks(school: Mapping[str, Any], bare: set[str], lacking: Lacking) -> bool:
    return {"": True, "admin": not school["admins"], "branch": school["_id"] in bare}[lacking]


def _node(document: Mapping[str, Any]) -> dict[str, str]:
    return {"id": document["_id"], "short_name": document["short_name"], "full_name": document["full_name"]}


def _counts(marked: tuple[int, int], schools: tuple[int, int]) -> dict[str, int]:
    return {"branches": marked[0], "marked": marked[1], "schools": schools[0], "without_admin": schools[1]}


def _progress_row(document: Mapping[str, Any], marked: tuple[int, int], schools: tuple[int, int]) -> ProgressRow:
    kinds = {"category": document["category"], "sector": document["sector"], "school": document["school"]}
    return ProgressRow(**_node(document), **kinds, **_counts(marked, schools), admins=len(document["admins"]))


def _school_row(
    document: Mapping[str, Any], names: Mapping[str, Any], bare: bool, marked: tuple[int, int]
) -> SchoolRow:
    superior = names.get(document["superior"])
    return SchoolRow(
        **_node(document),
        category=document["category"],
        sector=document["sector"],
        superior=Node(**_node(superior)) if superior else None,
        institution_code=document["information"]["institution_code"],
        admins=len(document["admins"]),
        has_branch=not bare,
        branches=marked[0],
        marked=marked[1],
    )


def _branch_row(document: Mapping[str, Any], asker: str, above: Mapping[str, Any], today: date) -> BranchRow:
    graduates = document["graduates"]
    chain = [above[each] for each in reversed(document["ancestors"]) if each in above]
    markers = [Marker(a["_id"], a["short_name"], a["sector"], a["school"]) for a in chain]
    could = who_marks(document["sector"], markers, reference_on(today))
    return BranchRow(
        **_node(document),
        path=_path(document, asker, above),
        sector=document["sector"],
        month=Month(**graduates) if graduates else None,
        graduated=document["graduated"],
        marked_by=[marker.short_name for marker in could],
        may_mark=asker in {marker.id for marker in could},
    )


def _path(document: Mapping[str, Any], below: str, names: Mapping[str, Any]) -> list[Node]:
    """What lies between an organization and the one asked about."""
    ancestors: Sequence[str] = document["ancestors"]
    between = ancestors[ancestors.index(below) + 1 :] if below in ancestors else ancestors
    return [Node(**_node(names[each])) for each in between if each in names]
