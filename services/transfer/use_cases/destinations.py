"""GRD-06: what kind of place a branch is at the moment at which somebody has come there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from services.transfer.domain.destinations import destination_of
from shared.authority.decide import Line


class Places(Protocol):
    """`place` answers (kind of branch, sector), empty of one that is not known; `schools` those that are schools."""

    async def place(self, organization: str) -> tuple[str, str]: ...
    async def schools(self, organizations: Collection[str]) -> set[str]: ...


class Tree(Protocol):
    """`lines` answers each organization and all above it."""

    async def lines(self, scopes: Collection[str]) -> Mapping[str, Line]: ...


@dataclass(frozen=True, slots=True)
class Destinations:
    """The copies by which a destination is told apart."""

    places: Places
    tree: Tree

    async def kind(self, from_branch: str, branch: str, reason: str) -> str:
        """Of `branch`, for who came from `from_branch` for `reason`."""
        lines = await self.tree.lines((from_branch, branch))
        both = set.intersection(*(set(line.ids) for line in lines.values()))
        same_school = bool(await self.places.schools(both))
        return destination_of(*(await self.places.place(branch)), reason, same_school=same_school)
