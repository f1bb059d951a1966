"""What org stores of schools: institution codes, graduation months and what follows from them, steps of campaigns."""

from datetime import date
from enum import StrEnum

from shared.kernel.envelope import Event


class Step(StrEnum):
    """GRD-09: the dated steps of a year's campaign. `graduate` is the day on which branches become graduate ones."""

    MARK = "mark"
    GRADUATE = "graduate"
    START = "start"
    SETTLE = "settle"
    FRESHMEN = "freshmen"


class InstitutionCodeChanged(Event):
    """GRD-01: a school's own code, empty once it was cleared."""

    institution_code: str


class GraduationMonthMarked(Event):
    """GRD-02: the branch graduates in `month` (1-12) of `year`; replaces what was marked before."""

    year: int
    month: int


class BecameGraduateBranch(Event):
    """GRD-03: the day of its year has come. One fact a branch, whoever is in it."""

    year: int
    month: int


class GraduateBranchRestored(Event):
    """GRD-03: its month was corrected to a later year, so it is an ordinary branch again, no graduate one of `year`."""

    year: int


GraduationEvent = InstitutionCodeChanged | GraduationMonthMarked | BecameGraduateBranch | GraduateBranchRestored


class CampaignStepSet(Event):
    """GRD-09, in the stream of an organization's campaigns: the last day of `step` (of `graduate`: the day) in `year`.

    For `organization`, the root or a provincial body, and all below it.
    """

    organization: str
    year: int
    step: Step
    day: date


CampaignEvent = CampaignStepSet
