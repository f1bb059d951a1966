"""Merging one organization into another, and the explanation that a school files before (ORG-21)."""

from collections.abc import Collection
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from services.org.domain.dissolving import Decision, check_ending, decision_faults
from services.org.domain.establishing import MAY_HAVE_UNDER_IT
from services.org.domain.events import BranchKind, Category, DissolutionBegun, OrganizationEvent
from services.org.domain.events_of_moves import ExplanationFiled, ExplanationSettled
from services.org.domain.fields import DocumentId
from services.org.domain.moving import NewSuperiorEnding, Note, ProvincialBodyStays
from services.org.domain.organization import EstablishedOrganization, Organization, established
from shared.kernel.envelope import Command
from shared.kernel.refusals import Kind, Refusal, raise_all


class MergedIntoItself(Refusal):
    rule = "ORG-21"
    zh = "一个组织不能合并到它自己。"
    en = "An organization is not merged into itself."
    way_out = "请选择另一个直属下级组织。"
    way_out_en = "Choose another direct subordinate."


class MergedUnderOtherSuperior(Refusal):
    rule = "ORG-21"
    zh = "“{name}”不是同一上级的直属下级，不能直接合并。"
    en = "{name} is no direct subordinate of the same superior, so the one cannot be merged into the other."
    way_out = "请先把其中一个组织迁移到同一上级之下，再办理合并。"
    way_out_en = "Have one of them moved under the same superior first, then merge."


class MergedAcrossKinds(Refusal):
    rule = "ORG-21"
    zh = "“{name}”的类别不能容纳被合并组织的团员或下级组织（团支部只能并入团支部，下级组织须符合上下级类别规定）。"
    en = "{name} cannot hold the members or subordinates of the other: branches go into branches, ORG-04 holds."
    way_out = "请选择类别合适的组织，或先调整下级组织。"
    way_out_en = "Choose one of a fitting category, or move the subordinates first."


class NamesClash(Refusal):
    rule = "ORG-05"
    zh = "两个组织之下都有全称为“{name}”的下级组织，合并后会重名。"
    en = "Both have a subordinate with the full name {name}, which can stand only once under one superior."
    way_out = "请先修改其中一个的全称，再办理合并。"
    way_out_en = "Give one of them another full name first, then merge."


class SubordinateMigrates(Refusal):
    kind = Kind.CONFLICT
    rule = "ORG-21"
    zh = "有 {count} 个相关组织的迁移申请还没有办结，不能合并。"
    en = "{count} of the organizations concerned have a migration that is not decided yet."
    way_out = "请先办结或撤回这些迁移申请。"
    way_out_en = "Decide or withdraw those first."


class ExplanationUnknown(Refusal):
    kind = Kind.ABSENT
    rule = "ORG-21"
    zh = "没有找到这份情况说明，或者已经办结。"
    en = "There is no such explanation, or it is settled."
    way_out = "请刷新页面查看。"
    way_out_en = "Reload the page."


class SuperiorSettlesExplanations(Refusal):
    kind = Kind.FORBIDDEN
    rule = "ORG-21"
    zh = "情况说明由直属上级“{superior}”自己的管理员办结。"
    en = "An explanation is settled by the own admins of the direct superior, {superior}."
    way_out = "请由“{superior}”的管理员办理。"
    way_out_en = "Ask an admin of {superior}."


class MergeOrganization(Decision):
    """ORG-21: `into` goes on; the other ends, and its positions and rights with it."""

    into: str


class FileExplanation(Command):
    """ORG-21: by who may act for the organization; `document` is the statement."""

    occasion: Literal["merged", "closed", "renamed"]
    note: Note = ""
    document: Annotated[DocumentId, Field(min_length=1)]


class SettleExplanation(Command):
    """ORG-21: by the superior."""

    explanation: str


def merge_organization(
    command: MergeOrganization,
    state: Organization,
    dissolution: str,
    parties: tuple[EstablishedOrganization, Organization, str | None],
    below: Collection[Category],
    people: Collection[str],
    today: date,
) -> list[OrganizationEvent]:
    """The merger begins; `settle_dissolution` ends it. `parties`: the superior, who goes on, whose own right counts;
    `below` the categories of the direct subordinates, `people` the cadres. Raises the refusals of this module and of
    dissolving, and OrganizationGone.
    """
    superior, successor, by = parties
    organization = check_ending(state, superior, by)
    into = established(successor)
    name = into.information.short_name
    if into.ancestors[-1:] != organization.ancestors[-1:]:
        raise MergedUnderOtherSuperior(field="into", name=name)
    if into.closing:
        raise NewSuperiorEnding(field="into", name=name)
    faults = decision_faults(command, organization, {*people, *organization.admins}, today)
    if not _fits(organization, into, below):
        faults.append(MergedAcrossKinds(field="into", name=name))
    raise_all(faults)
    branch = organization.category is Category.BRANCH
    decision = {"decided_on": command.decided_on, "document": command.document, "into": command.into}
    return [DissolutionBegun(dissolution=dissolution, pending=command.into if branch else None, **decision)]


def _fits(organization: EstablishedOrganization, into: EstablishedOrganization, below: Collection[Category]) -> bool:
    if Category.BRANCH in (organization.category, into.category):
        both = organization.category is into.category
        system_made = {BranchKind.PENDING, BranchKind.REGISTER} & {organization.branch_kind, into.branch_kind}
        return both and not system_made
    return all(category in MAY_HAVE_UNDER_IT[into.category] for category in below)


def file_explanation(command: FileExplanation, state: Organization, explanation: str) -> list[OrganizationEvent]:
    """Raises ProvincialBodyStays, OrganizationGone."""
    if established(state).fixed:
        raise ProvincialBodyStays
    return [ExplanationFiled(explanation=explanation, **command.model_dump())]


def settle_explanation(
    command: SettleExplanation, state: Organization, superior: EstablishedOrganization, by: str | None
) -> list[OrganizationEvent]:
    """`by` as in `check_own_admin`. Raises SuperiorSettlesExplanations, ExplanationUnknown."""
    if by is not None and by not in superior.admins:
        raise SuperiorSettlesExplanations(superior=superior.information.short_name)
    if command.explanation not in established(state).explanations:
        raise ExplanationUnknown
    return [ExplanationSettled(explanation=command.explanation)]
