"""The shape of every aggregate: how a stream's events become a state.

A decider is the pair `initial`, `evolve`; the third part, decide, is one named function per command
`(command, state, ...) -> list of events`. An empty list is the repeat of something already decided.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S")
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Decider(Generic[S, E]):
    """`kind` prefixes the names of its streams; `evolve` is pure and total over the events of the stream."""

    kind: str
    initial: S
    evolve: Callable[[S, E], S]

    def fold(self, events: Iterable[E]) -> S:
        state = self.initial
        for event in events:
            state = self.evolve(state, event)
        return state
