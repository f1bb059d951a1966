"""What transfer publishes: how a transfer goes, step by step. Owner: the transfer team. People are ids only.

A step waits `since` an instant for `organization`, whose `side` is `out` (moved out of) or `in` (moved into), until
`due_at`; from `late_at` on a decision is late by working days (TRF-10). In what was said
before steps were told, `since` is empty.
"""

from datetime import datetime
from typing import ClassVar

from shared.contracts.base import Contract
from shared.contracts.org import Register

EVENTS = "transfer.events.v1"
REGISTERS = "transfer.registers.v1"
COHORTS = "transfer.cohorts.v1"


class TransferEvent(Contract):
    """How a transfer goes, from the request to its end. People and organizations are ids only."""

    zh: ClassVar[str] = "组织关系转接从发起到办结的过程；人员和组织仅以编号出现，所有服务可读。"
    topic: ClassVar[str] = EVENTS
    transfer: str
    person: str


class TransferRequested(TransferEvent):
    """TRF-01: somebody asked that the person moves from branch `from_branch` to organization `to`.

    member answers on `member.transfers.v1`: it holds the person for it, or says why not.
    """

    zh: ClassVar[str] = "已发起转接：此人拟从 from_branch 支部转往 to；由团员服务答复能否办理。"
    from_branch: str
    to: str


class TransferOpened(TransferEvent):
    """TRF-09, TRF-22: member holds the person, and the first step begins.

    `by_weekdays`: `late_at` rests on a year whose working days are not entered.
    """

    zh: ClassVar[str] = "团员已经锁定，第一步开始等待 organization 办理；late_at 起算作不及时。"
    side: str
    organization: str
    due_at: datetime
    late_at: datetime | None = None
    by_weekdays: bool = False


class TransferOpenedWithoutEnd(TransferEvent):
    """TRF-16, TRF-22: the same where the first step waits for ever. It is said instead of TransferOpened.

    Who reads one of the two reads both.
    """

    zh: ClassVar[str] = "团员已经锁定，第一步开始等待 organization 办理，没有办理期限；此时不再发布 TransferOpened。"
    side: str
    organization: str
    late_at: datetime | None = None
    by_weekdays: bool = False


class TransferStepApproved(TransferEvent):
    """TRF-03 to TRF-07, TRF-10: a step ended with a yes, `late` or in time. `automatic`: nobody decided (TRF-09).

    `next_organization` is waited for from now on: for its own step until `due_at`, or for ever where `endless`
    (TRF-16); with neither to choose a branch below it (TRF-04). None where nothing is left to decide.
    """

    zh: ClassVar[str] = (
        "一步审批通过；late 表示超过规定的工作日，automatic 表示逾期自动通过。"
        "next_organization 为下一个办理的组织；endless 表示它的审批没有期限，"
        "既没有 due_at 又不是 endless 时由它分配团支部。"
    )
    side: str
    organization: str
    since: datetime | None
    late: bool
    automatic: bool
    next_organization: str | None = None
    due_at: datetime | None = None
    late_at: datetime | None = None
    by_weekdays: bool = False
    endless: bool = False


class TransferReminded(TransferEvent):
    """TRF-10, BEY-04: the `number`th reminder of what waits for `organization`. `superior`: for its direct superior."""

    zh: ClassVar[str] = "第 number 次提醒 organization 办理；superior 表示提醒的是它的直接上级。"
    side: str
    organization: str
    number: int
    superior: bool
    due_at: datetime | None


class TransferBecameLate(TransferEvent):
    """TRF-10: more than five working days without a decision of `organization`; said once a step."""

    zh: ClassVar[str] = "organization 超过五个工作日未办理，计入不及时；每一步只说一次。"
    side: str
    organization: str
    since: datetime | None
    due_at: datetime | None


class TransferDelayExplained(TransferEvent):
    """TRF-10: why `organization` cannot decide yet, by a code of the list of explanations; `due_at` stays."""

    zh: ClassVar[str] = "organization 说明了暂不能办理的原因；办理期限不变。"
    side: str
    organization: str
    explanation: str
    due_at: datetime | None


class DestinationAssigned(TransferEvent):
    """TRF-04, TRF-06: `organization` chose branch `to_branch` below it, `late` or in time."""

    zh: ClassVar[str] = "organization 已经分配下属的 to_branch 支部；late 表示超过规定的工作日。"
    organization: str
    to_branch: str
    since: datetime | None
    late: bool


class TransferApproved(TransferEvent):
    """Everybody agreed: member moves the person from branch `from_branch` to branch `to_branch`."""

    zh: ClassVar[str] = "各方均已同意：由团员服务把此人从 from_branch 支部转入 to_branch 支部。"
    from_branch: str
    to_branch: str


class TransferRedirected(TransferEvent):
    """TRF-23: an organization of an open transfer is dissolved or merged; it goes on from `from_branch` to `to`."""

    zh: ClassVar[str] = "转接所涉及的组织已撤销或合并，转接继续办理，现为从 from_branch 支部转往 to。"
    from_branch: str
    to: str


class TransferAnswerAwaited(TransferEvent):
    """member has not answered: it moves the person from `from_branch` to `to_branch`, or (None) lets them go, unless it
    did so before; in every case it answers on `member.transfers.v1`.
    """

    zh: ClassVar[str] = (
        "仍在等待团员服务的答复：把此人从 from_branch 转入 to_branch；to_branch 为空时不再为此转接保留此人。"
        "已经办过的，再答复一次。"
    )
    from_branch: str
    to_branch: str | None


class TransferRefused(TransferEvent):
    """TRF-12: `organization` did not agree, for `ground`, a code of the list; the person stays."""

    zh: ClassVar[str] = "转接被拒绝，此人留在原支部。"
    side: str = ""
    organization: str = ""
    ground: str = ""
    since: datetime | None = None
    late: bool = False


class TransferWithdrawn(TransferEvent):
    """TRF-11: who started it took it back, or (`objected`) the member did not want it; the person stays."""

    zh: ClassVar[str] = "转接已由发起人撤回，或者因团员本人提出异议而撤回，此人留在原支部。"
    objected: bool = False


class TransferTimedOut(TransferEvent):
    """TRF-09: `organization` did not decide its step in time; the person stays."""

    zh: ClassVar[str] = "转接因 organization 逾期未办理而退回，此人留在原支部。"
    side: str = ""
    organization: str = ""
    since: datetime | None = None
    late: bool = False


class TransferFailed(TransferEvent):
    """member said no, or nothing in time; whatever hold there is, is to be given up."""

    zh: ClassVar[str] = "团员服务答复不能办理，或未在规定时间内答复，转接结束，此人留在原支部。"


class TransferCompleted(TransferEvent):
    """The person is a member of branch `to_branch`, for `reason`, a code of the list (TRF-15).

    GRD-06: `destination` is what kind of place it was at that moment: employer, school, community, floating, bridging,
    special, outside or other; same_school where both branches are within one, which leads nowhere; empty in what was
    said before kinds were told.
    """

    zh: ClassVar[str] = (
        "转接办结，此人已经是 to_branch 支部的团员；reason 为转接原因代码，destination 为当时的去向类别："
        "employer 用人单位、school 学校、community 社区或村、floating 流动团支部、bridging 学社衔接临时团支部、"
        "special 特殊单位、outside 外系统、same_school 仍在同一学校、other 其他。"
    )
    from_branch: str
    to_branch: str
    reason: str = ""
    destination: str = ""


class CohortEvent(Contract):
    """Whose transfers a graduation counts (GRD-06): the cohort of a branch in a year. People are ids only."""

    zh: ClassVar[str] = "应转接毕业生名册：某年毕业生团支部中需要转接的毕业生；人员仅以编号出现，所有服务可读。"
    topic: ClassVar[str] = COHORTS
    branch: str
    year: int


class CohortFrozen(CohortEvent):
    """GRD-03, GRD-06: `members` were in `branch` when it had become a graduate branch; large ones in several parts.

    Once for the branch and year; who stays on or is a teacher is not among them (GRD-04).
    """

    zh: ClassVar[str] = (
        "团支部 branch 转为毕业生团支部时的应转接毕业生名册 members 已固定；"
        "人数多的分几条发布，延期毕业和教师不在其中。"
    )
    members: tuple[str, ...]


class CohortWithdrawn(CohortEvent):
    """GRD-03: the branch is no graduate branch of that year after all; `members` count nowhere for it."""

    zh: ClassVar[str] = "团支部 branch 不再是该年的毕业生团支部，名册 members 随之撤销。"
    members: tuple[str, ...]


class GraduateExcluded(CohortEvent):
    """GRD-04: after the cohort was frozen it came to light that the person stays on, or is a teacher."""

    zh: ClassVar[str] = "名册固定之后，此人被标记为延期毕业或教师，不再计入应转接毕业生。"
    person: str


class GraduateIncluded(CohortEvent):
    """GRD-04: the person graduates after all."""

    zh: ClassVar[str] = "此人的延期毕业或教师标记已取消，重新计入应转接毕业生。"
    person: str


class RegisterEvent(Contract):
    """What a transfer asks of the tree, apart from the many transfers that ask nothing of it (ADR 0031)."""

    zh: ClassVar[str] = "转接对组织树的请求，与数量众多的转接事件分开。"
    topic: ClassVar[str] = REGISTERS


class RegisterBranchNeeded(RegisterEvent):
    """TRF-16, TRF-17: somebody leaves for what `which` says, so provincial body `body` needs that register branch.

    Its id follows from the two (`shared.contracts.org.register_branch`); org makes it once.
    """

    zh: ClassVar[str] = (
        "有团员拟转往 which 所指的特殊单位或外部系统，省级团委 body 需要相应的登记支部，由组织服务建立一次。"
    )
    body: str
    which: Register
