"""Forms of answers that several services give."""

from typing import Any
from urllib.parse import quote

from fastapi import Response

from shared.eventstore.execute import Answer

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def answer_of(answer: Answer) -> dict[str, Any]:
    """What every command answers: `{stream, version}` is the consistency token for the queries after it."""
    return {"stream": answer.stream, "version": answer.version}


def download(content: bytes, media_type: str, name: str) -> Response:
    """A file to keep, never to show; `name` may be Chinese."""
    disposition = f"attachment; filename=\"download\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})
