"""How transfers say no."""

from services.transfer.domain.events import Side
from shared.kernel.refusals import Kind, Refusal

STARTERS = {
    Side.MEMBER: ("团员本人", "the member"),
    Side.OUT: ("转出方", "the side moved out of"),
    Side.IN: ("转入方", "the side moved into"),
    Side.OUTSIDE: ("外部系统", "another system"),
    Side.ABOVE: ("上级团组织", "an organization above"),
}


class LeadingBodyHasNoPart(Refusal):
    rule = "TRF-01"
    zh = "团的领导机关不能作为转入组织，也不能发起转接。"
    en = "A leading body is no destination of a transfer and starts none."
    way_out = "请选择它下面的团委、团工委、团总支或团支部。"
    way_out_en = "Choose a committee, working committee, general branch or branch below it."


class DestinationUnknown(Refusal):
    kind = Kind.INVALID
    rule = "TRF-01"
    zh = "没有找到这个转入组织，它可能刚刚建立。"
    en = "There is no such destination; it may have been established just now."
    way_out = "请稍候几秒再试，或者重新选择转入组织。"
    way_out_en = "Try again in a few seconds, or choose the destination anew."


class AlreadyThere(Refusal):
    rule = "TRF-01"
    zh = "这名团员已经在这个团支部，不需要转接。"
    en = "The member belongs to this branch already."
    way_out = "请重新选择转入组织。"
    way_out_en = "Choose another destination."


class MemberNotInBranch(Refusal):
    """The same whether there is no such person, or they belong elsewhere (X14)."""

    kind = Kind.ABSENT
    rule = "TRF-22"
    zh = "这个团支部没有这名团员，或者刚刚录入。"
    en = "There is no such member in this branch, or they were entered just now."
    way_out = "请从本支部的团员列表进入；刚录入的，请稍候几秒再试。"
    way_out_en = "Start from the branch's list of members; if they were entered just now, try again in a few seconds."


class NotLeftBehind(Refusal):
    """The same whether there is no such person, or they belong elsewhere (X14)."""

    kind = Kind.ABSENT
    rule = "GRD-06"
    zh = "不在本组织的未转接毕业生名单中，或者已经转出。"
    en = "Not among the graduates left behind here, or transferred meanwhile."
    way_out = "请刷新名单后重新勾选。"
    way_out_en = "Reload the list and tick again."


class SubtreeTooLarge(Refusal):
    rule = "GRD-06"
    zh = "下级的毕业班团支部超过{most}个，不能一次统计。"
    en = "There are more than {most} graduate branches below, too many to be counted at once."
    way_out = "请打开某个下级组织查看；全部数字见“学社衔接”统计。"
    way_out_en = "Open one of the subordinates; the figures of all are among the statistics."


class TicketOver(Refusal):
    """The same for one whose time is over and one that was made for somebody else."""

    kind = Kind.CONFLICT
    rule = "TRF-03"
    zh = "查找结果已经过期，没有发起转接。"
    en = "What was found has expired; no transfer was started."
    way_out = "请重新输入姓名和证件号码查找，并在十分钟内发起。"
    way_out_en = "Look for the name and number again and start within ten minutes."


class NoMembershipToTransfer(Refusal):
    rule = "TRF-07"
    zh = "您现在不在任何团支部，没有可以转接的组织关系。"
    en = "You are not a member of any branch, so there is nothing to transfer."
    way_out = "请先由所在单位的团支部录入您的团员信息。"
    way_out_en = "Ask the branch where you work or study to enter you as a member."


class TransferAlreadyOpen(Refusal):
    """It says which side started the open one, and no organization's name."""

    kind = Kind.CONFLICT
    rule = "TRF-02"
    zh = "已有业务正在办理，不能重复发起：这名团员有一项由{starter}发起的转接还没有办结。"
    en = "This member has an open transfer, started by {starter_en}; another one cannot be started."
    way_out = "请等待办结，或者由发起人撤回后再发起。"
    way_out_en = "Wait until it ends, or have it withdrawn by whoever started it."


class ReasonNotOffered(Refusal):
    kind = Kind.INVALID
    rule = "TRF-15"
    zh = "转接原因不在可选的范围内。"
    en = "This is none of the reasons for a transfer."
    way_out = "请从转接原因列表中选择一项。"
    way_out_en = "Choose one of the list of reasons."


class ReasonNeedsText(Refusal):
    kind = Kind.INVALID
    rule = "TRF-15"
    zh = "选择“其他”时请写明具体原因。"
    en = "With this reason, say what it is."
    way_out = "请用一两句话填写具体原因，或者从列表中选择一项更贴切的原因。"
    way_out_en = "Write a sentence or two, or choose a reason of the list that fits better."


class ReasonTakesNoText(Refusal):
    kind = Kind.INVALID
    rule = "TRF-15"
    zh = "只有选择“其他”时才填写具体原因。"
    en = "A text goes with the reason “something else” only."
    way_out = "请删去文字，或者把转接原因改为“其他”。"
    way_out_en = "Take the text out, or change the reason."


class GroundNotAllowed(Refusal):
    """What is not on the list is no ground."""

    kind = Kind.INVALID
    rule = "TRF-12"
    zh = "不能以此为由拒绝转接。"
    en = "This is no allowed ground to refuse a transfer."
    way_out = "请从拒绝原因列表中选择；档案未到、试用期等情况不影响组织关系转接。"
    way_out_en = (
        "Choose one of the list; a file that is missing or a probation does not stand in the way of a transfer."
    )


class FileIsNoGround(Refusal):
    kind = Kind.INVALID
    rule = "TRF-24"
    zh = "不能以团员没有提供档案为由拒绝转接。"
    en = "A missing file is no ground to refuse a transfer."
    way_out = "档案由组织之间另行核查；请同意转接，或者选择其他拒绝原因。"
    way_out_en = "The file is a matter between the organizations: agree, or choose another ground."


class ProbationIsNoGround(Refusal):
    kind = Kind.INVALID
    rule = "TRF-25"
    zh = "不能以团员处于试用期为由拒绝转接。"
    en = "Probation is no ground to refuse a transfer."
    way_out = "试用期按已就业办理；请同意转接，或者选择其他拒绝原因。"
    way_out_en = "Probation counts as work: agree, or choose another ground."


class TransferOver(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-09"
    zh = "这项转接已经办结，或者已经超过办理期限。"
    en = "This transfer has ended, or the time of its step is over."
    way_out = "请刷新页面查看结果；逾期退回的，由发起人重新发起。"
    way_out_en = "Reload the page; after its time it has to be started anew."


class TransferStepOver(Refusal):
    """Somebody else of the organization was quicker, or it is not its turn."""

    kind = Kind.CONFLICT
    rule = "TRF-07"
    zh = "这一步已经办理，或者还没有轮到这一步。"
    en = "This step was decided already, or it is not its turn yet."
    way_out = "请刷新页面查看现在等待谁办理。"
    way_out_en = "Reload the page to see whom it waits for."


class NotAProvincialBody(Refusal):
    rule = "TRF-09"
    zh = "转接的这项设置由省级团委作出，这个组织不是省级团委。"
    en = "The provincial body sets this for transfers; this organization is none."
    way_out = "请由省级团委的管理员设置。"
    way_out_en = "Have an admin of the provincial body set it."


class PeriodOutOfBounds(Refusal):
    kind = Kind.INVALID
    rule = "TRF-09"
    zh = "办理期限应为 {least} 至 {most} 天。"
    en = "The period of a step is from {least} to {most} days."
    way_out = "请修改天数后重新提交。"
    way_out_en = "Change the number of days and submit again."


class AutomaticOnlyAfterFifteenDays(Refusal):
    kind = Kind.INVALID
    rule = "TRF-09"
    zh = "逾期自动通过只能设为 {days} 天。"
    en = "Approval by silence comes after {days} days and no other time."
    way_out = "请把期限改为 {days} 天，或者改为逾期退回。"
    way_out_en = "Set {days} days, or have the transfer returned instead."


class PeriodStartsInThePast(Refusal):
    kind = Kind.INVALID
    rule = "TRF-09"
    zh = "生效日期不能早于今天（{today}）：已经发起的转接按发起时的设置办理。"
    en = "It cannot take effect before today ({today}): transfers already started keep what was set then."
    way_out = "请选择今天或以后的日期。"
    way_out_en = "Choose today or a later day."


class DayOutsideYear(Refusal):
    kind = Kind.INVALID
    rule = "OPS-05"
    zh = "{day} 不在 {year} 年内。"
    en = "{day} is not in {year}."
    way_out = "请按年份分别录入国务院办公厅的放假通知。"
    way_out_en = "Enter the State Council's notice year by year."


class DayBothWays(Refusal):
    kind = Kind.INVALID
    rule = "OPS-05"
    zh = "{day} 同时列为放假和上班。"
    en = "{day} is listed both as a day off and as a working day."
    way_out = "请在其中一栏删去这一天。"
    way_out_en = "Take the day out of one of the two lists."


class NotTheStarter(Refusal):
    kind = Kind.FORBIDDEN
    rule = "TRF-11"
    zh = "这项转接由团员本人发起，只有本人可以撤回。"
    en = "The member started this transfer, and nobody else can withdraw it."
    way_out = "不同意转接的，请在本方的审批中拒绝。"
    way_out_en = "If you do not agree, refuse it when it is your step."


class LastApprovalGiven(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-11"
    zh = "最后一步审批已经通过，不能再撤回。"
    en = "The last approval was given; it cannot be withdrawn any more."
    way_out = "需要回到原支部的，请在转入后由现支部再发起转接。"
    way_out_en = "To go back, start another transfer from the new branch."


class NoBranchToAssign(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-04"
    zh = "这项转接现在不需要分配团支部。"
    en = "This transfer does not wait for a branch to be assigned."
    way_out = "请刷新页面查看最新状态。"
    way_out_en = "Reload the page to see how it stands."


class BranchOutsideDestination(Refusal):
    rule = "TRF-04"
    zh = "只能分配转入组织下面的团支部。"
    en = "Only a branch below the destination can be assigned."
    way_out = "请在转入组织的下级团支部中重新选择。"
    way_out_en = "Choose a branch below the destination."
