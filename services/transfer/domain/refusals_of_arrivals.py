"""How papers, special units and the duties of the new branch say no (TRF-16, TRF-19 to TRF-21, TRF-26)."""

from shared.kernel.refusals import Kind, Refusal


class SpecialUnitsOnly(Refusal):
    kind = Kind.INVALID
    rule = "TRF-16"
    zh = "转往特殊单位只适用于参军入伍和涉密单位，其他原因不能办理。"
    en = "Only those who join the army or work in a classified unit go to a special unit."
    way_out = "请选择参军入伍或涉密单位；其他情况请选择转入组织后发起转接。"
    way_out_en = "Choose one of these two reasons, or choose a destination and start an ordinary transfer."


class SpecialUnitNeedsNoDestination(Refusal):
    kind = Kind.INVALID
    rule = "TRF-16"
    zh = "参军入伍和涉密单位转往特殊单位，不选择转入组织。"
    en = "Who joins the army or a classified unit goes to a special unit; no destination is chosen."
    way_out = "请从“转往特殊单位”发起，由省级团委审批。"
    way_out_en = "Start it as a transfer to a special unit; the provincial body decides."


class SpecialUnitNeedsNote(Refusal):
    kind = Kind.INVALID
    rule = "TRF-16"
    zh = "转往特殊单位必须简要备注去向。"
    en = "A transfer to a special unit needs a short note of where the member goes."
    way_out = "请在备注中写明去向，例如“2026年9月参军入伍”；不要写涉密内容。"
    way_out_en = "Write where they go, and nothing classified."


class NoProvincialBodyAbove(Refusal):
    rule = "TRF-16"
    zh = "这个团支部上面没有省级团委，不能转往特殊单位。"
    en = "There is no provincial body above this branch, so nobody could decide."
    way_out = "请先把组织关系转到省级团委下面的团支部。"
    way_out_en = "Transfer the member to a branch below a provincial body first."


class RegisterIsNoChoice(Refusal):
    rule = "TRF-16"
    zh = "登记支部（特殊单位、外部系统）不能作为转入组织选择。"
    en = "A register branch is no destination that can be chosen."
    way_out = "参军入伍或涉密单位请从“转往特殊单位”发起；转往北京、广东、福建系统请选择对方系统的组织。"
    way_out_en = "Start a transfer to a special unit, or to the other system, instead."


class LetterMissing(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-16"
    zh = "还没有登记纸质介绍信，不能同意转往特殊单位。"
    en = "The paper introduction letter is not recorded yet, so this transfer cannot be approved."
    way_out = "请先登记纸质介绍信的编号和开具日期，再同意。"
    way_out_en = "Record the letter's number and date first."


class PaperInTheFuture(Refusal):
    kind = Kind.INVALID
    rule = "TRF-26"
    zh = "日期不能晚于今天（{today}）。"
    en = "The day cannot be after today ({today})."
    way_out = "请核对日期。"
    way_out_en = "Check the day."


class CheckInInTheFuture(PaperInTheFuture):
    rule = "TRF-21"


class SettledInTheFuture(PaperInTheFuture):
    rule = "TRF-20"


class SettledTooOften(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-20"
    zh = "这名团员的去向落实日期已登记{most}次，不能再改。"
    en = "The day on which work or study was settled was recorded {most} times already, and cannot be changed again."
    way_out = "以最后一次登记为准，请发起转出。"
    way_out_en = "The last one counts: start the transfer that moves the member on."


class TooManyPapers(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-26"
    zh = "这项转接已登记{most}份材料，不能再登记。"
    en = "{most} papers are recorded for this transfer already, and no more can be."
    way_out = "请核对已登记的材料；其余的在线下档案中说明。"
    way_out_en = "Check those that are recorded; note what remains in the paper file."


class VerifiedTooOften(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-20"
    zh = "这一步已记录{most}次核实结果，不能再记录。"
    en = "{most} findings are recorded for this step already, and no more can be."
    way_out = "以最后一次记录为准，请同意或拒绝这项转接。"
    way_out_en = "The last one counts: approve or refuse the transfer."


class EmploymentUnverified(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-20"
    zh = "流动团支部接收前须核实就业情况，还没有记录核实结果。"
    en = "A floating branch verifies employment before it takes a member; nothing is recorded yet."
    way_out = "请先在本页“就业情况核实”处记录结果；已在外地落实工作单位的，审批时请拒绝，分配时请改选其他团支部。"
    way_out_en = "Record what you found on this page. Refuse who has work elsewhere, or assign them to another branch."


class NothingToVerify(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-20"
    zh = "这项转接现在不需要流动团支部核实就业情况。"
    en = "No floating branch has to verify employment in this transfer now."
    way_out = "请刷新页面查看最新状态。"
    way_out_en = "Reload the page to see how it stands."


class NotArrived(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-21"
    zh = "这名团员还没有转入，或者这项转接没有办成。"
    en = "The member has not arrived by this transfer."
    way_out = "请在转接办结后再登记。"
    way_out_en = "Record it once the transfer is completed."


class FloatingBranchesOnly(Refusal):
    rule = "TRF-20"
    zh = "只有流动团支部和学社衔接临时团支部登记去向落实情况。"
    en = "Only a floating or bridging branch records that work or study is settled."
    way_out = "团员要转出的，请直接发起转接。"
    way_out_en = "To move the member on, start a transfer."


class WorksSoNotHome(Refusal):
    kind = Kind.INVALID
    rule = "TRF-19"
    zh = "已落实工作单位的，不能把组织关系转往户籍地、生源地或父母居住地的流动团支部，也不能按“未落实去向”办理。"
    en = "Who has work cannot go to the floating branch of home, nor as somebody with nothing settled yet."
    way_out = "请转往工作单位的团组织；没有团组织的，转往工作单位所在地的流动团支部或园区的学社衔接临时团支部。"
    way_out_en = "Choose the employer's organization, or the floating branch of the town where they work."


class ReasonLeadsElsewhere(Refusal):
    kind = Kind.INVALID
    rule = "TRF-19"
    zh = "所选的转接原因与去向“{place}”不符。"
    en = "The reason that was chosen does not go with where the member goes: {place_en}."
    way_out = "这个去向的原因可选：{allowed}；原因没有选错的，请重新选择去向。"
    way_out_en = "Reasons that go with it: {allowed_en}. If the reason is right, say anew where the member goes."


class BranchIsNoSuchPlace(Refusal):
    kind = Kind.INVALID
    rule = "TRF-19"
    zh = "选择的转入组织不是“{place}”。"
    en = "The branch that was chosen is not what was said: {place_en}."
    way_out = "请重新选择转入组织，或者改选去向。"
    way_out_en = "Choose another destination, or say another kind of place."


class PlaceDoesNotFit(Refusal):
    kind = Kind.INVALID
    rule = "TRF-19"
    zh = "所选的去向与本人情况不符。"
    en = "This kind of destination does not go with the member's situation."
    way_out = "请选择符合的去向：{allowed}。"
    way_out_en = "Choose what fits: {allowed_en}."
