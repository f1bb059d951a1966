"""What org publishes: the tree of organizations and the rights of admins. Owner: the org team."""

from enum import StrEnum
from typing import ClassVar

from shared.contracts.base import Contract
from shared.kernel import ids

EVENTS = "org.events.v1"
WITHDRAWALS = "org.withdrawals.v1"


class Category(StrEnum):
    """ORG-02: what sort of node an organization is."""

    LEADING_BODY = "leading_body"
    COMMITTEE = "committee"
    WORKING_COMMITTEE = "working_committee"
    GENERAL_BRANCH = "general_branch"
    BRANCH = "branch"


class BranchKind(StrEnum):
    """ORG-02: what a branch is for; `ordinary` for every other one and for all that are not branches."""

    ORDINARY = "ordinary"
    GRADUATE = "graduate"
    PENDING = "pending"
    FLOATING = "floating"
    BRIDGING = "bridging"
    TEMPORARY = "temporary"


class Register(StrEnum):
    """TRF-16, TRF-17: the register branches of a provincial body: who left for a special unit, or another system."""

    SPECIAL_UNITS = "special_units"
    BEIJING = "beijing"
    GUANGDONG = "guangdong"
    FUJIAN = "fujian"


def register_branch(body: str, register: Register) -> str:
    """The id of a register branch of a provincial body, before and after it was made: there is one of each."""
    return f"organization-{ids.derived('register-branch', body, register.value)}"


def register_branches(body: str) -> frozenset[str]:
    """The ids of all register branches of a provincial body."""
    return frozenset(register_branch(body, register) for register in Register)


class OrgEvent(Contract):
    """The tree of organizations as directory data, and who is an admin of which. Open to every service."""

    zh: ClassVar[str] = "组织树（名录信息，不含联系方式）与各组织的管理员，所有服务可读。"
    topic: ClassVar[str] = EVENTS


class OrganizationEstablished(OrgEvent):
    """A node is there. `superior` is None for the root only; `order` is its place among its siblings, from 1.

    `sector` is a leaf code of 行业类别 (empty for leading bodies), `region` a code of GB/T 2260 or empty, `missing` the
    names of the required fields not filled yet (ORG-20). `registers`: it is a register branch, of that (TRF-16).
    `school`: a school of its own, no part of one (GRD-01).
    """

    zh: ClassVar[str] = (
        "组织已建立。superior 为直接上级（仅最高一级为空），order 为同级中的排序，从 1 起；sector 为行业类别末级代码，"
        "region 为行政区划代码，missing 为尚未填写的必填项；registers 不为空的是登记支部；"
        "school 表示独立的学校，学校内部的组织不算。"
    )
    organization: str
    superior: str | None
    category: Category
    branch_kind: BranchKind = BranchKind.ORDINARY
    full_name: str
    short_name: str
    sector: str = ""
    region: str = ""
    order: int = 1
    missing: tuple[str, ...] = ()
    registers: Register | None = None
    school: bool = False


class OrganizationInformationChanged(OrgEvent):
    """The whole of the published information after an edit."""

    zh: ClassVar[str] = "组织信息已修改，内容为修改后的全部公开信息。"
    organization: str
    category: Category
    branch_kind: BranchKind = BranchKind.ORDINARY
    full_name: str
    short_name: str
    sector: str = ""
    region: str = ""
    missing: tuple[str, ...] = ()
    school: bool = False


class BecameGraduateBranch(OrgEvent):
    """GRD-03: the members of `branch` are graduates of `year`, from this moment on; one event a branch.

    `month` (1-12) is that in which they graduate. Another year's event follows only after `GraduateBranchRestored`.
    """

    zh: ClassVar[str] = "团支部 branch 已成为毕业生团组织，其团员自此为 year 年毕业生，month 为毕业月份；每个支部一条。"
    branch: str
    year: int
    month: int


class GraduateBranchRestored(OrgEvent):
    """GRD-03: the month of `branch` was corrected to a later year: its members are no graduates of `year`."""

    zh: ClassVar[str] = "毕业时间已更正为以后的年份，团支部 branch 恢复为普通团支部，其团员不再是 year 年毕业生。"
    branch: str
    year: int


class BranchSealRequested(OrgEvent):
    """ORG-09, ORG-10: `branch` is to be dissolved and must be empty. Whoever is in it goes to `pending`, if given."""

    zh: ClassVar[str] = "团支部 branch 将撤销，须先清空；pending 为接收其团员的待接转团支部，为空则团支部内不得有团员。"
    branch: str
    dissolution: str
    pending: str | None = None


class OrganizationDissolved(OrgEvent):
    """ORG-09: the organization is there no more, nor any right or position in it. `successor` took its members.

    `merged`: the successor is no pending branch but what the organization goes on as, subordinates included (ORG-21).
    """

    zh: ClassVar[str] = (
        "组织已撤销，其管理员权限和职务随之结束；successor 为接收其团员的待接转团支部（如有），"
        "merged 为真时是它所并入的组织。"
    )
    organization: str
    superior: str
    successor: str | None = None
    merged: bool = False


class OrganizationMoved(OrgEvent):
    """ORG-17, ORG-21: from under `former_superior` to under `superior`, with all below it, which keeps its places.

    `order` is its place among its new siblings. `cause`: `migration`, `merger`, or `operator` (into another province).
    """

    zh: ClassVar[str] = (
        "组织连同全部下级已从 former_superior 迁到 superior 之下，下级之间的关系不变；order 为新的同级排序，"
        "cause 为迁移、合并或团中央办理。"
    )
    organization: str
    superior: str
    former_superior: str
    order: int
    cause: str


class SubordinatesReordered(OrgEvent):
    """ORG-08: the direct subordinates of `superior` in their new order, all of them."""

    zh: ClassVar[str] = "直接下级已重新排序，列出 superior 的全部直接下级。"
    superior: str
    subordinates: tuple[str, ...]


class AdminAppointed(OrgEvent):
    """ADM-04: `person` is an admin of `organization` from now on.

    `registration` is the one that ended so, if it came by a code; of an admin already it is said once more.
    """

    zh: ClassVar[str] = (
        "已任命管理员，person 自此为 organization 的管理员；凭注册码登记的，registration 为该次登记，"
        "此前已是管理员的也再说一次。"
    )
    organization: str
    person: str
    registration: str | None = None


class AdminRevoked(OrgEvent):
    """ADM-05: `person` is no admin of `organization` any more; position and account are as before."""

    zh: ClassVar[str] = "已撤销管理员，person 不再是 organization 的管理员，职务和账号不变。"
    organization: str
    person: str
    cause: str = "revoked"


class Withdrawal(Contract):
    """Withdrawn rights by a lane of their own: one partition, kept for seven days.

    Each second a beat (`org.Beat.v1`, `at` in microseconds) proves that everything before it was sent; it is no event.
    """

    zh: ClassVar[str] = "被收回的权限，单独一个分区，保留七天；每秒一条心跳，证明此前的记录均已送达，心跳不是事件。"
    topic: ClassVar[str] = WITHDRAWALS


class RegistrationCodeRedeemed(OrgEvent):
    """ADM-03: `registration` used up its code, once; somebody may become an admin of `organization` by it."""

    zh: ClassVar[str] = "登记 registration 已使用其管理员注册码（只能一次），此人可以成为 organization 的管理员。"
    organization: str
    registration: str


class RegistrationCodeRefused(OrgEvent):
    """ADM-03: what was typed for `registration` is no code that can be used: unknown, used, revoked or lapsed."""

    zh: ClassVar[str] = "登记 registration 所填的注册码不能使用：不存在、已使用、已撤销或已过期。"
    registration: str


class RegistrationLapsed(OrgEvent):
    """P8: nobody became an admin of `organization` by `registration` within its time, and nobody will."""

    zh: ClassVar[str] = "登记 registration 未能在期限内办成 organization 的管理员，就此失效。"
    organization: str
    registration: str


class RightWithdrawn(Withdrawal):
    """The withdrawals lane's record: whatever `person` might do for `organization`, it may no longer.

    `version` is that of the organization's stream; the withdrawal wins over copies that are older.
    """

    zh: ClassVar[str] = (
        "权限已收回，person 不得再为 organization 办理任何事项。version 为该组织事件流的版本，早于它的权限一律失效。"
    )
    organization: str
    person: str
    version: int


class PlaceWithdrawn(Withdrawal):
    """The withdrawals lane's record of a move: `organization` stands under `superior` and under no other any more.

    `version` is that of the organization's stream; it wins over copies that are older.
    """

    zh: ClassVar[str] = (
        "组织已迁到 superior 之下，原上级不得再为它办理事项。version 为该组织事件流的版本，早于它的隶属关系失效。"
    )
    organization: str
    superior: str
    version: int
