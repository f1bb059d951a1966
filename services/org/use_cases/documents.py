"""Approval documents (ORG-05): uploaded before the form that names them is submitted, read by who may read its card."""

from dataclasses import dataclass
from typing import Protocol

from services.org.domain.documents import kind_of_document
from shared.kernel import ids
from shared.kernel.envelope import Request

NAME_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class ApprovalDocument:
    """A file; `content` is empty where only its name was asked for."""

    id: str
    file_name: str
    media_type: str
    content: bytes = b""


class Documents(Protocol):
    """Where the files lie. One that nobody keeps within a day is removed."""

    async def add(self, document: ApprovalDocument, by: str, request_hash: str) -> None:
        """A repeat with the same hash changes nothing; with another it raises IdempotencyKeyReused."""
        ...

    async def keep(self, document: str, by: str) -> bool:
        """Keeps for good what `by` uploaded; False for what is not there (any more) or is somebody else's."""
        ...

    async def get(self, document: str, *, content: bool) -> ApprovalDocument | None: ...


async def upload_approval_document(
    documents: Documents, request: Request, file_name: str, content: bytes
) -> ApprovalDocument:
    """Its id derives from the key. Raises ApprovalDocumentTooLarge, ApprovalDocumentOfOtherKind."""
    media_type, extension = kind_of_document(content)
    id_ = ids.derived("org", request.actor.principal, request.key, "approval-document")
    document = ApprovalDocument(id_, safe_name(file_name, extension, "批复文件"), media_type, content)
    await documents.add(document, request.actor.principal, request.body_hash)
    return document


def safe_name(given: str, extension: str, otherwise: str) -> str:
    """The last part of a name without control characters, or `otherwise`, with the extension of the content."""
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    stem = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*').rpartition(".")[0].strip(" .")
    return f"{stem[:NAME_CHARACTERS] or otherwise}.{extension}"
