"""A client that does over HTTP what a person does in the console; it waits where a person would look again."""

import asyncio
import time
from collections.abc import Collection, Mapping
from typing import Any
from uuid import uuid4

import httpx

WAIT_SECONDS = 30.0
NOT_YET = {
    "organization_not_found",
    "outside_authority",
    "no_cadre_to_appoint",
    "admin_not_cadre",
    "person_not_found",
    "account_absent",
    "authority_too_old",
    "system_busy",
    "nothing_here",
}
"""What a command is told while the copies it is decided by have not caught up with the command before it."""


class Refused(RuntimeError):
    """A command was refused; `problem` is the body of the answer with HTTP status `status`."""

    def __init__(self, what: str, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code", ""))
        faults = [f"{e.get('field')}: {e.get('title')}" for e in problem.get("errors", ())]
        super().__init__(f"{what}: {status} {self.code} {problem.get('title', '')} {faults[:5]}")


class Door:
    """The services of one deployment, and what its captchas answer."""

    def __init__(self, addresses: Mapping[str, str], captcha: str) -> None:
        self._addresses = addresses
        self._captcha = captcha
        self.http = httpx.AsyncClient(timeout=60.0, limits=httpx.Limits(max_connections=32), trust_env=False)

    async def captcha(self) -> dict[str, str]:
        answer = await self.http.get(f"{self._addresses['identity']}/v1/captchas")
        answer.raise_for_status()
        return {"captcha_id": answer.json()["id"], "captcha": self._captcha}

    async def sign_in(self, number: str, password: str, document_kind: str = "居民身份证") -> "User":
        """Signs in as a person does."""
        body = {"document_kind": document_kind, "number": number, "password": password, **await self.captcha()}
        return User(self, (await self.ask("identity", "POST", "/v1/sign-ins", body))["session"])

    async def activate(self, number: str, code: str, new_password: str) -> "User":
        """The first sign-in of somebody an admin has entered: last eight characters, code, new password."""

        async def once() -> dict[str, Any]:
            body = {
                "number": number,
                "initial_password": number[-8:],
                "code": code,
                "new_password": new_password,
                **await self.captcha(),
            }
            return await self.ask("identity", "POST", "/v1/activations", body)

        return User(self, (await until_accepted(once, NOT_YET | {"activation_refused"}, first_pause=0.5))["session"])

    async def ask(
        self,
        service: str,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """One request; the JSON answer. Raises Refused."""
        answer = await self.http.request(
            method, f"{self._addresses[service]}{path}", json=body, headers=dict(headers or {}), **more
        )
        if answer.status_code >= 400:
            raise Refused(f"{method} {service}{path}", answer.status_code, _json(answer))
        return _json(answer)


class User:
    """Somebody signed in, acting for one organization at a time."""

    def __init__(self, door: Door, session: str) -> None:
        self._door = door
        self.session = session
        self._token = ""
        self._token_until = 0.0

    async def ask(
        self, service: str, method: str, path: str, body: Any = None, *, acting: str = "", key: str = "", **more: Any
    ) -> dict[str, Any]:
        """One request as this user. Commands get a fresh idempotency key unless one is given. Raises Refused."""
        headers = {"Authorization": f"Bearer {await self._bearer()}"}
        if acting:
            headers["X-Acting-Organization"] = acting
        if method != "GET":
            headers["Idempotency-Key"] = key or str(uuid4())
        return await self._door.ask(service, method, path, body, headers, **more)

    async def do(
        self, service: str, method: str, path: str, body: Any = None, *, acting: str = "", **more: Any
    ) -> dict[str, Any]:
        """A command, repeated with the same key while what it needs is still on its way."""
        key = str(uuid4())
        return await until_accepted(lambda: self.ask(service, method, path, body, acting=acting, key=key, **more))

    async def headers(self, acting: str) -> dict[str, str]:
        """Of a command sent by other means, with a key of its own."""
        return {
            "Authorization": f"Bearer {await self._bearer()}",
            "X-Acting-Organization": acting,
            "Idempotency-Key": str(uuid4()),
        }

    async def _bearer(self) -> str:
        if time.monotonic() > self._token_until:
            answer = await self._door.ask("identity", "POST", "/v1/sessions/token", {"session": self.session})
            self._token = answer["token"]
            self._token_until = time.monotonic() + answer["expires_in"] / 2
        return self._token


async def until_accepted(attempt: Any, not_yet: Collection[str] = NOT_YET, first_pause: float = 0.05) -> dict[str, Any]:
    """Repeats for at most 30 s while the refusal says that something is not there yet."""
    until, pause = time.monotonic() + WAIT_SECONDS, first_pause
    while True:
        try:
            answer: dict[str, Any] = await attempt()
        except Refused as refused:
            if refused.code not in not_yet or time.monotonic() > until:
                raise
            await asyncio.sleep(pause)
            pause = min(1.0, pause * 1.5)
        else:
            return answer


def _json(answer: httpx.Response) -> dict[str, Any]:
    kind = answer.headers.get("content-type", "")
    body: dict[str, Any] = answer.json() if "json" in kind else {"title": answer.text[:200]}
    return body
