"""The three systems behind one address, `/<system>/exchange/v1/…`, and what they are told, `/<system>/control/…`."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from pathlib import Path

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from deploy.local.simulators.province import Behaviour, Province
from services.transfer.exchange.protocol import PREFIX, Key, Listed, Person
from services.transfer.exchange.signing import MATCHING, OwnKeys, Pair
from shared.privacy.lookup import LookupKey
from shared.privacy.secrets import create_secret, read_secret

SYSTEMS = {"beijing": "北京", "guangdong": "广东", "fujian": "福建"}
ORGANIZATIONS = (
    ("0001", "共青团{name}第一中学委员会"),
    ("0002", "共青团{name}第一中学高一（1）班支部"),
    ("0003", "共青团{name}理工大学计算机学院2025级1班支部"),
    ("0004", "共青团{name}青年街道工作委员会"),
    ("0005", "共青团{name}电子科技有限公司支部"),
)


def provinces(secrets: Path, now: Callable[[], datetime]) -> dict[str, Province]:
    """All three, with keys of this start; the secret that tags numbers is the one that transfer reads."""
    found = {}
    for system, name in SYSTEMS.items():
        create_secret(secrets, f"{MATCHING}.{system}")
        matching = LookupKey(read_secret(secrets, f"{MATCHING}.{system}"))
        keys = OwnKeys(system, [Pair.of(use, os.urandom(32)) for use in ("sig", "enc")])
        listed = [Listed(organization=f"{system}-{code}", name=full.format(name=name)) for code, full in ORGANIZATIONS]
        found[system] = Province(system, keys, matching, now, organizations={e.organization: e for e in listed})
    return found


def application(systems: Mapping[str, Province]) -> Starlette:
    async def exchange(request: Request) -> Response:
        province = systems[request.path_params["system"]]
        target = request.url.path[request.url.path.index(PREFIX) :]
        target += f"?{request.url.query}" if request.url.query else ""
        status, headers, body = await province.answer(request.method, target, request.headers, await request.body())
        if not province.behaviour.slow_seconds:
            return Response(body, status, headers)
        return StreamingResponse(_slowly(body, province.behaviour.slow_seconds), status, headers)

    async def control(request: Request) -> Response:
        province = systems[request.path_params["system"]]
        told = orjson.loads(await request.body() or b"{}")
        return JSONResponse(await obey(province, request.path_params["what"], told))

    return Starlette(
        routes=[
            Route(f"/{{system}}{PREFIX}/{{rest:path}}", exchange, methods=["GET", "POST"]),
            Route("/{system}/control/{what}", control, methods=["GET", "POST"]),
        ]
    )


async def obey(province: Province, what: str, told: Mapping[str, object]) -> object:
    """One order of whoever plays with it."""
    match what:
        case "connect":
            province.address = str(told["address"])
            province.peer_keys = tuple(Key.model_validate(key) for key in told["keys"])  # type: ignore[attr-defined]
        case "behaviour":
            province.behaviour = Behaviour.model_validate(told)
        case "decide":
            await province.decide(str(told["transfer"]), str(told["rule"]))
        case "end":
            await province.end(str(told["transfer"]), str(told["outcome"]))
        case "offer":
            person = Person.model_validate(told["person"])
            return {"transfer": await province.offer(person, str(told["organization"]), str(told["name"]))}
        case "rotate":
            await province.rotate()
        case "directory":
            return {"organizations": await province.take_directory()}
        case "hold":
            province.people[province.tag(str(told["number"]))] = bool(told["here"])
    return {
        "system": province.name,
        "keys": [key.model_dump() for key in province.keys.public],
        "behaviour": province.behaviour.model_dump(),
        "cases": {transfer: case.state for transfer, case in province.cases.items()},
        "organizations": len(province.organizations),
    }


async def _slowly(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    yield body[:1]
    await asyncio.sleep(seconds)
    yield body[1:]
