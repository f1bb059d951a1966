"""How the exchange with other systems says no (TRF-17, BEY-08)."""

from shared.kernel.refusals import Kind, Refusal


class OfferOver(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-17"
    zh = "这项外部系统的转入申请已经办结、撤回或者过期。"
    en = "This request of the other system was decided, withdrawn or is over."
    way_out = "请刷新页面查看办理结果；仍需转入的，请对方系统重新发起。"
    way_out_en = "Look at the page again; if the person is still to come, the other system starts anew."


class OutsideOrganizationUnknown(Refusal):
    kind = Kind.INVALID
    rule = "TRF-17"
    zh = "{system}系统的组织名录里没有与此完全一致的组织全称。"
    en = "No organization of exactly this full name is in the directory of the system of {system_en}."
    way_out = "请从名录中选择，或者与对方核对组织全称后一字不差地填写。"
    way_out_en = "Choose it from the directory, or ask the other side for the full name and write it exactly so."


class SystemNotConnected(Refusal):
    kind = Kind.UNAVAILABLE
    rule = "TRF-17"
    zh = "{system}系统还没有接通，暂时不能发起转接。"
    en = "The system of {system_en} is not connected, so nothing can be started."
    way_out = "请联系运营人员登记该系统的地址和公钥。"
    way_out_en = "Ask the central operators to enter its address and public keys."


class DecidedOutside(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-17"
    zh = "这一步由外部系统决定，本系统不能代为审批。"
    en = "This step is decided by the other system and by nobody here."
    way_out = "请等待对方系统的答复；发起人可以在答复之前撤回。"
    way_out_en = "Wait for its answer; until then whoever started it can withdraw it."


class OfferedToSomebodyElse(Refusal):
    kind = Kind.RULE
    rule = "TRF-17"
    zh = "按姓名和证件号码找到的人现在不在该外部系统的登记支部，也不在本组织。"
    en = "Whoever has this name and number is neither in the register branch of that system nor in this organization."
    way_out = "这个人仍是本系统其他团支部的团员：请按系统内转接办理，并拒绝这项申请。"
    way_out_en = "The person is a member of another branch here: refuse this request and start an ordinary transfer."


class PapersNotOfThisMember(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-17"
    zh = "团员资料凭据已经过期或者不是这名团员的，没有发起转接。"
    en = "The member's papers have expired or are somebody else's; nothing was started."
    way_out = "请重新打开转出页面，在十分钟内发起。"
    way_out_en = "Open the page again and start within ten minutes."


class SystemAddressRefused(Refusal):
    kind = Kind.INVALID
    rule = "BEY-08"
    zh = "外部系统的地址必须是 https 开头的完整地址，不带查询参数。"
    en = "The address of a system is a full https address without a query."
    way_out = "请向对方核对接口地址。"
    way_out_en = "Ask the other side for the address of its interface."


class MessageNotProven(Refusal):
    """The same for every doubt; which one, the log says."""

    kind = Kind.UNAUTHENTICATED
    rule = "BEY-08"
    zh = "报文没有通过验证（{why}）。"
    en = "The message is not proven ({why})."
    way_out = "请核对公钥、时钟和签名方法，见交换协议文档。"
    way_out_en = "Check keys, clock and the way of signing; see the protocol."


class MessageIdReused(Refusal):
    kind = Kind.CONFLICT
    rule = "BEY-08"
    zh = "同一报文编号的内容与先前的不一致。"
    en = "Another message came under this id before."
    way_out = "内容不同的报文请使用新的编号。"
    way_out_en = "Give another message an id of its own."


class OfferNotReadable(Refusal):
    kind = Kind.INVALID
    rule = "BEY-08"
    zh = "无法解开人员资料：不是为本系统加密的，或者格式不对。"
    en = "The person's data cannot be opened: not sealed for this system, or of another form."
    way_out = "请用本系统公布的加密公钥重新加密后再发。"
    way_out_en = "Seal it anew for the public key that this system publishes."


class HeldByAnotherSystem(Refusal):
    kind = Kind.CONFLICT
    rule = "TRF-17"
    zh = "此人的组织关系在北京、广东或福建的系统，不能在本系统直接转出。"
    en = "This person is a member in the system of Beijing, Guangdong or Fujian and cannot be moved from here."
    way_out = "请由对方系统发起转出；收到对方的申请后，在转接页面办理接收。"
    way_out_en = "Have the other system offer them; then take them in where its requests are shown."
