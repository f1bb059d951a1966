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


class Formula(BaseModel):
    """STA-05: how a rate beside it is computed, in words; `version` names the row of reference data."""

    code: str
    version: str
    zh: str
    en: str


class TimelinessFigures(BaseModel):
    """TRF-10: `steps` of transfers that are over, `steps_late` of these, `steps_open_late` late and not decided yet."""

    steps: int
    steps_late: int
    steps_open_late: int
    rate: float | None


class TimelinessRow(Named, TimelinessFigures): ...


class Timeliness(Timing):
    """`total` = `own` + `rows` (STA-06); `own` has what dissolved subordinates had decided."""

    sector: str | None
    organization: Named
    own: TimelinessFigures
    rows: list[TimelinessRow]
    total: TimelinessFigures
    formula: Formula


class TimelinessPoint(TimelinessFigures):
    hour: str


class TimelinessTrend(BaseModel):
    sector: str | None
    points: list[TimelinessPoint]
    formula: Formula


class GraduateFigures(BaseModel):
    """GRD-06: of `graduates` in the cohorts `left_out` and `ended` are not `to_transfer`; of these some are `complete`.

    Those by destination: employer to other. Those still here by what they wait for: waiting to not_started.
    """

    graduates: int
    left_out: int
    ended: int
    to_transfer: int
    complete: int
    employer: int
    school: int
    community: int
    floating: int
    bridging: int
    special: int
    outside: int
    other: int
    waiting: int
    refused: int
    timed_out: int
    returned: int
    not_started: int
    completion_rate: float | None
    employment_rate: float | None


class GraduateRow(Named, GraduateFigures): ...


class GraduateProgress(Timing):
    """The cohorts of `year`; `years` are those that there are. `total` = `own` + `rows` (STA-06)."""

    year: int
    years: list[int]
    organization: Named
    own: GraduateFigures
    rows: list[GraduateRow]
    total: GraduateFigures
    formulas: list[Formula]


class School(GraduateFigures):
    organization: str
    full_name: str
    short_name: str


class GraduateSchools(Timing):
    """The schools below, the lowest completion first: so many `schools`, of which these `rows` are a page.

    `total` = `own` + all rows: `own` are at no school. With `region` all of it is of that division.
    """

    year: int
    years: list[int]
    region: str
    region_name: str
    schools: int
    rows: list[School]
    own: GraduateFigures
    total: GraduateFigures
    formulas: list[Formula]


class Region(GraduateFigures):
    """A division by its code of GB/T 2260; `organizations` and all below these make it up."""

    region: str
    name: str
    organizations: list[str]


class GraduateRegions(Timing):
    """The divisions directly in `region`, that of the organization. `total` = `own` + rows: `own` are in none."""

    year: int
    years: list[int]
    region: str
    region_name: str
    rows: list[Region]
    own: GraduateFigures
    total: GraduateFigures
    formulas: list[Formula]


class GraduatePoint(GraduateFigures):
    hour: str


class GraduateTrend(BaseModel):
    year: int
    points: list[GraduatePoint]
    formulas: list[Formula]


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
