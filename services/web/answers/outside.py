"""What transfer answers about the systems of 北京, 广东 and 福建 (TRF-17, BEY-08)."""

from datetime import date, datetime

from services.web.answers import Answer

SYSTEMS = ("beijing", "guangdong", "fujian")


class OutsideOrganization(Answer):
    organization: str
    name: str


class Found(Answer):
    organizations: tuple[OutsideOrganization, ...] = ()


class Said(Answer):
    what: str
    at: datetime


class Exchange(Answer):
    """`direction` out or in; `stage` as in transfer's `ExchangeLine`."""

    exchange: str
    direction: str
    system: str
    transfer: str | None = None
    person: str | None = None
    organization: str | None = None
    organization_name: str = ""
    outside_name: str = ""
    reason: str = ""
    stage: str
    failed: int = 0
    cause: str | None = None
    decision: str | None = None
    ground: str | None = None
    outcome: str | None = None
    newcomer: bool = False
    findings: tuple[str, ...] = ()
    decide_until: datetime | None = None
    began_at: datetime
    said: tuple[Said, ...] = ()
    difference: str | None = None

    @property
    def enters(self) -> bool:
        """Who left over there is to be entered here."""
        return self.stage == "entering"

    @property
    def returns(self) -> bool:
        """They are known here, and the transfer that was to bring them came to nothing."""
        return self.enters and not self.newcomer

    @property
    def waits(self) -> bool:
        """Our organization is to decide."""
        return self.direction == "in" and self.stage == "offered" and self.transfer is None


class Exchanges(Answer):
    items: tuple[Exchange, ...] = ()
    next: str | None = None
    total: int | None = None


class Offer(Exchange):
    name: str = ""
    number: str = ""
    document_kind: str = ""


class Ticket(Answer):
    ticket: str


class Key(Answer):
    kid: str
    use: str
    x: str


class Difference(Answer):
    kind: str
    exchange: str
    person: str | None = None


class System(Answer):
    system: str
    connected: bool = False
    address: str = ""
    keys: tuple[str, ...] = ()
    own_keys: tuple[str, ...] = ()
    own_keys_taken: tuple[str, ...] = ()
    directory: int = 0
    directory_at: datetime | None = None
    queue: int = 0
    failing: tuple[Exchange, ...] = ()
    findings: tuple[Exchange, ...] = ()
    failed: int = 0
    failed_cause: str | None = None
    reconciled_on: date | None = None
    reconciled_people: int = 0
    both: int = 0
    neither: int = 0
    differences: tuple[Difference, ...] = ()


class Systems(Answer):
    own_keys: tuple[Key, ...] = ()
    systems: tuple[System, ...] = ()
