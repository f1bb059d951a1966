"""Uploaded documents (ORG-05, ADM-07): what kinds of file are taken, told by their content and never by their name."""

from shared.kernel.refusals import Kind, Refusal

DOCUMENT_BYTES_MAX = 10 * 1024 * 1024


class ApprovalDocumentTooLarge(Refusal):
    kind = Kind.TOO_LARGE
    rule = "ORG-05"
    zh = "批复文件超过10兆字节。"
    en = "The approval document is larger than 10 MiB."
    way_out = "请压缩或降低扫描分辨率后重新上传。"
    way_out_en = "Compress it or scan it with a lower resolution, then upload it again."


class ApprovalDocumentOfOtherKind(Refusal):
    kind = Kind.INVALID
    rule = "ORG-05"
    zh = "批复文件的内容不是完整的PDF、JPEG或PNG。"
    en = "The content of the approval document is not a complete PDF, JPEG or PNG."
    way_out = "请用PDF、JPEG或PNG格式重新保存或扫描后上传；只改扩展名没有用。"
    way_out_en = "Save or scan it as PDF, JPEG or PNG and upload it again; another file extension does not help."


def kind_of_document(
    content: bytes,
    too_large: type[Refusal] = ApprovalDocumentTooLarge,
    of_other_kind: type[Refusal] = ApprovalDocumentOfOtherKind,
) -> tuple[str, str]:
    """The media type and extension of a file by its beginning and end. Raises one of the two refusals."""
    if len(content) > DOCUMENT_BYTES_MAX:
        raise too_large(field="file")
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]:
        return "application/pdf", "pdf"
    if content.startswith(b"\xff\xd8\xff") and content.rstrip(b"\x00").endswith(b"\xff\xd9"):
        return "image/jpeg", "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content.endswith(b"IEND\xaeB`\x82"):
        return "image/png", "png"
    raise of_other_kind(field="file")
