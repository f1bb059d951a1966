"""TRF-16, TRF-17: register branches, where whoever left for a special unit or another system is kept in the figures."""

from collections.abc import Collection

from services.org.domain.events import BranchKind, Category, Information, OrganizationEstablished, OrganizationEvent
from services.org.domain.information import missing_fields
from services.org.domain.organization import EstablishedOrganization, Organization
from services.org.domain.reference import Reference
from shared.kernel.envelope import Command

REGISTER_NAMES = {
    "special_units": "特殊单位",
    "beijing": "北京系统",
    "guangdong": "广东系统",
    "fujian": "福建系统",
}


class MakeRegisterBranch(Command):
    """TRF-16: `which` is a key of REGISTER_NAMES, `body` the provincial body."""

    body: str
    which: str


def make_register_branch(
    command: MakeRegisterBranch,
    state: Organization,
    body: Organization,
    ancestors: Collection[str],
    order: int,
    reference: Reference,
) -> list[OrganizationEvent]:
    """Once. Nothing under what is no provincial body: nobody else has one."""
    if isinstance(state, EstablishedOrganization):
        return []
    if not isinstance(body, EstablishedOrganization) or len(body.ancestors) != 1:
        return []
    above, name = body.information, REGISTER_NAMES[command.which]
    kept = above.model_dump(include={"region", "phone", "address", "contact"})
    information = Information(full_name=f"{above.full_name}{name}", short_name=name, **kept)
    return [
        OrganizationEstablished(
            ancestors=tuple(ancestors),
            category=Category.BRANCH,
            branch_kind=BranchKind.REGISTER,
            order=order,
            information=information,
            missing=missing_fields(information, Category.BRANCH, reference),
        )
    ]
