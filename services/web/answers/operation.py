"""What every service with reactions answers to central operators."""

import inspect
import re
from datetime import datetime

from pydantic import Field

from services.web.answers import Answer
from services.web.texts import language
from shared.contracts import member, org
from shared.contracts.base import Contract

PUBLISHED = {
    contract.type_name(): contract
    for module in (member, org)
    for contract in vars(module).values()
    if isinstance(contract, type) and issubclass(contract, Contract) and contract.__module__.startswith(module.__name__)
}


def meaning(type_name: str) -> str:
    """What an event says, by its contract, in the language of this request; empty for a type nobody publishes."""
    contract = PUBLISHED.get(type_name)
    if contract is None:
        return ""
    if language() != "en":
        return contract.zh
    paragraph = inspect.cleandoc(contract.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    said = re.sub(r"^[A-Z]+-\d+[^:]*: ", "", paragraph)
    return said[:1].upper() + said[1:]


class Why(Answer):
    """What a record fails with: the type of the error, and the sentence of a refusal if it was one."""

    type: str
    code: str = ""
    rule: str = ""
    zh: str = ""
    en: str = ""
    position: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The refusal's sentence in the language of this request; empty where it was none."""
        return self.en if language() == "en" else self.zh


class ParkedLine(Answer):
    """A key that stands still; `record` is its first record, `waiting` counts those behind."""

    record: str
    type: str
    stream: str
    version: int
    since: datetime
    waiting: int
    retries: int
    asked_by: str = ""
    why: Why

    @property
    def meaning(self) -> str:
        return meaning(self.type)


class ParkedLines(Answer):
    items: tuple[ParkedLine, ...] = ()


class LoopState(Answer):
    """One loop of a process: whether it does its work, and its own sentence, in English."""

    ready: bool
    detail: str = ""


class Readiness(Answer):
    """What a process answers to /health/ready; `role` is "all" where it has all loops of its service."""

    service: str
    role: str = "all"
    loops: dict[str, LoopState] = Field(default_factory=dict)
