"""What every published event is: an event class owned by the context whose module it stands in."""

from typing import ClassVar

from shared.kernel.envelope import Event


class Contract(Event):
    """Base of published events. `topic` is where it is published; the type string is `<context>.<Name>.v<n>`.

    Adding a field with a default is free; anything else is a new version published beside the old one.
    """

    topic: ClassVar[str]

    @classmethod
    def type_name(cls) -> str:
        """`member.MemberImported.v1`: the context is the module, the version is in the string."""
        return f"{cls.__module__.rsplit('.', 1)[-1]}.{cls.__name__}.v{cls.schema_version}"
