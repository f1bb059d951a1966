"""One browser and one small tree for all journeys."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from deploy.cli.data import seed_stack
from deploy.local import outside_tools
from deploy.local.stack import Stack
from tests.e2e import town as towns
from tests.e2e.desk import DESKTOP, open_page, sign_in
from tests.e2e.town import Town

SignIn = Callable[..., Page]


@pytest.fixture(scope="session")
def seeded(stack: Stack) -> Stack:
    """Seeded before the browser starts, which keeps an event loop running."""
    seed_stack(stack)
    return stack


@pytest.fixture(scope="package")
def chromium(seeded: Stack) -> Iterator[Browser]:
    """Ends with the journeys: while it runs, no test with a coroutine can (Playwright keeps an event loop running)."""
    with sync_playwright() as playwright:
        program, arguments = outside_tools.chromium(), outside_tools.CHROMIUM_ARGUMENTS
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def town(seeded: Stack) -> Town:
    """Built in a thread of its own, which has no event loop yet."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(towns.build(seeded))).result()


@pytest.fixture(scope="package")
def cookies() -> dict[str, StorageState]:
    """Of whoever has signed in, by role."""
    return {}


@pytest.fixture
def signed_in(chromium: Browser, stack: Stack, town: Town, cookies: dict[str, StorageState]) -> Iterator[SignIn]:
    """Opens a browser of its own for somebody of the town, by role, signed in: by the form where the session of the
    journey before is over.
    """
    opened: list[Page] = []

    def open_for(role: str, size: tuple[int, int] = DESKTOP) -> Page:
        page, who = open_page(chromium, stack, size, cookies.get(role)), town.people[role]
        opened.append(page)
        page.goto("/home")
        if "/sign-in" in page.url:
            sign_in(page, town.captcha, who.number, who.password, who.kind)
            cookies[role] = page.context.storage_state()
        return page

    yield open_for
    for page in opened:
        page.context.close()
