"""A picture that Chromium refuses is asked for once more; whatever else goes wrong is told at once."""

from pathlib import Path

import pytest
from playwright.sync_api import Error

from tests.pictures import REFUSED, take_picture


class RefusingPage:
    """Answers each request for a picture with the next of what it was given."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.waited = 0.0

    def screenshot(self, **_: object) -> None:
        if (answer := self.answers.pop(0)) != "taken":
            raise Error(f"Protocol error (Page.captureScreenshot): {answer}")

    def wait_for_timeout(self, timeout: float) -> None:
        self.waited += timeout


def test_a_refused_picture_is_asked_for_once_more(tmp_path: Path) -> None:
    page = RefusingPage(REFUSED, "taken")
    take_picture(page, tmp_path / "shots" / "home.jpg")
    assert (page.answers, page.waited > 0) == ([], True)


@pytest.mark.parametrize("answers", [(REFUSED, REFUSED, "taken"), ("Target crashed", "taken")])
def test_a_page_that_cannot_be_taken_at_all_is_told(tmp_path: Path, answers: tuple[str, ...]) -> None:
    page = RefusingPage(*answers)
    with pytest.raises(Error, match=answers[-2]):
        take_picture(page, tmp_path / "home.jpg")
    assert page.answers == ["taken"]
