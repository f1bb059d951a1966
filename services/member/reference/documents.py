"""Kinds of identity documents (MEM-10) and what is checked of each number; dated, as operators confirm them."""

import re
from dataclasses import dataclass

from services.member.reference.dated import Dated

IDENTITY_CARD = "居民身份证"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind(Dated):
    """`pattern` is the form of a number after normalisation (upper case, no spaces).

    `form` says the same to a person. `checked` numbers carry the check digit, birth date and sex of GB 11643.
    """

    name: str
    pattern: re.Pattern[str]
    form: str
    checked: bool = False


DOCUMENT_KINDS_VERSION = "document-kinds-1"
DOCUMENT_KINDS = {
    kind.name: kind
    for kind in (
        DocumentKind(
            version="document-identity-card-1",
            name=IDENTITY_CARD,
            pattern=re.compile(r"[0-9]{17}[0-9X]"),
            form="18位，前17位是数字，最后一位是数字或X",
            checked=True,
        ),
        DocumentKind(
            version="document-hk-macao-permit-1",
            name="港澳居民来往内地通行证",
            pattern=re.compile(r"[HM]([0-9]{8}|[0-9]{10})"),
            form="H或M开头，后接8位或10位数字",
        ),
        DocumentKind(
            version="document-taiwan-permit-1",
            name="台湾居民来往大陆通行证",
            pattern=re.compile(r"[0-9]{8}"),
            form="8位数字",
        ),
        DocumentKind(
            version="document-residence-permit-1",
            name="港澳台居民居住证",
            pattern=re.compile(r"8[123][0-9]{15}[0-9X]"),
            form="18位，以81、82或83开头",
            checked=True,
        ),
        DocumentKind(
            version="document-permanent-residence-1",
            name="外国人永久居留身份证",
            pattern=re.compile(r"[A-Z]{3}[0-9]{12}|9[0-9]{16}[0-9X]"),
            form="3个字母加12位数字，或以9开头的18位",
        ),
        DocumentKind(
            version="document-passport-1",
            name="护照",
            pattern=re.compile(r"[A-Z0-9]{5,17}"),
            form="5至17位字母和数字",
        ),
    )
}
DOCUMENT_SPELLINGS = {name: name for name in DOCUMENT_KINDS} | {"身份证": IDENTITY_CARD}
