"""The answers of the services as the console reads them: unknown fields ignored, known ones checked."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Base of all answers. ``as_of`` and ``fresh`` come with reads that were given a consistency token."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Choice(Answer):
    """One row of a reference list: its code and its name."""

    code: str
    name: str
    tab: str = ""


class Choices(Answer):
    items: tuple[Choice, ...] = ()


class Nothing(Answer):
    """For commands whose answer is not read."""
