"""Who sent what, when, for whom: Ed25519 over both directions; what is personal is sealed for the receiver (BEY-08)."""

import base64
import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import ValidationError

from services.transfer.exchange.protocol import NATIONAL, Key, Person
from shared.kernel.clock import iso
from shared.privacy.secrets import create_secret, read_secret

WINDOW = timedelta(minutes=5)
SIGNING, SEALING, MATCHING = "exchange-signing", "exchange-sealing", "exchange-matching"
HEADERS = ("From", "To", "Key", "Time", "Nonce", "Signature")
_PREFIX = "X-Exchange-"
_SEAL = {"alg": "ECDH-ES", "enc": "A256GCM"}
_KID = 12


class NotSigned(Exception):
    """Nothing here is proven; the word says why, for the log and for the other system's engineers."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class SealUnreadable(ValueError):
    """It was not sealed for us, or was changed."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The headers that go with a body, as they came or as they go."""

    from_: str
    to: str
    key: str
    time: str
    nonce: str
    signature: str

    def headers(self) -> dict[str, str]:
        values = (self.from_, self.to, self.key, self.time, self.nonce, self.signature)
        return {f"{_PREFIX}{name}": value for name, value in zip(HEADERS, values, strict=True)}

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Signed":
        """Raises NotSigned for what is missing, or longer than any of ours."""
        values = [headers.get(f"{_PREFIX}{name}", "") for name in HEADERS]
        if not all(values) or any(len(value) > 200 for value in values):
            raise NotSigned("unsigned")
        return cls(*values)

    def text(self, about: str, body: bytes) -> bytes:
        """What is signed: one line each, and none of them can hold a line's end."""
        digest = hashlib.sha256(body).hexdigest()
        lines = ("tuan-exchange-1", self.from_, self.to, self.key, self.time, self.nonce, about, digest)
        return "\n".join(lines).encode()


def asked(method: str, target: str) -> str:
    """What a request is about; `target` is path and query as they travel."""
    return f"{method} {target}"


def answered(status: int, nonce: str) -> str:
    """What an answer is about: the nonce of the request makes it the answer to that one."""
    return f"{status} {nonce}"


@dataclass(frozen=True, slots=True)
class Pair:
    """A key of one's own: `use` is sig or enc."""

    use: str
    kid: str
    secret: bytes

    @property
    def public(self) -> Key:
        if self.use == "sig":
            raw = Ed25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()
        else:
            raw = X25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()
        return Key.model_validate({"kid": self.kid, "use": self.use, "x": _text(raw)})

    @classmethod
    def of(cls, use: str, secret: bytes) -> "Pair":
        draft = cls(use, "draft", secret)
        return cls(use, hashlib.sha256(draft.public.x.encode()).hexdigest()[:_KID], secret)


class OwnKeys:
    """The keys of one system, the oldest first. A new one is used for who has taken it, the oldest for all others."""

    def __init__(self, system: str, pairs: Iterable[Pair]) -> None:
        self.system = system
        self.pairs = tuple(pairs)

    @classmethod
    def from_directory(cls, directory: Path, system: str = NATIONAL) -> "OwnKeys":
        """Reads `exchange-signing.<n>` and `exchange-sealing.<n>`; none where there is no exchange (yet)."""
        found = [Pair.of(use, read_secret(directory, name)) for use, name in _files(directory)]
        return cls(system, found)

    @property
    def public(self) -> tuple[Key, ...]:
        return tuple(pair.public for pair in self.pairs)

    @property
    def ready(self) -> bool:
        return {pair.use for pair in self.pairs} == {"sig", "enc"}

    def sign(self, to: str, taken: Iterable[str], about: str, body: bytes, now: datetime) -> Signed:
        """`taken` are the kids of ours that the other side knows. Raises NotSigned without any key."""
        own = [pair for pair in self.pairs if pair.use == "sig"]
        if not own:
            raise NotSigned("no_key_of_ours")
        known = set(taken)
        pair = next((p for p in reversed(own) if p.kid in known), own[0])
        draft = Signed(self.system, to, pair.kid, iso(now), _text(os.urandom(18)), "")
        key = Ed25519PrivateKey.from_private_bytes(pair.secret)
        signature = _text(key.sign(draft.text(about, body)))
        return Signed(draft.from_, to, draft.key, draft.time, draft.nonce, signature)

    def unseal(self, text: str) -> Person:
        """Raises SealUnreadable."""
        for pair in self.pairs:
            if pair.use != "enc":
                continue
            key = OKPKey.import_key(
                {"kty": "OKP", "crv": "X25519", "x": pair.public.x, "d": _text(pair.secret), "kid": pair.kid}
            )
            try:
                content = jwe.decrypt_compact(text, key, algorithms=list(_SEAL.values())).plaintext
                return Person.model_validate_json(content or b"")
            except (JoseError, ValidationError, ValueError):
                continue
        raise SealUnreadable


def seal(person: Person, keys: Iterable[Key]) -> str:
    """For the newest of the receiver's keys. Raises NotSigned where none is known."""
    known = [key for key in keys if key.use == "enc"]
    if not known:
        raise NotSigned("no_key_of_theirs")
    key = OKPKey.import_key({"kty": "OKP", "crv": "X25519", "x": known[-1].x, "kid": known[-1].kid})
    return jwe.encrypt_compact(_SEAL | {"kid": known[-1].kid}, person.model_dump_json(), key)


def check(signed: Signed, keys: Iterable[Key], to: str, about: str, body: bytes, now: datetime) -> None:
    """Raises NotSigned for any doubt: receiver, key, clock, signature."""
    if signed.to != to:
        raise NotSigned("for_somebody_else")
    key = next((k for k in keys if k.use == "sig" and k.kid == signed.key), None)
    if key is None:
        raise NotSigned("unknown_key")
    try:
        at = datetime.fromisoformat(signed.time)
        if at.tzinfo is None or abs(at - now) > WINDOW:
            raise NotSigned("clock")
        public = Ed25519PublicKey.from_public_bytes(_bytes(key.x))
        public.verify(_bytes(signed.signature), signed.text(about, body))
    except (InvalidSignature, ValueError) as error:
        raise NotSigned("signature") from error


def create_keys(directory: Path) -> tuple[Key, ...]:
    """One more pair of each kind, in files of the next number; the former ones stay, to read what was sealed."""
    number = 1 + max((int(name.rpartition(".")[2]) for _, name in _files(directory)), default=0)
    for name in (SIGNING, SEALING):
        create_secret(directory, f"{name}.{number}")
    return OwnKeys.from_directory(directory).public


def _files(directory: Path) -> list[tuple[str, str]]:
    found = []
    for use, name in (("sig", SIGNING), ("enc", SEALING)):
        numbers = [p.name.rpartition(".")[2] for p in directory.glob(f"{name}.*")]
        found += [(use, f"{name}.{n}") for n in sorted(map(int, filter(str.isdecimal, numbers)))]
    return found


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
