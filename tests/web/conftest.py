"""The console over a stage of invented services, as an app in this process."""

import re
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from fastapi import FastAPI

from services.web import build_assets
from services.web.app import create_app
from services.web.settings import WebSettings
from tests.web.stage import SESSION, Stage

ORIGIN = "https://console.test"


class Browser:
    """A browser without a screen: keeps cookies, sends its origin, and finds the token of the last form it saw."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.token = ""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        answer = await self.http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        found = re.search(r'name="_csrf" value="([^"]+)"', answer.text)
        if found:
            self.token = found[1]
        return answer

    async def post(self, path: str, data: dict[str, str] | None = None, **options: object) -> httpx.Response:
        headers = {"Origin": ORIGIN, **options.pop("headers", {})}
        return await self.http.post(path, data={"_csrf": self.token, **(data or {})}, headers=headers, **options)

    async def sign_in(self) -> None:
        await self.get("/sign-in")
        answer = await self.post("/sign-in", {"number": "331123199901011234", "password": "x" * 15, "captcha": "7kM4w"})
        assert answer.status_code == 303, answer.text
        assert SESSION in self.http.cookies.values()


class Scenery(httpx.AsyncBaseTransport):
    """The console's network: leads to the stage of the present test, so that one app serves them all."""

    stage = Stage()
    forget: Callable[[], None]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self.stage.answer(request)


@pytest.fixture(scope="session")
def assets() -> None:
    build_assets.build()


@pytest.fixture(scope="session")
def scenery() -> Scenery:
    return Scenery()


@pytest.fixture(scope="session")
def console(assets: None, scenery: Scenery) -> FastAPI:
    return create_app(WebSettings(environment="test", port_base=18000, console_origin=ORIGIN), scenery)


@pytest.fixture
def stage(console: FastAPI, scenery: Scenery) -> Stage:
    """New for each test; the console forgets the sessions of the one before."""
    scenery.stage = Stage()
    console.state.sessions.forget(SESSION)
    return scenery.stage


@pytest.fixture
async def stranger(console: FastAPI, stage: Stage) -> AsyncIterator[Browser]:
    """Somebody who has not signed in."""
    transport = httpx.ASGITransport(console, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        yield Browser(http)


@pytest.fixture
async def admin(stranger: Browser) -> Browser:
    """王舒宁, admin of the county committee."""
    await stranger.sign_in()
    return stranger
