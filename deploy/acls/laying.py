"""Laying the table in Kafka, over its own protocol: the library's admin client knows these requests but not the act."""

from asyncio import gather
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest

from deploy.acls.table import ALLOW, Acl
from shared.runtime.parts import PARTS

_ANY = 1
_NO_AUTHORIZER, _NOT_FOR_YOU = 54, 31
_OURS = frozenset(f"User:{part}" for part in PARTS)
_EVERYBODY = "User:*"


class NoAuthorizer(Exception):
    """The broker asks nobody for a right: every certificate reads and writes everything."""


class NotForThisCertificate(Exception):
    """Only the operator's certificate is shown the table, and may change it."""


class NotLaid(Exception):
    """Kafka refused a row; the sentence has its reason."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Between what Kafka has for the parts and what is meant. `open_to_all`: rows that somebody gave to everybody."""

    missing: tuple[Acl, ...]
    unmeant: tuple[Acl, ...]
    open_to_all: tuple[Acl, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.unmeant or self.open_to_all)


async def difference(kafka: Mapping[str, Any], wanted: Collection[Acl]) -> Difference:
    """`kafka` is how it is reached. Raises NoAuthorizer, NotForThisCertificate."""
    async with _broker(kafka) as broker:
        return _compare(await broker.standing(), wanted)


async def lay(kafka: Mapping[str, Any], wanted: Collection[Acl], *, keep_old: bool = False) -> Difference:
    """Adds what is missing, then removes what is not meant (any more) for our parts; answers what it found.

    With `keep_old` nothing is removed: processes of the older version may still run. Rows of other principals stay.
    Raises NoAuthorizer, NotForThisCertificate, NotLaid.
    """
    async with _broker(kafka) as broker:
        found = _compare(await broker.standing(), wanted)
        await gather(*map(broker.add, found.missing))
        await gather(*map(broker.remove, () if keep_old else found.unmeant))
        return found


def _compare(standing: Collection[Acl], wanted: Collection[Acl]) -> Difference:
    ours = {acl for acl in standing if acl.principal in _OURS}
    everybodys = {acl for acl in standing if acl.principal == _EVERYBODY and acl.permission == ALLOW}
    return Difference(tuple(sorted(set(wanted) - ours)), tuple(sorted(ours - set(wanted))), tuple(sorted(everybodys)))


class _Broker:
    """Any broker: it passes what changes something on to the controller."""

    def __init__(self, client: AIOKafkaClient) -> None:
        self._client = client

    async def standing(self) -> set[Acl]:
        answer = await self._ask(DescribeAclsRequest(_ANY, None, _ANY, None, None, _ANY, _ANY))
        _raise_refused(answer.error_code, answer.error_message)
        return {Acl(kind, name, pattern, *held) for kind, name, pattern, rows in answer.resources for held in rows}

    async def add(self, acl: Acl) -> None:
        for code, reason in (await self._ask(CreateAclsRequest(*acl))).creation_responses:
            _raise_refused(code, reason)

    async def remove(self, acl: Acl) -> None:
        for code, reason, *_ in (await self._ask(DeleteAclsRequest(*acl))).filter_responses:
            _raise_refused(code, reason)

    async def _ask(self, request: Any) -> Any:
        return await self._client.send(self._client.get_random_node(), request)


@asynccontextmanager
async def _broker(kafka: Mapping[str, Any]) -> AsyncIterator[_Broker]:
    client = AIOKafkaClient(**kafka)
    try:
        await client.bootstrap()
        yield _Broker(client)
    finally:
        await client.close()


def _raise_refused(code: int, reason: str | None) -> None:
    if code == _NO_AUTHORIZER:
        raise NoAuthorizer
    if code == _NOT_FOR_YOU:
        raise NotForThisCertificate
    if code:
        raise NotLaid(f"{for_code(code).__name__}: {reason}")
