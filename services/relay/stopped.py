"""How the relay says that it must not go on."""

from shared.runtime.service import Stopped


class RelayStopped(Stopped):
    """Going on would lose records, or send a second history over the first. Nothing was sent, nothing was skipped.

    `cause` is a short name for logs and runbooks; the sentence says what happened and what to do.
    """

    def __init__(self, cause: str, sentence: str) -> None:
        self.cause = cause
        super().__init__(sentence)
