"""What is seen of a registration before anybody is asked: slips of the pen, which would use up the code (ADM-03).

Who somebody is, and whether the whole record is right, member judges (MEM-10); this only keeps a typing error from it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from shared.kernel.check_digit import check_digit
from shared.kernel.refusals import Kind, Refusal

CODE_CHARACTERS = 12
IDENTITY_CARD = "居民身份证"

_CODE = re.compile(r"[A-Z2-7]{12}")
_CARD = re.compile(r"[0-9]{17}[0-9X]")
_OTHER_NUMBER = re.compile(r"[A-Z0-9]{5,18}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}|\+[1-9][0-9]{6,14}")
_NAME_MIN, _NAME_MAX = 2, 50


class RegistrationCodeMalformed(Refusal):
    kind = Kind.INVALID
    rule = "ADM-03"
    zh = "管理员注册码由 {characters} 个字母和数字组成。"
    en = "A registration code has {characters} letters and digits."
    way_out = "请按上级组织提供的注册码逐位核对。"
    way_out_en = "Compare it with the code from your superior, character by character."


class RegistrantNameMalformed(Refusal):
    kind = Kind.INVALID
    rule = "ADM-03"
    zh = "姓名应为 2 至 50 个字，不含数字。"
    en = "A name has 2 to 50 characters and no digits."
    way_out = "请按证件填写姓名。"
    way_out_en = "Type the name as on the document."


class RegistrantNumberMalformed(Refusal):
    kind = Kind.INVALID
    rule = "MEM-10"
    zh = "证件号码填写有误。"
    en = "The document number is mistyped."
    way_out = "请对照证件逐位核对，并确认证件类型。"
    way_out_en = "Compare it with the document character by character, and check the kind of document."


class RegistrantMobileMalformed(Refusal):
    kind = Kind.INVALID
    rule = "MEM-01"
    zh = "手机号码填写有误。"
    en = "The mobile number is mistyped."
    way_out = "请填写 11 位手机号码，境外号码以 + 和国家代码开头。"
    way_out_en = "Eleven digits, or + and the code of the country before a foreign number."


@dataclass(frozen=True, slots=True)
class Registrant:
    """What somebody types of themselves; number and mobile normalised, as all of it is sealed."""

    name: str
    document_kind: str
    number: str
    mobile: str


def slips(who: Registrant, code: str) -> Iterator[Refusal]:
    """Every mistake that can be seen without knowing anybody. `code` is normalised."""
    if not _CODE.fullmatch(code):
        yield RegistrationCodeMalformed(field="registration_code", characters=CODE_CHARACTERS)
    if not _NAME_MIN <= len(who.name) <= _NAME_MAX or any(c.isdigit() for c in who.name):
        yield RegistrantNameMalformed(field="name")
    if not _number_fits(who):
        yield RegistrantNumberMalformed(field="number")
    if not _MOBILE.fullmatch(who.mobile):
        yield RegistrantMobileMalformed(field="mobile")


def _number_fits(who: Registrant) -> bool:
    number = who.number
    if who.document_kind != IDENTITY_CARD:
        return bool(_OTHER_NUMBER.fullmatch(number))
    if not _CARD.fullmatch(number) or check_digit(number[:17]) != number[17]:
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return True
