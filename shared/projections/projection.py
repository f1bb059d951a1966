"""What the loop asks of a read model."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self

from shared.kernel.envelope import Recorded


class NotNow(Exception):
    """A copy cannot take over at this moment; a little later it can."""


class Projection(Protocol):
    """A read model. `name` with `version` names its positions; `topics` are logical names.

    `wants` says whether events of a type on a stream change anything; others never reach `apply`. `prepare` creates
    indexes. `apply` writes what a batch changes, inside the given session; it may run again with the same batch when
    its transaction is repeated, and keeps nothing in memory that a repeat would spoil.

    `at` is the same read model writing its copy of that number, whose `collections` are its own. Two copies at equal
    positions agree in what `compared` leaves of each document. `take_over` is called in the transaction from which on
    loops feed this copy; it may raise NotNow.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def topics(self) -> tuple[str, ...]: ...

    @property
    def collections(self) -> tuple[str, ...]: ...

    def wants(self, type_: str, stream: str) -> bool: ...

    def at(self, number: int) -> Self: ...

    def compared(self, document: Mapping[str, Any]) -> Mapping[str, Any]: ...

    async def prepare(self) -> None: ...

    async def apply(self, session: Any, batch: Sequence[Recorded]) -> None: ...

    async def take_over(self, session: Any) -> None: ...
