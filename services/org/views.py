"""What the pages of org show: read models put together."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from pydantic import BaseModel

from services.org.domain import ordering
from services.org.domain.events import BranchKind
from services.org.domain.organization import OrganizationUnknown
from services.org.projections import cards
from services.org.projections.cadres import Cadres, Secretary
from services.org.projections.organizations import Organizations, name_part
from services.org.reference import ADMINS_MAX
from services.org.shapes import (
    Admin,
    Approval,
    Card,
    CodeRow,
    Dissolution,
    Explanation,
    Found,
    InPost,
    May,
    Node,
    Row,
    TreeNode,
)
from services.org.shapes_graduation import graduation_of
from services.org.use_cases.documents import Documents
from shared.http.paging import Cursors, Page
from shared.http.tokens import Principal
from shared.kernel.clock import from_micros
from shared.kernel.refusals import Refusal

SECRETARY, SECRETARY_MOBILE = "secretary", "secretary_mobile"
_PLACE = ("version", "edition", "category", "branch_kind", "sector", "superior")
_INFORMATION = ("region", "founded_on", "phone", "email", "address", "contact", "institution_code")


class Rights(Protocol):
    """ADM-08. The `require`s raise if not, the other answers False while nobody can tell."""

    async def require_read(self, principal: Principal, scope: str) -> object: ...
    async def require_write(self, principal: Principal, scope: str) -> object: ...
    async def may_write(self, principal: Principal, scope: str) -> bool: ...


class Filters(BaseModel):
    """Of the table of subordinates: a part of a name, a category, whether the information is complete."""

    q: str = ""
    category: str = ""
    complete: bool | None = None

    def where(self) -> dict[str, Any]:
        named = name_part(self.q) if self.q.strip() else {}
        return named | ({"category": self.category} if self.category else {})


def missing_of(document: Mapping[str, Any], secretary: Secretary | None) -> list[str]:
    """ORG-20: what the information lacks: required fields, then the secretary, then the secretary's own mobile."""
    missing = list(document["missing"])
    if secretary is None:
        return [*missing, SECRETARY]
    return missing if secretary.mobile_filled else [*missing, SECRETARY_MOBILE]


class Views:
    """Reads only. Raises OrganizationUnknown for what is not there, and what `Rights` raises."""

    def __init__(
        self,
        organizations: Organizations,
        cadres: Cadres,
        documents: Documents,
        rights: Rights,
        cursors: Cursors,
    ) -> None:
        self._organizations = organizations
        self._cadres = cadres
        self._documents = documents
        self._rights = rights
        self._cursors = cursors

    async def card(self, principal: Principal, organization: str) -> Card:
        document = await self._document(organization)
        line = (await self._organizations.lines([document]))[organization]
        names = await self._organizations.names(line)
        counts = await self._organizations.counts_below([organization])
        siblings = await self._siblings(document["superior"])
        card = Card(
            **_node(document),
            **{name: document["information"][name] for name in _INFORMATION},
            **{name: document[name] for name in _PLACE},
            path=[Node(**_node(names[each])) for each in line if each in names],
            order=siblings.index(organization) + 1 if organization in siblings else 1,
            subordinates=counts[organization][0],
            dissolution=Dissolution.of(document.get("dissolution")),
        )
        try:
            await self._rights.require_read(principal, organization)
        except Refusal:
            return card
        return await self._detailed(principal, document, card)

    async def _detailed(self, principal: Principal, document: Mapping[str, Any], card: Card) -> Card:
        secretary = (await self._cadres.secretaries([card.id])).get(card.id)
        missing = missing_of(document, secretary)
        information = document["information"]
        gone = card.dissolution is not None and card.dissolution.state == cards.DISSOLVED
        writes = not gone and await self._rights.may_write(principal, card.id)
        grows = writes and _own(principal, document) and card.category != "branch"
        superior = await self._organizations.get(card.superior) if card.superior and len(card.path) > 1 else None
        dissolve = superior is not None and _own(principal, superior)
        migrate = writes and len(card.path) > 1 and card.branch_kind != "pending"
        details = {
            "approval": await self._approval(information["approval_date"], information["approval_document"]),
            "missing": missing,
            "complete": not missing,
            "secretary": InPost(person=secretary.person) if secretary else None,
            "secretary_mobile_filled": bool(secretary and secretary.mobile_filled),
            **graduation_of(document),
            "admins": len(document["admins"]),
            "admin_quota": ADMINS_MAX[document["category"]],
            "explanations": [Explanation.of(each) for each in document.get("explanations", ())],
            "may": May(
                edit=writes,
                appoint=writes,
                create_subordinate=grows,
                reorder=grows,
                dissolve=dissolve,
                migrate=migrate,
            ),
        }
        return card.model_copy(update=details)

    async def _approval(self, date: str | None, document: str) -> Approval | None:
        if not document:
            return Approval(date=date, document_id="", file_name="") if date else None
        found = await self._documents.get(document, content=False)
        return Approval(date=date, document_id=document, file_name=found.file_name if found else "")

    async def subordinates(
        self, principal: Principal, organization: str, filters: Filters, limit: int, cursor: str | None
    ) -> Page[Row]:
        """ORG-08's order. The cursor holds the last row's id and number, so that a moved row loses nothing."""
        await self._rights.require_read(principal, organization)
        siblings = await self._siblings(organization)
        order = await self._matching(organization, siblings, filters)
        of = ["subordinates", organization, filters.model_dump()]
        start = _start(order, self._cursors.read(of, cursor))
        page = order[start : start + limit]
        more = start + limit < len(order)
        places = {each: at for at, each in enumerate(siblings, start=1)}
        return Page[Row](
            items=await self._rows(page, places),
            next=self._cursors.write(of, [page[-1], start + limit]) if more else None,
            total=len(order),
        )

    async def _siblings(self, superior: str | None) -> list[str]:
        """All direct subordinates of an organization in ORG-08's order."""
        if not superior:
            return []
        found = await self._organizations.direct(superior, {})
        return ordering.in_sequence(await self._organizations.sequence(superior), [each["_id"] for each in found])

    async def _matching(self, organization: str, siblings: list[str], filters: Filters) -> list[str]:
        if filters == Filters():
            return siblings
        found = {each["_id"]: each for each in await self._organizations.direct(organization, filters.where())}
        order = [each for each in siblings if each in found]
        if filters.complete is None:
            return order
        secretaries = await self._cadres.secretaries(order)
        return [o for o in order if (not missing_of(found[o], secretaries.get(o))) is filters.complete]

    async def _rows(self, page: Sequence[str], places: Mapping[str, int]) -> list[Row]:
        documents = await self._organizations.many(page)
        secretaries = await self._cadres.secretaries(page)
        counts = await self._organizations.counts_below(page)
        return [_row(documents[each], places[each], secretaries.get(each), counts[each]) for each in page]

    async def tree(self, organization: str) -> TreeNode:
        """The node and its direct subordinates, in order, without register branches, which are no choice (TRF-16)."""
        node = await self._document(organization)
        order = await self._siblings(organization)
        names = await self._organizations.names(order)
        counts = await self._organizations.counts_below([organization, *order])
        chosen = [each for each in order if names[each]["branch_kind"] != BranchKind.REGISTER]
        children = [_tree_node(names[each], counts[each][0]) for each in chosen]
        return _tree_node(node, counts[organization][0]).model_copy(update={"children": children})

    async def search(self, part: str, under: str | None, limit: int) -> list[Found]:
        found = await self._organizations.search(part, under, limit)
        lines = await self._organizations.lines(found)
        names = await self._organizations.names([a for line in lines.values() for a in line])
        return [
            Found(
                **_node(each),
                category=each["category"],
                branch_kind=each["branch_kind"],
                path=[Node(**_node(names[a])) for a in lines[each["_id"]] if a in names],
            )
            for each in found
        ]

    async def admins(self, principal: Principal, organization: str) -> Page[Admin]:
        await self._rights.require_read(principal, organization)
        document = await self._document(organization)
        admins = [
            Admin(person=a["person"], since=from_micros(a["since"]), appointed_by_organization=a["by"])
            for a in document["admins"]
        ]
        return Page[Admin](items=admins, total=len(admins))

    async def codes(
        self, principal: Principal, organization: str, now: datetime, limit: int, cursor: str | None
    ) -> Page[CodeRow]:
        """ADM-02: the direct subordinates in order, each with the code made last; as of `now` a lapsed one has expired.

        For who may write there, as an unused code concerns the superior alone.
        """
        await self._rights.require_write(principal, organization)
        order = await self._siblings(organization)
        of = ["codes", organization]
        start = _start(order, self._cursors.read(of, cursor))
        page, end = order[start : start + limit], start + limit
        documents = await self._organizations.many(page)
        return Page[CodeRow](
            items=[_code_row(documents[each], now) for each in page],
            next=self._cursors.write(of, [page[-1], end]) if end < len(order) else None,
            total=len(order),
        )

    async def require_read(self, principal: Principal, organization: str) -> None:
        await self._rights.require_read(principal, organization)

    async def _document(self, organization: str) -> dict[str, Any]:
        document = await self._organizations.get(organization)
        if document is None:
            raise OrganizationUnknown
        return document


def _own(principal: Principal, document: Mapping[str, Any]) -> bool:
    """Whether to offer what only own admins do (ORG-03, ORG-08); operators have the root."""
    if principal.central:
        return document["superior"] is None
    named = principal.organization in (None, document["_id"])
    return named and any(a["person"] == principal.id for a in document["admins"])


def _node(document: Mapping[str, Any]) -> dict[str, str]:
    return {"id": document["_id"], "short_name": document["short_name"], "full_name": document["full_name"]}


def _tree_node(document: Mapping[str, Any], subordinates: int) -> TreeNode:
    kinds = {"category": document["category"], "branch_kind": document["branch_kind"]}
    return TreeNode(**_node(document), **kinds, subordinates=subordinates)


def _row(document: Mapping[str, Any], place: int, secretary: Secretary | None, counts: tuple[int, int]) -> Row:
    missing = missing_of(document, secretary)
    return Row(
        **_node(document),
        category=document["category"],
        branch_kind=document["branch_kind"],
        sector=document["sector"],
        phone=document["information"]["phone"],
        order=place,
        missing=missing,
        complete=not missing,
        admins=len(document["admins"]),
        admin_quota=ADMINS_MAX[document["category"]],
        subordinates=counts[0],
        branches=counts[1],
    )


def _code_row(document: Mapping[str, Any], now: datetime) -> CodeRow:
    held = {"admins": len(document["admins"]), "admin_quota": ADMINS_MAX[document["category"]]}
    code = document["code"]
    if code is None:
        return CodeRow(**_node(document), **held, state="none")
    due_at = from_micros(code["due_at"])
    state = cards.EXPIRED if code["state"] == cards.UNUSED and now >= due_at else code["state"]
    made_at = from_micros(code["made_at"])
    return CodeRow(**_node(document), **held, state=state, code=code["id"], made_at=made_at, due_at=due_at)


def _start(order: Sequence[str], after: Sequence[Any] | None) -> int:
    if after is None:
        return 0
    last, number = after
    return order.index(last) + 1 if last in order else min(number, len(order))
