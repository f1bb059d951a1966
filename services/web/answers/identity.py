"""What identity answers."""

from datetime import datetime

from pydantic import Field

from services.web.answers import Answer


class Captcha(Answer):
    """To be seen or to be heard: one of the two is a data URI."""

    id: str
    image: str = ""
    sound: str = ""


class Pass(Answer):
    """What a captcha was exchanged for."""

    text: str = Field(alias="pass")


class SignIn(Answer):
    """`device` is to be kept by the browser, for the next sign-in; None if the one it has stays."""

    session: str
    device: str | None = None


class Token(Answer):
    """A token of five minutes for a living session."""

    token: str
    principal: str = ""


class Standing(Answer):
    """An organization the user acts in, and as what: admin, cadre, member or operator (IDN-07, IDN-08)."""

    organization: str
    full_name: str
    short_name: str = ""
    category: str = ""
    role: str


class Me(Answer):
    principal: str
    name: str = ""
    kind: str = "person"
    standings: tuple[Standing, ...] = ()


class SessionItem(Answer):
    id: str
    place: str = ""
    agent: str = ""
    since: datetime
    last_seen: datetime
    current: bool = False


class Sessions(Answer):
    items: tuple[SessionItem, ...] = ()


class Account(Answer):
    """State of a person's account: none, inactive, active or locked."""

    state: str
    activated_at: datetime | None = None
    last_sign_in_at: datetime | None = None


class ActivationCode(Answer):
    """Shown once."""

    code: str
    expires_at: datetime


class RegistrationTaken(Answer):
    """`ticket` leads to the outcome."""

    ticket: str


class Registration(Answer):
    """ADM-04: waiting, done, refused or lapsed; `reason` is the code of org's or member's refusal."""

    state: str
    own_password: bool = False
    reason: str = ""

    @property
    def why(self) -> str:
        """Which text says why: member has a code for each way in which a name or a number can be wrong."""
        known = ("registration_code_void", "number_already_registered", "registration_over", "too_young")
        kind = self.reason.partition("_")[0]
        if self.reason in known:
            return self.reason
        return kind if kind in ("name", "number", "mobile") else "other"
