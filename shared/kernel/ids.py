"""Identifiers, all derived, so that a repeated command finds what it did the first time.

None holds anything personal: a stream's name is a kind and a UUID.
"""

import hashlib
from uuid import UUID

import orjson

_NAMESPACE = UUID("6f0c1f0e-58c5-5a57-9d0b-1c52a6a1f7d0")
_PREFIX = _NAMESPACE.bytes
_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
"""The digit of a hash -> the digit there of a UUID of its kind: two bits stay, the upper two are `10`."""


def derived(*parts: str) -> str:
    """The UUID of version 5 that the same parts always give. Parts are joined unambiguously."""
    # uuid5() takes five times as long, and every row of an import needs eight.
    text = hashlib.sha1(_PREFIX + "\x1f".join(parts).encode(), usedforsecurity=False).hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


def new_stream(kind: str, service: str, principal: str, key: str) -> str:
    """The stream a creating command makes: `person-<uuid>`; the same key makes the same stream."""
    return f"{kind}-{derived(service, principal, key, kind)}"


def commit_id(service: str, principal: str, key: str, stream: str) -> str:
    """Names what one command did to one stream. A key's scope is the target stream."""
    return derived(service, principal, key, stream)


def event_id(commit: str, topic: str, index: int) -> str:
    """Names one record of one commit on one topic; never depends on the version."""
    return derived(commit, topic, str(index))


def request_hash(body: object) -> str:
    """Tells apart two requests that bear the same key. `body` is anything orjson writes."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
