"""What the routes answer. Shares are percent with one decimal, cut off; None of nothing."""

from pydantic import BaseModel


class Timing(BaseModel):
    """STA-01: `hour` and `published_at` of a published hour; both None for live figures, which are those of `as_of`.

    `fresh` is False where X-Read-After named a command: whether its effect is counted yet cannot be told.
    """

    hour: str | None
    published_at: str | None
    late: bool
    as_of: str
    fresh: bool = True


class Named(BaseModel):
    organization: str
    full_name: str
    short_name: str
    category: str | None
    has_subordinates: bool
    entry_complete: bool


class MemberFigures(BaseModel):
    branches: int
    branches_complete: int
    branches_share: float | None
    members: int
    members_complete: int
    members_share: float | None


class CadreFigures(BaseModel):
    """`organizations` and `cadres` are those of basic organizations; leading bodies stand apart."""

    organizations: int
    organizations_complete: int
    organizations_share: float | None
    cadres: int
    cadres_complete: int
    cadres_share: float | None
    leading_bodies: int
    leading_bodies_complete: int
    leading_cadres: int
    leading_cadres_complete: int


class MemberRow(Named, MemberFigures): ...


class CadreRow(Named, CadreFigures): ...


class MemberProgress(Timing):
    """`total` = `own` + `rows` (STA-06)."""

    sector: str | None
    organization: Named
    own: MemberFigures
    rows: list[MemberRow]
    total: MemberFigures


class CadreProgress(Timing):
    sector: str | None
    organization: Named
    own: CadreFigures
    rows: list[CadreRow]
    total: CadreFigures


class MemberSector(MemberFigures):
    sector: str
    name: str


class CadreSector(CadreFigures):
    sector: str
    name: str


class MemberSectors(Timing):
    rows: list[MemberSector]
    total: MemberFigures


class CadreSectors(Timing):
    rows: list[CadreSector]
    total: CadreFigures


class MemberPoint(MemberFigures):
    hour: str


class CadrePoint(CadreFigures):
    hour: str


class MemberTrend(BaseModel):
    """STA-05: at most 90 published hours, the oldest first: all of two days, before them the last one of each day."""

    sector: str | None
    points: list[MemberPoint]


class CadreTrend(BaseModel):
    sector: str | None
    points: list[CadrePoint]


class InformationRow(Named):
    """`missing` names fields of the organization, and `secretary` or `secretary_mobile`."""

    complete: bool
    missing: list[str]


class Information(Timing):
    """`organizations` and `complete` count the organization itself and all below it."""

    own: InformationRow
    rows: list[InformationRow]
    organizations: int
    complete: int
    share: float | None


class Hours(BaseModel):
    """Published hours, the newest first; `late` are those that took more than ten minutes."""

    items: list[str]
    late: list[str]
