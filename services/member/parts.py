"""What the handlers of member work with; the composition root puts it on the application."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from services.member.projections.graduate_branches import GraduateBranches
from services.member.projections.imports import ImportList
from services.member.projections.people import PeopleList
from services.member.use_cases.graduation import Exclusions
from services.member.use_cases.imports import Imports
from services.member.use_cases.people import People
from services.member.use_cases.places import Places
from services.member.use_cases.records import Records
from services.member.use_cases.tickets import TransferTickets
from shared.authority.authority import Authority
from shared.http.paging import Cursors
from shared.kernel.clock import Clock

NOT_FOUND_SECONDS = 0.2
"""X14: opening a record takes longer than finding none, so that "not found" waits for the slower of the two."""


@dataclass(frozen=True, slots=True)
class Member:
    imports: Imports
    import_list: ImportList
    people: People
    people_list: PeopleList
    records: Records
    tickets: TransferTickets
    exclusions: Exclusions
    graduating: GraduateBranches
    places: Places
    authority: Authority
    cursors: Cursors
    clock: Clock


async def _parts(request: Request) -> Member:
    parts: Member = request.app.state.member
    return parts


Parts = Annotated[Member, Depends(_parts)]
