"""What member publishes: who belongs where, who holds which position, whose record lacks what. Owner: the member team.

Nothing on the open topics is personal: people are ids. `missing` names required fields without a value (MEM-23).
"""

from typing import ClassVar, Literal

from shared.contracts.base import Contract
from shared.contracts.member_identity import IDENTITY as IDENTITY  # noqa: PLC0414 - read from here
from shared.contracts.member_identity import PersonContactChanged as PersonContactChanged  # noqa: PLC0414 - read from here
from shared.contracts.member_identity import PersonIdentified as PersonIdentified  # noqa: PLC0414 - read from here
from shared.contracts.member_identity import PersonReleased as PersonReleased  # noqa: PLC0414 - read from here

EVENTS = "member.events.v1"
POSTS = "member.posts.v1"
REGISTRATIONS = "member.registrations.v1"
TRANSFERS = "member.transfers.v1"
ROSTERS = "member.rosters.v1"


class MemberEvent(Contract):
    """Who belongs to which branch, who holds which position, whose record lacks what. People are ids only."""

    zh: ClassVar[str] = "团员所在支部、干部职务、信息是否完整；人员仅以编号出现，不含个人信息，所有服务可读。"
    topic: ClassVar[str] = EVENTS


class MemberImported(MemberEvent):
    """A person became a member of `branch` by a row of a workbook."""

    zh: ClassVar[str] = "通过批量导入，此人成为 branch 支部的团员；import_id 为该次导入，missing 为缺少的必填项。"
    person: str
    branch: str
    import_id: str
    missing: tuple[str, ...] = ()


class MemberEntered(MemberEvent):
    """A person became a member of `branch`, entered singly."""

    zh: ClassVar[str] = "通过单个录入，此人成为 branch 支部的团员；missing 为缺少的必填项。"
    person: str
    branch: str
    missing: tuple[str, ...] = ()


class MembershipEnded(MemberEvent):
    """The membership in `branch` is over. `cause`: `import_withdrawn`, later also those of the list 离团."""

    zh: ClassVar[str] = "此人在 branch 支部的团员身份已结束，cause 为原因。"
    person: str
    branch: str
    cause: str


class MemberMoved(MemberEvent):
    """TRF-22: the person was a member of `from_branch` until this moment and is one of `to_branch` from it on.

    `transfer` names the transfer that it ends, and is empty where the branch is dissolved and its people go to the
    pending one (ORG-10); `missing` as of this moment.
    """

    zh: ClassVar[str] = (
        "自此刻起，此人由 from_branch 支部的团员成为 to_branch 支部的团员；transfer 为所办理的转接，"
        "团支部撤销而转入待接转团支部的为空；missing 为此刻缺少的必填项。"
    )
    person: str
    from_branch: str
    to_branch: str
    transfer: str
    missing: tuple[str, ...] = ()


class GraduationExclusionMarked(MemberEvent):
    """GRD-04: of the graduates of `branch` in `year`, the person stays on (`staying_on`) or is a teacher (`teacher`).

    So they are none of that cohort. A later mark of the same branch and year replaces the kind.
    """

    zh: ClassVar[str] = (
        "毕业生团组织 branch 中，此人为延迟毕业团员（staying_on）或者教师（teacher），不计入 year 年毕业生；"
        "再次标记的，以后一次为准。"
    )
    person: str
    branch: str
    year: int
    kind: Literal["staying_on", "teacher"]


class GraduationExclusionRemoved(MemberEvent):
    """GRD-04: the mark is taken back: the person is one of the graduates of `branch` in `year` like the others."""

    zh: ClassVar[str] = "已取消标记，此人与毕业生团组织 branch 的其他团员一样，计入 year 年毕业生。"
    person: str
    branch: str
    year: int


class CadreAppointed(MemberEvent):
    """MEM-17, MEM-24: a person holds `position` in `organization`; one event for each position.

    `missing` as of this moment. `member_of` is the branch the person is a member of, if any.
    """

    zh: ClassVar[str] = (
        "此人担任 organization 的 position 职务，每个职务一条；member_of 为其所在团支部（如有），"
        "missing 为此刻缺少的必填项。"
    )
    person: str
    organization: str
    position: str
    member_of: str | None = None
    missing: tuple[str, ...] = ()


class CadrePositionEnded(MemberEvent):
    """MEM-24: the person no longer holds `position` in `organization`. `cause` says why."""

    zh: ClassVar[str] = "此人不再担任 organization 的 position 职务，cause 为原因。"
    person: str
    organization: str
    position: str
    cause: str


class RecordCompletenessChanged(MemberEvent):
    """MEM-23: what a person's record lacks now, by field name."""

    zh: ClassVar[str] = "信息完整情况有变化，missing 为现在缺少的必填项。"
    person: str
    missing: tuple[str, ...]


class RegistrantEntered(MemberEvent):
    """ADM-04: as RegistrantAdmitted, which is read instead."""

    zh: ClassVar[str] = "使用注册码登记的人已是 organization 的团干部，为新录入的人或资料一致的已登记人员。"
    superseded_by: ClassVar[str] = "member.RegistrantAdmitted.v1"
    registration: str
    organization: str
    person: str


class RegistrantRefused(MemberEvent):
    """ADM-04: as RegistrantTurnedAway, which is read instead."""

    zh: ClassVar[str] = "使用注册码登记的人没有录入 organization，reason 为拒绝原因的代码，不透露号码属于何人。"
    superseded_by: ClassVar[str] = "member.RegistrantTurnedAway.v1"
    registration: str
    organization: str
    reason: str


class PostEvent(Contract):
    """Who holds which post, for deciding what somebody may; each beside the event of the same commit. Ids only."""

    zh: ClassVar[str] = "谁担任哪个职务，供判定权限之用，不含其他团员的事件；人员仅以编号出现，所有服务可读。"
    topic: ClassVar[str] = POSTS


class PostTaken(PostEvent):
    """MEM-24: a person holds `position` in `organization`. Said once more where it was taken before this topic was."""

    zh: ClassVar[str] = "此人担任 organization 的 position 职务；本主题设立之前已有的职务补发一次。"
    person: str
    organization: str
    position: str


class PostLeft(PostEvent):
    """MEM-24: the person no longer holds `position` in `organization`. `cause` says why."""

    zh: ClassVar[str] = "此人不再担任 organization 的 position 职务，cause 为原因。"
    person: str
    organization: str
    position: str
    cause: str


class RegistrationEvent(Contract):
    """What became of who registered by a code, apart from the events of all members. People are ids only."""

    zh: ClassVar[str] = "使用注册码登记的结果，不含其他团员的事件；人员仅以编号出现，所有服务可读。"
    topic: ClassVar[str] = REGISTRATIONS


class RegistrantAdmitted(RegistrationEvent):
    """ADM-04: who redeemed a code is a cadre of `organization` now, newly entered or known before under these data.

    The position's own events (`CadreAppointed`, `PostTaken`) stand in the person's stream, written before this one.
    """

    zh: ClassVar[str] = "使用注册码登记的人已是 organization 的团干部，为新录入的人或资料一致的已登记人员。"
    registration: str
    organization: str
    person: str


class RegistrantTurnedAway(RegistrationEvent):
    """ADM-04: who redeemed a code for `organization` was not entered. `reason` is the code of a refusal.

    A number that is known under other data is one of them; whose it is, is not told (IDN-06).
    """

    zh: ClassVar[str] = "使用注册码登记的人没有录入 organization，reason 为拒绝原因的代码，不透露号码属于何人。"
    registration: str
    organization: str
    reason: str


class RosterAnswer(Contract):
    """What member answers to the `dissolution` of a branch. No people, not even ids."""

    zh: ClassVar[str] = "团员服务对撤销团支部的答复，不涉及任何人员，所有服务可读。"
    topic: ClassVar[str] = ROSTERS
    branch: str
    dissolution: str


class BranchSealed(RosterAnswer):
    """ORG-09: the branch is empty and takes nobody any more."""

    zh: ClassVar[str] = "团支部 branch 已空，不再接收团员；dissolution 为提出的撤销。"


class BranchSealRefused(RosterAnswer):
    """ORG-09: the branch has `members` (0: it was emptied too late) and goes on."""

    zh: ClassVar[str] = "团支部 branch 还有 members 名团员，不能撤销，照常运行。"
    members: int


class TransferAnswer(Contract):
    """What member answers to transfers, apart from the events of all members. People are ids only."""

    zh: ClassVar[str] = "团员服务对转接的答复，不含其他团员的事件；人员仅以编号出现，所有服务可读。"
    topic: ClassVar[str] = TRANSFERS
    transfer: str
    person: str


class TransferHoldPlaced(TransferAnswer):
    """TRF-22: the person is a member of the branch that the transfer names and is held for it until it ends."""

    zh: ClassVar[str] = "此人确在转出支部，已为这项转接锁定，办结前不受理其他转接。"


class TransferHoldRefused(TransferAnswer):
    """TRF-22: the person cannot be held. `cause`: `not_a_member_there`, or `held` for another transfer."""

    zh: ClassVar[str] = "此人不能办理这项转接，cause 为原因：不在转出支部，或者已为另一项转接锁定。"
    cause: Literal["not_a_member_there", "held"]


class TransferHoldReleased(TransferAnswer):
    """TRF-02: the transfer ended without a move, and the person is not held for it any more."""

    zh: ClassVar[str] = "这项转接未成而结束，已为此人解除锁定。"


class TransferCarriedOut(TransferAnswer):
    """TRF-22: the person was moved as the transfer had it; stands beside the `MemberMoved` of the same commit."""

    zh: ClassVar[str] = "已按这项转接把此人转入新支部，与同一次写入的 MemberMoved 相伴。"


class MemberMoveRefused(TransferAnswer):
    """TRF-22: the person stays and is not held any more. `cause`: `not_a_member_there`, or `branch_closing`."""

    zh: ClassVar[str] = "此人未能转入，留在原支部并解除锁定，cause 为原因：已不在转出支部，或者转入支部正在撤销。"
    cause: Literal["not_a_member_there", "branch_closing"]


class MembershipOver(TransferAnswer):
    """TRF-23: `person` is no member of `branch` any more, so that no transfer of theirs from there goes on.

    Beside MembershipEnded, for who need not read the events of all members. `transfer` is empty: which one there is,
    transfer knows.
    """

    zh: ClassVar[str] = "此人在 branch 的团籍关系已经结束，从那里发起而未办结的转接随之结束；transfer 为空。"
    transfer: str = ""
    branch: str


TRANSFER_TICKET, PAPERS_TICKET = "transfer", "transfer-papers"
"""TRF-03, TRF-17: purposes of tickets: for (organization, principal) they say (person, branch); what another system is
told, for (principal): (person, branch, name, number, kind of document)."""
