"""How authority says no. Whoever cannot even read a scope learns nothing of it, not even whether it exists (X14)."""

from collections.abc import Sequence

from shared.authority.decide import Scope
from shared.kernel.refusals import Kind, Refusal

_NOBODY_NAMED = ("该组织或其直属上级", "that organization or its direct superior")


class OutsideAuthority(Refusal):
    """ADM-08: names whose admins could, to those who may see them."""

    kind = Kind.FORBIDDEN
    rule = "ADM-08"
    zh = "以您当前的身份不能办理这项操作。"
    en = "In your present capacity you may not do this."
    way_out = "可由{names}的管理员办理；如您在其他组织任职，请先切换组织。"
    way_out_en = "An admin of {names_en} can; if you have another organization, switch to it first."

    def __init__(self, who_could: Sequence[Scope] = ()) -> None:
        names = "、".join(s.name for s in who_could)
        zh, en = (names, names) if names else _NOBODY_NAMED
        super().__init__(names=zh, names_en=en, organizations=[s.id for s in who_could])


class AuthorityTooOld(Refusal):
    """P6: nobody knows which rights were withdrawn in the meantime, so nobody may."""

    kind = Kind.UNAVAILABLE
    rule = "P6"
    zh = "系统暂时无法核实最新的管理权限，本次没有执行。"
    en = "The latest rights cannot be verified at the moment; nothing was done."
    way_out = "请稍候再试，已填写的内容会保留。"
    way_out_en = "Try again in a moment; what you typed is kept."
