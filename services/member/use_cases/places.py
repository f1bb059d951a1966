"""Where people are entered: this service's copy of the tree, as judging and listing need it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Literal, Protocol

from services.member.domain.fields import Template
from services.member.domain.person_record import Place, Scope
from services.member.use_cases.duties import importing, withdrawing
from shared.authority.decide import Act, Duty, Line
from shared.contracts.org import Category, register_branches
from shared.kernel.clock import local_date
from shared.kernel.envelope import Actor
from shared.kernel.refusals import Kind, Refusal

BRANCHES_LISTED_MAX = 2_000


class Node(Protocol):
    """One organization of the copy of the tree."""

    @property
    def id(self) -> str: ...
    @property
    def superior(self) -> str | None: ...
    @property
    def category(self) -> str: ...
    @property
    def name(self) -> str: ...


class Tree(Protocol):
    """The copy of the tree (shared/authority)."""

    async def nodes(self, ids: Collection[str]) -> Mapping[str, Node]:
        """Those of the nodes that are there."""
        ...

    async def path(self, node: str) -> Sequence[Node]:
        """From the root down to the node itself; empty if it is not there."""
        ...

    async def subordinates(self, superiors: Collection[str], limit: int) -> Sequence[Node]:
        """The direct subordinates of several nodes."""
        ...

    async def lines(self, scopes: Collection[str]) -> Mapping[str, Line]:
        """Each with all above it, by one query a level."""
        ...


class Rights(Protocol):
    async def may_as(self, actor: Actor, scope: str, act: Act | Duty = Act.WRITE) -> bool:
        """Whether the actor may at this moment."""
        ...

    async def require_write_as(self, actor: Actor, scope: str) -> None:
        """Raises the refusal that names who could."""
        ...


class OrganizationNotFound(Refusal):
    kind: ClassVar[Kind] = Kind.ABSENT
    rule = "ORG-22"
    zh = "没有找到这个团组织，它可能刚刚建立。"
    en = "There is no such organization; it may have been established just now."
    way_out = "请稍候几秒刷新页面再试。"
    way_out_en = "Reload the page in a few seconds."


class Pending(Protocol):
    """ORG-11."""

    async def among(self, organizations: Collection[str]) -> frozenset[str]:
        """Those that are pending branches."""
        ...


class PendingBranchTakesNobody(Refusal):
    rule = "ORG-11"
    zh = "待接转团支部只用于转出团员，不能录入或导入人员。"
    en = "A pending branch only waits for its members to leave; nobody is entered or imported into it."
    way_out = "请录入到人员现在所在的团支部。"
    way_out_en = "Enter the person in the branch they belong to now."


class RegisterBranchTakesNobody(Refusal):
    rule = "TRF-16"
    zh = "登记支部（特殊单位、外部系统）只记录转出的团员，不能录入或导入人员。"
    en = "A register branch keeps who was transferred there; nobody is entered or imported into it."
    way_out = "请录入到人员现在所在的团支部；转往特殊单位的，请发起转接。"
    way_out_en = "Enter the person in the branch they belong to; to move somebody to a special unit start a transfer."


class ScopeTooWide(Refusal):
    rule = "MEM-01"
    zh = "下级团支部超过 {limit} 个，不能一次列出全部人员。"
    en = "There are more than {limit} branches below; their people are not listed at once."
    way_out = "请在组织树中选择一个下级组织后再查看。"
    way_out_en = "Choose an organization further down the tree."


class Places:
    """Questions to the copy of the tree."""

    def __init__(self, tree: Tree, rights: Rights, pending: Pending) -> None:
        self._tree = tree
        self._rights = rights
        self._pending = pending

    async def scope(self, organization: str, template: Template, at: datetime) -> Scope:
        """What judging needs to know of the place and the day: pending (ORG-11) and register branches (TRF-16) are no
        places for anybody.

        Raises OrganizationNotFound, PendingBranchTakesNobody, RegisterBranchTakesNobody.
        """
        path = await self._tree.path(organization)
        if not path:
            raise OrganizationNotFound
        own = path[-1]
        region = path[1].name if len(path) > 1 else own.name
        is_branch = own.category == Category.BRANCH  # nothing is below one
        below = [] if is_branch else await self._tree.subordinates([organization], BRANCHES_LISTED_MAX * 10)
        found = [n for n in (own, *below) if n.category == Category.BRANCH]
        pending = await self._pending.among([n.id for n in found])
        registers = register_branches(path[1].id) if len(path) > 1 else frozenset[str]()
        if own.id in pending:
            raise PendingBranchTakesNobody
        if own.id in registers:
            raise RegisterBranchTakesNobody
        closed = pending | registers
        branches = tuple(
            Place(n.id, n.name, n.category, region, own.name) for n in found if n is not own and n.id not in closed
        )
        superior = path[-2].name if len(path) > 1 else ""
        return Scope(
            template=template,
            today=local_date(at),
            own=Place(own.id, own.name, own.category, region, superior),
            branches=branches,
        )

    async def branches(self, organization: str) -> frozenset[str]:
        """The organization itself and its direct subordinate branches: where its imports may enter people."""
        below = await self._tree.subordinates([organization], BRANCHES_LISTED_MAX * 10)
        return frozenset({organization} | {n.id for n in below if n.category == Category.BRANCH})

    async def listed(
        self, organization: str, scope: Literal["own", "subordinates"], *, branches_only: bool
    ) -> list[str]:
        """The organizations whose people a list shows: the own one, or all below. Raises ScopeTooWide."""
        if scope == "own":
            return [organization]
        found: list[str] = [organization]
        level: list[str] = [organization]
        while level:
            below = await self._tree.subordinates(level, BRANCHES_LISTED_MAX + 1)
            if len(found) + len(below) > BRANCHES_LISTED_MAX:
                raise ScopeTooWide(limit=BRANCHES_LISTED_MAX)
            found += [n.id for n in below if not branches_only or n.category == Category.BRANCH]
            level = [n.id for n in below if n.category != Category.BRANCH]
        return found

    async def under(self, organization: str, places: Collection[str]) -> set[str]:
        """Those of the places that are the organization itself or below it."""
        return {place for place, line in (await self._tree.lines(places)).items() if organization in line.ids}

    async def names(self, organizations: Collection[str]) -> dict[str, str]:
        """Full names by id, of those that are there."""
        return {id_: node.name for id_, node in (await self._tree.nodes(organizations)).items()}

    async def may_import(self, actor: Actor, organization: str, template: Template) -> bool:
        """Checked before every chunk of an import."""
        return await self._rights.may_as(actor, organization, importing(template))

    async def may_withdraw(self, uploader: Actor, asked: Actor, confirmed: Sequence[Actor], organization: str) -> bool:
        """MEM-27: checked before every chunk of a withdrawal: whoever asked, and whoever confirmed, still may."""
        duty = withdrawing(asked.principal, uploader.principal)
        return await self._rights.may_as(asked, organization, duty) and all(
            [await self._rights.may_as(another, organization) for another in confirmed]
        )

    async def require_entering(self, actor: Actor, branch: str) -> None:
        """MEM-03: whoever enters a member writes to the branch. Raises the refusal that names who could."""
        await self._rights.require_write_as(actor, branch)
