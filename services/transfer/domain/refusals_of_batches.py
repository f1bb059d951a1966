"""How batches say no (TRF-08)."""

from shared.kernel.refusals import Kind, Refusal


class BatchEmpty(Refusal):
    kind = Kind.INVALID
    rule = "TRF-08"
    zh = "没有选择要转接的团员。"
    en = "No member was chosen."
    way_out = "请在团员列表中至少勾选一名团员。"
    way_out_en = "Tick at least one member in the list."


class BatchTooLarge(Refusal):
    kind = Kind.INVALID
    rule = "TRF-08"
    zh = "一次最多转接 {most} 名团员，现在选择了 {count} 名。"
    en = "At most {most} members are moved at a time; {count} were chosen."
    way_out = "请分几次办理。"
    way_out_en = "Do it in several batches."


class BatchOfCommitteesOnly(Refusal):
    rule = "TRF-08"
    zh = "批量转接由团委、团工委或团总支办理，这个组织不是。"
    en = "A committee, working committee or general branch moves members in batches; this organization is none."
    way_out = "请由这两个团支部共同的上级团委、团工委或团总支办理；单个转接由团支部发起。"
    way_out_en = "Have the committee or general branch above both branches do it, or start single transfers."


class BranchNotBelow(Refusal):
    """Also said of each member where a branch left the subtree between the request and its work."""

    rule = "TRF-08"
    zh = "批量转接的两个团支部都必须是本组织下面的团支部。"
    en = "Both branches of a batch have to be branches below this organization."
    way_out = "请在本组织的下级团支部中重新选择；转往其他组织的，请逐个发起转接。"
    way_out_en = "Choose branches below this organization; to move members elsewhere, start single transfers."


class BatchRightLost(Refusal):
    """Said of each member where whoever asked was no admin any more when it came to the work."""

    rule = "TRF-08"
    zh = "办理时，发起人已经不是本组织的管理员，没有发起转接。"
    en = "Whoever asked for it was no admin of this organization any more; no transfer was started."
    way_out = "请由现任管理员重新办理。"
    way_out_en = "Have a present admin do it again."
