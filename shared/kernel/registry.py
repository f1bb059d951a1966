"""From type strings to event classes and back, with upcasters for old forms."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shared.kernel.envelope import Event, Recorded

Upcast = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class UnknownEvent(LookupError):
    """A stored event of a type this code does not know: the code is older than the data."""


class Registry:
    """The event classes of one context.

    `context` is the first part of the type string. `upcasters` maps (name, old version) to a pure function that gives
    the data of the next version.
    """

    def __init__(
        self,
        context: str,
        classes: Iterable[type[Event]],
        upcasters: Mapping[tuple[str, int], Upcast] | None = None,
    ) -> None:
        self.context = context
        self._classes = {c.__name__: c for c in classes}
        self._types = {c: f"{context}.{c.__name__}.v{c.schema_version}" for c in self._classes.values()}
        self._upcasters = dict(upcasters or {})

    def type_of(self, event: Event | type[Event]) -> str:
        """`member.MemberImported.v1`; raises UnknownEvent for a class that was not registered."""
        cls = event if isinstance(event, type) else type(event)
        if (type_ := self._types.get(cls)) is None:
            raise UnknownEvent(f"{self.context}.{cls.__name__}")
        return type_

    def knows(self, type_: str) -> bool:
        context, name, _ = type_.split(".")
        return context == self.context and name in self._classes

    def load(self, recorded: Recorded) -> Event:
        """The event of a record, upcast to today's form; personal parts stay sealed. Raises UnknownEvent."""
        return self.load_data(recorded.type, recorded.data)

    def load_data(self, type_: str, data: Mapping[str, Any]) -> Event:
        _, name, v = type_.split(".")
        if not self.knows(type_):
            raise UnknownEvent(type_)
        cls, version = self._classes[name], int(v.removeprefix("v"))
        while version < cls.schema_version:
            data, version = self._upcasters[(name, version)](data), version + 1
        return cls.model_validate(data)

    def types(self) -> list[str]:
        return sorted(self._types.values())
