"""Given facts, when a command, then facts: a test of a rule reads as a history.

given(PARCEL, Registered(...)).when(lambda parcel: send(Send(...), parcel)).then(Sent(...))
given(PARCEL).when(lambda parcel: send(Send(...), parcel)).refused(ParcelUnknown)
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from shared.kernel.decider import Decider
from shared.kernel.envelope import Event
from shared.kernel.refusals import FormFaulty, Refusal

S = TypeVar("S")
E = TypeVar("E", bound=Event)


class History(Generic[S, E]):
    """What happened to one stream so far."""

    def __init__(self, decider: Decider[S, E], events: Sequence[E]) -> None:
        self._decider = decider
        self._events = tuple(events)

    @property
    def state(self) -> S:
        return self._decider.fold(self._events)

    def when(self, decide: Callable[[S], Sequence[E]]) -> "Decided[S, E]":
        """Decides on the state of now; the outcome is looked at by the step that follows."""
        try:
            return Decided(self._decider, self._events, decide(self.state), None)
        except Refusal as refusal:
            return Decided(self._decider, self._events, (), refusal)


class Decided(Generic[S, E]):
    """What a command came to. Every way out of here asserts; all but `refused` give the history to go on with."""

    def __init__(self, decider: Decider[S, E], before: Sequence[E], events: Sequence[E], no: Refusal | None) -> None:
        self._decider = decider
        self._before = before
        self._events = tuple(events)
        self._no = no

    def then(self, *expected: E) -> History[S, E]:
        """Exactly these events, and they can be stored, loaded and folded."""
        if self._no is not None:
            raise AssertionError(f"refused with {self._no.code}: {self._no.sentence('en')}")
        if self._events != expected:
            raise AssertionError(f"decided {list(self._events)}\nnot     {list(expected)}")
        for event in self._events:
            again = type(event).model_validate(event.model_dump(mode="json"))
            if again != event:
                raise AssertionError(f"stored and loaded, {event} became {again}")
        history = History(self._decider, (*self._before, *self._events))
        _ = history.state
        return history

    def then_nothing(self) -> History[S, E]:
        """The repeat of something already so."""
        return self.then()

    def then_one(self, of: type[Event], **values: Any) -> History[S, E]:
        """One event of this class, with these values among its own."""
        if self._no is not None:
            raise AssertionError(f"refused with {self._no.code}: {self._no.sentence('en')}")
        found = [(type(e), {name: getattr(e, name) for name in values}) for e in self._events]
        if found != [(of, values)]:
            raise AssertionError(f"decided {list(self._events)}\nnot     one {of.__name__} with {values}")
        return self.then(*self._events)

    def refused(self, *expected: type[Refusal], **params: Any) -> Sequence[Refusal]:
        """With exactly these refusals, one for each fault; `params` are among the parameters of the first."""
        if self._no is None:
            raise AssertionError(f"not refused: decided {list(self._events)}")
        faults = self._no.faults if isinstance(self._no, FormFaulty) else (self._no,)
        if [type(fault) for fault in faults] != list(expected):
            raise AssertionError(f"refused with {[f.code for f in faults]}, not {[e.__name__ for e in expected]}")
        given = {name: faults[0].params.get(name, getattr(faults[0], name, None)) for name in params}
        if given != params:
            raise AssertionError(f"refused about {given}, not {params}")
        for fault in faults:
            for language in ("zh", "en"):
                if "{" in fault.sentence(language) + fault.advice(language):
                    raise AssertionError(f"{fault.code} leaves a parameter open: {fault.sentence(language)}")
        return faults


def given(decider: Decider[S, E], *events: E) -> History[S, E]:
    """The beginning of every test of a rule."""
    return History(decider, events)
