"""P10: the figures recounted at equal positions, for `tuan verify`; what comes out must be no drift at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.stats.counting import people, steps
from services.stats.counting.ledger import Node
from services.stats.counting.organizations import Organization, described
from services.stats.counting.people import TRANSFER_FACTS, Person, persons_of
from services.stats.counting.recount import Drift, Tally, recount
from services.stats.counting.steps import Steps
from services.stats.projections.documents import node_of, person_of, steps_of
from services.stats.projections.live import HEARD, LiveTotals, collections_of
from services.stats.replay import records_up_to
from shared.contracts.org import (
    OrganizationDissolved,
    OrganizationEstablished,
    OrganizationInformationChanged,
    OrganizationMoved,
    SubordinatesReordered,
)
from shared.eventstore.driver import Driver
from shared.messaging.topics import Topics
from shared.projections.copies import Copies, Copy, copy_of
from shared.projections.positions import POSITIONS
from shared.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Recounted:
    """What was counted at which positions (offset of the last record by row id), and every difference."""

    people: int
    organizations: int
    positions: Mapping[str, int]
    drifts: list[Drift]


@dataclass(slots=True)
class _Kept:
    nodes: dict[str, Node]
    tally: Tally
    people: int
    positions: dict[str, int]
    topics: Topics


class Verification:
    """Reads only, beside a running writer. Holds every organization in memory, and for `replay` every person."""

    def __init__(self, driver: Driver, settings: Settings) -> None:
        self._driver = driver
        self._settings = settings
        self._database = driver.database(settings.database("stats"))

    async def recount(self) -> Recounted:
        """From the documents of people, transfers and organizations, all read at one moment (at most five minutes)."""
        kept = await self._kept()
        known = sum(node.organization is not None for node in kept.nodes.values())
        return Recounted(kept.people, known, kept.positions, recount(kept.tally, kept.nodes))

    async def replay(self) -> Recounted:
        """From the event streams alone, read anew up to the very positions that the figures stand at."""
        kept = await self._kept()
        history = _History()
        async for event in records_up_to(self._settings, kept.topics, _bounds(kept.positions)):
            if event.type in HEARD:
                history.take(HEARD[event.type].model_validate(event.data))
        tally = Tally()
        living = [person for person in history.persons.values() if person]
        for person in living:
            tally.person(person)
        for transfer in history.transfers.values():
            if transfer:
                tally.transfer(transfer)
        known, superiors = history.known, history.superiors
        drifts = [
            Drift(name, what, was, now)
            for name, node in kept.nodes.items()
            for what, was, now in (
                ("organization", node.organization, known.get(name)),
                ("superior", node.wanted, superiors.get(name)),
            )
            if was != now
        ]
        drifts += [Drift(name, "organization", None, known[name]) for name in known.keys() - kept.nodes.keys()]
        return Recounted(len(living), len(known), kept.positions, drifts + recount(tally, kept.nodes))

    async def _kept(self) -> _Kept:
        tally, number = Tally(), 0
        copies = Copies(self._database, f"{LiveTotals.name}-v{LiveTotals.version}")
        async with self._driver.snapshot() as session:
            row = await copies.row(session)
            copy = copy_of(row, row["fed"]) if row else Copy()
            people, transfers, nodes = (self._database[name] for name in collections_of(copy.number))
            prefix = f"{copies.key}{copy.suffix}/"
            rows = self._database[POSITIONS].find({"_id": {"$gte": prefix, "$lt": prefix + "~"}}, session=session)
            positions = {row["_id"]: row["offset"] async for row in rows}
            found = {d["_id"]: node_of(d) async for d in nodes.find({}, session=session)}
            async for document in people.find({}, session=session):
                tally.person(person_of(document))
                number += 1
            async for document in transfers.find({}, session=session):
                tally.transfer(steps_of(document))
        return _Kept(found, tally, number, positions, Topics(self._settings.namespace, copy.generation))


def _bounds(positions: Mapping[str, int]) -> dict[tuple[str, int], int]:
    """From position rows `<reader>/<topic>/<partition>` to the last offset of each partition."""
    bounds = {}
    for row_id, offset in positions.items():
        _, topic, partition = row_id.split("/")
        if offset >= 0:
            bounds[topic, int(partition)] = offset
    return bounds


@dataclass(slots=True)
class _History:
    """Everything as the streams alone have it."""

    persons: dict[str, Person | None] = field(default_factory=dict)
    transfers: dict[str, Steps | None] = field(default_factory=dict)
    known: dict[str, Organization] = field(default_factory=dict)
    superiors: dict[str, str | None] = field(default_factory=dict)

    def take(self, fact: Any) -> None:
        match fact:
            case OrganizationEstablished() | OrganizationInformationChanged():
                self.known[fact.organization] = described(fact)
                if isinstance(fact, OrganizationEstablished):
                    self.superiors[fact.organization] = fact.superior
            case OrganizationMoved():
                self.superiors[fact.organization] = fact.superior
            case OrganizationDissolved():
                self.known.pop(fact.organization, None)
                self.superiors[fact.organization] = fact.superior
            case SubordinatesReordered():
                pass  # an order is no figure
            case _:
                for person in persons_of(fact):
                    self.persons[person] = people.evolve(self.persons.get(person), fact)
                if isinstance(fact, TRANSFER_FACTS):
                    self.transfers[fact.transfer] = steps.evolve(self.transfers.get(fact.transfer), fact)
