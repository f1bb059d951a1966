"""Pictures of pages, which people look at afterwards."""

from pathlib import Path

from playwright.sync_api import Error, Page

REFUSED = "Unable to capture screenshot"
"""What Chromium says now and then on a busy machine, and takes the same picture when asked again."""
AGAIN_AFTER_MS = 250


def take_picture(page: Page, shot: Path, *, whole: bool = True) -> None:
    """Of the `whole` page or of what the window shows, as a JPEG at `shot`. Asked for once more if Chromium refuses."""
    shot.parent.mkdir(parents=True, exist_ok=True)
    try:
        page.screenshot(path=shot, full_page=whole)
    except Error as refused:
        if REFUSED not in refused.message:
            raise
        page.wait_for_timeout(AGAIN_AFTER_MS)
        page.screenshot(path=shot, full_page=whole)
