"""Which files are taken as a document, and how large they may be."""

import pytest

from services.org.domain.application import ApplicationFormOfOtherKind, ApplicationFormTooLarge
from services.org.domain.documents import (
    ApprovalDocumentOfOtherKind,
    ApprovalDocumentTooLarge,
    kind_of_document,
)
from shared.kernel.refusals import Refusal

TEN_MEBIBYTES = 10 * 1024 * 1024


def a_pdf(size: int) -> bytes:
    return b"%PDF-1.7\n" + b"x" * (size - 14) + b"%%EOF"


@pytest.mark.rule("ORG-05", "ADM-07")
@pytest.mark.parametrize(
    ("too_large", "of_other_kind"),
    [
        (ApprovalDocumentTooLarge, ApprovalDocumentOfOtherKind),
        (ApplicationFormTooLarge, ApplicationFormOfOtherKind),
    ],
)
def test_a_document_has_ten_mebibytes_and_not_a_byte_more(
    too_large: type[Refusal], of_other_kind: type[Refusal]
) -> None:
    assert kind_of_document(a_pdf(TEN_MEBIBYTES), too_large, of_other_kind) == ("application/pdf", "pdf")
    with pytest.raises(too_large) as refused:
        kind_of_document(a_pdf(TEN_MEBIBYTES + 1), too_large, of_other_kind)
    assert "10兆字节" in refused.value.sentence()
    with pytest.raises(of_other_kind) as other:
        kind_of_document(a_pdf(100)[:-5], too_large, of_other_kind)
    assert "PDF、JPEG或PNG" in other.value.sentence()
