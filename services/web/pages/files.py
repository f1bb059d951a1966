"""Files that services make, passed on as they come: nothing is kept here."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response, StreamingResponse

from services.web.clients import Query, Service
from services.web.visit import SignedIn
from shared.http.answers import XLSX, attachment

SHOWN_TYPES = frozenset({XLSX, "application/pdf", "image/jpeg", "image/png"})
DocumentId = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,80}$")]
routes = APIRouter()


async def passed_on(service: Service, path: str, query: Query, name: str) -> Response:
    """A file of a service as a download named ``name``. Raises Refused, SignedOut or Gap before the first byte."""
    stack = AsyncExitStack()
    answer = await stack.enter_async_context(service.download(path, query))

    async def body() -> AsyncIterator[bytes]:
        async with stack:
            async for chunk in answer.aiter_bytes():
                yield chunk

    kind = answer.headers.get("content-type", "").split(";")[0]
    return StreamingResponse(
        body(),
        media_type=kind if kind in SHOWN_TYPES else "application/octet-stream",
        headers=attachment(name),
    )


@routes.get("/approval-documents/{document}")
async def approval_document(visit: SignedIn, document: DocumentId) -> Response:
    service = visit.services.org
    return await passed_on(service, f"/v1/approval-documents/{document}", {}, f"approval-{document}")
