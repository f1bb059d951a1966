"""What identity is told beyond what every service is told."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network

from pydantic import Field

from shared.runtime.settings import Settings


class IdentitySettings(Settings):
    """`captcha_answer` makes every captcha the same, for tests and demonstrations; production refuses it.

    `trusted_callers` are the networks of the console: from there the headers that name the user's address are believed.
    `refusal_seconds` is the least time in which a secret, or somebody's account, is refused (X14, X18).
    `activation_code_hours`: how long an admin's activation code can be used (IDN-04).
    """

    captcha_answer: str = ""
    trusted_callers: tuple[IPv4Network | IPv6Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    refusal_seconds: float = 0.25
    activation_code_hours: int = Field(default=24, ge=1, le=168)

    def production_faults(self) -> Iterator[str]:
        yield from super().production_faults()
        if self.captcha_answer:
            yield "TUAN_CAPTCHA_ANSWER is for tests and demonstrations; production refuses it"
