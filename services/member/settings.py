"""Settings of member beside the shared ones."""

from shared.runtime.settings import Settings


class MemberSettings(Settings):
    """`sandbox_slots`: how many workbooks may be read at once, each by a child of at most 512 MiB."""

    sandbox_slots: int = 2
