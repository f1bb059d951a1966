"""What decisions need of the dated reference data, as of one day; `services/org/reference` fills it."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.org.domain.events import Category

SCHOOLS = "学校"
PRIMARY_SCHOOL = "7"


@dataclass(frozen=True, slots=True)
class Sector:
    """A leaf of 行业类别. `tab` is the 领域 it is counted under; `employer` whether it stands for people at work."""

    code: str
    name: str
    tab: str
    employer: bool

    @property
    def school(self) -> bool:
        return self.tab == SCHOOLS

    @property
    def graduating(self) -> bool:
        """GRD-02: its branches have a graduation month; primary schools have none."""
        return self.school and self.code != PRIMARY_SCHOOL


@dataclass(frozen=True, slots=True)
class ProvincialBody:
    """ORG-01: a provincial-level body by its names; `region` is empty for the bodies of nation-wide systems."""

    full_name: str
    short_name: str
    region: str


@dataclass(frozen=True, slots=True)
class Reference:
    """The rows valid on one day. `version` is what a refusal names; `divisions` maps code to name."""

    version: str
    sectors: Mapping[str, Sector]
    divisions: Mapping[str, str]
    provincial_bodies: tuple[ProvincialBody, ...]
    outside_league: tuple[str, ...]
    required: Mapping[Category, tuple[str, ...]]
    admins_max: Mapping[Category, int]
