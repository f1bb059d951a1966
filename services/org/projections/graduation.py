"""What the list of organizations keeps of schools and graduation months (GRD-01 to GRD-03). Pure."""

from typing import Any

from services.org.domain.events import BranchKind, Category
from services.org.domain.events_of_graduation import (
    BecameGraduateBranch,
    GraduateBranchRestored,
    GraduationEvent,
    GraduationMonthMarked,
    InstitutionCodeChanged,
)
from services.org.reference.sectors import GRADUATING

UNMARKED, MARKED = "unmarked", "marked"
_KINDS = (BranchKind.ORDINARY.value, BranchKind.GRADUATE.value)

Document = dict[str, Any]


def after(document: Document, fact: GraduationEvent) -> Document:
    """What changes in the document of an organization."""
    match fact:
        case InstitutionCodeChanged():
            return {"information": document["information"] | {"institution_code": fact.institution_code}}
        case GraduationMonthMarked():
            return {"graduates": {"year": fact.year, "month": fact.month}}
        case BecameGraduateBranch():
            return {"branch_kind": BranchKind.GRADUATE.value, "graduated": fact.year}
        case GraduateBranchRestored():
            return {"branch_kind": BranchKind.ORDINARY.value, "graduated": None}


def with_marking(document: Document) -> Document:
    """`marking` of a branch that needs a month, `awaits` the year of its day before that has come; else absent."""
    plain = {name: value for name, value in document.items() if name not in {"marking", "awaits"}}
    graduates = document["graduates"]
    if not needs_month(document):
        return plain
    if graduates is None:
        return plain | {"marking": UNMARKED}
    waits = {} if document["graduated"] is not None else {"awaits": graduates["year"]}
    return plain | {"marking": MARKED} | waits


def needs_month(document: Document) -> bool:
    """GRD-02: an ordinary branch, or a graduate one, of a school that is no primary school, and not dissolved."""
    return (
        document["category"] == Category.BRANCH.value
        and document["branch_kind"] in _KINDS
        and document["sector"] in GRADUATING
        and document["superior"] != ""
    )
