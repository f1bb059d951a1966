"""One organization as the figures see it: is it entered, is its information complete, what does it add upward. Pure."""

from dataclasses import dataclass
from typing import assert_never

from services.stats.counting.vectors import Counts, Figures
from services.stats.reference.sectors import tab_of
from shared.contracts.org import BranchKind, Category, OrganizationEstablished, OrganizationInformationChanged

LEADING = "leading"
"""The tab of leading bodies, which stand apart from the sectors (STA-08)."""

UNKNOWN = "unknown"
"""The tab of people whose organization is not known yet: their facts came first (other partition)."""

SECRETARY_MISSING = "secretary"
MOBILE_MISSING = "secretary_mobile"

COMMITTEE_CADRES_MIN = 2
BRANCH_PEOPLE_MIN = 3


@dataclass(frozen=True, slots=True)
class Organization:
    """What org says of an organization; `missing` names its required fields without a value, `register`: TRF-16.

    `school`: a school of its own (GRD-01). `region`: the division that it states, a code of GB/T 2260, or empty.
    """

    category: Category
    branch_kind: BranchKind
    full_name: str
    short_name: str
    sector: str
    missing: tuple[str, ...] = ()
    register: bool = False
    school: bool = False
    region: str = ""


def described(fact: OrganizationEstablished | OrganizationInformationChanged) -> Organization:
    return Organization(
        category=fact.category,
        branch_kind=fact.branch_kind,
        full_name=fact.full_name,
        short_name=fact.short_name,
        sector=fact.sector,
        missing=fact.missing,
        register=isinstance(fact, OrganizationEstablished) and fact.registers is not None,
        school=fact.school,
        region=fact.region,
    )


def entry_complete(category: Category, counts: Counts) -> bool:
    """STA-02: whether the entry of an organization's people is complete, by its category."""
    cadres_all_complete = counts.cadres == counts.cadres_complete
    match category:
        case Category.LEADING_BODY:
            return counts.cadres >= 1 and cadres_all_complete
        case Category.COMMITTEE | Category.WORKING_COMMITTEE | Category.GENERAL_BRANCH:
            return counts.cadres >= COMMITTEE_CADRES_MIN and cadres_all_complete
        case Category.BRANCH:
            return counts.people >= BRANCH_PEOPLE_MIN and counts.people == counts.people_complete
        case _:
            assert_never(category)


def lacks(organization: Organization, counts: Counts) -> tuple[str, ...]:
    """STA-04, ORG-20: what an organization's information lacks; empty when it is complete.

    The secretary and the secretary's own mobile number are known from the people.
    """
    if not counts.secretaries:
        return (*organization.missing, SECRETARY_MISSING)
    if counts.secretaries_reachable < counts.secretaries:
        return (*organization.missing, MOBILE_MISSING)
    return organization.missing


def tab(organization: Organization | None) -> str:
    """Where an organization's figures stand: exactly one tab."""
    if organization is None:
        return UNKNOWN
    if organization.category is Category.LEADING_BODY:
        return LEADING
    return tab_of(organization.sector)


def own_figures(organization: Organization | None, counts: Counts) -> Figures:
    """What an organization itself adds, without its subordinates; a register branch its members only (ADR 0037)."""
    counted = Figures(
        members=counts.members,
        members_complete=counts.members_complete,
        cadres=counts.cadres,
        cadres_complete=counts.cadres_complete,
        steps=counts.steps,
        steps_late=counts.steps_late,
        steps_open_late=counts.steps_open_late,
    )
    if organization is None or organization.register:
        return counted
    complete = int(entry_complete(organization.category, counts))
    branch = int(organization.category is Category.BRANCH)
    return counted._replace(
        organizations=1,
        organizations_complete=complete,
        branches=branch,
        branches_complete=branch * complete,
        informed=int(not lacks(organization, counts)),
        schools=int(organization.school),
    )
