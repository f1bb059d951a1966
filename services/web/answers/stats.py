"""What stats answers: figures of an hour, for an organization and its direct subordinates (STA-03, STA-08)."""

from datetime import datetime

from services.web.answers import Answer


class Row(Answer):
    """Whose figures a row of a table has."""

    organization: str
    full_name: str = ""
    short_name: str = ""
    category: str | None = None
    has_subordinates: bool = False


class MemberFigures(Answer):
    branches: int = 0
    branches_complete: int = 0
    members: int = 0
    members_complete: int = 0


class MemberRow(MemberFigures, Row): ...


class MemberProgress(Answer):
    hour: datetime | None = None
    published_at: datetime | None = None
    as_of: datetime | None = None
    late: bool = False
    own: MemberFigures = MemberFigures()
    rows: tuple[MemberRow, ...] = ()
    total: MemberFigures = MemberFigures()


class MemberSector(MemberFigures):
    sector: str


class MemberSectors(Answer):
    hour: datetime | None = None
    rows: tuple[MemberSector, ...] = ()
    total: MemberFigures = MemberFigures()


class MemberPoint(MemberFigures):
    hour: datetime


class MemberTrend(Answer):
    """STA-05: published hours, the oldest first: those of two days, before them the last one of each day."""

    points: tuple[MemberPoint, ...] = ()


class CadreFigures(Answer):
    """``organizations`` are the basic ones; leading bodies are counted apart."""

    organizations: int = 0
    organizations_complete: int = 0
    leading_bodies: int = 0
    leading_bodies_complete: int = 0
    cadres: int = 0
    cadres_complete: int = 0


class CadreRow(CadreFigures, Row): ...


class CadreProgress(Answer):
    hour: datetime | None = None
    published_at: datetime | None = None
    as_of: datetime | None = None
    late: bool = False
    own: CadreFigures = CadreFigures()
    rows: tuple[CadreRow, ...] = ()
    total: CadreFigures = CadreFigures()


class CadreSector(CadreFigures):
    sector: str


class CadreSectors(Answer):
    hour: datetime | None = None
    rows: tuple[CadreSector, ...] = ()
    total: CadreFigures = CadreFigures()


class CadrePoint(CadreFigures):
    hour: datetime


class CadreTrend(Answer):
    points: tuple[CadrePoint, ...] = ()


class InformationRow(Answer):
    organization: str
    full_name: str = ""
    complete: bool = False
    missing: tuple[str, ...] = ()


class Information(Answer):
    """`complete` of `organizations`: the organization itself and all below it; `rows` are its direct subordinates."""

    hour: datetime | None = None
    rows: tuple[InformationRow, ...] = ()
    complete: int = 0
    organizations: int = 0


class Hours(Answer):
    items: tuple[datetime, ...] = ()
