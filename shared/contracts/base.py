"""What every published event is: an event class owned by the context whose module it stands in."""

from functools import cache
from typing import ClassVar

from shared.kernel.envelope import Event


class Contract(Event):
    """Base of published events. `topic` is where it is published; the type string is `<context>.<Name>.v<n>`.

    A class that sets `topic` stands for the topic, those below it are its events. The docstring says what either means
    in English, `zh` in Chinese; `sealed_values` names what travels in the sealed part. From these and the samples
    `make contracts` writes docs/events. Adding a field with a default is free; anything else is a new version published
    beside the old one (docs/decisions/0017). `superseded_by` names the type that readers take instead: the form goes on
    being published, and may have no reader any more. A topic that names services in `only_for` is restricted: nobody
    else may read it, which Kafka enforces (docs/decisions/0033).
    """

    topic: ClassVar[str]
    zh: ClassVar[str]
    only_for: ClassVar[tuple[str, ...]] = ()
    sealed_values: ClassVar[tuple[str, ...]] = ()
    superseded_by: ClassVar[str] = ""

    @classmethod
    @cache
    def type_name(cls) -> str:
        """`member.MemberImported.v1`: the context is the module, up to a `_`; the version is in it."""
        return f"{cls.__module__.rsplit('.', 1)[-1].partition('_')[0]}.{cls.__name__}.v{cls.schema_version}"
