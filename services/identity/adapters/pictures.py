"""Captcha pictures: drawn in a thread, some milliseconds each."""

import asyncio

from captcha.image import ImageCaptcha

WIDTH = 160
HEIGHT = 60


class CaptchaPictures:
    """One drawer with its fonts loaded once; drawing is bounded to one at a time, since it holds the interpreter."""

    def __init__(self) -> None:
        self._drawer = ImageCaptcha(width=WIDTH, height=HEIGHT)
        self._one = asyncio.Lock()

    async def draw(self, text: str) -> bytes:
        async with self._one:
            return await asyncio.to_thread(lambda: self._drawer.generate(text, format="png").getvalue())
