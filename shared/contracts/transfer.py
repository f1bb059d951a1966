"""What transfer publishes: what member has to know of a transfer. Owner: the transfer team. People are ids only."""

from typing import ClassVar

from shared.contracts.base import Contract
from shared.contracts.org import Register

EVENTS = "transfer.events.v1"
REGISTERS = "transfer.registers.v1"


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


class TransferApproved(TransferEvent):
    """Everybody agreed: member moves the person from branch `from_branch` to branch `to_branch`."""

    zh: ClassVar[str] = "各方均已同意：由团员服务把此人从 from_branch 支部转入 to_branch 支部。"
    from_branch: str
    to_branch: str


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
    """TRF-12: one side did not agree; the person stays."""

    zh: ClassVar[str] = "转接被拒绝，此人留在原支部。"


class TransferWithdrawn(TransferEvent):
    """TRF-11: who started it took it back; the person stays."""

    zh: ClassVar[str] = "转接已由发起人撤回，此人留在原支部。"


class TransferTimedOut(TransferEvent):
    """TRF-09: a step was not decided in time; the person stays."""

    zh: ClassVar[str] = "转接因逾期未办理而退回，此人留在原支部。"


class TransferFailed(TransferEvent):
    """member said no, or nothing in time; whatever hold there is, is to be given up."""

    zh: ClassVar[str] = "团员服务答复不能办理，或未在规定时间内答复，转接结束，此人留在原支部。"


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
