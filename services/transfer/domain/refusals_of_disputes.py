"""How transfers say no to what is said about them beside their steps (TRF-10 to TRF-12)."""

from shared.kernel.refusals import Kind, Refusal


class NotTheMember(Refusal):
    kind = Kind.FORBIDDEN
    rule = "TRF-11"
    zh = "只有团员本人可以对转接提出异议。"
    en = "Nobody but the member can object to a transfer."
    way_out = "不同意转接的，请在本方的审批中拒绝，或者由发起人撤回。"
    way_out_en = "If you do not agree, refuse it when it is your step, or have it withdrawn by whoever started it."


class OwnTransfer(Refusal):
    rule = "TRF-11"
    zh = "这项转接由您本人发起，不需要提出异议。"
    en = "You started this transfer yourself; there is nothing to object to."
    way_out = "不想转接的，请直接撤回。"
    way_out_en = "If you do not want it any more, withdraw it."


class NoApprovalToStop(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-11"
    zh = "这项批量转接由上级统一办理，没有审批环节，不能提出异议。"
    en = "The superior moves you in a batch, which needs no approvals that an objection could stop."
    way_out = "需要回到原支部的，请在转入后由现支部再发起转接，或者联系办理的上级组织。"
    way_out_en = "To go back, start another transfer from the new branch, or talk to the superior."


class ObjectionUndecided(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-11"
    zh = "团员本人对这项转接提出了异议，正在等待发起方的上级处理，现在不能通过。"
    en = "The member objected; until the starter's superior has decided about it, it cannot be approved."
    way_out = "请等待处理结果；不同意转接的，现在就可以拒绝。"
    way_out_en = "Wait for the decision. If you do not agree to the transfer, you can refuse it now."


class ObjectionDismissed(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-11"
    zh = "您的异议已经由发起方的上级处理，转接继续办理。"
    en = "The starter's superior has dismissed your objection; the transfer goes on."
    way_out = "如仍有不同意见，请联系双方组织的管理员。"
    way_out_en = "If you still disagree, talk to the admins of both sides."


class NoObjection(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-11"
    zh = "这项转接没有等待处理的异议。"
    en = "No objection to this transfer waits for a decision."
    way_out = "请刷新页面查看最新状态。"
    way_out_en = "Reload the page to see how it stands."


class ObjectionNotOffered(Refusal):
    kind = Kind.INVALID
    rule = "TRF-11"
    zh = "异议理由不在可选的范围内。"
    en = "This is none of the objections on the list."
    way_out = "请从异议理由列表中选择一项。"
    way_out_en = "Choose one of the list."


class NothingWaits(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-10"
    zh = "这项转接现在不在等待贵组织办理，不需要说明。"
    en = "This transfer does not wait for your organization, so there is nothing to explain."
    way_out = "请刷新页面查看现在等待谁办理。"
    way_out_en = "Reload the page to see whom it waits for."


class ExplanationNotOffered(Refusal):
    kind = Kind.INVALID
    rule = "TRF-10"
    zh = "暂不能办理的原因不在可选的范围内。"
    en = "This is none of the explanations on the list."
    way_out = "请从原因列表中选择一项；办理期限不因此延长。"
    way_out_en = "Choose one of the list; the deadline goes on all the same."


class NotRefused(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-12"
    zh = "只有被拒绝的转接可以提请协调解决。"
    en = "Only a refused transfer can be handed over to be coordinated."
    way_out = "还在办理的，请等待结果。"
    way_out_en = "If it is still under way, wait for its end."


class NoCoordination(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-12"
    zh = "这项转接没有等待答复的协调事项。"
    en = "Nobody asked to coordinate this transfer."
    way_out = "请刷新页面查看最新状态。"
    way_out_en = "Reload the page to see how it stands."


class CoordinationAlreadyAnswered(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-12"
    zh = "这项协调已经答复。"
    en = "This was answered already."
    way_out = "请刷新页面查看答复。"
    way_out_en = "Reload the page to see the answer."


class AnswerNotOffered(Refusal):
    kind = Kind.INVALID
    rule = "TRF-12"
    zh = "协调结果不在可选的范围内。"
    en = "This is none of the answers on the list."
    way_out = "请从协调结果列表中选择一项。"
    way_out_en = "Choose one of the list."
