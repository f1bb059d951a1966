"""HTTP of the reference lists that forms offer: the names users see, as they stand in this release."""

from typing import Any

from services.member.reference import documents, positions, vocabularies
from shared.http.routes import Access, Router, access

router = Router("/v1")


@router.get("/reference/lists")
@access(Access.SIGNED_IN, "reference data")
async def lists() -> dict[str, Any]:
    """Plain lists of names; `positions` by category of organization."""
    return {
        "versions": [vocabularies.VERSION, positions.VERSION],
        "document_kinds": list(documents.DOCUMENT_KINDS),
        "ethnicities": list(vocabularies.ETHNICITY),
        "political_statuses": list(vocabularies.POLITICAL_STATUS),
        "educations": list(vocabularies.EDUCATION),
        "occupations": list(vocabularies.OCCUPATIONS),
        "appointment_kinds": list(positions.APPOINTMENT_KINDS),
        "positions": {category: list(names) for category, names in positions.POSITIONS.items()},
    }
