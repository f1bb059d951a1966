"""What transfer is told beyond what every service is told."""

from pydantic import Field

from shared.runtime.settings import Settings


class TransferSettings(Settings):
    """`transfer_step_hours`: how long an approval step may take where no province set another period (TRF-09).

    `transfer_hold_minutes`: how long member may take to hold the person for a new transfer.

    `transfer_objection_withdraws`: a member's objection ends the transfer at once, and no superior decides (TRF-11).

    `transfer_special_unit_hours`: how long the provincial body may take for a special unit; 0: no time-out (TRF-16).
    """

    transfer_step_hours: int = Field(default=240, ge=1, le=1440)
    transfer_hold_minutes: int = Field(default=60, ge=1, le=1440)
    transfer_objection_withdraws: bool = False
    transfer_special_unit_hours: int = Field(default=0, ge=0, le=1440)
