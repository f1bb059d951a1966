"""How a sign-in says no, and how long wrong tries lock (IDN-01, IDN-09, X06, X18).

Nothing here tells whether a person is known: an unknown number is counted, locked and refused like a known one.
"""

from datetime import timedelta

from shared.kernel.refusals import Kind, Refusal

WRONG_TRIES_MAX = 100
WRONG_TRIES_FREE = 5
ADDRESS_TRIES_MAX = 100
ADDRESS_WINDOW = timedelta(minutes=15)
CAPTCHAS_MAX = 600
CAPTCHA_WINDOW = timedelta(minutes=1)
PASSES_MAX = 60
PASS_WINDOW = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=30)
"""Wrong tries without another one for so long are forgotten: no stranger locks anybody out for ever."""


def lock_after(wrong: int) -> timedelta:
    """X06: how long the next try is refused after `wrong` wrong ones in a row.

    Nothing below five; then 1, 2, 4, 8 and from the ninth on 15 minutes; a day from the fiftieth on; from the
    hundredth on until it is forgotten.
    """
    if wrong < WRONG_TRIES_FREE:
        return timedelta()
    if wrong >= WRONG_TRIES_MAX:
        return FORGOTTEN_AFTER
    if wrong >= WRONG_TRIES_MAX // 2:
        return timedelta(days=1)
    return timedelta(minutes=min(15, 2 ** (wrong - WRONG_TRIES_FREE)))


class SignInRefused(Refusal):
    """X18: one answer for an unknown number, a wrong password and an account that is not activated."""

    kind = Kind.UNAUTHENTICATED
    rule = "IDN-01"
    zh = "证件号码或密码不正确。"
    en = "The document number or the password is not right."
    way_out = "请核对后重试；首次登录请先激活账号，激活码由本组织或上级组织的管理员提供。"
    way_out_en = (
        "Check both and try again; before the first sign-in activate the account with a code from an admin of your "
        "organization or its superior."
    )


class ActivationRefused(Refusal):
    """X18: one answer whatever did not fit, so that nobody learns who is registered."""

    kind = Kind.UNAUTHENTICATED
    rule = "IDN-04"
    zh = "证件号码、初始密码或激活码不正确，或者激活码已失效。"
    en = "The document number, the initial password or the activation code is not right, or the code is void."
    way_out = "请核对后重试；激活码过期或输错 5 次即作废，可请本组织或上级组织的管理员重新生成。"
    way_out_en = (
        "Check and try again. A code is void when its time is over or after 5 wrong tries; an admin of your "
        "organization or its superior can make a new one."
    )


class CaptchaWrong(Refusal):
    kind = Kind.INVALID
    rule = "IDN-01"
    zh = "验证码不正确或已过期。"
    en = "The captcha is wrong or too old."
    way_out = "请输入新图片中的验证码。"
    way_out_en = "Type the characters of the new picture."


class SignInLocked(Refusal):
    kind = Kind.THROTTLED
    rule = "IDN-09"
    zh = "输错次数过多，请在 {minutes} 分钟后再试。"
    en = "Too many wrong tries; try again in {minutes} minutes."
    way_out = "在本人常用的设备上登录不受他人输错的影响。"
    way_out_en = "On a device you have signed in from before, wrong tries of others do not lock you out."


class TooManyTriesFromHere(Refusal):
    kind = Kind.THROTTLED
    rule = "IDN-09"
    zh = "当前网络的尝试次数过多，请在 {minutes} 分钟后再试。"
    en = "Too many tries from this network; try again in {minutes} minutes."


class SessionEnded(Refusal):
    kind = Kind.UNAUTHENTICATED
    rule = "IDN-09"
    zh = "登录已失效，请重新登录。"
    en = "The session has ended; sign in again."


class OldPasswordWrong(Refusal):
    kind = Kind.INVALID
    rule = "IDN-09"
    zh = "原密码不正确。"
    en = "The old password is not right."


class CodeShownBefore(Refusal):
    kind = Kind.CONFLICT
    rule = "IDN-04"
    zh = "这个激活码已经显示过，系统不保存激活码原文。"
    en = "This code was shown before; its text is not kept."
    way_out = "请重新生成一个激活码，旧的随即作废。"
    way_out_en = "Make a new one; the old one is void then."
