"""Refusals of the edge itself: nothing of a service was asked yet."""

from shared.kernel.refusals import Kind, Refusal


class Unauthenticated(Refusal):
    kind = Kind.UNAUTHENTICATED
    zh = "登录状态已失效。"
    en = "You are not signed in any more."
    way_out = "请重新登录。"
    way_out_en = "Sign in again."


class IdentityUnreachable(Refusal):
    kind = Kind.UNAVAILABLE
    rule = "OPS-08"
    zh = "暂时无法确认您的身份，本次没有执行。"
    en = "Your identity cannot be confirmed at the moment; nothing was done."
    way_out = "请稍候几秒再试。"
    way_out_en = "Try again in a few seconds."


class SystemFull(Refusal):
    """Too many requests wait: this one was not begun."""

    kind = Kind.UNAVAILABLE
    rule = "OPS-08"
    zh = "现在使用的人太多，前面还有{ahead}个请求在排队，本次没有执行。"
    en = "Too many people are using the system: {ahead} requests are waiting ahead of yours; nothing was done."
    way_out = "请在{seconds}秒后再试，已填写的内容会保留。"
    way_out_en = "Try again in {seconds} seconds; what you typed is kept."


class MalformedRequest(Refusal):
    """The request is no readable message: broken JSON, control characters, nesting without end."""

    kind = Kind.INVALID
    rule = "P13"
    zh = "请求内容无法读取。"
    en = "The request cannot be read."
    way_out = "请刷新页面后重新提交。"
    way_out_en = "Reload the page and submit again."


class InvalidField(Refusal):
    kind = Kind.INVALID
    zh = "{problem}。"
    en = "{problem_en}."


class BodyTooLarge(Refusal):
    kind = Kind.TOO_LARGE
    rule = "P13"
    zh = "提交的内容超过{limit}的大小限制。"
    en = "What was sent is larger than the limit of {limit}."
    way_out = "请缩小或拆分后再提交。"
    way_out_en = "Make it smaller or split it, then submit again."


class NothingHere(Refusal):
    """Also the answer about what exists but is outside the asker's scope, word for word (X14)."""

    kind = Kind.ABSENT
    rule = "X14"
    zh = "没有找到该内容，或您无权查看。"
    en = "There is nothing here, or not for you."


class OnlyCentralOperators(Refusal):
    kind = Kind.FORBIDDEN
    rule = "IDN-08"
    zh = "只有中央运营人员可以办理这项操作。"
    en = "Only central operators may do this."


class MethodNotOffered(Refusal):
    kind = Kind.ABSENT
    zh = "该地址不支持这项操作。"
    en = "This address does not offer that operation."


class IdempotencyKeyNeeded(Refusal):
    kind = Kind.INVALID
    rule = "P2"
    zh = "请求缺少有效的请求编号（Idempotency-Key，8至128个可见字符），本次没有执行。"
    en = "The command lacks a valid Idempotency-Key (8 to 128 visible ASCII characters); nothing was done."
    way_out = "请刷新页面后重新提交。"
    way_out_en = "Reload the page and submit again."


class CursorExpired(Refusal):
    kind = Kind.INVALID
    zh = "翻页位置已失效。"
    en = "This place in the list is not valid any more."
    way_out = "请从第一页重新查看。"
    way_out_en = "Start again from the first page."


class OutcomeUnknown(Refusal):
    """The store fell silent during a command; whether it was written is not known here."""

    kind = Kind.UNAVAILABLE
    rule = "P2"
    zh = "系统暂时没有响应，本次操作是否完成尚不确定。"
    en = "The system fell silent; whether this was done is not known."
    way_out = "请稍候几秒在原页面再次提交，重复提交不会重复执行。"
    way_out_en = "Submit again from the same page in a few seconds; a repeat is never done twice."


class Failed(Refusal):
    """A fault of the program. What it was stands in the log under the same correlation, never in the answer."""

    kind = Kind.UNAVAILABLE
    zh = "系统出现错误，已记录。"
    en = "Something went wrong and was recorded."
    way_out = "请稍后再试；如仍出现，请把编号告诉系统管理员。"
    way_out_en = "Try again later; if it goes on, tell the operator the correlation id."
