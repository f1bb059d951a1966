"""HTTP of people: lists, one record with its history, entry by form, filling, revealing (MEM-01, 03, 20, 23, 24)."""

import re
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.member import views
from services.member.domain.fields import Template
from services.member.finding import find_people
from services.member.parts import NOT_FOUND_SECONDS, Member, Parts
from services.member.reach import belongs_to, editable, known_to, met_by, visible, writes
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.consistency import AskedReadAfter, shown
from shared.http.pace import even_pace
from shared.http.paging import LIMIT_MAX, CursorText, Limit
from shared.http.routes import Access, Router, access
from shared.http.tokens import Principal
from shared.kernel.clock import iso, local_date

NAMING = frozenset({"branch", "organization", "from_branch", "to_branch"})
"""Fields of a person's events that hold an organization."""
CONTACT = frozenset({"mobile", "emergency_phone"})
Text = Annotated[str, Field(max_length=400)]


class EntryForm(BaseModel):
    """A person as typed: every field as text, judged as a row of the template is (record.py)."""

    model_config = ConfigDict(extra="forbid")
    branch: Text = ""
    name: Text = ""
    document_kind: Text = ""
    number: Text = ""
    sex: Text = ""
    birth_date: Text = ""
    ethnicity: Text = ""
    political_status: Text = ""
    education: Text = ""
    join_date: Text = ""
    join_place: Text = ""
    development_number: Text = ""
    mobile: Text = ""
    email: Text = ""
    work_or_school: Text = ""
    occupation: Text = ""
    income: Text = ""
    positions: Text = ""
    appointment_kind: Text = ""
    position_since: Text = ""
    is_member: Text = ""
    emergency_contact: Text = ""
    emergency_phone: Text = ""
    hobbies: Text = ""
    remark: Text = ""


class MissingFields(BaseModel):
    """MEM-23: values for required fields that lack one."""

    model_config = ConfigDict(extra="forbid")
    birth_date: Text | None = None
    political_status: Text | None = None
    ethnicity: Text | None = None
    education: Text | None = None
    mobile: Text | None = None


class RevealForm(BaseModel):
    """Which masked value, and what for."""

    model_config = ConfigDict(extra="forbid")
    field: Literal["number", "mobile", "emergency_phone"]
    reason: Annotated[str, Field(min_length=2, max_length=200)]


class Filters(BaseModel):
    """Filters of both lists, as they stand in the console's address."""

    q: Annotated[str, Field(max_length=50)] = ""
    missing: Literal["", "any", "none", "ethnicity", "education", "mobile"] = ""
    education: Annotated[str, Field(max_length=20)] = ""
    status: Annotated[str, Field(max_length=20)] = ""
    branch: Annotated[str, Field(max_length=64)] = ""
    scope: Literal["own", "subordinates"] = "own"

    def conditions(self) -> dict[str, Any]:
        """As MongoDB conditions on documents of PeopleList."""
        found: dict[str, Any] = {}
        if self.q:
            found["name"] = {"$regex": re.escape(self.q)}
        match self.missing:
            case "":
                pass
            case "any":
                found["missing"] = {"$ne": []}
            case "none":
                found["missing"] = []
            case field:
                found["missing"] = field
        if self.education:
            found["education"] = self.education
        if self.status:
            found["political_status"] = self.status
        return found


router = Router("/v1")


async def page(
    parts: Member,
    kind: Literal["members", "cadres"],
    principal: Principal,
    organization: str,
    filters: Filters,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    await parts.authority.require_read(principal, organization)
    scope = await parts.places.listed(organization, filters.scope, branches_only=kind == "members")
    if filters.branch:
        scope = [o for o in scope if o == filters.branch]
    list_id = [kind, organization, filters.model_dump()]
    after = parts.cursors.read(list_id, cursor)
    last = (after[0], after[1]) if after else None
    conditions = filters.conditions()
    find = parts.people_list.members if kind == "members" else parts.people_list.cadres
    found = await find(scope, conditions, limit + 1, last)
    items = found[:limit]
    key = "branch" if kind == "members" else "positions.organization"
    total = await parts.people_list.count({key: {"$in": scope}} | conditions)
    following = parts.cursors.write(list_id, [items[-1]["name"], items[-1]["_id"]]) if len(found) > limit else None
    names = await parts.places.names(views.organizations_of(items))
    graduating = await parts.graduating.years([d["branch"] for d in items if d.get("branch")])
    today = local_date(parts.clock.now())
    return {
        "items": [views.listed(d, names, today, graduating) for d in items],
        "next": following,
        "total": total,
        "as_of": iso(parts.clock.now()),
    }


@router.get("/organizations/{organization}/members")
@access(Access.READ, "the organization whose members are listed")
async def members(
    parts: Parts,
    principal: CurrentPrincipal,
    organization: str,
    filters: Annotated[Filters, Query()],
    after: AskedReadAfter,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> dict[str, Any]:
    fresh = await shown(await parts.people_list.current(), after)
    return await page(parts, "members", principal, organization, filters, limit, cursor) | {"fresh": fresh}


@router.get("/organizations/{organization}/cadres")
@access(Access.READ, "the organization whose cadres are listed")
async def cadres(
    parts: Parts,
    principal: CurrentPrincipal,
    organization: str,
    filters: Annotated[Filters, Query()],
    after: AskedReadAfter,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> dict[str, Any]:
    fresh = await shown(await parts.people_list.current(), after)
    return await page(parts, "cadres", principal, organization, filters, limit, cursor) | {"fresh": fresh}


@router.get("/organizations/{organization}/people")
@access(Access.READ, "the organization in whose subtree people are looked for (TRF-14)")
async def found_by_name(
    parts: Parts,
    principal: CurrentPrincipal,
    organization: str,
    q: Annotated[str, Query(min_length=1, max_length=50)],
) -> dict[str, Any]:
    """`more`: the name is too common for everybody to have been looked at."""
    await parts.authority.require_read(principal, organization)
    found = await find_people(parts, organization, q.strip())
    return {"items": found.people, "more": found.more}


@router.get("/people")
@access(Access.READ, "an organization of the person found")
async def by_development_number(
    parts: Parts, principal: CurrentPrincipal, development_number: Annotated[str, Query(min_length=4, max_length=32)]
) -> dict[str, Any]:
    """MEM-20: the electronic file is found by development number."""
    found = await (await parts.people_list.current()).find_one(
        {"development_hash": parts.records.development_hash(development_number)}, {"_id": 1}
    )
    loaded = await visible(parts, principal, found["_id"] if found else "")
    return {"person": loaded.id}


@router.get("/people/names")
@access(Access.READ, "an organization of each person, a side of one of their transfers, or oneself (TRF-14)")
async def names_of_people(
    parts: Parts, principal: CurrentPrincipal, person: Annotated[list[str], Query(max_length=LIMIT_MAX)]
) -> dict[str, Any]:
    """The names of those that the asker may know; the others are left out (X14)."""
    async with even_pace(NOT_FOUND_SECONDS):
        people = await parts.records.load([p for p in dict.fromkeys(person) if p.startswith("person-")])
        known = await known_to(parts, principal, people)
    return {"items": [{"person": p, "name": r.name} for p in known if (r := people[p].record) is not None]}


@router.get("/people/{person}")
@access(Access.READ, "an organization of the person, the one an open transfer leads to, or oneself (TRF-13)")
async def one_person(parts: Parts, principal: CurrentPrincipal, person: str) -> dict[str, Any]:
    loaded = await visible(parts, principal, person, met_by)
    edit, reveal = [await writes(parts, principal, seats(loaded)) for seats in (belongs_to, met_by)]
    branch = loaded.known.branch if loaded.known else None
    names = await parts.places.names(belongs_to(loaded))
    graduating = await parts.graduating.years([branch] if branch else [])
    return views.record(loaded, names, {"edit": edit, "reveal": reveal, "code": edit}, graduating)


@router.get("/people/{person}/history")
@access(Access.READ, "an organization of the person, or oneself")
async def history(parts: Parts, principal: CurrentPrincipal, person: str) -> dict[str, Any]:
    await visible(parts, principal, person)
    events = await parts.records.history(person)
    mentioned = {r.actor.organization for r, _, _ in events if r.actor.organization}
    mentioned |= {str(v) for _, e, _ in events for k, v in e if k in NAMING and v}
    return {"items": views.history(events, await parts.places.names(mentioned))}


@router.post("/people/{person}/reveal")
@access(Access.WRITE, "an organization of the person; for phones also the one an open transfer leads to (TRF-13)")
async def reveal(
    request: CommandRequest, parts: Parts, principal: CurrentPrincipal, person: str, form: RevealForm
) -> dict[str, Any]:
    await editable(parts, principal, person, met_by if form.field in CONTACT else belongs_to)
    return {"value": await parts.people.reveal(request, person, form.field, form.reason)}


@router.put("/people/{person}/missing-fields")
@access(Access.WRITE, "an organization of the person")
async def fill(
    request: CommandRequest, parts: Parts, principal: CurrentPrincipal, person: str, form: MissingFields
) -> dict[str, Any]:
    await editable(parts, principal, person)
    return views.answer(await parts.people.fill(request, person, form.model_dump(exclude_none=True)))


@router.post("/organizations/{organization}/members", status_code=201)
@access(Access.WRITE, "the branch, or its superior")
async def enter_member(
    request: CommandRequest, parts: Parts, principal: CurrentPrincipal, organization: str, form: EntryForm
) -> dict[str, Any]:
    await parts.authority.require_write(principal, organization)
    return views.answer(await parts.people.enter(request, organization, Template.MEMBERS, form.model_dump()))


@router.post("/organizations/{organization}/cadres", status_code=201)
@access(Access.WRITE, "the organization, or its superior")
async def enter_cadre(
    request: CommandRequest, parts: Parts, principal: CurrentPrincipal, organization: str, form: EntryForm
) -> dict[str, Any]:
    await parts.authority.require_write(principal, organization)
    return views.answer(await parts.people.enter(request, organization, Template.CADRES, form.model_dump()))
