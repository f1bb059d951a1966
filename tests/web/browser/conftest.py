"""The console on a port of its own, and one browser for all that look at it."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from deploy.local import outside_tools
from services.web.app import create_app
from services.web.settings import WebSettings
from tests.web.browser.screen import signed_in
from tests.web.conftest import Scenery
from tests.web.county import NOW
from tests.web.stage import SESSION, Stage


@pytest.fixture(scope="package")
def theatre(assets: None) -> Iterator[tuple[str, Scenery]]:
    """The console on a port of its own, over a stage that each test sets."""
    scenery = Scenery()
    offset = (NOW - datetime.now(UTC)).total_seconds()
    app = create_app(WebSettings(environment="test", port_base=18000, clock_offset_seconds=offset), scenery)
    scenery.forget = lambda: app.state.sessions.forget(SESSION)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}", scenery
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        program, arguments = outside_tools.chromium(), outside_tools.CHROMIUM_ARGUMENTS
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def stage(theatre: tuple[str, Scenery]) -> Stage:
    """New for each test; whoever signs in is asked for anew, not known from the test before."""
    theatre[1].forget()
    theatre[1].stage = Stage()
    return theatre[1].stage


@pytest.fixture
def desk(chromium: Browser, theatre: tuple[str, Scenery], stage: Stage) -> Iterator[Page]:
    """A signed-in admin at a desk; whatever goes wrong on the page fails the test."""
    context, page, wrong = signed_in(chromium, theatre[0], "desktop")
    yield page
    context.close()
    assert [text for text in wrong if "status of 4" not in text and "status of 5" not in text] == []
