"""What identity answers."""

from datetime import datetime

from services.web.answers import Answer


class Captcha(Answer):
    """To be seen or to be heard: one of the two is a data URI."""

    id: str
    image: str = ""
    sound: str = ""


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
