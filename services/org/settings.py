"""What org is told beyond what every service is told."""

from pydantic import Field

from shared.runtime.settings import Settings


class OrgSettings(Settings):
    """`registration_code_days`: how long an admin's registration code can be used (ADM-03).

    `account_application_days`: how long an application for an account waits for the superior, and
    `account_application_kept_days` after its end until its personal data are destroyed (ADM-07).
    `migration_days`: how long each superior has to decide a migration (ORG-17).
    """

    registration_code_days: int = Field(default=20, ge=1, le=60)
    account_application_days: int = Field(default=10, ge=1, le=60)
    account_application_kept_days: int = Field(default=30, ge=1, le=30)
    migration_days: int = Field(default=10, ge=1, le=60)
