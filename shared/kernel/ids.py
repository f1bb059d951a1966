"""Identifiers, all derived, so that a repeated command finds what it did the first time.

None holds anything personal: a stream's name is a kind and a UUID.
"""

import hashlib
from uuid import UUID

import orjson

_NAMESPACE = UUID("6f0c1f0e-58c5-5a57-9d0b-1c52a6a1f7d0")


def derived(*parts: str) -> str:
    """The UUID of version 5 that the same parts always give. Parts are joined unambiguously."""
    # uuid5() takes three times as long, and every row of an import needs eight.
    name = _NAMESPACE.bytes + "\x1f".join(parts).encode()
    digest = bytearray(hashlib.sha1(name, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


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
