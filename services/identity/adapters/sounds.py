"""Captchas that are heard: the characters spoken one after the other over noise, for who cannot see the picture."""

import asyncio
import random
import secrets

from captcha.audio import BEEP, SILENCE, WAVE_SAMPLE_RATE, AudioCaptcha, change_sound, mix_wave

PAUSE_SAMPLES = (int(WAVE_SAMPLE_RATE * 0.5), int(WAVE_SAMPLE_RATE * 0.9))
_NOISE_LEVEL = 6
_NOISE = bytes(128 - _NOISE_LEVEL // 2 + value % _NOISE_LEVEL for value in range(256))


class _Speaker(AudioCaptcha):
    """The package's voices, with shorter pauses (its own are up to three seconds) and noise made in one piece."""

    def create_wave_body(self, chars: str) -> bytearray:
        chance = random.SystemRandom()
        spoken = bytearray(BEEP + SILENCE)
        for char in chars:
            spoken += bytes([128]) * chance.randint(*PAUSE_SAMPLES) + self._twist_pick(char)
        spoken += SILENCE
        noise = bytearray(secrets.token_bytes(len(spoken)).translate(_NOISE))
        babble = self._noise_pick()
        for start in range(0, len(noise) - len(babble), len(babble) * 2):
            noise[start : start + len(babble)] = mix_wave(change_sound(babble, 0.5), noise[start : start + len(babble)])
        return mix_wave(spoken, noise)


class CaptchaSounds:
    """One speaker with its voices loaded once; one sound at a time, since making one holds the interpreter."""

    def __init__(self) -> None:
        self._speaker = _Speaker()
        self._speaker.load()
        self._one = asyncio.Lock()

    async def speak(self, text: str) -> bytes:
        async with self._one:
            return bytes(await asyncio.to_thread(self._speaker.generate, text))
