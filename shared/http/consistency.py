"""The consistency token: a query that waits until it can show what the command before it did (architecture 3)."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from pydantic import BaseModel
from starlette.requests import Request

from shared.eventstore.execute import Answer
from shared.http.refusals import InvalidField

HEADER = "X-Read-After"
WAIT_SECONDS = 2.0
TOKENS_MAX = 50
_FORM = re.compile(r"([a-z]{1,32}-[0-9a-f-]{36}):([0-9]{1,10})")


class Done(BaseModel):
    """What every command answers: the token with which its result can be waited for."""

    stream: str
    version: int


class Shown(BaseModel):
    """`fresh` is False where what X-Read-After named is not visible yet."""

    as_of: str
    fresh: bool


def done(answer: Answer) -> Done:
    return Done(stream=answer.stream, version=answer.version)


@dataclass(frozen=True, slots=True)
class ReadAfter:
    """What must be visible: the stream, at this version or later."""

    stream: str
    version: int


async def read_after(request: Request) -> Sequence[ReadAfter]:
    """The dependency: header `X-Read-After: <stream>:<version>`, several with commas between; empty without it.

    Raises InvalidField.
    """
    text = request.headers.get(HEADER)
    found = [_FORM.fullmatch(token) for token in text.split(",")] if text is not None else []
    if not all(found) or len(found) > TOKENS_MAX:
        raise InvalidField(field=HEADER, problem="格式不对", problem_en="The format is not right")
    return [ReadAfter(match[1], int(match[2])) for match in found if match]


AskedReadAfter = Annotated[Sequence[ReadAfter], Depends(read_after)]
"""Parameter of a handler: what the asker has just done."""


async def shown(collection: Any, after: Sequence[ReadAfter], seconds: float = WAIT_SECONDS) -> bool:
    """Waits until `collection`, one document per stream ({_id: stream, version}), has all that is asked for.

    True at once if nothing is asked for; False after `seconds`: the answer then says that it is not fresh.
    """
    if not after:
        return True
    wanted = {each.stream: max(same.version for same in after if same.stream == each.stream) for each in after}
    ends, pause = time.monotonic() + seconds, 0.01
    while True:
        found = collection.find({"_id": {"$in": list(wanted)}}, {"version": 1})
        versions = {document["_id"]: document["version"] async for document in found}
        if all(versions.get(stream, -1) >= version for stream, version in wanted.items()):
            return True
        if time.monotonic() + pause > ends:
            return False
        await asyncio.sleep(pause)
        pause = min(0.1, pause * 1.5)
