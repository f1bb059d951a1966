"""What org is told beyond what every service is told."""

from pydantic import Field

from shared.runtime.settings import Settings


class OrgSettings(Settings):
    """`registration_code_days`: how long an admin's registration code can be used (ADM-03)."""

    registration_code_days: int = Field(default=20, ge=1, le=60)
