"""HTTP of graduates who are left out: those who stay on, and teachers (GRD-04)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.member.domain.events_of_graduation import ExclusionKind
from services.member.parts import Parts
from services.member.use_cases.graduation import ExclusionOf
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.routes import Access, Router, access

router = Router("/v1")

PEOPLE_MAX = 200


class ExclusionForm(BaseModel):
    """`kind` null takes the mark back."""

    model_config = ConfigDict(extra="forbid")
    people: Annotated[list[str], Field(min_length=1, max_length=PEOPLE_MAX)]
    kind: ExclusionKind | None = None


class NotExcluded(BaseModel):
    code: str
    rule: str
    zh: str
    en: str


class Excluded(BaseModel):
    """What came of one person: `version` of their stream, or why not."""

    person: str
    version: int | None = None
    refused: NotExcluded | None = None


class ExcludedPeople(BaseModel):
    """`stream` and `version` of the last one marked: the token with which the list can be waited for."""

    items: list[Excluded]
    stream: str = ""
    version: int = 0


@router.post("/organizations/{organization}/graduation-exclusions")
@access(Access.WRITE, "the branch, or its superior (GRD-04)")
async def exclude(
    request: CommandRequest, parts: Parts, principal: CurrentPrincipal, organization: str, form: ExclusionForm
) -> ExcludedPeople:
    await parts.authority.require_write(principal, organization)
    marked = await parts.exclusions.mark(request, organization, form.people, form.kind)
    last = next((each.answer for each in reversed(marked) if each.answer), None)
    token = {"stream": last.stream, "version": last.version} if last else {}
    return ExcludedPeople(items=[_excluded(each) for each in marked], **token)


def _excluded(each: ExclusionOf) -> Excluded:
    if (no := each.refused) is None:
        return Excluded(person=each.person, version=each.answer.version if each.answer else None)
    said = NotExcluded(code=no.code, rule=no.rule, zh=no.sentence(), en=no.sentence("en"))
    return Excluded(person=each.person, refused=said)
