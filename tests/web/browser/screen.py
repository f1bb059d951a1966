"""The sizes pages are looked at in, and somebody signed in who looks."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from services.web.texts import LANGUAGES, SOURCE_LANGUAGE

WIDTHS = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
SERIOUS = """async ([options, within]) => {
  const all = await axe.run({...options, rules: {'color-contrast': {enabled: false}}})
  const pale = within ? await axe.run({include: [[within]]}, {...options, runOnly: ['color-contrast']}) : {violations: []}
  const grave = [...all.violations, ...pale.violations].filter(one => ['serious', 'critical'].includes(one.impact))
  return grave.map(one => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`)
}"""
AXE = Axe().axe_script
WHOLE, INNER = "html", "main"
"""The page, and what of it is its own: the menu around it is the same on every one."""
SHOTS = Path(__file__).parents[3] / "artefacts" / "console"
SIZES = {spoken: list(WIDTHS) if spoken == SOURCE_LANGUAGE else ["phone"] for spoken in LANGUAGES}
"""In which widths pages are looked at: longer words show first where there is least room."""
_STATES: "dict[tuple[str, str], StorageState]" = {}


def signed_in(
    chromium: Browser, address: str, width: str, spoken: str = SOURCE_LANGUAGE
) -> tuple[BrowserContext, Page, list[str]]:
    """A page of a signed-in admin, and the list of what went wrong on it. After the first time the cookies are known."""
    known = _STATES.get((address, spoken))
    context = chromium.new_context(viewport=WIDTHS[width], locale="zh-CN", base_url=address, storage_state=known)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda sent: None if sent.url.startswith((address, "data:")) else wrong.append(sent.url))
    if known:
        page.goto("/home")
        return context, page, wrong
    page.goto("/sign-in")
    if spoken != SOURCE_LANGUAGE:
        page.get_by_role("button", name=LANGUAGES[spoken]).click()
        page.wait_for_selector(f"html[lang={spoken}]")
    page.fill("#f-number", "331123199901011234")
    page.fill("#f-password", "a sentence to remember")
    page.fill("#f-captcha", "7kM4w")
    page.click("button[type=submit].btn-primary")
    page.wait_for_url("**/home")
    _STATES[address, spoken] = context.storage_state()
    return context, page, wrong


def serious(page: Page, *, colours: str | None = WHOLE) -> list[str]:
    """What axe finds serious or critical on the page. Only violations are worked out in full, which halves its time.

    Contrast is three quarters of it, looked at within `colours`, and the same in every language (test_looks).
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = {"resultTypes": ["violations"], "preload": False}
    spoken = page.evaluate("document.documentElement.lang")
    return page.evaluate(SERIOUS, [options, colours if spoken == SOURCE_LANGUAGE else None])
